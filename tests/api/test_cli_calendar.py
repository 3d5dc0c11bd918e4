import csv
from datetime import date, timedelta
from pathlib import Path

import pytest

from api.files import formats
from tests.api import commands
from tests.api.files.test_templates import MODEL

CSV_HEADER = "date,start,end,regime,band,holiday"
Row = dict[str, str]


def rows(commune: str, year: int, *options: str) -> list[Row]:
    done = commands.run("calendar", "--commune", commune, "--year", year, "--csv", *options)
    assert done.exit_code == 0, done.stderr
    assert done.stdout.startswith(f"{CSV_HEADER}\n")
    return list(csv.DictReader(done.stdout.splitlines()))


def at(table: list[Row], day: str, clock: str) -> Row:
    (row,) = (it for it in table if it["date"] == day and it["start"] <= clock < it["end"])
    return row


def slots(tmp_path: Path, *options: object, model: str = MODEL):
    path = tmp_path / "modele.toml"
    path.write_text(model, encoding="utf-8")
    words = {"--template": path, "--commune": "57463", "--out": tmp_path / "out"}
    words |= {"--first-day": "2027-04-01", "--last-day": "2027-06-30", "--date": "2027-02-16"}
    words |= dict(zip(options[::2], options[1::2], strict=True))
    return commands.run("slots", *(it for pair in words.items() for it in pair))


def test_ros_05_the_calendars_of_metz_and_nancy_differ_on_two_days_of_2026() -> None:
    metz, nancy = rows("57463", 2026), rows("54395", 2026)
    friday, december = at(metz, "2026-04-03", "10:00"), at(metz, "2026-12-26", "10:00")

    assert (friday["regime"], friday["holiday"]) == ("pdsa", "Vendredi saint")
    assert (december["regime"], december["holiday"]) == ("pdsa", "Saint-Étienne")
    assert at(nancy, "2026-04-03", "10:00") == {
        "date": "2026-04-03",
        "start": "08:00",
        "end": "20:00",
        "regime": "snp",
        "band": "day",
        "holiday": "",
    }
    assert {it["date"] for it in metz if it not in nancy} == {"2026-04-03", "2026-12-26"}


def test_ros_04_saturday_has_two_regimes_only_where_its_afternoon_is_open() -> None:
    open_ = rows("54395", 2026, "--saturday-afternoon")

    assert at(open_, "2026-06-13", "11:59")["regime"] == "snp"
    assert at(open_, "2026-06-13", "12:00")["regime"] == "pdsa"
    assert at(rows("54395", 2026), "2026-06-13", "12:00")["regime"] == "snp"


def test_ros_06_the_friday_after_ascension_is_pdsa_only_with_bridge_days() -> None:
    assert at(rows("54395", 2026, "--bridge-days"), "2026-05-15", "18:00")["regime"] == "pdsa"
    assert at(rows("54395", 2026), "2026-05-15", "18:00")["regime"] == "snp"


def test_the_saturday_after_ascension_is_a_bridge_day_if_the_long_weekend_is_asked_for() -> None:
    strict = rows("54395", 2026, "--bridge-days")
    longer = rows("54395", 2026, "--bridge-days", "--long-weekend")

    assert at(strict, "2026-05-16", "09:00")["regime"] == "snp"
    assert at(longer, "2026-05-16", "09:00")["regime"] == "pdsa"


@pytest.mark.parametrize(("year", "days"), [(2000, 366), (2027, 365), (2100, 365)])
def test_the_segments_of_every_day_go_from_midnight_to_midnight(year: int, days: int) -> None:
    table = rows("97411", year, "--saturday-afternoon", "--bridge-days")
    by_day: dict[str, list[Row]] = {}
    for row in table:
        by_day.setdefault(row["date"], []).append(row)

    first = date(year, 1, 1)
    assert list(by_day) == [(first + timedelta(days=n)).isoformat() for n in range(days)]
    for parts in by_day.values():
        assert [parts[0]["start"], parts[-1]["end"]] == ["00:00", "24:00"]
        assert [it["end"] for it in parts[:-1]] == [it["start"] for it in parts[1:]]
    assert {it["regime"] for it in table} == {"pdsa", "snp"}
    assert {it["band"] for it in table} == {"deep_night", "early", "day", "evening"}


def test_what_is_not_certain_is_told_beside_the_csv() -> None:
    done = commands.run("calendar", "--commune", "57999", "--year", 2027, "--csv")

    assert "ne connaît pas la commune 57999" in done.stderr
    assert "ajoutez --good-friday" in done.stderr
    assert "Relève" not in done.stdout
    assert commands.run("calendar", "--commune", "57463", "--year", 2027, "--csv").stderr == ""


def test_good_friday_can_be_said_either_way() -> None:
    for commune, option, regime in (
        ("57751", "--good-friday", "pdsa"),
        ("57463", "--no-good-friday", "snp"),
    ):
        assert at(rows(commune, 2027, option), "2027-03-26", "10:00")["regime"] == regime
    assert at(rows("57751", 2027), "2027-03-26", "10:00")["regime"] == "snp"


def test_the_calendar_to_read_shows_months_particular_days_and_regimes() -> None:
    done = commands.run("calendar", "--commune", "57463", "--year", 2027, "--bridge-days")
    shown = " ".join(done.stdout.split())

    assert done.exit_code == 0
    assert shown.startswith("Metz (57463), 2027 Ouvert par l'ARS, selon vous : ponts.")
    assert "lu ma me je ve sa di" in shown
    for particular in (
        "vendredi 26 mars 2027 │ Vendredi saint",
        "vendredi 7 mai 2027 │ pont ouvert",
    ):
        assert particular in shown
    assert "pont ouvert │ PDSA │ PDSA │ PDSA │ PDSA │ PDSA" in shown
    assert "lundi à vendredi │ PDSA │ PDSA │ SNP │ SNP │ PDSA" in shown
    assert done.stderr == ""


def test_without_an_opening_no_bridge_is_shown() -> None:
    done = commands.run("calendar", "--commune", "54395", "--year", 2027)

    assert "ni samedi après-midi ni ponts" in done.stdout
    assert "pont ouvert" not in done.stdout
    assert "Vendredi saint" not in done.stdout


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        (("--commune", "99999"), "--commune : « 99999 » n'est dans aucun département"),
        (("--commune", "98818"), "Le Pacifique a un autre droit"),
        (("--commune", "Metz"), "--commune : « Metz » n'est pas un code INSEE de commune"),
        (("--commune", ""), "--commune : «  » n'est pas un code INSEE de commune"),
        (("--year", "1999"), "--year : 1999 est hors limites ; attendu une année de 2000 à 2100."),
        (("--year", "2101"), "--year : 2101 est hors limites"),
        (("--long-weekend",), "ajoutez --bridge-days"),
        (("--commune", "54395", "--good-friday"), "Alsace ou de Moselle"),
    ],
)
@pytest.mark.parametrize("form", [(), ("--csv",)])
def test_what_cannot_be_accepted_ends_in_a_french_sentence_and_status_2(
    options: tuple[str, ...], sentence: str, form: tuple[str, ...]
) -> None:
    asked = ("--commune", "57463", "--year", "2027", *options, *form)

    done = commands.run("calendar", *asked)

    assert (done.exit_code, done.stdout) == (2, "")
    assert sentence in done.stderr
    assert "Traceback" not in done.stderr


def test_a_template_becomes_slots_that_the_roster_reads(tmp_path: Path) -> None:
    done = slots(tmp_path)
    read = formats.read_slots(tmp_path / "out" / "slots.csv")

    assert done.exit_code == 0, done.stderr
    assert read.rejects == []
    assert f"{read.frame.height} créneaux du 1er" in done.stdout
    (friday,) = read.frame.filter(read.frame["slot_id"] == "metz-soir-2027-05-07").to_dicts()
    assert (friday["doctors_needed"], friday["points"]) == (2, 6)


def test_ros_12_a_roster_whose_j_45_has_passed_says_so_and_is_made_all_the_same(
    tmp_path: Path,
) -> None:
    days = ("--first-day", "2026-10-01", "--last-day", "2026-12-31")

    late = " ".join(slots(tmp_path, *days, "--date", "2026-08-18").stdout.split())
    in_time = " ".join(slots(tmp_path, *days, "--date", "2026-08-17").stdout.split())

    assert "(J-45) : lundi 17 août 2026, passé ; à faire quand même, l'envoi sera en retard" in late
    assert "(J-10) : lundi 21 septembre 2026, dans 34 jours" in late
    assert "(un mois après) : dimanche 31 janvier 2027, dans 166 jours" in late
    assert "(J-45) : lundi 17 août 2026, aujourd'hui" in in_time
    assert (tmp_path / "out" / "slots.csv").is_file()


def test_a_period_under_three_months_is_doubted(tmp_path: Path) -> None:
    assert "au moins trois mois" in slots(tmp_path, "--last-day", "2027-06-29").stdout
    assert "au moins trois mois" not in slots(tmp_path).stdout


@pytest.mark.parametrize(
    ("option", "value", "sentence"),
    [
        ("--first-day", "demain", "--first-day : « demain » n'est pas une date"),
        ("--last-day", "2027-03-31", "--last-day : le 2027-03-31 vient avant le 2027-04-01"),
        ("--commune", "00000", "n'est dans aucun département"),
        ("--template", "nowhere.toml", "fichier introuvable"),
    ],
)
def test_slots_that_cannot_be_made_end_in_a_french_sentence_and_status_2(
    tmp_path: Path, option: str, value: str, sentence: str
) -> None:
    done = slots(tmp_path, option, value)

    assert done.exit_code == 2
    assert sentence in done.stderr
    assert not (tmp_path / "out").exists()


def test_a_template_is_never_replaced_by_its_slots(tmp_path: Path) -> None:
    path = tmp_path / "slots.csv"
    path.write_text(MODEL, encoding="utf-8")

    done = slots(tmp_path, "--template", path, "--out", tmp_path)

    assert done.exit_code == 2
    assert "remplacerait votre modèle" in done.stderr
    assert path.read_text(encoding="utf-8") == MODEL
