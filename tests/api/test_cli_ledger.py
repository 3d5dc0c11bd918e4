"""`releve roster` from one roster to the next: the ledger, and the picture."""

from datetime import datetime, timedelta
from pathlib import Path
from xml.etree import ElementTree
from zoneinfo import ZoneInfo

import pytest

from api.files import picture as picture_of
from tests.api import commands

PARIS = ZoneInfo("Europe/Paris")
SLOTS = "slot_id,site_id,start,end,doctors_needed,hardness,points"
HEAD = "day,slot_id,rpps,points,planned,held,worked"
ONE, OTHER = "10001234565", "10001234573"


def _files(folder: Path, *days: str) -> Path:
    """An evening of 3 points each day, and two doctors who can take any."""
    starts = [datetime.fromisoformat(day).replace(hour=18, tzinfo=PARIS) for day in days]
    evenings = [
        f"S{row},METZ,{start.isoformat()},{(start + timedelta(hours=2)).isoformat()},1,1,3"
        for row, start in enumerate(starts)
    ]
    commands.a_file(folder, "slots", [SLOTS, *evenings])
    people = [f"{ONE},1,Un,Anne", f"{OTHER},1,,"]
    commands.a_file(folder, "duty_doctors", ["rpps,participation,family_name,given_name", *people])
    offers = [f"{rpps},S{row}" for rpps in (ONE, OTHER) for row in range(len(days))]
    commands.a_file(folder, "availability", ["rpps,slot_id", *offers])
    return folder


def _ledger(folder: Path, *lines: str) -> Path:
    return commands.a_file(folder, "ledger", [HEAD, *lines])


def _points(out: Path) -> dict[str, tuple[int, int]]:
    """Points of this roster and before it."""
    return {
        row["rpps"]: (int(row["points"]), int(row["history_points"]))
        for row in commands.rows(out, "fairness")
    }


def test_the_ledger_tells_every_duty_and_the_next_roster_adds_to_it(tmp_path: Path) -> None:
    first = _files(tmp_path / "first", "2026-05-04")
    second = _files(tmp_path / "second", "2026-08-03", "2026-08-06")

    commands.roster(first, tmp_path / "one")
    before = (tmp_path / "one" / "ledger.csv").read_text(encoding="utf-8")
    done = commands.roster(second, tmp_path / "two", "--ledger", tmp_path / "one" / "ledger.csv")

    assert done.exit_code == 0
    head, (day, slot, who, *rest) = before.split("\n")[0], before.split("\n")[1].split(",")
    assert (head, day, slot, rest) == (HEAD, "2026-05-04", "S0", ["3", "yes", "yes", ""])
    after = (tmp_path / "two" / "ledger.csv").read_text(encoding="utf-8")
    assert after.startswith(before)
    assert len(after.splitlines()) == 4
    assert _points(tmp_path / "two")[who][1] == 3


def test_ros_03_who_did_twice_as_much_last_year_is_given_less(tmp_path: Path) -> None:
    days = [f"2026-09-{day:02}" for day in range(1, 24, 2)]
    inputs = _files(tmp_path / "in", *days)
    former = _ledger(
        tmp_path,
        *(f"2025-09-{day:02},A,{ONE},3,yes,yes,yes" for day in range(1, 9)),
        *(f"2025-09-{day:02},A,{OTHER},3,yes,yes,yes" for day in range(11, 15)),
    )

    commands.roster(inputs, tmp_path / "out", "--ledger", former)
    commands.roster(inputs, tmp_path / "faded", "--ledger", former, "--keep-percent", 50)
    commands.roster(inputs, tmp_path / "forgotten", "--ledger", former, "--keep-percent", 0)

    assert _points(tmp_path / "out") == {ONE: (12, 24), OTHER: (24, 12)}
    assert _points(tmp_path / "faded") == {ONE: (15, 12), OTHER: (21, 6)}
    assert _points(tmp_path / "forgotten") == {ONE: (18, 0), OTHER: (18, 0)}


def test_credits_are_those_of_who_worked_or_else_of_who_holds_the_duty(tmp_path: Path) -> None:
    inputs = _files(tmp_path / "in", "2026-09-01")
    former = _ledger(
        tmp_path,
        f"2026-08-01,planned and never held again,{ONE},5,yes,no,",
        f"2026-08-01,planned and never held again,{OTHER},5,no,yes,",
        f"2026-08-02,worked by another,{OTHER},7,yes,yes,no",
        f"2026-08-02,worked by another,{ONE},7,no,no,yes",
    )
    short = commands.a_file(
        tmp_path, "short", ["day,slot_id,rpps,points", f"2026-08-03,not told,{ONE},2"]
    )

    commands.roster(inputs, tmp_path / "out", "--ledger", former)
    commands.roster(inputs, tmp_path / "short", "--ledger", short)

    history = {rpps: before for rpps, (_, before) in _points(tmp_path / "out").items()}
    assert history == {ONE: 7, OTHER: 5}
    assert _points(tmp_path / "short")[ONE][1] == 2


def test_a_change_to_the_published_roster_moves_the_credit_and_keeps_the_plan(
    tmp_path: Path,
) -> None:
    inputs = _files(tmp_path / "in", "2026-09-01")
    out = commands.a_file(tmp_path / "was", "roster", ["slot_id,rpps,points", f"S0,{ONE},3"])
    now = commands.a_copy(
        inputs, tmp_path / "now", "availability", lambda text: text.replace(f"{ONE},S0\n", "")
    )

    commands.roster(now, tmp_path / "out", "--published", out)
    commands.roster(
        now, tmp_path / "again", "--published", out, "--ledger", tmp_path / "out" / "ledger.csv"
    )

    rows = [tuple(row.values())[2:] for row in commands.rows(tmp_path / "out", "ledger")]
    assert rows == [(ONE, "3", "yes", "no", ""), (OTHER, "3", "no", "yes", "")]
    ledgers = [(tmp_path / it / "ledger.csv").read_bytes() for it in ("out", "again")]
    assert ledgers[0] == ledgers[1]
    assert {before for _, before in _points(tmp_path / "again").values()} == {0}


def test_a_ledger_that_says_a_duty_twice_or_lacks_its_day_is_refused_by_line(
    tmp_path: Path,
) -> None:
    inputs = _files(tmp_path / "in", "2026-09-01")
    twice = f"2026-08-01,A,{ONE},5,yes,yes,"
    former = _ledger(tmp_path, twice, twice, f",B,{ONE},5,yes,yes,")

    done = commands.roster(inputs, tmp_path / "out", "--ledger", former)

    assert done.exit_code == 2
    told = commands.rows(tmp_path / "out", "rejects")
    assert {(row["file"], row["line"]) for row in told} == {
        ("ledger.csv", "3"),
        ("ledger.csv", "4"),
    }


def test_the_picture_names_doctors_and_weeks(tmp_path: Path) -> None:
    inputs = _files(tmp_path / "in", "2026-12-28", "2027-01-04")
    slots = inputs / "slots.csv"
    slots.write_text(slots.read_text(encoding="utf-8").replace(",1,1,3", ",3,1,3"), "utf-8")
    picture = tmp_path / "pictures" / "tableau.svg"

    done = commands.roster(inputs, tmp_path / "out", "--plot", picture)

    assert done.exit_code == 0
    drawn = ElementTree.fromstring(picture.read_bytes())  # noqa: S314 - our own bytes
    said = [it.text for it in drawn.iter() if it.text and it.tag.endswith("text")]
    assert {"Un Anne", OTHER, "S53", "S1"} <= set(said)
    assert said[-4:] == ["1", "S53", "1", "S1"]
    assert "sièges vides : 2" in "".join(drawn.itertext())


def test_a_png_is_the_same_picture_whatever_fonts_the_machine_has(tmp_path: Path) -> None:
    inputs = _files(tmp_path / "in", "2026-12-28", "2027-01-04")
    drawn, points = tmp_path / "tableau.svg", tmp_path / "tableau.PNG"

    for picture in (drawn, points):
        assert commands.roster(inputs, tmp_path / "out", "--plot", picture).exit_code == 0

    written = points.read_bytes()
    assert written.startswith(PNG)
    assert written == picture_of.png(drawn.read_text(encoding="utf-8"))
    nameless = drawn.read_text(encoding="utf-8").replace(">Un Anne<", "><")
    assert written != picture_of.png(nameless)


PNG = b"\x89PNG\r\n\x1a\n"


@pytest.mark.parametrize("name", ["tableau.jpg", "tableau"])
def test_a_picture_in_another_format_is_refused_before_anything_is_done(
    tmp_path: Path, name: str
) -> None:
    inputs = _files(tmp_path / "in", "2026-09-01")

    done = commands.roster(inputs, tmp_path / "out", "--plot", tmp_path / name)

    assert done.exit_code == 2
    assert f"« {name} » n'est pas un nom de dessin ; attendu par exemple tableau.svg" in done.stderr
    assert not (tmp_path / "out").exists()
