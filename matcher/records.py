"""From records to a problem: the friendly way in, for rounds that fit in a list."""

import math
from collections.abc import Hashable, Iterable, Mapping, Sequence
from typing import Any

import numpy as np

from matcher.problem import (
    NO_LIMIT,
    UNKNOWN,
    Doctors,
    Flags,
    Floats,
    Homes,
    Ints,
    People,
    Problem,
    Refusals,
    Refused,
    Terms,
)

Record = Mapping[str, Any]


def from_records(
    patients: Sequence[Record],
    doctors: Sequence[Record],
    *,
    terms: Terms | None = None,
    classes: int | None = None,
    refused: Iterable[tuple[object, object]] = (),
) -> Problem:
    """Build a :class:`Problem` from records.

    A patient needs ``id``, ``latitude``, ``longitude``, ``priority_class``; and may have
    ``waiting_days``, ``household`` (any hashable), ``usual_doctor`` (an id), ``age``,
    ``needs_wheelchair``, ``needs_home_visit``, ``languages`` (empty = French), ``max_minutes``,
    ``pinned`` (the id of the doctor promised beforehand).
    A doctor needs ``id``, ``latitude``, ``longitude``, ``places``; and may have ``min_age``,
    ``max_age``, ``wheelchair``, ``home_visit_minutes``, ``languages``, ``builds_panel``.
    ``refused`` names pairs (patient id, doctor id) never to be proposed; those of somebody who
    is not there say nothing. Missing or ``None`` means unknown. The order of the records does
    not matter.

    Raises ``Refused`` for a problem that contradicts itself.
    """
    asked = sorted(patients, key=lambda record: str(record["id"]))
    offered = sorted(doctors, key=lambda record: str(record["id"]))
    spoken, person_set = language_sets(record.get("languages") or () for record in asked)
    understood, doctor_set = language_sets(record.get("languages") or () for record in offered)
    highest = max((int(record["priority_class"]) for record in asked), default=1)
    homes, home = settled(_floats(asked, "latitude"), _floats(asked, "longitude"))
    row_of_doctor = _rows(offered)
    return Problem(
        people=_people(asked, row_of_doctor, home, person_set),
        homes=homes,
        doctors=_doctors(offered, doctor_set),
        common_language=shared_languages(spoken, understood),
        terms=terms or Terms(),
        classes=classes or highest,
        refused=_refusals(refused, _rows(asked), row_of_doctor),
    )


def _rows(records: Sequence[Record]) -> dict[str, int]:
    return {str(record["id"]): row for row, record in enumerate(records)}


def _people(
    records: Sequence[Record], row_of_doctor: Mapping[str, int], home: Ints, sets: Ints
) -> People:
    usual = [row_of_doctor.get(str(record.get("usual_doctor")), UNKNOWN) for record in records]
    return People(
        id=np.array([str(record["id"]) for record in records], dtype=np.str_),
        home=home,
        priority_class=_ints(records, "priority_class", 1),
        waiting_days=_ints(records, "waiting_days", UNKNOWN),
        household=numbered(record.get("household") for record in records),
        usual_doctor=np.array(usual, dtype=np.int64),
        age=_ints(records, "age", UNKNOWN),
        needs_wheelchair=_flags(records, "needs_wheelchair"),
        needs_home_visit=_flags(records, "needs_home_visit"),
        language_set=sets,
        max_seconds=whole_seconds([record.get("max_minutes") for record in records], NO_LIMIT),
        pinned=np.array([_promised(record, row_of_doctor) for record in records], dtype=np.int64),
    )


def _promised(record: Record, row_of_doctor: Mapping[str, int]) -> int:
    if record.get("pinned") is None:
        return UNKNOWN
    doctor = str(record["pinned"])
    if doctor not in row_of_doctor:
        raise Refused(f"patient {record['id']} is promised to doctor {doctor}, who is not there")
    return row_of_doctor[doctor]


def _doctors(records: Sequence[Record], sets: Ints) -> Doctors:
    visits = [record.get("home_visit_minutes") for record in records]
    panel = [record.get("builds_panel") is not False for record in records]
    return Doctors(
        id=np.array([str(record["id"]) for record in records], dtype=np.str_),
        latitude=_floats(records, "latitude"),
        longitude=_floats(records, "longitude"),
        places=_ints(records, "places", 0),
        min_age=_ints(records, "min_age", 0),
        max_age=_ints(records, "max_age", NO_LIMIT),
        wheelchair=_flags(records, "wheelchair"),
        home_visit_seconds=whole_seconds(visits, UNKNOWN),
        language_set=sets,
        builds_panel=np.array(panel, dtype=np.bool_),
    )


def _refusals(
    pairs: Iterable[tuple[object, object]],
    row_of_patient: Mapping[str, int],
    row_of_doctor: Mapping[str, int],
) -> Refusals:
    named = {(str(patient), str(doctor)) for patient, doctor in pairs}
    known = sorted(
        (row_of_patient[patient], row_of_doctor[doctor])
        for patient, doctor in named
        if patient in row_of_patient and doctor in row_of_doctor
    )
    person, refused = np.array(known, dtype=np.int64).reshape(-1, 2).T.copy()
    return Refusals(person, refused)


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


def settled(latitude: Floats, longitude: Floats) -> tuple[Homes, Ints]:
    """The distinct places of the rows, and which of them each row lives at.

    They come along a Z-order curve, so that neighbours in memory are neighbours in space.
    """
    latitude, longitude = latitude + 0.0, longitude + 0.0  # minus zero is zero
    order = np.lexsort((longitude, latitude, _along_the_curve(latitude, longitude)))
    there, across = latitude[order], longitude[order]
    new = np.ones(order.size, dtype=np.bool_)
    new[1:] = (there[1:] != there[:-1]) | (across[1:] != across[:-1])
    home = np.empty(order.size, dtype=np.int64)
    home[order] = np.cumsum(new) - 1
    return Homes(there[new], across[new]), home


def _along_the_curve(latitude: Floats, longitude: Floats) -> Ints:
    """Position on a Z-order curve over the globe, a few centimetres fine."""
    north, east = ((angle + 180) / 360 * 2**30 for angle in (latitude, longitude))
    return _every_other_bit(north) << 1 | _every_other_bit(east)


def _every_other_bit(number: Floats) -> Ints:
    """Spread the 31 bits of whole numbers over the even bits of 62."""
    bits = number.astype(np.int64)
    for shift, mask in (
        (16, 0x0000FFFF0000FFFF),
        (8, 0x00FF00FF00FF00FF),
        (4, 0x0F0F0F0F0F0F0F0F),
        (2, 0x3333333333333333),
        (1, 0x5555555555555555),
    ):
        bits = (bits | bits << shift) & mask
    return bits
