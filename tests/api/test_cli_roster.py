"""`releve roster`, from files to files."""

from collections import Counter, defaultdict
from datetime import datetime, timedelta
from itertools import pairwise
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from tests.api import commands
from tests.api.conftest import Finished

PARIS = ZoneInfo("Europe/Paris")
TABLES = ("roster", "holes", "fairness", "ledger")
SLOTS = "slot_id,site_id,start,end,doctors_needed,hardness,points"
ONE, OTHER = "10001234565", "10001234573"


def _evening(day: int, needed: int = 1) -> str:
    start = datetime(2026, 8, day, 18, tzinfo=PARIS)
    end = start + timedelta(hours=2)
    return f"S{day},METZ,{start.isoformat()},{end.isoformat()},{needed},1,3"


def _three_files(
    folder: Path, days: list[int], doctors: list[str], offers: list[tuple[str, int, int]]
) -> Path:
    commands.a_file(folder, "slots", [SLOTS, *(_evening(day) for day in days)])
    commands.a_file(folder, "duty_doctors", ["rpps,participation,max_per_period", *doctors])
    lines = [f"{rpps},S{day},{wish}" for rpps, day, wish in offers]
    commands.a_file(folder, "availability", ["rpps,slot_id,wish", *lines])
    return folder


def test_the_result_files_have_the_published_columns(filled: Finished) -> None:
    assert filled.said.exit_code == 0
    names = {path.name for path in filled.out.iterdir()}
    assert names == {f"{name}.csv" for name in TABLES} | {"summary.json"}
    assert commands.header(filled.out, "roster") == "slot_id,rpps,points"
    assert commands.header(filled.out, "holes") == "slot_id,missing,reason,cheapest_relaxation"
    assert commands.header(filled.out, "fairness") == "rpps,duties,points,history_points,target"


def test_the_summary_tells_status_levels_bounds_and_what_it_takes_to_run_again(
    filled: Finished,
) -> None:
    told = commands.summary(filled.out)

    assert told["status"] == "optimal"
    assert told["filled"].keys() == {"1", "2", "3"}
    assert {"fairness", "wishes", "bound", "gap", "seconds", "versions", "seed"} <= told.keys()
    assert (told["rest_days"], told["timezone"], told["seed"]) == (1, "Europe/Paris", 1)
    assert set(told["gap"].values()) == {0}
    assert "changes" not in told
    assert "optimal, prouvé" in filled.said.stdout


def test_ros_01_no_hard_rule_is_broken(filled: Finished) -> None:
    offered = {
        (row["rpps"], row["slot_id"]) for row in commands.rows(filled.inputs, "availability")
    }
    days = defaultdict(list)
    for row in commands.rows(filled.out, "roster"):
        assert (row["rpps"], row["slot_id"]) in offered
        days[row["rpps"]].append(_day_of(filled, row["slot_id"]))

    for doctor in commands.rows(filled.inputs, "duty_doctors"):
        held = sorted(days[doctor["rpps"]])
        assert all(after - before > timedelta(days=1) for before, after in pairwise(held))
        weeks = Counter(day.isocalendar()[:2] for day in held)
        months = Counter((day.year, day.month) for day in held)
        for cap, most in (
            ("max_per_week", max(weeks.values(), default=0)),
            ("max_per_month", max(months.values(), default=0)),
            ("max_per_period", len(held)),
        ):
            assert not doctor[cap] or most <= int(doctor[cap])


def _day_of(done: Finished, slot_id: str) -> datetime:
    starts = {row["slot_id"]: row["start"] for row in commands.rows(done.inputs, "slots")}
    local = datetime.fromisoformat(starts[slot_id]).astimezone(PARIS)
    return local.replace(hour=0, minute=0)


def test_seats_holes_and_levels_add_up(filled: Finished) -> None:
    told = commands.summary(filled.out)
    slots = {row["slot_id"]: row for row in commands.rows(filled.inputs, "slots")}
    seated = commands.rows(filled.out, "roster")
    missing = {row["slot_id"]: int(row["missing"]) for row in commands.rows(filled.out, "holes")}
    wishes = {
        (row["rpps"], row["slot_id"]): int(row["wish"] or 0)
        for row in commands.rows(filled.inputs, "availability")
    }

    by_slot = Counter(row["slot_id"] for row in seated)
    by_hardness = Counter(slots[row["slot_id"]]["hardness"] for row in seated)
    assert told["filled"] == {hardness: by_hardness[hardness] for hardness in "123"}
    for slot_id, slot in slots.items():
        assert by_slot[slot_id] + missing.get(slot_id, 0) == int(slot["doctors_needed"])
    assert {row["slot_id"]: row["points"] for row in seated} == {
        row["slot_id"]: slots[row["slot_id"]]["points"] for row in seated
    }
    assert told["wishes"] == sum(wishes[row["rpps"], row["slot_id"]] for row in seated)


def test_fairness_is_told_doctor_by_doctor_and_sums_to_the_level(filled: Finished) -> None:
    shares = {
        row["rpps"]: float(row["participation"])
        for row in commands.rows(filled.inputs, "duty_doctors")
    }
    seated = Counter(row["rpps"] for row in commands.rows(filled.out, "roster"))
    points: Counter[str] = Counter()
    for row in commands.rows(filled.out, "roster"):
        points[row["rpps"]] += int(row["points"])

    told = commands.rows(filled.out, "fairness")

    assert {row["rpps"] for row in told} == set(shares)
    for row in told:
        assert (int(row["duties"]), int(row["points"])) == (
            seated[row["rpps"]],
            points[row["rpps"]],
        )
    burdens = [
        round(1000 * (int(row["history_points"]) + int(row["points"])) ** 2 / shares[row["rpps"]])
        for row in told
    ]
    assert commands.summary(filled.out)["fairness"] == sum(burdens)


def test_ros_01_the_same_files_twice_give_the_same_bytes(filled: Finished, tmp_path: Path) -> None:
    commands.roster(filled.inputs, tmp_path / "out")

    assert commands.written(tmp_path / "out") == commands.written(filled.out)


@pytest.mark.parametrize("name", ["slots", "duty_doctors", "availability"])
def test_the_order_of_the_rows_changes_nothing(filled: Finished, tmp_path: Path, name: str) -> None:
    inputs = commands.a_copy(filled.inputs, tmp_path / "in", name, commands.shuffled)
    commands.roster(inputs, tmp_path / "out")

    assert commands.written(tmp_path / "out") == commands.written(filled.out)


def test_another_seed_keeps_every_level(filled: Finished, tmp_path: Path) -> None:
    commands.roster(filled.inputs, tmp_path / "out", "--seed", 5)

    one, other = (commands.summary(out) for out in (filled.out, tmp_path / "out"))
    assert other["seed"] == 5
    for name in ("status", "filled", "fairness", "wishes", "bound"):
        assert one[name] == other[name]


@pytest.mark.parametrize(("rest_days", "seats"), [(0, 3), (1, 2), (2, 1)])
def test_rest_days_are_free_civil_days_between_two_duties(
    tmp_path: Path, rest_days: int, seats: int
) -> None:
    offers = [(ONE, day, 0) for day in (3, 4, 5)]
    inputs = _three_files(tmp_path / "in", [3, 4, 5], [f"{ONE},1,"], offers)

    done = commands.roster(inputs, tmp_path / "out", "--rest-days", rest_days)

    assert done.exit_code == 0
    assert len(commands.rows(tmp_path / "out", "roster")) == seats


def test_ros_02_a_shortage_ends_with_named_holes_and_the_cheapest_relaxation(
    tmp_path: Path,
) -> None:
    days = [10, 12, 14, 15]
    offers = [(ONE, day, 0) for day in (10, 12, 14)]
    inputs = _three_files(tmp_path / "in", days, [f"{ONE},1,2"], offers)

    done = commands.roster(inputs, tmp_path / "out")

    assert done.exit_code == 0
    holes = {row["slot_id"]: row for row in commands.rows(tmp_path / "out", "holes")}
    assert len(holes) == 2
    assert holes["S15"]["reason"] == "nobody_available"
    (capped,) = (row for slot_id, row in holes.items() if slot_id != "S15")
    assert capped["reason"] == f"everybody_blocked {ONE}:max_per_period"
    assert capped["cheapest_relaxation"] == f"{ONE} max_per_period 2->3"
    assert commands.summary(tmp_path / "out")["status"] == "optimal"


def test_a_published_roster_is_changed_as_little_as_possible(tmp_path: Path) -> None:
    offers = [(ONE, 10, -2), (OTHER, 10, 2), (ONE, 13, 2), (OTHER, 13, -2)]
    inputs = _three_files(tmp_path / "in", [10, 13], [f"{ONE},1,", f"{OTHER},1,"], offers)
    former = commands.a_file(
        tmp_path / "former", "roster", ["slot_id,rpps,points", f"S10,{ONE},3", f"S13,{OTHER},3"]
    )

    commands.roster(inputs, tmp_path / "free")
    commands.roster(inputs, tmp_path / "kept", "--published", former)

    free, kept = (
        {row["slot_id"]: row["rpps"] for row in commands.rows(tmp_path / out, "roster")}
        for out in ("free", "kept")
    )
    assert free == {"S10": OTHER, "S13": ONE}
    assert kept == {"S10": ONE, "S13": OTHER}
    assert commands.summary(tmp_path / "kept")["changes"] == 0


def test_its_own_result_given_back_as_published_changes_nothing(
    filled: Finished, tmp_path: Path
) -> None:
    former = filled.out / "roster.csv"

    done = commands.roster(filled.inputs, tmp_path / "out", "--published", former)

    assert (tmp_path / "out" / "roster.csv").read_bytes() == former.read_bytes()
    assert commands.summary(tmp_path / "out")["changes"] == 0
    assert "changements" in done.stdout


def test_weeks_and_months_follow_the_civil_time_of_the_territory(tmp_path: Path) -> None:
    # 23:30 in Paris on the last of August, already September two hours to the east.
    lines = [
        "A,METZ,2026-08-31T23:30:00+02:00,2026-08-31T23:59:00+02:00,1,1,1",
        "B,METZ,2026-09-07T18:00:00+02:00,2026-09-07T20:00:00+02:00,1,1,1",
    ]
    commands.a_file(tmp_path, "slots", [SLOTS, *lines])
    commands.a_file(tmp_path, "duty_doctors", ["rpps,participation,max_per_month", f"{ONE},1,1"])
    commands.a_file(tmp_path, "availability", ["rpps,slot_id", f"{ONE},A", f"{ONE},B"])

    commands.roster(tmp_path, tmp_path / "paris")
    commands.roster(tmp_path, tmp_path / "athens", "--timezone", "Europe/Athens")

    assert len(commands.rows(tmp_path / "paris", "roster")) == 2
    assert len(commands.rows(tmp_path / "athens", "roster")) == 1
