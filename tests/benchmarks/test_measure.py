import time

import numpy as np
import pytest

from benchmarks import measure


def nothing() -> int:
    return 3


def double(prepared: int) -> int:
    return 2 * prepared


def sleep(_prepared: int) -> None:
    time.sleep(60)


def devour(_prepared: int) -> float:
    return float(np.ones(2**31).sum())


def fail(_prepared: int) -> None:
    raise ValueError


def test_a_contender_runs_three_times_and_every_find_is_kept() -> None:
    measured = measure.alone(measure.Contender("double", nothing, double))

    assert isinstance(measured, measure.Measured)
    assert (measured.name, measured.found, len(measured.seconds)) == ("double", (6, 6, 6), 3)
    assert min(measured.seconds) <= measured.median <= max(measured.seconds)
    assert measured.peak_mebibytes > 1


def test_a_contender_that_takes_too_long_is_stopped() -> None:
    outcome = measure.alone(
        measure.Contender("sleep", nothing, sleep), limit=measure.Limit(seconds=0.2)
    )

    assert outcome == measure.Stopped("sleep", "> 0.2 s")


def test_a_contender_that_wants_too_much_memory_is_stopped() -> None:
    outcome = measure.alone(
        measure.Contender("devour", nothing, devour), limit=measure.Limit(gibibytes=4)
    )

    assert outcome == measure.Stopped("devour", "> 4 GiB")


def test_a_contender_that_fails_is_no_result() -> None:
    with pytest.raises(RuntimeError, match="fail ended with 1"):
        measure.alone(measure.Contender("fail", nothing, fail), limit=measure.Limit(gibibytes=4))


def test_a_table_is_markdown_with_figures_to_the_right() -> None:
    assert measure.table(("", "s"), [("ours", "1")]) == "|  | s |\n| --- | ---: |\n| ours | 1 |\n"
