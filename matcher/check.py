"""Recounts an answer from the problem alone, in plain Python, sharing no code with the solver.

``solve`` calls it on every answer, in production too. A disagreement is a bug of ours: it is
raised loudly, with the instance, and never shown as a result.
"""

import math
from collections import defaultdict
from collections.abc import Iterator

from matcher.matching import Matching, Status, Values
from matcher.problem import UNKNOWN, Problem
from matcher.rules import RULES, Journey

TOLERANCE = 1e-6
"""Of a kilometre or a second: what two ways of computing the same sine may differ by."""


class Disagreement(AssertionError):
    """The recount contradicts the solver; carries the instance for the bug report."""

    def __init__(self, breaches: list[str], problem: Problem, matching: Matching) -> None:
        super().__init__("; ".join(breaches[:5]))
        self.breaches, self.problem, self.matching = breaches, problem, matching


def check(problem: Problem, matching: Matching) -> None:
    """Raise :class:`Disagreement` unless every rule holds and every level counts the same."""
    breaches = list(broken(problem, matching))
    if breaches:
        raise Disagreement(breaches, problem, matching)


def broken(problem: Problem, matching: Matching) -> Iterator[str]:
    """Every rule or level that the answer breaks, as sentences for a bug report."""
    yield from _pairs(problem, matching)
    yield from _places(problem, matching)
    yield from _households(problem, matching)
    yield from _turns(problem, matching)
    yield from _levels(problem, matching)


def kilometres_between(problem: Problem, person: int, doctor: int) -> float:
    """Great-circle distance by the law of haversines, with the mean radius of the Earth."""
    lat_a = math.radians(float(problem.people.latitude[person]))
    lat_b = math.radians(float(problem.doctors.latitude[doctor]))
    lon = math.radians(
        float(problem.doctors.longitude[doctor]) - float(problem.people.longitude[person])
    )
    chord = math.hypot(
        math.sin((lat_b - lat_a) / 2),
        math.sqrt(math.cos(lat_a) * math.cos(lat_b)) * math.sin(lon / 2),
    )
    return 2 * 6371.0088 * math.asin(min(1.0, chord))


def _pairs(problem: Problem, matching: Matching) -> Iterator[str]:
    terms = problem.terms
    for person, doctor in enumerate(matching.doctor.tolist()):
        claimed = int(matching.travel_seconds[person])
        if doctor == UNKNOWN:
            if claimed != UNKNOWN:
                yield f"person {person} waits on but travels"
            continue
        kilometres = kilometres_between(problem, person, doctor)
        exact = kilometres * terms.detour / terms.speed_kmh * 3600
        if abs(exact - claimed) > 0.5 + TOLERANCE:
            yield f"person {person} travels {exact} s, not {claimed}"
        if abs(kilometres - terms.radius_km) <= TOLERANCE:
            kilometres = terms.radius_km
        journey = Journey(problem, person, doctor, kilometres, claimed)
        for rule in RULES:
            if not rule.serves(journey):
                yield f"person {person} with doctor {doctor} breaks {rule.name}"


def _places(problem: Problem, matching: Matching) -> Iterator[str]:
    for doctor, load in _loads(matching).items():
        if load > int(problem.doctors.places[doctor]):
            yield f"doctor {doctor} gets {load} patients for fewer places"


def _loads(matching: Matching) -> dict[int, int]:
    loads: dict[int, int] = defaultdict(int)
    for doctor in matching.doctor.tolist():
        if doctor != UNKNOWN:
            loads[doctor] += 1
    return loads


def _households(problem: Problem, matching: Matching) -> Iterator[str]:
    doctor_of: dict[int, int] = {}
    members = zip(problem.people.household.tolist(), matching.doctor.tolist(), strict=True)
    for household, doctor in members:
        if household != UNKNOWN and doctor_of.setdefault(household, doctor) != doctor:
            yield f"household {household} is split"


def _turns(problem: Problem, matching: Matching) -> Iterator[str]:
    """Among persons alone who are alike in everything, nobody is passed by a shorter wait."""
    people = problem.people
    shortest_served: dict[tuple[object, ...], int] = {}
    longest_waiting: dict[tuple[object, ...], int] = {}
    columns = (
        people.latitude, people.longitude, people.priority_class, people.usual_doctor, people.age,
        people.needs_wheelchair, people.needs_home_visit, people.language_set, people.max_seconds,
    )  # fmt: skip
    alike = zip(*(column.tolist() for column in columns), strict=True)
    for person, traits in enumerate(alike):
        if people.household[person] != UNKNOWN:
            continue
        wait = int(people.waiting_days[person])
        if matching.doctor[person] == UNKNOWN:
            longest_waiting[traits] = max(wait, longest_waiting.get(traits, UNKNOWN))
        else:
            shortest_served[traits] = min(wait, shortest_served.get(traits, wait))
    for traits, wait in longest_waiting.items():
        if traits in shortest_served and shortest_served[traits] < wait:
            yield f"someone who waited {wait} days was passed by {shortest_served[traits]}"


def recount(problem: Problem, matching: Matching) -> Values:
    """The levels of an answer, counted one person and one doctor at a time."""
    matched = [0] * problem.classes
    usual = bands = seconds = 0
    for person, doctor in enumerate(matching.doctor.tolist()):
        if doctor == UNKNOWN:
            continue
        way = int(matching.travel_seconds[person])
        matched[int(problem.people.priority_class[person]) - 1] += 1
        usual += doctor == int(problem.people.usual_doctor[person])
        bands += way // 300
        seconds += way
    loads = _loads(matching).items()
    imbalance = sum(_imbalance(load, int(problem.doctors.places[doctor])) for doctor, load in loads)
    return Values(tuple(matched), usual, bands, imbalance, seconds)


def _imbalance(load: int, places: int) -> int:
    """The n-th patient of p places costs 2s - 1, s the first tenth with floor(p s / 10) >= n."""
    return sum(
        2 * next(s for s in range(1, 11) if places * s // 10 >= nth) - 1
        for nth in range(1, min(load, places) + 1)
    )


def _levels(problem: Problem, matching: Matching) -> Iterator[str]:
    counted = recount(problem, matching)
    if counted != matching.values:
        yield f"levels count {counted}, not {matching.values}"
    if matching.bound.rank() > matching.values.rank():
        yield f"the answer beats its own bound {matching.bound}"
    if matching.status is Status.OPTIMAL and matching.bound != matching.values:
        yield "optimal, yet short of the bound"
