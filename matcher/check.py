"""Recounts an answer from the problem alone, in plain NumPy, sharing no code with the solver.

``solve`` calls it on every answer, in production too. A disagreement is a bug of ours: it is
raised loudly, with the instance, and never shown as a result.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from matcher.matching import Matching, Status, Values
from matcher.problem import UNKNOWN, Flags, Floats, Integers, Ints, Problem

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
    misshapen = list(_columns(problem, matching))
    yield from misshapen
    if not misshapen:
        for part in (_ways, _promises, _places, _households, _turns, _levels):
            yield from part(problem, matching)


def _columns(problem: Problem, matching: Matching) -> Iterator[str]:
    rows = problem.people.id.shape
    if not matching.doctor.shape == matching.travel_seconds.shape == rows:
        yield "an answer has one row per person"
    elif ((matching.doctor < UNKNOWN) | (matching.doctor >= problem.doctors.id.size)).any():
        yield "a doctor is proposed who does not exist"


def kilometres_between(problem: Problem, person: int, doctor: int) -> float:
    """Great-circle distance between a person's home and a doctor, as the check recounts it."""
    return float(_kilometres(problem, np.array([person]), np.array([doctor]))[0])


def _kilometres(problem: Problem, person: Ints, doctor: Ints) -> Floats:
    """By the law of haversines, the chord from its two legs, with the mean radius of the Earth."""
    home, homes, doctors = problem.people.home[person], problem.homes, problem.doctors
    lat_a, lat_b = np.radians(homes.latitude[home]), np.radians(doctors.latitude[doctor])
    lon = np.radians(doctors.longitude[doctor] - homes.longitude[home])
    chord = np.hypot(
        np.sin((lat_b - lat_a) / 2), np.sqrt(np.cos(lat_a) * np.cos(lat_b)) * np.sin(lon / 2)
    )
    kilometres: Floats = 2 * 6371.0088 * np.arcsin(np.minimum(1.0, chord))
    return kilometres


@dataclass(frozen=True)
class _Journeys:
    """Who is proposed to whom, row by row, and what lies between them."""

    problem: Problem
    person: Ints
    doctor: Ints
    kilometres: Floats
    seconds: Ints
    """As the answer claims."""


def _journeys(problem: Problem, matching: Matching) -> _Journeys:
    person = np.flatnonzero(matching.doctor != UNKNOWN)
    doctor = matching.doctor[person]
    kilometres = _kilometres(problem, person, doctor)
    return _Journeys(problem, person, doctor, kilometres, matching.travel_seconds[person])


def _ways(problem: Problem, matching: Matching) -> Iterator[str]:
    """Whether every way is as long as claimed, and breaks no rule."""
    travels = matching.travel_seconds != UNKNOWN
    for person in np.flatnonzero(travels & (matching.doctor == UNKNOWN)).tolist():
        yield f"person {person} waits on but travels"
    made, terms = _journeys(problem, matching), problem.terms
    exact = made.kilometres * terms.detour / terms.speed_kmh * 3600
    for row in np.flatnonzero(np.abs(exact - made.seconds) > 0.5 + TOLERANCE).tolist():
        yield f"person {made.person[row]} travels {exact[row]} s, not {made.seconds[row]}"
    for name, obeyed in OBEYED.items():
        for row in np.flatnonzero(~obeyed(made)).tolist():
            yield f"person {made.person[row]} with doctor {made.doctor[row]} breaks {name}"


def _builds_panel(made: _Journeys) -> Flags:
    return made.problem.doctors.builds_panel[made.doctor]


def _within_radius(made: _Journeys) -> Flags:
    near: Flags = made.kilometres <= made.problem.terms.radius_km + TOLERANCE
    return near


def _within_personal_limit(made: _Journeys) -> Flags:
    accepted: Flags = made.seconds <= made.problem.people.max_seconds[made.person]
    return accepted


def _visited(made: _Journeys) -> Flags:
    needed = made.problem.people.needs_home_visit[made.person]
    reach = made.problem.doctors.home_visit_seconds[made.doctor]
    visited: Flags = ~needed | ((reach != UNKNOWN) & (made.seconds <= reach))
    return visited


def _lets_in(made: _Journeys) -> Flags:
    needed = made.problem.people.needs_wheelchair[made.person]
    return ~needed | made.problem.doctors.wheelchair[made.doctor]


def _understood(made: _Journeys) -> Flags:
    spoken = made.problem.people.language_set[made.person]
    understood = made.problem.doctors.language_set[made.doctor]
    shared: Flags = made.problem.common_language[spoken, understood]
    return shared


def _right_age(made: _Journeys) -> Flags:
    age, doctors = made.problem.people.age[made.person], made.problem.doctors
    youngest, oldest = doctors.min_age[made.doctor], doctors.max_age[made.doctor]
    fits: Flags = (age == UNKNOWN) | ((youngest <= age) & (age <= oldest))
    return fits


OBEYED: dict[str, Callable[[_Journeys], Flags]] = {
    "not_a_panel_doctor": _builds_panel,
    "beyond_radius": _within_radius,
    "beyond_personal_limit": _within_personal_limit,
    "home_visit": _visited,
    "wheelchair": _lets_in,
    "language": _understood,
    "age": _right_age,
}
"""Every hard rule of a pair by its name, read a third time: the solver's readings are not used."""


def _promises(problem: Problem, matching: Matching) -> Iterator[str]:
    """Who was promised a doctor gets that one; nobody gets one who was refused."""
    pinned, refused = problem.people.pinned, problem.refused
    for person in np.flatnonzero((pinned != UNKNOWN) & (matching.doctor != pinned)).tolist():
        yield f"person {person} was promised doctor {pinned[person]}"
    for row in np.flatnonzero(matching.doctor[refused.person] == refused.doctor).tolist():
        yield f"person {refused.person[row]} gets doctor {refused.doctor[row]}, who was refused"


def _loads(problem: Problem, matching: Matching) -> Ints:
    served = matching.doctor[matching.doctor != UNKNOWN]
    return np.bincount(served, minlength=problem.doctors.id.size)


def _places(problem: Problem, matching: Matching) -> Iterator[str]:
    loads = _loads(problem, matching)
    for doctor in np.flatnonzero(loads > problem.doctors.places).tolist():
        yield f"doctor {doctor} gets {loads[doctor]} patients for fewer places"


def _households(problem: Problem, matching: Matching) -> Iterator[str]:
    member = np.flatnonzero(problem.people.household != UNKNOWN)
    member = member[np.argsort(problem.people.household[member], kind="stable")]
    household, doctor = problem.people.household[member], matching.doctor[member]
    split = (household[1:] == household[:-1]) & (doctor[1:] != doctor[:-1])
    for number in np.unique(household[1:][split]).tolist():
        yield f"household {number} is split"


def _turns(problem: Problem, matching: Matching) -> Iterator[str]:
    """Among free persons alone who are alike in everything, nobody is passed by a shorter wait."""
    people = problem.people
    free = (people.household == UNKNOWN) & (people.pinned == UNKNOWN)
    free[problem.refused.person] = False
    columns = (
        people.home, people.priority_class, people.usual_doctor, people.age,
        people.needs_wheelchair, people.needs_home_visit, people.language_set, people.max_seconds,
    )  # fmt: skip
    person = np.flatnonzero(free)
    if not person.size:
        return
    alike = _alike([column[person] for column in columns])
    order = np.argsort(alike, kind="stable")
    first = np.flatnonzero(np.diff(alike[order], prepend=-1))
    person = person[order]
    wait, served = people.waiting_days[person].astype(np.int64), matching.doctor[person] != UNKNOWN
    longest = np.maximum.reduceat(np.where(served, UNKNOWN, wait), first)
    shortest = np.minimum.reduceat(np.where(served, wait, np.iinfo(np.int64).max), first)
    for row in np.flatnonzero(longest > shortest).tolist():
        yield f"someone who waited {longest[row]} days was passed by {shortest[row]}"


def _alike(columns: Sequence[Integers | Flags]) -> Ints:
    """A number for each row, the same for rows that are the same in every column."""
    number, numbers = np.zeros(columns[0].size, np.int64), 1
    for column in columns:
        least = int(column.min(initial=0))
        span = int(column.max(initial=0)) - least + 1
        if numbers * span > np.iinfo(np.int64).max:
            number = np.unique(number, return_inverse=True)[1]
            numbers = number.size
        number = number * span + (column.astype(np.int64) - least)
        numbers *= span
    return number


def recount(problem: Problem, matching: Matching) -> Values:
    """The levels of an answer, counted person by person and place by place."""
    served = matching.doctor != UNKNOWN
    doctor, people = matching.doctor[served], problem.people
    seconds = matching.travel_seconds[served].astype(np.int64)
    matched = np.bincount(people.priority_class[served], minlength=problem.classes + 1)[1:]
    return Values(
        tuple(matched.tolist()),
        int((people.usual_doctor[served] == doctor).sum()),
        int((seconds // 300).sum()),
        _imbalance(_loads(problem, matching), problem.doctors.places),
        int(seconds.sum()),
    )


def _imbalance(loads: Ints, places: Integers) -> int:
    """The n-th patient of p places costs 2s - 1, s the first tenth with floor(p s / 10) >= n."""
    given = np.minimum(loads, places)
    nth = 1 + np.arange(given.sum()) - np.repeat(np.cumsum(given) - given, given)
    tenth = -(-10 * nth // np.repeat(places, given))
    return int((2 * tenth - 1).sum())


def _levels(problem: Problem, matching: Matching) -> Iterator[str]:
    counted = recount(problem, matching)
    if counted != matching.values:
        yield f"levels count {counted}, not {matching.values}"
    if matching.bound.rank() > matching.values.rank():
        yield f"the answer beats its own bound {matching.bound}"
    if matching.status is Status.OPTIMAL and matching.bound != matching.values:
        yield "optimal, yet short of the bound"
