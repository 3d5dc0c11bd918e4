from datetime import UTC, datetime

import icalendar
import polars as pl
import pytest

from api.files import calendars

SATURDAY = datetime(2026, 11, 28, 8, 0, tzinfo=UTC)
NOON = datetime(2026, 11, 28, 12, 0, tzinfo=UTC)
EDITION = calendars.Edition(datetime(2026, 11, 21, 9, 30, tzinfo=UTC), sequence=2)

SITES = pl.DataFrame(
    {
        "site_id": ["METZ-A"],
        "name": ["Maison médicale (fictive)"],
        "address": ["1, rue de la Gare, 57000 Metz"],
        "code_insee": ["57463"],
        "latitude": [49.12],
        "longitude": [6.17],
        "phone": ["03 53 01 00 01"],
    }
)
SLOTS = pl.DataFrame(
    {
        "slot_id": ["S1", "S2"],
        "site_id": ["METZ-A", "METZ-A"],
        "start": [SATURDAY, SATURDAY.replace(day=29)],
        "end": [NOON, NOON.replace(day=29)],
        "doctors_needed": [2, 1],
        "hardness": [1, 1],
        "points": [5, 5],
    }
)
DOCTORS = pl.DataFrame(
    {"rpps": ["10990000001"], "family_name": ["Éloi"], "given_name": ["Anne"]},
)
ROSTER = pl.DataFrame({"slot_id": ["S1"], "rpps": ["10990000001"], "points": [5]})


def events_of(files: dict[str, bytes], name: str) -> list[icalendar.Event]:
    return icalendar.Calendar.from_ical(files[name].decode()).events


def doctor_files(roster: pl.DataFrame = ROSTER) -> dict[str, bytes]:
    return calendars.doctor_calendars(roster, SLOTS, SITES, DOCTORS, EDITION)


def site_files(roster: pl.DataFrame = ROSTER) -> dict[str, bytes]:
    return calendars.site_calendars(roster, SLOTS, SITES, DOCTORS, EDITION)


def test_a_doctor_finds_the_duty_with_its_hours_and_its_place():
    (event,) = events_of(doctor_files(), "medecin-10990000001.ics")

    assert (event.start, event.end) == (SATURDAY, NOON)
    assert event["summary"] == "Permanence de soins : Maison médicale (fictive)"
    assert event["location"].startswith("Maison médicale (fictive), 1, rue")


def test_the_identifier_and_the_edition_are_those_given():
    (event,) = events_of(doctor_files(), "medecin-10990000001.ics")

    assert event["uid"] == "S1.10990000001@releve"
    assert event["sequence"] == 2
    assert event["dtstamp"].dt == EDITION.stamp


def test_a_site_shows_who_comes_and_what_is_still_to_fill():
    summaries = [event["summary"] for event in events_of(site_files(), "site-METZ-A.ics")]

    assert sorted(summaries) == ["Dr Anne Éloi", "À pourvoir", "À pourvoir"]


def test_a_slot_with_all_its_doctors_has_no_empty_seat():
    slots = SLOTS.with_columns(pl.Series("doctors_needed", [1, 0]))

    files = calendars.site_calendars(ROSTER, slots, SITES, DOCTORS, EDITION)

    assert [event["summary"] for event in events_of(files, "site-METZ-A.ics")] == ["Dr Anne Éloi"]


def test_two_empty_seats_are_said_in_one_line():
    nobody = ROSTER.clear()

    summaries = {event["summary"] for event in events_of(site_files(nobody), "site-METZ-A.ics")}

    assert "À pourvoir : 2 places" in summaries


def test_a_doctor_without_a_name_is_called_by_number():
    files = calendars.doctor_calendars(ROSTER, SLOTS, SITES, DOCTORS.select("rpps"), EDITION)

    assert b"Gardes de 10990000001" in files["medecin-10990000001.ics"]


def test_the_same_roster_gives_the_same_bytes():
    assert doctor_files() == doctor_files()
    assert site_files() == site_files()


def test_hours_are_written_in_universal_time():
    assert b"DTSTART:20261128T080000Z" in doctor_files()["medecin-10990000001.ics"]


def test_two_identifiers_that_look_alike_have_two_files():
    assert calendars.safe_name("site", "A B") != calendars.safe_name("site", "A-B")


def test_lines_are_folded_at_seventy_five_octets_and_end_as_the_standard_says():
    for line in doctor_files()["medecin-10990000001.ics"].split(b"\r\n"):
        assert len(line) <= 75
        assert b"\n" not in line


@pytest.mark.parametrize(
    ("identifier", "name"),
    [
        ("METZ-A", "site-METZ-A.ics"),
        ("../étage n° 2", "site-etage-n-2-5f6303f9.ics"),
        ("///", "site-sans-nom-759dddfb.ics"),
    ],
)
def test_a_file_name_holds_nothing_a_system_could_misread(identifier, name):
    assert calendars.safe_name("site", identifier) == name
