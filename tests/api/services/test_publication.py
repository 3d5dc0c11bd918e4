from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import polars as pl
import pytest
from sqlmodel import Session

from api.services import access, publication, record
from api.services.figures import CommuneFigure, Figures, Totals
from api.services.publication import Place, Shift
from fixtures import communes
from store import tables

PARIS = ZoneInfo("Europe/Paris")
METZ = Place("METZ", "Metz", "1, rue de la Gare", None)
WOIPPY = Place("WOIPPY", "Woippy", "2, rue du Fort", None)
DOCTORS = pl.DataFrame(
    {
        "rpps": ["10990000001", "10990000002"],
        "family_name": ["Zénon", "Éloi"],
        "given_name": ["Anne", "Paul"],
    }
)
SITES = pl.DataFrame(
    {
        "site_id": ["METZ", "WOIPPY"],
        "name": ["Metz", "Woippy"],
        "address": ["1, rue de la Gare", "2, rue du Fort"],
        "code_insee": ["57463", "57751"],
        "latitude": [49.12, 49.15],
        "longitude": [6.17, 6.15],
        "phone": ["03 53 01 00 01", None],
    }
)


def paris(day: int, hour: int, month: int = 11) -> datetime:
    return datetime(2026, month, day, hour, tzinfo=PARIS).astimezone(UTC)


def slots(*rows: tuple[str, str, datetime, int]) -> pl.DataFrame:
    return pl.DataFrame(
        [
            {
                "slot_id": slot_id,
                "site_id": site_id,
                "start": start,
                "end": start + timedelta(hours=2),
                "doctors_needed": needed,
                "hardness": 1,
                "points": 2,
            }
            for slot_id, site_id, start, needed in rows
        ]
    )


def duties(*rows: tuple[str, str]) -> pl.DataFrame:
    schema = {"slot_id": pl.String, "rpps": pl.String, "points": pl.Int32}
    return pl.DataFrame([(*row, 2) for row in rows], schema=schema, orient="row")


THREE_SLOTS = slots(
    ("A", "METZ", paris(28, 9), 2),
    ("B", "WOIPPY", paris(28, 9), 1),
    ("C", "METZ", paris(29, 23), 1),
)


def a_shift(slot_id: str, start: datetime, needed: int = 1, filled: int = 0) -> Shift:
    end = start + timedelta(hours=2)
    return Shift(slot_id, "METZ", start, end, needed, filled, ())


def publish(session: Session, roster: pl.DataFrame, planned: pl.DataFrame = THREE_SLOTS) -> None:
    run = tables.Run(
        kind="roster",
        day=date(2026, 11, 21),
        seed=1,
        status="optimal",
        problem_digest="x",
        finished_at=paris(21, 9),
    )
    record.record_territory(session, communes.load())
    record.record_roster(session, run, sites=SITES, slots=planned, doctors=DOCTORS, roster=roster)


def test_a_shift_belongs_to_the_week_of_its_start_in_civil_time():
    sunday_night = a_shift("S", datetime(2026, 11, 29, 23, tzinfo=PARIS))
    monday = a_shift("M", datetime(2026, 11, 30, 0, tzinfo=PARIS))

    found = publication.weeks([monday, sunday_night], [METZ])

    assert [week.monday for week in found] == [date(2026, 11, 23), date(2026, 11, 30)]


def test_a_week_shows_only_the_places_and_days_it_uses():
    (week,) = publication.weeks(
        [a_shift("S", datetime(2026, 11, 28, 9, tzinfo=PARIS))], [WOIPPY, METZ]
    )

    assert week.places == (METZ,)
    assert [day.day for day in week.days] == [date(2026, 11, 28)]


@pytest.mark.parametrize(("needed", "filled", "missing"), [(2, 0, 2), (2, 2, 0), (1, 2, 0)])
def test_seats_that_nobody_holds_are_counted(needed, filled, missing):
    (week,) = publication.weeks(
        [a_shift("S", datetime(2026, 11, 28, 9, tzinfo=PARIS), needed, filled)], [METZ]
    )

    assert week.missing == missing


def test_shifts_of_a_file_carry_names_and_civil_time():
    names = publication.read_names(DOCTORS)
    roster = duties(("A", "10990000002"), ("A", "10990000001"), ("B", "10999999999"))

    found = {
        shift.slot_id: shift for shift in publication.read_shifts(roster, THREE_SLOTS, names, PARIS)
    }

    assert found["A"].doctors == ("Dr Anne Zénon", "Dr Paul Éloi")
    assert found["B"].doctors == ("10999999999",)
    assert found["C"].missing == 1
    assert found["A"].starts_at.hour == 9


def test_places_of_a_file_come_by_name():
    assert [place.name for place in publication.read_places(SITES[::-1])] == ["Metz", "Woippy"]


def test_loads_come_by_family_name_and_a_file_without_names_keeps_its_order():
    fairness = pl.DataFrame(
        {
            "rpps": ["10990000001", "10990000002"],
            "duties": [3, 2],
            "points": [6, 4],
            "history_points": [0, 2],
            "target": [5.0, 5.0],
        }
    )

    bare = publication.read_loads(fairness, DOCTORS.select("rpps"))

    assert [load.doctor for load in bare] == ["10990000001", "10990000002"]
    assert publication.read_loads(fairness, DOCTORS)[0].duties == 3


def test_figures_take_the_place_and_the_name_of_their_commune():
    figures = Figures((CommuneFigure("54395", 20, None, None, 1, 5),), Totals(20, 12, None, 1, 5))
    centres = pl.DataFrame(
        {"code_insee": ["54395"], "name": ["Nancy"], "latitude": [48.69], "longitude": [6.18]}
    )

    (point,) = publication.points(figures, centres)

    assert (point.name, point.latitude, point.patients, point.waiting) == ("Nancy", 48.69, 20, None)


def test_a_commune_without_a_known_centre_is_named_in_the_error():
    figures = Figures((CommuneFigure("99999", 20, 12, None, 1, 5),), Totals(20, 12, None, 1, 5))
    centres = pl.DataFrame(
        {"code_insee": ["54395"], "name": ["Nancy"], "latitude": [48.69], "longitude": [6.18]}
    )

    with pytest.raises(KeyError, match="99999"):
        publication.points(figures, centres)


def test_nothing_published_has_no_week_no_coverage_and_no_totals(session):
    assert publication.week_page(session, access.DESK, date(2026, 11, 28), PARIS) is None
    assert publication.coverage(session, PARIS) is None
    assert publication.published_totals(session) is None


def test_the_desk_reads_names_and_the_public_reads_hours(session):
    publish(session, duties(("A", "10990000001")))

    desk = publication.week_page(session, access.DESK, date(2026, 11, 28), PARIS)
    public = publication.week_page(session, access.PUBLIC, date(2026, 11, 28), PARIS)

    assert desk.week.days[0].shifts[0][0].doctors == ("Dr Anne Zénon",)
    assert public.week.days[0].shifts[0][0].doctors == ()
    assert public.week.days[0].shifts[0][0].filled == 1


def test_a_slot_that_runs_past_sunday_midnight_stays_in_its_week(session):
    publish(session, duties())

    page = publication.week_page(session, access.DESK, date(2026, 12, 10), PARIS)

    assert page.week.monday == date(2026, 11, 23)
    assert page.week.days[-1].day == date(2026, 11, 29)


def test_coverage_counts_the_seats_that_nobody_holds(session):
    publish(session, duties(("A", "10990000001"), ("B", "10990000002")))

    found = publication.coverage(session, PARIS)

    assert (found.seats, found.missing) == (4, 2)
    assert (found.first_day, found.last_day) == (date(2026, 11, 28), date(2026, 11, 29))


@pytest.mark.parametrize(("hour", "is_open"), [(8, False), (9, True), (10, True), (11, False)])
def test_a_site_is_open_from_the_start_until_just_before_the_end(session, hour, is_open):
    publish(session, duties(("A", "10990000001")))

    found = publication.on_duty(session, access.PUBLIC, paris(28, hour), PARIS)

    assert [place.site_id for place, _ in found.open_now] == (["METZ"] if is_open else [])


def test_a_site_where_nobody_comes_is_neither_open_nor_next(session):
    publish(session, duties(("C", "10990000001")))

    found = publication.on_duty(session, access.DESK, paris(28, 9), PARIS)

    assert found.open_now == ()
    assert [shift.slot_id for _, shift in found.next] == ["C"]
