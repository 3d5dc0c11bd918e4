"""What is asked of the matcher: people, doctors, and the terms of the round.

Columnar: one NumPy array per attribute, one row per person, home or doctor. Places are WGS 84
degrees, times whole seconds, ages whole years. ``-1`` stands for unknown or absent where a column
says so. A column may have any integer type, and may repeat one value with ``np.broadcast_to``:
a whole country has six million rows.
"""

import math
from collections.abc import Iterator
from dataclasses import dataclass, field, fields
from typing import Any

import numpy as np
from numpy.typing import NDArray

UNKNOWN = -1
NO_LIMIT = 2**31 - 1
"""Stands for "no limit" in a column of seconds or years."""

LONGEST_SECONDS = 10_000_000
"""No journey of a round lasts four months: seconds stay small numbers."""

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Integers = NDArray[np.integer[Any]]
"""Whole numbers, as narrow as they come."""
Flags = NDArray[np.bool_]
Ids = NDArray[Any]
"""Texts or numbers, whatever can be sorted."""


class Refused(ValueError):
    """The problem contradicts itself; the message says which column and row."""


@dataclass(frozen=True)
class Homes:
    """The distinct places where people live, best in an order that keeps neighbours together."""

    latitude: Floats
    longitude: Floats


@dataclass(frozen=True)
class People:
    """Patients without médecin traitant, one row each, sorted by ``id``."""

    id: Ids
    home: Integers
    """Row of ``Problem.homes``."""
    priority_class: Integers
    """1 is served first."""
    waiting_days: Integers
    """Days without a doctor at the date of the round; UNKNOWN ranks last."""
    household: Integers
    """Rows sharing a number go to one doctor together; UNKNOWN = alone."""
    usual_doctor: Integers
    """Row of the doctor already consulted, UNKNOWN when none of ours."""
    age: Integers
    """Whole years at the round; UNKNOWN passes every age limit."""
    needs_wheelchair: Flags
    needs_home_visit: Flags
    language_set: Integers
    """Row of ``Problem.common_language``: which set of languages the person speaks."""
    max_seconds: Integers
    """Longest travel the person accepts."""
    pinned: Integers
    """Row of the doctor promised beforehand (a proposal already sent), UNKNOWN = free. Who is
    pinned takes the whole household along."""


@dataclass(frozen=True)
class Doctors:
    """Doctors, one row each, sorted by ``id`` (RPPS)."""

    id: Ids
    latitude: Floats
    longitude: Floats
    places: Integers
    """New patients accepted in this round."""
    min_age: Integers
    max_age: Integers
    wheelchair: Flags
    home_visit_seconds: Integers
    """How far the doctor visits; UNKNOWN = makes no home visit."""
    language_set: Integers
    """Column of ``Problem.common_language``."""
    builds_panel: Flags
    """False for a locum or an assistant, who cannot be médecin traitant."""


@dataclass(frozen=True)
class Refusals:
    """Pairs never to be proposed (again), sorted by person, then doctor; each once."""

    person: Integers
    doctor: Integers


def nothing_refused() -> Refusals:
    """No pair is refused."""
    return Refusals(np.zeros(0, np.int32), np.zeros(0, np.int32))


@dataclass(frozen=True)
class Terms:
    """The terms of a round: who is within reach, and how distance becomes time."""

    radius_km: float = 15.0
    speed_kmh: float = 40.0
    detour: float = 1.3

    def __post_init__(self) -> None:
        for name in ("radius_km", "speed_kmh", "detour"):
            value = getattr(self, name)
            if not (math.isfinite(value) and value > 0):
                raise Refused(f"{name} must be a positive number, not {value!r}")
        if self.radius_km * self.detour / self.speed_kmh * 3600 > LONGEST_SECONDS:
            raise Refused(f"the way to the radius would last more than {LONGEST_SECONDS} seconds")


@dataclass(frozen=True)
class Problem:
    """A round of matching, ready to solve. Arrays are read-only."""

    people: People
    homes: Homes
    doctors: Doctors
    common_language: Flags
    """``[p, d]``: the language sets ``p`` (of people) and ``d`` (of doctors) share a language."""
    terms: Terms
    classes: int
    """Number of priority classes; every ``priority_class`` is in ``1..classes``."""
    refused: Refusals = field(default_factory=nothing_refused)

    def __post_init__(self) -> None:
        for table in (self.people, self.homes, self.doctors, self.refused):
            _freeze(table)
        self.common_language.flags.writeable = False
        for absurdity in _absurdities(self):
            raise Refused(absurdity)


def _freeze(table: People | Homes | Doctors | Refusals) -> None:
    first = fields(table)[0].name
    shape = getattr(table, first).shape
    for column in fields(table):
        array: NDArray[Any] = getattr(table, column.name)
        if array.shape != shape:
            raise Refused(f"column {column.name} has {array.size} rows, {first}s have {shape[0]}")
        array.flags.writeable = False


def _absurdities(problem: Problem) -> Iterator[str]:
    people, doctors = problem.people, problem.doctors
    for ids in (people.id, doctors.id):
        if (ids[:-1] >= ids[1:]).any():
            yield "ids must be unique and in ascending order"
    for places in (problem.homes, doctors):
        for angle, limit in ((places.latitude, 90.0), (places.longitude, 180.0)):
            if not (np.abs(angle) <= limit).all():
                yield f"a coordinate is outside ±{limit:g} degrees"
    if not _between(people.priority_class, 1, problem.classes):
        yield f"priority classes go from 1 to {problem.classes}"
    if (doctors.places < 0).any():
        yield "places cannot be negative"
    yield from _dangling(problem)
    yield from _quarrels(problem)


def _between(column: Integers, lowest: int, highest: int) -> bool:
    return not column.size or bool(column.min() >= lowest and column.max() <= highest)


def _dangling(problem: Problem) -> Iterator[str]:
    """Columns that name a row of another table, and a row that is not there."""
    people, doctors, refused = problem.people, problem.doctors, problem.refused
    spoken, understood = problem.common_language.shape
    for name, column, lowest, rows in (
        ("home", people.home, 0, problem.homes.latitude.size),
        ("usual_doctor", people.usual_doctor, UNKNOWN, doctors.id.size),
        ("pinned", people.pinned, UNKNOWN, doctors.id.size),
        ("language_set", people.language_set, 0, spoken),
        ("language_set", doctors.language_set, 0, understood),
        ("refused person", refused.person, 0, people.id.size),
        ("refused doctor", refused.doctor, 0, doctors.id.size),
    ):
        if not _between(column, lowest, rows - 1):
            yield f"{name} names a row that does not exist"


def _quarrels(problem: Problem) -> Iterator[str]:
    """Refusals out of order, and households promised to two doctors."""
    person, doctor = problem.refused.person, problem.refused.doctor
    same = person[:-1] == person[1:]
    if ((person[:-1] > person[1:]) | (same & (doctor[:-1] >= doctor[1:]))).any():
        yield "refused pairs must be unique and in ascending order"
    people = problem.people
    promised = np.flatnonzero((people.pinned != UNKNOWN) & (people.household != UNKNOWN))
    promised = promised[np.argsort(people.household[promised], kind="stable")]
    household, pinned = people.household[promised], people.pinned[promised]
    for row in np.flatnonzero((household[:-1] == household[1:]) & (pinned[:-1] != pinned[1:])):
        yield f"household {household[row]} is promised to two doctors"
