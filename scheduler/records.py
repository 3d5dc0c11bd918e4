"""From records to a problem: the friendly way in.

Records come in any order; nothing about them but their content changes the answer.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from fractions import Fraction
from math import floor
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np

from scheduler.problem import (
    NO_CAP,
    UNKNOWN,
    Authorisations,
    Integers,
    Pairs,
    Problem,
    Replacements,
    Terms,
    demand,
)
from scheduler.roster import roster
from scheduler.rules import RULES

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
Named = tuple[str, str]
"""The rpps of a doctor and the id of a slot, or two sites."""


@dataclass(frozen=True)
class Slot:
    """A range of time to staff, half open; `start` and `end` know their offset.

    An empty `departement` is unknown; slots without a site are all at one place.
    """

    slot_id: str
    start: datetime
    end: datetime
    doctors_needed: int = 1
    hardness: int = 1
    points: int = 1
    site: str = ""
    departement: str = ""
    indemnity_cents: int = 0


@dataclass(frozen=True)
class Authorisation:
    """A locum may replace in this département from the first day to the last, both included."""

    departement: str
    first_day: date
    last_day: date


@dataclass(frozen=True)
class Replacement:
    """A doctor is replaced from the first day to the last, both included, by `locum` if known."""

    first_day: date
    last_day: date
    locum: str | None = None


@dataclass(frozen=True)
class Doctor:
    """A doctor of the roster; a cap that is None does not limit, a cap of 0 forbids.

    `min_per_period` duties are aimed at, never forced. `ledger` holds points by year, which fade
    (`carried_points`) and add to `history_points`. `licence_until` None: no licence is needed.
    `authorisations` None: none is needed; an empty tuple: none is held.
    """

    rpps: str
    participation: float = 1.0
    max_per_week: int | None = None
    max_per_month: int | None = None
    max_per_period: int | None = None
    history_points: int = 0
    min_per_period: int = 0
    indemnity_so_far_cents: int = 0
    ledger: tuple[tuple[int, int], ...] = ()
    licence_until: date | None = None
    authorisations: tuple[Authorisation, ...] | None = None
    replaced: tuple[Replacement, ...] = ()


@dataclass(frozen=True)
class Offer:
    """A doctor says he is available for a slot, and how much he wishes it (-2 to 2); whether even
    without the rest before it and after it (`waives_rest`)."""

    rpps: str
    slot_id: str
    wish: int = 0
    waives_rest: bool = False


def carried_points(ledger: Iterable[tuple[int, int]], year: int, keep_percent: int = 100) -> int:
    """What the points of past years still weigh in `year`: each loses its part every year.

    The sum of points * (keep_percent / 100) ** age is exact, then rounded once, half up: nothing
    depends on the order of the entries, nor on a floating point. Years to come do not fade.
    """
    kept = Fraction(keep_percent, 100)
    total = sum(points * kept ** max(year - then, 0) for then, points in ledger)
    return floor(total + Fraction(1, 2))


def from_records(
    slots: Iterable[Slot],
    doctors: Iterable[Doctor],
    offers: Iterable[Offer],
    *,
    terms: Terms | None = None,
    published: Iterable[Named] | None = None,
    pinned: Iterable[Named] = (),
    forbidden: Iterable[Named] = (),
    travel_seconds: Mapping[Named, int] | None = None,
) -> Problem:
    """Build a problem.

    `published` is the roster already out, None if there is none. `pinned` pairs stay, offered or
    not: past duties, promises. `forbidden` pairs are never given. `travel_seconds` is the way from
    one site to another, 0 where it is not told.

    Raises ValueError, saying where and what, on a naive date, a duplicate, an unknown name or a
    number out of its range; Contradiction where pinned pairs break a rule.
    """
    slots = sorted(slots, key=lambda slot: slot.slot_id)
    doctors = sorted(doctors, key=lambda doctor: doctor.rpps)
    terms = terms or Terms()
    rows = _Rows(
        _rows("doctor", [doctor.rpps for doctor in doctors]),
        _rows("slot", [slot.slot_id for slot in slots]),
    )
    departements = sorted(
        {slot.departement for slot in slots if slot.departement}
        | {held.departement for doctor in doctors for held in doctor.authorisations or ()}
    )
    sites = sorted({slot.site for slot in slots})
    kept, offers = None if published is None else set(published), list(offers)
    waived = {rows.of("waived", (it.rpps, it.slot_id)) for it in offers if it.waives_rest}
    made = Problem(
        terms=terms,
        **_doctor_columns(doctors, _first_year(slots, terms), terms.keep_percent),
        authorisations=_authorisations(doctors, departements),
        replacements=_replacements(doctors, rows),
        **_slot_columns(slots, sites, departements),
        sites=tuple(sites),
        travel_seconds=_travel(sites, travel_seconds or {}),
        departements=tuple(departements),
        **_pair_columns(offers, kept or set(), set(pinned), rows),
        forbidden=Pairs(*_columns([rows.of("forbidden", pair) for pair in set(forbidden)], 2)),
        published_size=None if kept is None else len(kept),
        waived=Pairs(*_columns(waived, 2)),
    )
    _demand_consistent_pins(made)
    return made


class Contradiction(ValueError):
    """Pinned (rpps, slot_id) pairs that cannot stay together, or alone, because of a rule."""

    def __init__(self, rule: str, duties: Sequence[Named]) -> None:
        named = " and ".join(f"{rpps!r} on {slot_id!r}" for rpps, slot_id in duties)
        super().__init__(f"pinned {named}: rule {rule} is broken")
        self.rule, self.duties = rule, tuple(duties)


def _demand_consistent_pins(asked: Problem) -> None:
    """Every rule only limits, so a model with pinned duties that keep the rules has an answer."""
    pins = asked.pins()
    broken = next(_rules_broken(asked, pins), None)
    if broken is None:
        return
    for pin in pins:
        fewer = [duty for duty in pins if duty != pin]
        if broken in _rules_broken(asked, fewer):
            pins = fewer
    raise Contradiction(broken, [(asked.rpps[d], asked.slot_ids[s]) for d, s in pins])


def _rules_broken(asked: Problem, duties: list[tuple[int, int]]) -> Iterator[str]:
    for rule in RULES:
        if rule.limits and any(rule.breaches(asked, roster(duties))):
            yield rule.name


@dataclass(frozen=True)
class _Rows:
    """Row numbers by rpps and by slot_id."""

    doctor: Mapping[str, int]
    slot: Mapping[str, int]

    def of(self, kind: str, pair: Named) -> tuple[int, int]:
        rpps, slot_id = pair
        where = f"{kind} pair of doctor {rpps!r} for slot {slot_id!r}"
        demand(rpps in self.doctor, f"{where}: unknown doctor")
        demand(slot_id in self.slot, f"{where}: unknown slot")
        return self.doctor[rpps], self.slot[slot_id]


def _rows(kind: str, names: Sequence[str]) -> dict[str, int]:
    rows = {name: row for row, name in enumerate(names)}
    if len(rows) < len(names):
        twice = next(name for row, name in enumerate(names) if rows[name] != row)
        raise ValueError(f"{kind} {twice!r}: given twice")
    return rows


def _doctor_columns(doctors: Sequence[Doctor], year: int, keep_percent: int) -> dict[str, Any]:
    return {
        "rpps": tuple(it.rpps for it in doctors),
        "participation": np.array([it.participation for it in doctors], np.float64),
        "max_per_week": _caps(it.max_per_week for it in doctors),
        "max_per_month": _caps(it.max_per_month for it in doctors),
        "max_per_period": _caps(it.max_per_period for it in doctors),
        "min_per_period": _integers(it.min_per_period for it in doctors),
        "history_points": _integers(
            it.history_points + carried_points(it.ledger, year, keep_percent) for it in doctors
        ),
        "indemnity_so_far_cents": _integers(it.indemnity_so_far_cents for it in doctors),
        "licence_until": _integers(
            UNKNOWN if it.licence_until is None else it.licence_until.toordinal() for it in doctors
        ),
        "needs_authorisation": np.array(
            [it.authorisations is not None for it in doctors], np.bool_
        ),
    }


def _authorisations(doctors: Sequence[Doctor], departements: Sequence[str]) -> Authorisations:
    held = [
        (row, departements.index(it.departement), it.first_day.toordinal(), it.last_day.toordinal())
        for row, doctor in enumerate(doctors)
        for it in doctor.authorisations or ()
    ]
    return Authorisations(*_columns(held, 4))


def _replacements(doctors: Sequence[Doctor], rows: _Rows) -> Replacements:
    ranges = [
        (
            row,
            rows.doctor.get(it.locum or "", UNKNOWN),
            it.first_day.toordinal(),
            it.last_day.toordinal(),
        )
        for row, doctor in enumerate(doctors)
        for it in doctor.replaced
    ]
    return Replacements(*_columns(ranges, 4))


def _slot_columns(
    slots: Sequence[Slot], sites: Sequence[str], departements: Sequence[str]
) -> dict[str, Any]:
    site_row, departement_row = _rows("site", sites), _rows("departement", departements)
    return {
        "slot_ids": tuple(it.slot_id for it in slots),
        "slot_start_us": _integers(_instant(it.slot_id, it.start) for it in slots),
        "slot_end_us": _integers(_instant(it.slot_id, it.end) for it in slots),
        "doctors_needed": _integers(it.doctors_needed for it in slots),
        "hardness": _integers(it.hardness for it in slots),
        "points": _integers(it.points for it in slots),
        "indemnity_cents": _integers(it.indemnity_cents for it in slots),
        "slot_site": _integers(site_row[it.site] for it in slots),
        "slot_departement": _integers(departement_row.get(it.departement, UNKNOWN) for it in slots),
    }


def _pair_columns(
    offers: Iterable[Offer], published: set[Named], pinned: set[Named], rows: _Rows
) -> dict[str, Any]:
    wishes = [(*rows.of("offered", (it.rpps, it.slot_id)), it.wish) for it in offers]
    kept = {rows.of("pinned", pair) for pair in pinned}
    wishes += [(*pair, 0) for pair in kept - {(doctor, slot) for doctor, slot, _ in wishes}]
    out = {
        (rows.doctor[rpps], rows.slot[slot_id])
        for rpps, slot_id in published
        if rpps in rows.doctor and slot_id in rows.slot
    }
    doctor, slot, wish = _columns(wishes, 3)
    pairs = list(zip(doctor.tolist(), slot.tolist(), strict=True))
    return {
        "pair_doctor": doctor,
        "pair_slot": slot,
        "pair_wish": wish,
        "pair_published": np.array([pair in out for pair in pairs], np.bool_),
        "pair_pinned": np.array([pair in kept for pair in pairs], np.bool_),
    }


def _travel(sites: Sequence[str], travel_seconds: Mapping[Named, int]) -> Integers:
    ways = [travel_seconds.get((one, other), 0) for one in sites for other in sites]
    return _integers(ways).reshape(len(sites), len(sites))


def _first_year(slots: Sequence[Slot], terms: Terms) -> int:
    """The civil year in which the first slot starts; any year if there is no slot."""
    starts = [
        slot.start.astimezone(ZoneInfo(terms.timezone)) for slot in slots if slot.start.tzinfo
    ]
    return min(starts).year if starts else 1


def _columns(records: Iterable[tuple[int, ...]], width: int) -> Sequence[Integers]:
    """The columns of the sorted records."""
    table = np.array(sorted(records), np.int64).reshape(-1, width)
    return [column.copy() for column in table.T]


def _caps(caps: Iterable[int | None]) -> Integers:
    return _integers(NO_CAP if cap is None else _cap(cap) for cap in caps)


def _cap(cap: int) -> int:
    demand(cap >= 0, f"a cap is {cap}, expected 0 or more, or none")
    return cap


def _integers(values: Iterable[int]) -> Integers:
    return np.fromiter(values, np.int64)


def _instant(slot_id: str, moment: datetime) -> int:
    demand(moment.tzinfo is not None, f"slot {slot_id!r}: {moment} has no offset from UTC")
    return (moment - _EPOCH) // _MICROSECOND
