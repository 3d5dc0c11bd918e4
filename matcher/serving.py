"""Who, among interchangeable units, is served: the longest waiting first, then a seeded draw."""

from dataclasses import dataclass

import numpy as np

from matcher import travel
from matcher.folding import Fold
from matcher.households import Whole
from matcher.problem import UNKNOWN, Flags, Ints, People, Problem


@dataclass(frozen=True)
class Served:
    """The doctor of each person (UNKNOWN = waits on), and whose turn a draw decided."""

    doctor: Ints
    drawn: Flags


def serve(problem: Problem, fold: Fold, whole: Whole, *, seed: int) -> Served:
    """Give the places of ``whole`` to persons; of those a group gets, the nearest to the first.

    Of each type the units that wait longest go, then those whose first member drew the lowest
    ticket. Persons alone choose class by class, households type by type: the usual doctor before
    the others, then the nearest. Who was promised a doctor gets that one.
    """
    people = problem.people
    queue = _queue(people, fold, np.random.default_rng(seed).permutation(people.id.size))
    going = np.diff(fold.first_unit) - whole.left_out
    drawn = np.zeros(people.id.size, np.bool_)
    drawn[_members(fold, queue.unit[_tied(queue, going)])] = True
    doctor = _promised(people)
    goes, alone = queue.ahead < going[queue.type_], fold.network.type_size[queue.type_] == 1
    to_persons = _first_alone(fold, whole.group), whole.single_doctor, whole.persons
    to_households = whole.type_, whole.doctor, whole.units
    for chosen, places in ((goes & alone, to_persons), (goes & ~alone, to_households)):
        unit, given = queue.unit[chosen], _nearest_first(problem, fold, *places)
        doctor[_members(fold, unit)] = np.repeat(given, np.diff(fold.unit_start)[unit])
    return Served(doctor, drawn)


@dataclass(frozen=True)
class _Queue:
    """All units in the order of their turns: by group; there persons alone by class, then the
    types of households."""

    unit: Ints
    type_: Ints
    ahead: Ints
    """How many of the same type come before."""
    wait: Ints
    """Days waited by the member who waits longest."""


def _queue(people: People, fold: Fold, ticket: Ints) -> _Queue:
    network = fold.network
    alone = network.type_size == 1
    class_ = np.where(alone, network.type_classes.argmax(axis=1), 0)
    types = np.lexsort((class_, ~alone, network.group_of_type))
    turn = np.argsort(types)
    first = fold.unit_start[:-1]
    wait = np.maximum.reduceat(people.waiting_days[fold.person].astype(np.int64), first)
    units = np.diff(fold.first_unit)
    # Sorted twice by numbers that begin with the turn of the type: the units of a whole country
    # come nearly in that order, which makes it five times faster than sorting by three columns.
    turns, days = np.repeat(turn, units), int(wait.max(initial=0)) + 2
    unit = np.argsort(turns * ticket.size + ticket[fold.person[first]])
    unit = unit[np.argsort((turns * days - wait)[unit], kind="stable")]
    before = np.cumsum(units[types]) - units[types]
    return _Queue(
        unit,
        type_=np.repeat(types, units[types]),
        ahead=np.arange(unit.size) - np.repeat(before, units[types]),
        wait=wait[unit],
    )


def _tied(queue: _Queue, going: Ints) -> Flags:
    """The units, in the order of the queue, between whom the ticket decided who goes."""
    last = np.flatnonzero(queue.ahead == going[queue.type_] - 1)
    last = last[last + 1 < queue.unit.size]
    next_ = last + 1
    tied = (queue.type_[last] == queue.type_[next_]) & (queue.wait[last] == queue.wait[next_])
    border = np.full(going.size, np.iinfo(np.int64).min)
    border[queue.type_[last[tied]]] = queue.wait[last[tied]]
    decided: Flags = queue.wait == border[queue.type_]
    return decided


def _members(fold: Fold, units: Ints) -> Ints:
    """The persons of some units, one unit after the other."""
    size = np.diff(fold.unit_start)[units]
    offset = np.arange(size.sum()) - np.repeat(np.cumsum(size) - size, size)
    members: Ints = fold.person[np.repeat(fold.unit_start[units], size) + offset]
    return members


def _promised(people: People) -> Ints:
    """The doctor promised to each person or household beforehand, UNKNOWN where none was."""
    doctor = people.pinned.astype(np.int64)
    member = np.flatnonzero(people.household != UNKNOWN)
    _, household = np.unique(people.household[member], return_inverse=True)
    promised = np.full(member.size, UNKNOWN)
    np.maximum.at(promised, household, doctor[member])
    doctor[member] = promised[household]
    return doctor


def _first_alone(fold: Fold, group: Ints) -> Ints:
    """The first type of persons alone in each of some groups."""
    alone = np.flatnonzero(fold.network.type_size == 1)
    first: Ints = alone[np.searchsorted(fold.network.group_of_type[alone], group)]
    return first


def _nearest_first(problem: Problem, fold: Fold, type_: Ints, doctor: Ints, units: Ints) -> Ints:
    """The doctor of every unit that is given a place, type after type, the best one first."""
    example = fold.first_unit[type_]
    part = np.repeat(np.arange(type_.size), np.diff(fold.unit_start)[example])
    person, to = _members(fold, example), doctor[part]
    people, homes, doctors = problem.people, problem.homes, problem.doctors
    kilometres = travel.great_circle_km(
        homes.latitude[people.home[person]],
        homes.longitude[people.home[person]],
        doctors.latitude[to],
        doctors.longitude[to],
    )
    seconds = travel.seconds_for(
        kilometres, detour=problem.terms.detour, speed_kmh=problem.terms.speed_kmh
    )
    way = np.bincount(part, seconds, type_.size)
    usual = np.bincount(part, people.usual_doctor[person] == to, type_.size)
    order = np.lexsort((doctor, way, -usual, type_))
    return np.repeat(doctor[order], units[order])
