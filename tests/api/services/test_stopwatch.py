from api.services.stopwatch import Stopwatch


def test_each_phase_lasts_until_the_next_begins() -> None:
    ticks = iter([0.0, 1.0, 3.5, 3.5004])
    watch = Stopwatch(lambda: next(ticks), None)

    watch.tell("flow", 0.5)
    watch.tell("explain", 1.0)

    assert watch.seconds() == {"prepare": 1.0, "flow": 2.5, "explain": 0.0}


def test_the_end_is_told_and_is_no_phase() -> None:
    told: list[tuple[str, float]] = []
    ticks = iter([0.0, 1.0, 2.0])
    watch = Stopwatch(lambda: next(ticks), lambda phase, share: told.append((phase, share)))

    watch.tell("done", 1.0)

    assert told == [("done", 1.0)]
    assert watch.seconds() == {"prepare": 1.0}
