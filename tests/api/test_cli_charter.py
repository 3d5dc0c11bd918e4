"""What a territory chooses for its rosters: rest, ways between sites, the ceiling; and the order of
a call."""

from collections import Counter
from pathlib import Path

import pytest
from click.testing import Result

from tests.api import commands

SLOTS = "slot_id,site_id,start,end,doctors_needed,hardness,points,indemnity"
ONE, OTHER = "10001234565", "10001234573"
DAY = "2026-10-05"


def _day(folder: Path, *doctors: str) -> Path:
    """A morning at NORD, an afternoon at SUD half an hour later, an evening at NORD at once."""
    hours = (
        ("M", "NORD", "09", "12:00"),
        ("A", "SUD", "12:30", "18:00"),
        ("S", "NORD", "18", "20"),
    )
    slots = [f"{name},{site},{_at(start)},{_at(end)},1,1,1,100" for name, site, start, end in hours]
    commands.a_file(folder, "slots", [SLOTS, *slots])
    head = "rpps,participation,indemnity_so_far,history_points"
    commands.a_file(folder, "duty_doctors", [head, *(doctors or (f"{ONE},1,,",))])
    offers = [f"{it.split(',')[0]},{name}" for it in doctors or (ONE,) for name in "MAS"]
    commands.a_file(folder, "availability", ["rpps,slot_id", *offers])
    return folder


def _at(hour: str) -> str:
    return f"{DAY}T{hour if ':' in hour else hour + ':00'}:00+02:00"


def _held(out: Path) -> set[str]:
    return {row["slot_id"] for row in commands.rows(out, "roster")}


@pytest.mark.parametrize(
    ("hours", "held"), [(0, {"M", "A", "S"}), (0.5, {"M", "A"}), (0.51, {"M", "S"}), (7, {"M"})]
)
def test_several_duties_a_day_so_many_hours_apart(
    hours: float, held: set[str], tmp_path: Path
) -> None:
    inputs = _day(tmp_path / "in")

    done = commands.roster(inputs, tmp_path / "out", "--min-gap-hours", hours)

    assert done.exit_code == 0
    assert len(_held(tmp_path / "out")) == len(held)
    told = commands.summary(tmp_path / "out")
    assert told["min_gap_hours"] == pytest.approx(hours, abs=1e-3)
    assert "rest_days" not in told


@pytest.mark.parametrize(("minutes", "seats"), [(30, 2), (31, 2), (0, 3)])
def test_a_doctor_needs_the_time_to_come_from_one_site_to_the_other(
    minutes: int, seats: int, tmp_path: Path
) -> None:
    """Half an hour lies between M and A, nothing between A and S."""
    inputs = _day(tmp_path / "in")
    travel = commands.a_file(
        tmp_path, "ways", ["site_id,to_site_id,minutes", f"NORD,SUD,{minutes}"]
    )

    commands.roster(inputs, tmp_path / "out", "--min-gap-hours", 0, "--travel", travel)

    held = _held(tmp_path / "out")
    assert len(held) == seats
    assert (held == {"M", "S"}) is (minutes == 31)


def test_a_way_back_may_take_longer(tmp_path: Path) -> None:
    inputs = _day(tmp_path / "in")
    lines = ["site_id,to_site_id,minutes", "SUD,NORD,30", "NORD,SUD,0"]
    travel = commands.a_file(tmp_path, "ways", lines)

    commands.roster(inputs, tmp_path / "out", "--min-gap-hours", 0, "--travel", travel)

    assert "A" not in _held(tmp_path / "out") or "S" not in _held(tmp_path / "out")


def test_ways_from_nowhere_and_ways_untold_are_told(tmp_path: Path) -> None:
    inputs = _day(tmp_path / "in")
    travel = commands.a_file(tmp_path, "ways", ["site_id,to_site_id,minutes", "NORD,SUDD,30"])

    done = commands.roster(inputs, tmp_path / "out", "--min-gap-hours", 0, "--travel", travel)

    assert done.exit_code == 0
    assert "n'est le lieu d'aucun créneau" in done.stderr
    assert "trajet entre NORD et SUD inconnu, compté 0 minute" in done.stderr


@pytest.mark.parametrize(
    ("line", "why"),
    [
        ("NORD,NORD,5", "est le lieu de départ lui-même"),
        ("NORD,SUD,-1", "est hors limites"),
        ("NORD,SUD,", "valeur obligatoire absente"),
    ],
)
def test_a_way_that_cannot_be_is_refused_with_its_line(line: str, why: str, tmp_path: Path) -> None:
    inputs = _day(tmp_path / "in")
    travel = commands.a_file(tmp_path, "ways", ["site_id,to_site_id,minutes", line])

    done = commands.roster(inputs, tmp_path / "out", "--travel", travel)

    assert done.exit_code == 2
    assert why in done.stderr
    assert [(it["file"], it["line"]) for it in commands.rows(tmp_path / "out", "rejects")] == [
        ("ways.csv", "2")
    ]


def test_ros_15_near_the_ceiling_a_doctor_is_named_and_above_it_refused_only_if_asked(
    tmp_path: Path,
) -> None:
    inputs = _day(tmp_path / "in", f"{ONE},1,800,")
    gap, ceiling = ("--min-gap-hours", 0), ("--indemnity-ceiling", 1000)

    commands.roster(inputs, tmp_path / "warned", *gap, *ceiling)
    commands.roster(inputs, tmp_path / "refused", *gap, *ceiling, "--refuse-above-ceiling")

    assert _held(tmp_path / "warned") == {"M", "A", "S"}
    told = commands.summary(tmp_path / "warned")
    assert [it["rpps"] for it in told["indemnities"]] == [ONE]
    assert (told["indemnity_ceiling"], told["ceiling_refuses"]) == (1000, False)
    assert len(_held(tmp_path / "refused")) == 2
    (hole,) = commands.rows(tmp_path / "refused", "holes")
    assert f"{ONE}:indemnity" in hole["reason"]


@pytest.mark.parametrize(("waives", "seats"), [("yes", 3), ("no", 1), ("", 1)])
def test_a_doctor_may_waive_the_rest_around_one_duty(
    waives: str, seats: int, tmp_path: Path
) -> None:
    """With rest he takes one duty of the day; without it around A and S, all three."""
    inputs = _day(tmp_path / "in")
    offers = [f"{ONE},{name},{waives if name in 'AS' else ''}" for name in "MAS"]
    commands.a_file(inputs, "availability", ["rpps,slot_id,waives_rest", *offers])

    commands.roster(inputs, tmp_path / "out")

    assert len(_held(tmp_path / "out")) == seats


@pytest.mark.parametrize(
    ("options", "why"),
    [
        (("--rest-days", 1, "--min-gap-hours", 2), "pas les deux à la fois"),
        (("--refuse-above-ceiling",), "--indemnity-ceiling"),
        (("--min-gap-hours", -1), "--min-gap-hours : -1"),
        (("--indemnity-ceiling", -5), "--indemnity-ceiling : -5"),
    ],
)
def test_choices_that_contradict_each_other_are_refused(
    options: tuple[object, ...], why: str, tmp_path: Path
) -> None:
    done = commands.roster(_day(tmp_path / "in"), tmp_path / "out", *options)

    assert done.exit_code == 2
    assert why in done.stderr
    assert not (tmp_path / "out").exists()


def test_a_repair_keeps_to_the_same_choices_as_the_roster(tmp_path: Path) -> None:
    """A doctor is ill: the other one may take M and S, but has not the time to come for A."""
    inputs = _day(tmp_path / "in", f"{ONE},1,,", f"{OTHER},1,,50")
    travel = commands.a_file(tmp_path, "ways", ["site_id,to_site_id,minutes", "NORD,SUD,45"])
    charter = ("--min-gap-hours", 0, "--travel", travel)
    commands.roster(inputs, tmp_path / "out", *charter)
    published = commands.a_copy(tmp_path / "out", tmp_path / "before") / "roster.csv"

    done = _mend(inputs, tmp_path / "mended", published, *charter, "--absent", f"{ONE}={DAY}")

    assert done.exit_code == 0
    rows = commands.rows(tmp_path / "mended", "roster")
    assert {(it["rpps"], it["slot_id"]) for it in rows} == {(OTHER, "M"), (OTHER, "S")}


def _mend(inputs: Path, out: Path, published: Path, *options: object) -> Result:
    files = {"slots": "slots", "doctors": "duty_doctors", "availability": "availability"}
    words = [word for key, name in files.items() for word in (f"--{key}", inputs / f"{name}.csv")]
    now = ("--now", "2026-09-01T08:00")
    return commands.run("repair", *words, "--published", published, "--out", out, *now, *options)


def test_the_lowest_burden_is_called_first_and_equals_are_drawn(tmp_path: Path) -> None:
    doctors = [f"1000123{row:04},{part},,{history}" for row, part, history in CARRIED]
    inputs = _day(tmp_path / "in", *doctors)
    ledger = commands.a_file(
        tmp_path,
        "ledger",
        [
            "day,slot_id,rpps,points,planned,held,worked",
            "2025-03-01,A,10001230001,4,yes,yes,yes",
            "2026-03-01,B,10001230001,2,yes,no,",
            "2026-03-01,B,10001230002,2,no,yes,",
        ],
    )

    orders = [_called(inputs, ledger, tmp_path / str(seed), seed) for seed in range(6)]

    assert all(it[:2] == ["10001230000", "10001230002"] for it in orders)
    assert all(set(it[2:]) == {"10001230001", "10001230003"} for it in orders)
    assert len(Counter(map(tuple, orders))) == 2
    first = {it["rpps"]: it for it in commands.rows(tmp_path / "0", "standings")}
    assert first["10001230001"] | {"rank": ""} == {
        "rank": "",
        "rpps": "10001230001",
        "duties": "1",
        "planned_points": "6",
        "worked_points": "4",
        "points": "4",
        "burden": "4.0",
    }
    assert first["10001230002"]["points"] == "3"


CARRIED = ((0, 1, 0), (1, 1, 2), (2, 1, 1), (3, 0.5, 2))
"""Row, participation, history: with half of 2025, burdens of 0, 4, 3 and 4."""


def _called(inputs: Path, ledger: Path, out: Path, seed: int) -> list[str]:
    doctors = ("--doctors", inputs / "duty_doctors.csv", "--date", "2026-06-01")
    faded = ("--keep-percent", 50, "--seed", seed, "--out", out)
    done = commands.run("standings", "--ledger", ledger, *doctors, *faded)
    assert done.exit_code == 0, done.stderr
    assert "Qui appeler d'abord" in done.stdout
    return [row["rpps"] for row in commands.rows(out, "standings")]
