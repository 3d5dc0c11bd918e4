"""What is asked of the matcher: people, doctors, and the terms of the round.

Columnar: one NumPy array per attribute, one row per person or doctor. Places are WGS 84 degrees,
times whole seconds, ages whole years. ``-1`` stands for unknown or absent where a column says so.
"""

import math
from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, fields
from typing import Any

import numpy as np
from numpy.typing import NDArray

UNKNOWN = -1
NO_LIMIT = 2**31 - 1
"""Stands for "no limit" in a column of seconds or years."""

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Flags = NDArray[np.bool_]
Names = NDArray[np.str_]


class Refused(ValueError):
    """The problem contradicts itself; the message says which column and row."""


@dataclass(frozen=True)
class People:
    """Patients without médecin traitant, one row each, sorted by ``id``."""

    id: Names
    latitude: Floats
    longitude: Floats
    priority_class: Ints
    """1 is served first."""
    waiting_days: Ints
    """Days without a doctor at the date of the round; UNKNOWN ranks last."""
    household: Ints
    """Rows sharing a number go to one doctor together; UNKNOWN = alone."""
    usual_doctor: Ints
    """Row of the doctor already consulted, UNKNOWN when none of ours."""
    age: Ints
    """Whole years at the round; UNKNOWN passes every age limit."""
    needs_wheelchair: Flags
    needs_home_visit: Flags
    language_set: Ints
    """Row of ``Problem.common_language``: which set of languages the person speaks."""
    max_seconds: Ints
    """Longest travel the person accepts."""


@dataclass(frozen=True)
class Doctors:
    """Doctors, one row each, sorted by ``id`` (RPPS)."""

    id: Names
    latitude: Floats
    longitude: Floats
    places: Ints
    """New patients accepted in this round."""
    min_age: Ints
    max_age: Ints
    wheelchair: Flags
    home_visit_seconds: Ints
    """How far the doctor visits; UNKNOWN = makes no home visit."""
    language_set: Ints
    """Column of ``Problem.common_language``."""
    builds_panel: Flags
    """False for a locum or an assistant, who cannot be médecin traitant."""


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


@dataclass(frozen=True)
class Problem:
    """A round of matching, ready to solve. Arrays are read-only."""

    people: People
    doctors: Doctors
    common_language: Flags
    """``[p, d]``: the language sets ``p`` (of people) and ``d`` (of doctors) share a language."""
    terms: Terms
    classes: int
    """Number of priority classes; every ``priority_class`` is in ``1..classes``."""

    def __post_init__(self) -> None:
        for table in (self.people, self.doctors):
            _freeze(table)
        self.common_language.flags.writeable = False
        _refuse_absurdities(self)


def _freeze(table: People | Doctors) -> None:
    for column in fields(table):
        array: NDArray[Any] = getattr(table, column.name)
        if array.shape != table.id.shape:
            raise Refused(f"column {column.name} has {array.size} rows, ids have {table.id.size}")
        array.flags.writeable = False


def _refuse_absurdities(problem: Problem) -> None:
    people, doctors = problem.people, problem.doctors
    for table in (people, doctors):
        if (table.id[:-1] >= table.id[1:]).any():
            raise Refused("ids must be unique and in ascending order")
        for angle, limit in ((table.latitude, 90.0), (table.longitude, 180.0)):
            if not (np.abs(angle) <= limit).all():
                raise Refused(f"a coordinate is outside ±{limit:g} degrees")
    if people.id.size and not (
        people.priority_class.min() >= 1 and people.priority_class.max() <= problem.classes
    ):
        raise Refused(f"priority classes go from 1 to {problem.classes}")
    if (doctors.places < 0).any():
        raise Refused("places cannot be negative")
    if (people.usual_doctor >= doctors.id.size).any():
        raise Refused("usual_doctor names a row that does not exist")


Record = Mapping[str, Any]


def from_records(
    patients: Sequence[Record],
    doctors: Sequence[Record],
    *,
    terms: Terms | None = None,
    classes: int | None = None,
) -> Problem:
    """Build a :class:`Problem` from records, the friendly way in.

    A patient needs ``id``, ``latitude``, ``longitude``, ``priority_class``; and may have
    ``waiting_days``, ``household`` (any hashable), ``usual_doctor`` (an id), ``age``,
    ``needs_wheelchair``, ``needs_home_visit``, ``languages`` (empty = French), ``max_minutes``.
    A doctor needs ``id``, ``latitude``, ``longitude``, ``places``; and may have ``min_age``,
    ``max_age``, ``wheelchair``, ``home_visit_minutes``, ``languages``, ``builds_panel``.
    Missing or ``None`` means unknown. The order of the records does not matter.
    """
    asked = sorted(patients, key=lambda record: str(record["id"]))
    offered = sorted(doctors, key=lambda record: str(record["id"]))
    spoken, person_set = language_sets(record.get("languages") or () for record in asked)
    understood, doctor_set = language_sets(record.get("languages") or () for record in offered)
    row_of_doctor = {str(record["id"]): row for row, record in enumerate(offered)}
    highest = max((int(record["priority_class"]) for record in asked), default=1)
    return Problem(
        people=_people(asked, row_of_doctor, person_set),
        doctors=_doctors(offered, doctor_set),
        common_language=shared_languages(spoken, understood),
        terms=terms or Terms(),
        classes=classes or highest,
    )


def _people(records: Sequence[Record], row_of_doctor: Mapping[str, int], sets: Ints) -> People:
    return People(
        id=np.array([str(record["id"]) for record in records], dtype=np.str_),
        latitude=_floats(records, "latitude"),
        longitude=_floats(records, "longitude"),
        priority_class=_ints(records, "priority_class", 1),
        waiting_days=_ints(records, "waiting_days", UNKNOWN),
        household=numbered(record.get("household") for record in records),
        usual_doctor=np.array(
            [row_of_doctor.get(str(record.get("usual_doctor")), UNKNOWN) for record in records],
            dtype=np.int64,
        ),
        age=_ints(records, "age", UNKNOWN),
        needs_wheelchair=_flags(records, "needs_wheelchair"),
        needs_home_visit=_flags(records, "needs_home_visit"),
        language_set=sets,
        max_seconds=whole_seconds([record.get("max_minutes") for record in records], NO_LIMIT),
    )


def _doctors(records: Sequence[Record], sets: Ints) -> Doctors:
    return Doctors(
        id=np.array([str(record["id"]) for record in records], dtype=np.str_),
        latitude=_floats(records, "latitude"),
        longitude=_floats(records, "longitude"),
        places=_ints(records, "places", 0),
        min_age=_ints(records, "min_age", 0),
        max_age=_ints(records, "max_age", NO_LIMIT),
        wheelchair=_flags(records, "wheelchair"),
        home_visit_seconds=whole_seconds(
            [record.get("home_visit_minutes") for record in records], UNKNOWN
        ),
        language_set=sets,
        builds_panel=np.array(
            [record.get("builds_panel") is not False for record in records], bool
        ),
    )


def _floats(records: Sequence[Record], name: str) -> Floats:
    return np.array([record[name] for record in records], dtype=np.float64)


def _ints(records: Sequence[Record], name: str, absent: int) -> Ints:
    values = (record.get(name) for record in records)
    return np.array([absent if value is None else value for value in values], dtype=np.int64)


def _flags(records: Sequence[Record], name: str) -> Flags:
    return np.array([record.get(name) is True for record in records], dtype=np.bool_)


def whole_seconds(minutes: Iterable[float | None], absent: int) -> Ints:
    """The most whole seconds that fit in each number of minutes; ``absent`` where unknown."""
    limits = (absent if value is None else math.floor(60 * value) for value in minutes)
    return np.array([min(limit, NO_LIMIT) for limit in limits], dtype=np.int64)


def numbered(names: Iterable[Hashable | None]) -> Ints:
    """Number each distinct name from 0 in order of appearance; ``None`` becomes UNKNOWN."""
    seen: dict[Hashable, int] = {}
    rows = [UNKNOWN if name is None else seen.setdefault(name, len(seen)) for name in names]
    return np.array(rows, dtype=np.int64)


def language_sets(spoken: Iterable[Iterable[str]]) -> tuple[list[frozenset[str]], Ints]:
    """The distinct sets of languages, and each row's number among them. Empty means French."""
    sets: dict[frozenset[str], int] = {}
    rows = [sets.setdefault(frozenset(codes) or frozenset({"fr"}), len(sets)) for codes in spoken]
    return list(sets), np.array(rows, dtype=np.int64)


def shared_languages(people: Sequence[frozenset[str]], doctors: Sequence[frozenset[str]]) -> Flags:
    """``[p, d]`` is true where the two sets have a language in common."""
    shared = [[not ours.isdisjoint(theirs) for theirs in doctors] for ours in people]
    return np.array(shared, dtype=np.bool_).reshape(len(people), len(doctors))
