"""What has been published, put in the order in which people read it.

The same shapes serve the pages of the site, filled from the store, and the files of a run,
filled from its data frames.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import polars as pl
from sqlmodel import Session

from api.files.geojson import CommunePoint
from api.services import access
from api.services.figures import Figures, Totals
from store import rosters, runs, tables

ONE_WEEK = timedelta(days=7)


@dataclass(frozen=True)
class Place:
    """A site of duty, as people find it."""

    site_id: str
    name: str
    address: str
    phone: str | None


@dataclass(frozen=True)
class Shift:
    """A slot and who holds it; `doctors` is empty where names may not be shown.

    `starts_at` and `ends_at` are aware, in the civil time of the territory.
    """

    slot_id: str
    site_id: str
    starts_at: datetime
    ends_at: datetime
    doctors_needed: int
    filled: int
    doctors: tuple[str, ...]

    @property
    def missing(self) -> int:
        """The seats nobody holds."""
        return max(0, self.doctors_needed - self.filled)


@dataclass(frozen=True)
class Day:
    """One civil day: the shifts of each place, in the order of the places of the week."""

    day: date
    shifts: tuple[tuple[Shift, ...], ...]


@dataclass(frozen=True)
class Week:
    """An ISO week of the roster, from its Monday; a day without any shift is left out."""

    monday: date
    places: tuple[Place, ...]
    days: tuple[Day, ...]

    @property
    def missing(self) -> int:
        """The seats of the week that nobody holds."""
        return sum(shift.missing for day in self.days for held in day.shifts for shift in held)


@dataclass(frozen=True)
class Load:
    """What the roster asks of one doctor, in duties and in points."""

    doctor: str
    duties: int
    points: int
    history_points: int
    target: float


@dataclass(frozen=True)
class WeekPage:
    """The week asked for, and the Mondays of its neighbours where the roster goes on."""

    week: Week
    before: date | None
    after: date | None


def monday_of(day: date) -> date:
    """The Monday of the ISO week of a day."""
    return day - timedelta(days=day.weekday())


def weeks(shifts: Iterable[Shift], places: Sequence[Place]) -> tuple[Week, ...]:
    """The shifts by week, day of their start and place. Places keep the order given."""
    by_monday: dict[date, list[Shift]] = defaultdict(list)
    for shift in sorted(shifts, key=lambda shift: (shift.starts_at, shift.slot_id)):
        by_monday[monday_of(shift.starts_at.date())].append(shift)
    return tuple(_week(monday, held, places) for monday, held in sorted(by_monday.items()))


def _week(monday: date, shifts: Sequence[Shift], places: Sequence[Place]) -> Week:
    cells: dict[date, dict[str, list[Shift]]] = defaultdict(lambda: defaultdict(list))
    for shift in shifts:
        cells[shift.starts_at.date()][shift.site_id].append(shift)
    used = tuple(place for place in places if any(place.site_id in day for day in cells.values()))
    return Week(
        monday=monday,
        places=used,
        days=tuple(
            Day(day, tuple(tuple(held.get(place.site_id, ())) for place in used))
            for day, held in sorted(cells.items())
        ),
    )


def read_places(sites: pl.DataFrame) -> tuple[Place, ...]:
    """The sites of a file, by name."""
    found = (
        Place(row["site_id"], row["name"], row["address"], row["phone"])
        for row in sites.iter_rows(named=True)
    )
    return tuple(sorted(found, key=lambda place: (place.name, place.site_id)))


def read_shifts(
    roster: pl.DataFrame, slots: pl.DataFrame, names: Mapping[str, str], zone: ZoneInfo
) -> tuple[Shift, ...]:
    """The slots of a file with who holds them; a doctor without a name keeps the number."""
    held: dict[str, list[str]] = defaultdict(list)
    for slot_id, rpps in roster.select("slot_id", "rpps").sort("rpps").iter_rows():
        held[slot_id].append(names.get(rpps, rpps))
    return tuple(
        Shift(
            slot_id=row["slot_id"],
            site_id=row["site_id"],
            starts_at=row["start"].astimezone(zone),
            ends_at=row["end"].astimezone(zone),
            doctors_needed=row["doctors_needed"],
            filled=len(held[row["slot_id"]]),
            doctors=tuple(held[row["slot_id"]]),
        )
        for row in slots.iter_rows(named=True)
    )


def read_names(doctors: pl.DataFrame) -> dict[str, str]:
    """How each doctor of a file is called, by number; without a name, not at all."""
    if not {"family_name", "given_name"} <= set(doctors.columns):
        return {}
    columns = doctors.select("rpps", "given_name", "family_name")
    return {rpps: title(given, family) for rpps, given, family in columns.iter_rows() if family}


def title(given_name: str | None, family_name: str | None) -> str:
    """How a doctor is addressed: "Dr Anne Éloi"."""
    return " ".join(("Dr", *(part for part in (given_name, family_name) if part)))


def read_loads(fairness: pl.DataFrame, doctors: pl.DataFrame) -> tuple[Load, ...]:
    """The table of fairness of a run, by family name, given name and number."""
    names = read_names(doctors)
    if names:
        fairness = fairness.join(
            doctors.select("rpps", "family_name", "given_name"), on="rpps", how="left"
        ).sort("family_name", "given_name", "rpps", nulls_last=True)
    return tuple(
        Load(
            doctor=names.get(row["rpps"], row["rpps"]),
            duties=row["duties"],
            points=row["points"],
            history_points=row["history_points"],
            target=row["target"],
        )
        for row in fairness.iter_rows(named=True)
    )


def points(figures: Figures, communes: pl.DataFrame) -> tuple[CommunePoint, ...]:
    """The published figures on the centres of their communes, by name.

    `communes` has `code_insee`, `name`, `latitude`, `longitude`; a KeyError names a commune that
    has figures and is not among them.
    """
    known = {row["code_insee"]: row for row in communes.iter_rows(named=True)}
    found = (
        CommunePoint(
            code_insee=figure.code_insee,
            name=known[figure.code_insee]["name"],
            latitude=known[figure.code_insee]["latitude"],
            longitude=known[figure.code_insee]["longitude"],
            patients=figure.patients,
            proposed=figure.proposed,
            waiting=figure.waiting,
            accepting_doctors=figure.accepting_doctors,
            places_open=figure.places_open,
        )
        for figure in figures.communes
    )
    return tuple(sorted(found, key=lambda point: (point.name, point.code_insee)))


def latest_run(session: Session, kind: str) -> tables.Run | None:
    """The last finished run of a kind, `matching` or `roster`."""
    return runs.latest(session, kind)


def week_page(
    session: Session, viewer: access.Viewer, asked: date, zone: ZoneInfo
) -> WeekPage | None:
    """The published week that holds the day `asked`; None when nothing is published at all.

    A day outside the roster leads to its first or its last week.
    """
    period = rosters.published_period(session)
    if period is None:
        return None
    first = monday_of(period.starts_at.astimezone(zone).date())
    last = monday_of(_last_start(session, period).astimezone(zone).date())
    monday = min(max(monday_of(asked), first), last)
    shifts = _shifts_between(session, viewer, _midnight(monday, zone), zone)
    inside = [shift for shift in shifts if monday_of(shift.starts_at.date()) == monday]
    places = tuple(Place(s.id, s.name, s.address, s.phone) for s in rosters.sites(session))
    return WeekPage(
        week=_week(monday, inside, places),
        before=monday - ONE_WEEK if monday > first else None,
        after=monday + ONE_WEEK if monday < last else None,
    )


def _last_start(session: Session, period: rosters.Period) -> datetime:
    """When the last slot begins: a slot that runs past midnight does not open another day."""
    last_week = rosters.slots_between(session, period.ends_at - ONE_WEEK, period.ends_at)
    return max(slot.starts_at for slot, _ in last_week)


def _midnight(day: date, zone: ZoneInfo) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=zone)


def _shifts_between(
    session: Session, viewer: access.Viewer, begin: datetime, zone: ZoneInfo
) -> tuple[Shift, ...]:
    end = _midnight(begin.date() + ONE_WEEK, zone)
    named = access.may_see_duty_names(viewer).allowed
    held: dict[str, list[str]] = defaultdict(list)
    for _, slot, doctor in rosters.duties_between(session, begin, end):
        known = title(doctor.given_name, doctor.family_name) if doctor.family_name else doctor.rpps
        held[slot.id].append(known)
    return tuple(
        Shift(
            slot_id=slot.id,
            site_id=site.id,
            starts_at=slot.starts_at.astimezone(zone),
            ends_at=slot.ends_at.astimezone(zone),
            doctors_needed=slot.doctors_needed,
            filled=len(held[slot.id]),
            doctors=tuple(held[slot.id]) if named else (),
        )
        for slot, site in rosters.slots_between(session, begin, end)
    )


@dataclass(frozen=True)
class OnDuty:
    """The sites open at an instant, and the next shifts to begin when there is none."""

    open_now: tuple[tuple[Place, Shift], ...]
    next: tuple[tuple[Place, Shift], ...]


def on_duty(session: Session, viewer: access.Viewer, now: datetime, zone: ZoneInfo) -> OnDuty:
    """The sites where somebody is on duty at `now`, and the first to open within a week."""
    places = {s.id: Place(s.id, s.name, s.address, s.phone) for s in rosters.sites(session)}
    shifts = [s for s in _shifts_between(session, viewer, now.astimezone(zone), zone) if s.filled]
    running = [shift for shift in shifts if shift.starts_at <= now < shift.ends_at]
    coming = [shift for shift in shifts if shift.starts_at > now]
    first = min((shift.starts_at for shift in coming), default=None)
    return OnDuty(
        open_now=tuple((places[shift.site_id], shift) for shift in running),
        next=tuple((places[shift.site_id], shift) for shift in coming if shift.starts_at == first),
    )


@dataclass(frozen=True)
class Coverage:
    """The published roster as a whole, by the civil days of its first and last slots."""

    first_day: date
    last_day: date
    seats: int
    missing: int


def coverage(session: Session, zone: ZoneInfo) -> Coverage | None:
    """How much of the published roster is filled; None when nothing is published."""
    period = rosters.published_period(session)
    if period is None:
        return None
    held = Counter(
        slot.id for _, slot, _ in rosters.duties_between(session, period.starts_at, period.ends_at)
    )
    slots = rosters.slots_between(session, period.starts_at, period.ends_at)
    return Coverage(
        first_day=period.starts_at.astimezone(zone).date(),
        last_day=_last_start(session, period).astimezone(zone).date(),
        seats=sum(slot.doctors_needed for slot, _ in slots),
        missing=sum(max(0, slot.doctors_needed - held[slot.id]) for slot, _ in slots),
    )


def published_totals(session: Session) -> Totals | None:
    """The totals published with the last matching; None before the first."""
    run = runs.latest(session, "matching")
    recorded = run.summary.get("published_totals") if run else None
    return Totals(**recorded) if recorded else None
