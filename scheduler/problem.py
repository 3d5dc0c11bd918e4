"""The question: which doctor takes which duty slot.

Columnar: one row per doctor, per slot and per (doctor, slot) pair that may be decided. Doctors and
slots are sorted by id, pairs by (doctor, slot), so the order of the input never changes the answer.
Instants are microseconds since 1970 in UTC; days are proleptic ordinals (`date.toordinal`), both
ends of a range of days included; money is in cents, points are whole. `scheduler.records` builds a
problem from records.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, fields
from itertools import pairwise
from typing import Any, TypeAlias
from zoneinfo import ZoneInfo

import numpy as np
import numpy.typing as npt

Integers: TypeAlias = npt.NDArray[np.int64]
Floats: TypeAlias = npt.NDArray[np.float64]
Booleans: TypeAlias = npt.NDArray[np.bool_]

NO_CAP = -1
UNKNOWN = -1
"""A day, a site, a département or a doctor that nobody told: never a reason to refuse a duty."""
HARDNESSES = (1, 2, 3)
WISHES = range(-2, 3)
MOST = 1_000_000
"""Largest number of points, seats, days or seconds accepted: costs stay far inside 64 bits."""
MOST_CENTS = 1_000_000_000


@dataclass(frozen=True)
class Limits:
    """How long the solver may search, in seconds of wall clock, and the seed of its draws.

    The search runs on one thread: an answer that depends on a race cannot be computed again.
    """

    seconds: float = 60.0
    seed: int = 0

    def __post_init__(self) -> None:
        demand(self.seconds > 0, f"limits: seconds is {self.seconds}, expected more than 0")
        demand(0 <= self.seed < 2**31, f"limits: seed is {self.seed}, expected 0 to 2147483647")


@dataclass(frozen=True)
class Terms:
    """What the territory has chosen for everybody.

    Rest between two duties of a doctor has three forms: `rest_days` of 1 or more wholly free civil
    days; `rest_days` of 0, that is one duty a civil day and no more; or, where `min_gap_seconds` is
    given, any number of duties a day with at least so many real seconds between the end of one and
    the start of the next. The last form leaves no room for `rest_days`, which must then be 0.

    `indemnity_ceiling_cents` is what a doctor should not receive beyond in a civil year; duties
    above it are refused only if `ceiling_refuses`. Points of a past year keep `keep_percent` of a
    hundred from one year to the next.
    """

    rest_days: int = 1
    min_gap_seconds: int | None = None
    timezone: str = "Europe/Paris"
    indemnity_ceiling_cents: int | None = None
    ceiling_refuses: bool = False
    keep_percent: int = 100

    def __post_init__(self) -> None:
        demand(0 <= self.rest_days <= MOST, f"rest_days is {self.rest_days}, expected 0 or more")
        gap, ceiling = self.min_gap_seconds or 0, self.indemnity_ceiling_cents or 0
        demand(0 <= gap <= MOST, f"min_gap_seconds is {gap}, expected 0 to {MOST}")
        both = self.min_gap_seconds is not None and self.rest_days > 0
        demand(not both, f"min_gap_seconds is {gap}: rest_days must be 0, not {self.rest_days}")
        demand(0 <= ceiling <= MOST_CENTS, f"indemnity_ceiling_cents is {ceiling}, out of range")
        demand(
            self.keep_percent in range(101), f"keep_percent is {self.keep_percent}, not 0 to 100"
        )
        try:
            ZoneInfo(self.timezone)
        except (KeyError, ValueError, OSError) as error:
            raise ValueError(f"timezone {self.timezone!r} is not a known time zone") from error


@dataclass(frozen=True, eq=False)
class Pairs:
    """Distinct (doctor, slot) pairs, rows sorted."""

    doctor: Integers
    slot: Integers


NO_PAIRS = Pairs(np.empty(0, np.int64), np.empty(0, np.int64))


@dataclass(frozen=True, eq=False)
class Authorisations:
    """Where and when a locum may replace: one row per doctor, département and range of days."""

    doctor: Integers
    departement: Integers
    first_day: Integers
    last_day: Integers


@dataclass(frozen=True, eq=False)
class Replacements:
    """Who is replaced when, and by whom: `locum` is a doctor or UNKNOWN. One row per range."""

    doctor: Integers
    locum: Integers
    first_day: Integers
    last_day: Integers


@dataclass(frozen=True, eq=False)
class Problem:
    """One roster to make; every array is read-only and checked at construction.

    Doctors: `min_per_period` is wished for, the caps are kept. `licence_until` is the last day of
    the licence. Somebody who `needs_authorisation` only takes duties that `authorisations` cover.
    `indemnity_so_far_cents` counts in the civil year in which the first slot starts.

    Slots: `slot_site` and `slot_departement` are rows of `sites` and `departements`;
    `travel_seconds[a, b]` is the way from site a to site b.

    Pairs are those offered or pinned. A pinned pair stays whatever it costs; a forbidden one, among
    the pairs or not, is never given. `published_size` is the number of distinct pairs of the roster
    already published, those that name an unknown slot or doctor or a pair no longer offered
    included; None if there is none. Of `waived` pairs no rest is asked, before nor after: somebody
    has agreed to it once.
    """

    terms: Terms
    rpps: tuple[str, ...]
    participation: Floats
    max_per_week: Integers
    max_per_month: Integers
    max_per_period: Integers
    min_per_period: Integers
    history_points: Integers
    indemnity_so_far_cents: Integers
    licence_until: Integers
    needs_authorisation: Booleans
    authorisations: Authorisations
    replacements: Replacements
    slot_ids: tuple[str, ...]
    slot_start_us: Integers
    slot_end_us: Integers
    doctors_needed: Integers
    hardness: Integers
    points: Integers
    indemnity_cents: Integers
    slot_site: Integers
    slot_departement: Integers
    sites: tuple[str, ...]
    travel_seconds: Integers
    departements: tuple[str, ...]
    pair_doctor: Integers
    pair_slot: Integers
    pair_wish: Integers
    pair_published: Booleans
    pair_pinned: Booleans
    forbidden: Pairs
    published_size: int | None = None
    waived: Pairs = NO_PAIRS

    def __post_init__(self) -> None:
        for array in _arrays(self):
            array.setflags(write=False)
        _check_doctors(self)
        _check_slots(self)
        _check_sites(self)
        _check_pairs(self)

    def pins(self) -> list[tuple[int, int]]:
        """The pinned (doctor, slot) pairs, in the order of the rows."""
        rows = np.flatnonzero(self.pair_pinned)
        return list(
            zip(self.pair_doctor[rows].tolist(), self.pair_slot[rows].tolist(), strict=True)
        )


def demand(holds: bool, message: str) -> None:
    """Raise ValueError with the message unless it holds."""
    if not holds:
        raise ValueError(message)


def _arrays(table: object) -> Iterator[npt.NDArray[Any]]:
    """Every array of a table and of the tables in it."""
    for field in fields(table):  # type: ignore[arg-type]
        value = getattr(table, field.name)
        if isinstance(value, np.ndarray):
            yield value
        elif isinstance(value, Pairs | Authorisations | Replacements):
            yield from _arrays(value)


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
        min_per_period=_between(problem.min_per_period, 0),
        history_points=_between(problem.history_points, 0),
        indemnity_so_far=_between(problem.indemnity_so_far_cents, 0, MOST_CENTS),
        licence_until=_between(problem.licence_until, UNKNOWN, 10 * MOST),
        needs_authorisation=_any(problem.needs_authorisation),
    )
    doctors, allowed, replaced = len(problem.rpps), problem.authorisations, problem.replacements
    _check_column(
        "authorisation",
        range(len(allowed.doctor)),
        doctor=_between(allowed.doctor, 0, doctors - 1),
        departement=_between(allowed.departement, 0, len(problem.departements) - 1),
        last_day=(allowed.last_day, allowed.first_day <= allowed.last_day),
    )
    _check_column(
        "replacement",
        range(len(replaced.doctor)),
        doctor=_between(replaced.doctor, 0, doctors - 1),
        locum=_between(replaced.locum, UNKNOWN, doctors - 1),
        last_day=(replaced.last_day, replaced.first_day <= replaced.last_day),
    )


def _check_slots(problem: Problem) -> None:
    _check_names("slot", problem.slot_ids)
    end = problem.slot_end_us
    _check_column(
        "slot",
        problem.slot_ids,
        start=_any(problem.slot_start_us),
        end=(end, end > problem.slot_start_us),
        doctors_needed=_between(problem.doctors_needed, 0),
        hardness=(problem.hardness, np.isin(problem.hardness, HARDNESSES)),
        points=_between(problem.points, 0),
        indemnity=_between(problem.indemnity_cents, 0, MOST_CENTS),
        site=_between(problem.slot_site, 0, len(problem.sites) - 1),
        departement=_between(problem.slot_departement, UNKNOWN, len(problem.departements) - 1),
    )


def _check_sites(problem: Problem) -> None:
    _check_names("site", problem.sites)
    _check_names("departement", problem.departements)
    way, count = problem.travel_seconds, len(problem.sites)
    demand(way.shape == (count, count), f"travel_seconds: {way.shape} values for {count} sites")
    _check_column(
        "way from site",
        [f"{one}' to '{other}" for one in problem.sites for other in problem.sites],
        travel_seconds=_between(way.ravel(), 0),
    )
    demand(not way.diagonal().any(), "travel_seconds: the way from a site to itself is not 0")


def _check_pairs(problem: Problem) -> None:
    doctors, slots = len(problem.rpps), len(problem.slot_ids)
    for kind, doctor, slot in (
        ("pair", problem.pair_doctor, problem.pair_slot),
        ("forbidden pair", problem.forbidden.doctor, problem.forbidden.slot),
        ("waived pair", problem.waived.doctor, problem.waived.slot),
    ):
        rows = range(len(doctor))
        place = {"doctor": _between(doctor, 0, doctors - 1), "slot": _between(slot, 0, slots - 1)}
        _check_column(kind, rows, **place)
        for row in np.flatnonzero(np.diff(doctor * max(slots, 1) + slot) <= 0).tolist():
            raise ValueError(f"{kind}s {doctor[row + 1]}-{slot[row + 1]}: twice, unsorted")
    _check_column(
        "pair",
        range(len(problem.pair_doctor)),
        wish=(problem.pair_wish, np.isin(problem.pair_wish, WISHES)),
        published=_any(problem.pair_published),
        pinned=_any(problem.pair_pinned),
    )
    known, size = int(problem.pair_published.sum()), problem.published_size
    demand(known <= (size or 0), f"published_size is {size}, but {known} published pairs are known")


def _any(values: npt.NDArray[Any]) -> tuple[npt.NDArray[Any], Booleans]:
    return values, np.ones(values.shape, np.bool_)


def _between(values: Integers, least: int, most: int = MOST) -> tuple[Integers, Booleans]:
    return values, (values >= least) & (values <= most)


def _check_names(kind: str, names: Sequence[str]) -> None:
    for before, after in pairwise(names):
        demand(before < after, f"{kind} {after!r}: given twice or not sorted")


def _check_column(
    kind: str, names: Sequence[object], **columns: tuple[npt.NDArray[Any], Booleans]
) -> None:
    for column, (values, fits) in columns.items():
        demand(values.shape == (len(names),), f"{kind} {column}: {values.shape} values")
        for row in np.flatnonzero(~fits).tolist():
            raise ValueError(f"{kind} {names[row]!r}: {column} is {values[row]}, out of range")
