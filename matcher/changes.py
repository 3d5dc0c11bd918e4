"""What may happen to a round after it was matched, or might: events that change a problem.

Each event is applied to a problem and gives another; the former stays as it was. ``rematch`` solves
the changed problem from the former optimum and finds the same optimum as from nothing.
"""

from collections.abc import Sequence
from dataclasses import dataclass, fields, replace
from typing import Any, Protocol

import numpy as np

from matcher.nearby import Nearby, nearby
from matcher.problem import (
    NO_LIMIT,
    UNKNOWN,
    Doctors,
    Flags,
    Homes,
    Ints,
    People,
    Problem,
    Refusals,
    Refused,
)


class Event(Protocol):
    """Something that changes a problem."""

    def apply(self, problem: Problem) -> Problem:
        """The problem after it."""


def after(problem: Problem, events: Sequence[Event]) -> Problem:
    """The problem after all events, one after the other."""
    for event in events:
        problem = event.apply(problem)
    return problem


@dataclass(frozen=True)
class DoctorLeaves:
    """A doctor takes nobody any more; who was promised to that doctor is free again."""

    doctor: Any
    """The id, as in the problem."""

    def apply(self, problem: Problem) -> Problem:
        row = row_of(problem.doctors.id, self.doctor)
        gone = np.arange(problem.doctors.id.size) == row
        doctors = replace(
            problem.doctors,
            places=np.where(gone, 0, problem.doctors.places),
            builds_panel=problem.doctors.builds_panel & ~gone,
        )
        pinned = np.where(problem.people.pinned == row, UNKNOWN, problem.people.pinned)
        return replace(problem, doctors=doctors, people=replace(problem.people, pinned=pinned))


@dataclass(frozen=True)
class PlacesOpen:
    """A doctor offers so many places more, or fewer if negative."""

    doctor: Any
    places: int

    def apply(self, problem: Problem) -> Problem:
        places = problem.doctors.places.copy()
        places[row_of(problem.doctors.id, self.doctor)] += self.places
        return replace(problem, doctors=replace(problem.doctors, places=places))


@dataclass(frozen=True)
class PlacesMultiplied:
    """The places of some doctors are multiplied, rounded down."""

    doctors: Flags
    factor: float

    def apply(self, problem: Problem) -> Problem:
        places = problem.doctors.places
        more = np.floor(places * self.factor).astype(places.dtype)
        places = np.where(self.doctors, more, places)
        return replace(problem, doctors=replace(problem.doctors, places=places))


@dataclass(frozen=True)
class PracticeOpens:
    """A new doctor, accessible, who speaks every language and takes everybody, visits included."""

    doctor: Any
    """An id not in the problem yet."""
    latitude: float
    longitude: float
    places: int

    def apply(self, problem: Problem) -> Problem:
        doctors = problem.doctors
        if (doctors.id == self.doctor).any():
            raise Refused(f"there is a doctor {self.doctor} already")
        row = int(np.searchsorted(doctors.id, self.doctor))
        new = {
            "id": self.doctor,
            "latitude": self.latitude,
            "longitude": self.longitude,
            "places": self.places,
            "min_age": 0,
            "max_age": NO_LIMIT,
            "wheelchair": True,
            "home_visit_seconds": NO_LIMIT,
            "language_set": problem.common_language.shape[1],
            "builds_panel": True,
        }
        everything = np.ones((problem.common_language.shape[0], 1), np.bool_)
        people = replace(
            problem.people,
            usual_doctor=_moved(problem.people.usual_doctor, row),
            pinned=_moved(problem.people.pinned, row),
        )
        refused = Refusals(problem.refused.person, _moved(problem.refused.doctor, row))
        return replace(
            problem,
            doctors=Doctors(
                **{
                    column.name: _inserted(getattr(doctors, column.name), row, new[column.name])
                    for column in fields(doctors)
                }
            ),
            people=people,
            refused=refused,
            common_language=np.hstack([problem.common_language, everything]),
        )


@dataclass(frozen=True)
class PatientLeaves:
    """Somebody asks for no doctor any more: declared elsewhere, moved, or died."""

    person: Any
    """The id, as in the problem."""

    def apply(self, problem: Problem) -> Problem:
        row = row_of(problem.people.id, self.person)
        stays = problem.refused.person != row
        later = problem.refused.person > row
        people = People(
            **{it.name: np.delete(getattr(problem.people, it.name), row) for it in fields(People)}
        )
        refused = Refusals((problem.refused.person - later)[stays], problem.refused.doctor[stays])
        return replace(problem, people=people, refused=refused)


@dataclass(frozen=True)
class PatientsArrive:
    """More people; their ``home`` is a row of ``homes``, all else means what it means in the
    problem they join."""

    people: People
    homes: Homes

    def apply(self, problem: Problem) -> Problem:
        homes = Homes(
            np.concatenate([problem.homes.latitude, self.homes.latitude]),
            np.concatenate([problem.homes.longitude, self.homes.longitude]),
        )
        arriving = replace(self.people, home=self.people.home + problem.homes.latitude.size)
        joined = {
            it.name: np.concatenate([getattr(problem.people, it.name), getattr(arriving, it.name)])
            for it in fields(People)
        }
        order = np.argsort(joined["id"], kind="stable")
        row = np.argsort(order)[problem.refused.person]
        again = np.lexsort((problem.refused.doctor, row))
        return replace(
            problem,
            people=People(**{name: column[order] for name, column in joined.items()}),
            homes=homes,
            refused=Refusals(row[again], problem.refused.doctor[again]),
        )


@dataclass(frozen=True)
class PairRefused:
    """One of the two said no: they are not proposed to each other again."""

    person: Any
    doctor: Any

    def apply(self, problem: Problem) -> Problem:
        person = row_of(problem.people.id, self.person)
        doctor = row_of(problem.doctors.id, self.doctor)
        pinned = problem.people.pinned.copy()
        if pinned[person] == doctor:
            pinned[_household_of(problem.people, person)] = UNKNOWN
        persons = np.append(problem.refused.person, person)
        doctors = np.append(problem.refused.doctor, doctor)
        pairs = np.unique(np.stack([persons, doctors], axis=1), axis=0)
        return replace(
            problem,
            people=replace(problem.people, pinned=pinned),
            refused=Refusals(pairs[:, 0].copy(), pairs[:, 1].copy()),
        )


@dataclass(frozen=True)
class ProposalsKept:
    """Proposals already sent stay as they are, but those that have become impossible.

    One is impossible if a rule forbids it now, if the household is not promised to the same doctor
    as a whole, or if the doctor has fewer places left: then the longest waiting keep theirs.
    """

    doctor: Ints
    """Per person: row of the doctor proposed, UNKNOWN for none."""

    def apply(self, problem: Problem) -> Problem:
        near = nearby(problem, problem.doctors.builds_panel)
        wanted = _possible(problem, near, np.asarray(self.doctor, dtype=np.int64))
        return replace(problem, people=replace(problem.people, pinned=wanted))


def _possible(problem: Problem, near: Nearby, wanted: Ints) -> Ints:
    people, left = problem.people, problem.doctors.places.astype(np.int64)
    kept = np.full(wanted.size, UNKNOWN)
    for person in np.lexsort((np.arange(wanted.size), -people.waiting_days)).tolist():
        doctor = int(wanted[person])
        if doctor == UNKNOWN or kept[person] != UNKNOWN:
            continue
        unit = _household_of(people, person)
        if left[doctor] >= unit.size and all(
            wanted[member] == doctor and doctor in near.of(int(member))[0] for member in unit
        ):
            kept[unit] = doctor
            left[doctor] -= unit.size
    return kept


def _household_of(people: People, person: int) -> Ints:
    """Rows of all who go with a person."""
    if people.household[person] == UNKNOWN:
        return np.array([person])
    return np.flatnonzero(people.household == people.household[person])


def row_of(ids: Any, wanted: Any) -> int:
    """The row of an id; Refused if there is none."""
    found = np.flatnonzero(ids == wanted)
    if not found.size:
        raise Refused(f"there is no {wanted}")
    return int(found[0])


def _moved(rows: Any, inserted: int) -> Any:
    """Row numbers after a row was inserted."""
    return np.where(rows >= inserted, rows + 1, rows)


def _inserted(column: Any, row: int, value: Any) -> Any:
    """``np.insert`` that does not cut a longer id to the width of the others."""
    if column.dtype.kind == "U":
        column = column.astype(f"<U{max(column.dtype.itemsize // 4, len(str(value)))}")
    return np.insert(column, row, value)
