"""Proposals already sent: people pinned to a doctor, kept unless impossible."""

from collections.abc import Iterator

import numpy as np

from matcher.folding.units import Units, units
from matcher.nearby import between
from matcher.problem import UNKNOWN, Flags, Integers, Ints, Problem, Refused
from matcher.rules import RULES

REFUSED_PAIR = "refused"
"""Stands where another promise names the rule that it breaks."""


def taken(problem: Problem, whole: Units, offered: Flags) -> Ints:
    """Per doctor: the places promised.

    Raises ``Refused``, naming person and doctor, if a promise breaks a rule or exceeds the places.
    """
    load = np.zeros(offered.size, np.int64)
    if not (problem.people.pinned != UNKNOWN).any():
        return load
    promised = whole.promised(problem)
    pinned = np.flatnonzero(promised != UNKNOWN)
    np.add.at(load, promised[pinned], whole.size[pinned])
    for person, doctor, rule in broken_promises(problem, whole):
        raise Refused(f"{_promise(problem, person, doctor)}, which breaks the rule {rule}")
    places = np.where(offered, problem.doctors.places, 0)
    for doctor in np.flatnonzero(load > places).tolist():
        last = int(whole.first[pinned[promised[pinned] == doctor][-1]])
        raise Refused(f"{_promise(problem, last, doctor)}, who offers {places[doctor]} places")
    return load


def per_person(problem: Problem) -> Ints:
    """The doctor promised to each person, be it to somebody of the household; UNKNOWN for none."""
    whole = units(problem)
    doctor = np.full(problem.people.id.size, UNKNOWN)
    doctor[whole.person] = whole.promised(problem)[whole.of_member]
    return doctor


def free(problem: Problem, whole: Units) -> Ints:
    """The units that nothing is promised to."""
    return np.flatnonzero(whole.promised(problem) == UNKNOWN)


def _promise(problem: Problem, person: int, doctor: int) -> str:
    ids = problem.people.id[person], problem.doctors.id[doctor]
    return f"person {ids[0]} is promised to doctor {ids[1]}"


def broken_promises(problem: Problem, whole: Units) -> Iterator[tuple[int, int, str]]:
    """The person, the doctor and the rule, for each rule that a promise breaks.

    Whoever lives with a person pinned is promised to the same doctor.
    """
    promised = whole.promised(problem)
    pinned = whole.chosen(np.flatnonzero(promised != UNKNOWN))
    person, doctor = pinned.person, promised[promised != UNKNOWN][pinned.of_member]
    pairs = between(problem, person, doctor)
    kept = [(rule.name, rule.mask(pairs)) for rule in RULES]
    for name, mask in (*kept, (REFUSED_PAIR, ~_is_refused(problem, person, doctor))):
        for row in np.flatnonzero(~mask).tolist():
            yield int(person[row]), int(doctor[row]), name


def _is_refused(problem: Problem, person: Integers, doctor: Integers) -> Flags:
    refused, doctors = problem.refused, problem.doctors.id.size
    key = refused.person.astype(np.int64) * doctors + refused.doctor
    return np.isin(person.astype(np.int64) * doctors + doctor, key)
