"""Another formulation and another solver agree with the result files, level by level."""

from datetime import datetime
from pathlib import Path

import pytest

from benchmarks import roster_peers
from fixtures import metz, nancy, writing
from scheduler import problem, records, roster
from scheduler.check import recount
from tests.api import commands, second_solver
from tests.api.commands import DAY
from tests.api.conftest import Finished
from tests.scheduler import second_opinion

SHARES = second_solver.SHARES
CLASSES = 6


def _best(inputs: Path, out: Path, *, households: bool) -> dict[str, int]:
    """The levels in sixtieths, recomputed from the input files."""
    patients, doctors = commands.rows(inputs, "patients"), commands.rows(inputs, "doctors")
    told = [*commands.rows(out, "proposals"), *commands.rows(out, "waiting")]
    classes = {row["patient_id"]: int(row["priority_class"]) for row in told}
    offering = [doctor for doctor in doctors if int(doctor["places"])]
    everybody = second_solver.people(patients, offering, classes, DAY)
    if not households:
        everybody = second_solver.without_households(everybody)
    places = [int(doctor["places"]) for doctor in offering]
    return second_solver.solve(second_solver.programme(everybody, places, CLASSES))


def _told(out: Path) -> dict[str, int]:
    """The levels that the summary claims, as the second solver counts them."""
    summary = commands.summary(out)
    told = [*commands.rows(out, "proposals"), *commands.rows(out, "waiting")]
    totals = {rank: sum(row["priority_class"] == rank for row in told) for rank in "123456"}
    left_out = {f"left_out_{rank}": totals[rank] - summary["matched"][rank] for rank in "123456"}
    levels = left_out | {"usual_doctor": -summary["usual_doctor"]}
    levels |= {name: summary[name] for name in ("travel_bands", "imbalance", "travel_seconds")}
    return {name: SHARES * value for name, value in levels.items()}


def _without_household_ids(text: str) -> str:
    head, *lines = text.splitlines()
    at = head.split(",").index("household_id")
    cells = [line.split(",") for line in lines]
    return "\n".join([head, *(",".join([*it[:at], "", *it[at + 1 :]]) for it in cells)]) + "\n"


@pytest.mark.parametrize(
    ("seed", "patients", "doctors"), [(1, 400, 40), (2, 400, 40), (3, 400, 40), (4, 3000, 80)]
)
def test_mat_01_a_linear_programme_finds_the_same_levels_without_households(
    tmp_path: Path, seed: int, patients: int, doctors: int
) -> None:
    around_nancy = nancy.generate(seed, DAY, patients, doctors)
    writing.write(tmp_path / "all", around_nancy, metz.generate(seed, DAY, weeks=1, doctors=3))
    inputs = commands.a_copy(tmp_path / "all", tmp_path / "in", "patients", _without_household_ids)

    assert commands.match(inputs, tmp_path / "out").exit_code == 0

    best = _best(inputs, tmp_path / "out", households=False)
    assert best == _told(tmp_path / "out")


def test_mat_01_with_households_the_demo_meets_the_bounds_of_a_linear_programme(
    demonstration: Finished,
) -> None:
    out = demonstration.out / "match"

    bounds = _best(demonstration.inputs, out, households=True)
    told = _told(out)

    assert commands.summary(out)["status"] == "optimal"
    bound, value = bounds.pop("travel_seconds"), told.pop("travel_seconds")
    assert told == bounds
    # Whole households cost a few seconds more than the shares of them that a bound allows.
    assert 0 <= value - bound < 60 * SHARES


@pytest.fixture(scope="module")
def duties(demonstration: Finished) -> tuple[problem.Problem, roster.Outcome]:
    """The roster of the demo as its files tell it."""
    inputs, out = demonstration.inputs, demonstration.out / "roster"
    slots = [
        records.Slot(
            row["slot_id"],
            datetime.fromisoformat(row["start"]),
            datetime.fromisoformat(row["end"]),
            *(int(row[name]) for name in ("doctors_needed", "hardness", "points")),
        )
        for row in commands.rows(inputs, "slots")
    ]
    caps = ("max_per_week", "max_per_month", "max_per_period", "history_points")
    doctors = [
        records.Doctor(
            row["rpps"],
            float(row["participation"]),
            **{name: int(row[name]) for name in caps if row[name]},
        )
        for row in commands.rows(inputs, "duty_doctors")
    ]
    offers = [
        records.Offer(row["rpps"], row["slot_id"], int(row["wish"] or 0))
        for row in commands.rows(inputs, "availability")
    ]
    asked = records.from_records(slots, doctors, offers)
    given = [
        (asked.rpps.index(row["rpps"]), asked.slot_ids.index(row["slot_id"]))
        for row in commands.rows(out, "roster")
    ]
    summary = commands.summary(out)
    values = {f"filled_{hardness}": count for hardness, count in summary["filled"].items()}
    values |= {name: summary[name] for name in ("fairness", "wishes")}
    levels = [roster.Level(name, value, value) for name, value in values.items()]
    return asked, roster.Outcome(roster.roster(given), tuple(levels))


@pytest.mark.parametrize("level", [0, 1, 2], ids=["filled_1", "filled_2", "filled_3"])
def test_ros_01_cp_sat_finds_no_better_coverage_of_the_demo(
    duties: tuple[problem.Problem, roster.Outcome], level: int
) -> None:
    assert not second_opinion.better_exists(*duties, level)


def test_ros_01_cp_sat_optimises_the_demo_to_the_same_levels(
    duties: tuple[problem.Problem, roster.Outcome],
) -> None:
    asked, outcome = duties

    search = roster_peers.convex(asked, seconds=300)

    assert search.proven
    found = roster.roster(search.found[-1][1])
    assert {it.name: recount(asked, found, it.name) for it in outcome.levels} == {
        it.name: it.value for it in outcome.levels
    }
