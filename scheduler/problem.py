"""The question: which doctor takes which duty slot.

Columnar: one row per doctor, per slot and per available (doctor, slot) pair. Doctors and slots are
sorted by id, pairs by (doctor, slot), so the order of the input never changes the answer.
Instants are microseconds since 1970 in UTC; points are whole; an empty cap is `NO_CAP`.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any, TypeAlias
from zoneinfo import ZoneInfo

import numpy as np
import numpy.typing as npt

Integers: TypeAlias = npt.NDArray[np.int64]
Floats: TypeAlias = npt.NDArray[np.float64]
Booleans: TypeAlias = npt.NDArray[np.bool_]

NO_CAP = -1
HARDNESSES = (1, 2, 3)
WISHES = range(-2, 3)
MOST = 1_000_000
"""Largest number of points, seats or days accepted: costs stay far inside 64 bits."""

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


@dataclass(frozen=True)
class Limits:
    """How long the solver may search, in seconds of wall clock, and the seed of its draws.

    The search runs on one thread: an answer that depends on a race cannot be computed again.
    """

    seconds: float = 60.0
    seed: int = 0

    def __post_init__(self) -> None:
        _demand(self.seconds > 0, f"limits: seconds is {self.seconds}, expected more than 0")
        _demand(0 <= self.seed < 2**31, f"limits: seed is {self.seed}, expected 0 to 2147483647")


@dataclass(frozen=True)
class Slot:
    """A range of time to staff, half open; `start` and `end` know their offset."""

    slot_id: str
    start: datetime
    end: datetime
    doctors_needed: int = 1
    hardness: int = 1
    points: int = 1


@dataclass(frozen=True)
class Doctor:
    """A doctor of the roster; a cap that is None does not limit, a cap of 0 forbids."""

    rpps: str
    participation: float = 1.0
    max_per_week: int | None = None
    max_per_month: int | None = None
    max_per_period: int | None = None
    history_points: int = 0


@dataclass(frozen=True)
class Offer:
    """A doctor says he is available for a slot, and how much he wishes it (-2 to 2)."""

    rpps: str
    slot_id: str
    wish: int = 0


@dataclass(frozen=True, eq=False)
class Problem:
    """One roster to make; every array is read-only and checked at construction.

    `published_size` is the number of distinct pairs of the roster already published, those that
    name an unknown slot or doctor or a pair no longer offered included; None if there is none.
    """

    timezone: str
    rest_days: int
    rpps: tuple[str, ...]
    participation: Floats
    max_per_week: Integers
    max_per_month: Integers
    max_per_period: Integers
    history_points: Integers
    slot_ids: tuple[str, ...]
    slot_start_us: Integers
    slot_end_us: Integers
    doctors_needed: Integers
    hardness: Integers
    points: Integers
    pair_doctor: Integers
    pair_slot: Integers
    pair_wish: Integers
    pair_published: Booleans
    published_size: int | None = None

    def __post_init__(self) -> None:
        for field in fields(self):
            value = getattr(self, field.name)
            if isinstance(value, np.ndarray):
                value.setflags(write=False)
        _check_calendar(self)
        _check_doctors(self)
        _check_slots(self)
        _check_pairs(self)


def problem(
    slots: Iterable[Slot],
    doctors: Iterable[Doctor],
    offers: Iterable[Offer],
    *,
    published: Iterable[tuple[str, str]] | None = None,
    rest_days: int = 1,
    timezone: str = "Europe/Paris",
) -> Problem:
    """Build a problem from records, in any order; `published` holds (rpps, slot_id) pairs.

    Raises ValueError, saying where and what, on a naive date, a duplicate, an unknown name or a
    number out of its range.
    """
    slots = sorted(slots, key=lambda slot: slot.slot_id)
    doctors = sorted(doctors, key=lambda doctor: doctor.rpps)
    doctor_row = _rows("doctor", [doctor.rpps for doctor in doctors])
    slot_row = _rows("slot", [slot.slot_id for slot in slots])
    pairs = _pairs(offers, doctor_row, slot_row)
    kept = None if published is None else set(published)
    return Problem(
        timezone=timezone,
        rest_days=rest_days,
        **_doctor_columns(doctors),
        **_slot_columns(slots),
        **_pair_columns(pairs),
        pair_published=np.array(
            [(doctors[d].rpps, slots[s].slot_id) in (kept or ()) for d, s, _ in pairs], np.bool_
        ),
        published_size=None if kept is None else len(kept),
    )


def _doctor_columns(doctors: Sequence[Doctor]) -> dict[str, Any]:
    return {
        "rpps": tuple(doctor.rpps for doctor in doctors),
        "participation": np.array([doctor.participation for doctor in doctors], np.float64),
        "max_per_week": _caps(doctor.max_per_week for doctor in doctors),
        "max_per_month": _caps(doctor.max_per_month for doctor in doctors),
        "max_per_period": _caps(doctor.max_per_period for doctor in doctors),
        "history_points": _integers(doctor.history_points for doctor in doctors),
    }


def _slot_columns(slots: Sequence[Slot]) -> dict[str, Any]:
    return {
        "slot_ids": tuple(slot.slot_id for slot in slots),
        "slot_start_us": _integers(_instant(slot.slot_id, slot.start) for slot in slots),
        "slot_end_us": _integers(_instant(slot.slot_id, slot.end) for slot in slots),
        "doctors_needed": _integers(slot.doctors_needed for slot in slots),
        "hardness": _integers(slot.hardness for slot in slots),
        "points": _integers(slot.points for slot in slots),
    }


def _pair_columns(pairs: Sequence[tuple[int, int, int]]) -> dict[str, Any]:
    return {
        "pair_doctor": _integers(doctor for doctor, _, _ in pairs),
        "pair_slot": _integers(slot for _, slot, _ in pairs),
        "pair_wish": _integers(wish for _, _, wish in pairs),
    }


def _pairs(
    offers: Iterable[Offer], doctor_row: Mapping[str, int], slot_row: Mapping[str, int]
) -> list[tuple[int, int, int]]:
    pairs: list[tuple[int, int, int]] = []
    for offer in offers:
        where = f"offer of doctor {offer.rpps!r} for slot {offer.slot_id!r}"
        _demand(offer.rpps in doctor_row, f"{where}: unknown doctor")
        _demand(offer.slot_id in slot_row, f"{where}: unknown slot")
        pairs.append((doctor_row[offer.rpps], slot_row[offer.slot_id], offer.wish))
    return sorted(pairs)


def _rows(kind: str, names: Sequence[str]) -> dict[str, int]:
    rows = {name: row for row, name in enumerate(names)}
    if len(rows) < len(names):
        twice = next(name for row, name in enumerate(names) if rows[name] != row)
        raise ValueError(f"{kind} {twice!r}: given twice")
    return rows


def _caps(caps: Iterable[int | None]) -> Integers:
    return _integers(NO_CAP if cap is None else _cap(cap) for cap in caps)


def _cap(cap: int) -> int:
    _demand(cap >= 0, f"a cap is {cap}, expected 0 or more, or none")
    return cap


def _integers(values: Iterable[int]) -> Integers:
    return np.fromiter(values, np.int64)


def _instant(slot_id: str, moment: datetime) -> int:
    _demand(moment.tzinfo is not None, f"slot {slot_id!r}: {moment} has no offset from UTC")
    return (moment - _EPOCH) // _MICROSECOND


def _demand(holds: bool, message: str) -> None:
    if not holds:
        raise ValueError(message)


def _check_calendar(problem: Problem) -> None:
    _demand(0 <= problem.rest_days <= MOST, f"rest_days is {problem.rest_days}, expected 0 or more")
    try:
        ZoneInfo(problem.timezone)
    except (KeyError, ValueError, OSError) as error:
        raise ValueError(f"timezone {problem.timezone!r} is not a known time zone") from error


def _check_doctors(problem: Problem) -> None:
    _check_names("doctor", problem.rpps)
    share = problem.participation
    _check_column(
        "doctor",
        problem.rpps,
        participation=(share, (share > 0) & (share <= 1)),
        max_per_week=_between(problem.max_per_week, NO_CAP),
        max_per_month=_between(problem.max_per_month, NO_CAP),
        max_per_period=_between(problem.max_per_period, NO_CAP),
        history_points=_between(problem.history_points, 0),
    )


def _check_slots(problem: Problem) -> None:
    _check_names("slot", problem.slot_ids)
    end = problem.slot_end_us
    _check_column(
        "slot",
        problem.slot_ids,
        start=(problem.slot_start_us, np.ones(len(problem.slot_start_us), np.bool_)),
        end=(end, end > problem.slot_start_us),
        doctors_needed=_between(problem.doctors_needed, 0),
        hardness=(problem.hardness, np.isin(problem.hardness, HARDNESSES)),
        points=_between(problem.points, 0),
    )


def _check_pairs(problem: Problem) -> None:
    doctor, slot, wish = problem.pair_doctor, problem.pair_slot, problem.pair_wish
    names = tuple(f"{d}-{s}" for d, s in zip(doctor, slot, strict=True))
    _check_column(
        "pair",
        names,
        doctor=(doctor, (doctor >= 0) & (doctor < len(problem.rpps))),
        slot=(slot, (slot >= 0) & (slot < len(problem.slot_ids))),
        wish=(wish, np.isin(wish, WISHES)),
        published=(problem.pair_published, np.ones(len(problem.pair_published), np.bool_)),
    )
    order = doctor * max(len(problem.slot_ids), 1) + slot
    _demand(bool((np.diff(order) > 0).all()), f"pairs {_first_fall(names, order)}: twice, unsorted")
    known = int(problem.pair_published.sum())
    size = problem.published_size
    _demand(
        known <= (size or 0), f"published_size is {size}, but {known} published pairs are known"
    )


def _first_fall(names: Sequence[str], order: Integers) -> str:
    return next((names[at + 1] for at in np.flatnonzero(np.diff(order) <= 0).tolist()), "")


def _between(values: Integers, least: int) -> tuple[Integers, Booleans]:
    return values, (values >= least) & (values <= MOST)


def _check_names(kind: str, names: Sequence[str]) -> None:
    for before, after in pairwise(names):
        _demand(before < after, f"{kind} {after!r}: given twice or not sorted")


def _check_column(
    kind: str, names: Sequence[str], **columns: tuple[npt.NDArray[Any], Booleans]
) -> None:
    for column, (values, fits) in columns.items():
        _demand(values.shape == (len(names),), f"{kind} {column}: {values.shape} values")
        for row in np.flatnonzero(~fits).tolist():
            raise ValueError(f"{kind} {names[row]!r}: {column} is {values[row]}, out of range")
