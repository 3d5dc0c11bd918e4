"""Which doctors each patient may be proposed to, and how long the way is.

Nothing is stored per pair of a patient and a doctor. All who live at a home share one row of
nearest doctors; people with the same needs are of one *kind*, and a kind is served by a doctor
up to some way.
"""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from matcher import travel
from matcher.network import ANY_WAY, NO_WAY, Small
from matcher.numbering import distinct, examples, joined
from matcher.problem import UNKNOWN, Flags, Integers, Ints, Problem
from matcher.rules import OF_NEEDS, RULES, Candidates, Pairs


@dataclass(frozen=True)
class Nearby:
    """A person may be proposed to a doctor of the row of his home if the way there is at most
    ``min(limit[person], reach[kind[person], doctor])`` seconds and the pair is not refused."""

    problem: Problem
    offered: Flags
    """Per doctor: takes part in the search."""
    start: Ints
    """The doctors within the radius of home ``h`` are ``start[h]:start[h + 1]``."""
    doctor: Small
    """All those offered, perhaps more; nearest first within a row, then by doctor."""
    seconds: Small
    """Whole seconds of travel, alongside ``doctor``."""
    kind: Small
    """Per person: whose needs are alike."""
    reach: Small
    """``[kind, doctor]``: the most seconds over which the doctor serves such needs; NO_WAY if never
    or not offered, ANY_WAY if any distance will do."""
    limit: Small
    """Per person: the most seconds accepted, ANY_WAY if the radius is nearer."""

    def of(self, person: int) -> tuple[Small, Small]:
        """The doctors eligible for a person, nearest first, and the seconds to each."""
        problem, home = self.problem, int(self.problem.people.home[person])
        span = slice(int(self.start[home]), int(self.start[home + 1]))
        doctor, seconds = self.doctor[span], self.seconds[span]
        open_ = seconds <= np.minimum(self.limit[person], self.reach[self.kind[person], doctor])
        first, last = np.searchsorted(problem.refused.person, [person, person + 1])
        open_ &= ~np.isin(doctor, problem.refused.doctor[first:last])
        return doctor[open_], seconds[open_]

    def seconds_to(self, doctor: Integers) -> Ints:
        """Per person: seconds to the doctor given, UNKNOWN where that is UNKNOWN."""
        person = np.flatnonzero(doctor != UNKNOWN)
        way = np.full(doctor.size, UNKNOWN)
        way[person] = between(self.problem, person, doctor[person]).seconds
        return way


def nearby(problem: Problem, offered: Flags, former: Nearby | None = None) -> Nearby:
    """Search for the doctors flagged in ``offered``, all rules but the refusals applied.

    A ``former`` search is made use of if nobody has moved since.
    """
    number, example = _kinds(problem)
    reaches = (_how_far(problem, person, offered) for person in example.tolist())
    same, reach = merged(reaches, problem.doctors.id.size)
    table = _still_true(problem, reach, former) or _searched(problem, reach)
    limit = _limits(problem, travel.to_the_radius(problem.terms))
    return Nearby(problem, offered, *table, same[number], reach, limit)


def _searched(problem: Problem, reach: Small) -> tuple[Ints, Small, Small]:
    homes, doctors = problem.homes, problem.doctors
    return travel.nearest(
        homes.latitude,
        homes.longitude,
        doctors.latitude,
        doctors.longitude,
        terms=problem.terms,
        among=_serving(reach),
    )


def _serving(reach: Small) -> Ints:
    """The doctors who serve anybody at all."""
    return np.flatnonzero((reach != NO_WAY).any(axis=0))


def _still_true(
    problem: Problem, reach: Small, former: Nearby | None
) -> tuple[Ints, Small, Small] | None:
    """The former table if the same homes and doctors are in the same places; not all of these
    doctors need serve anybody any more."""
    if former is None or former.problem.homes is not problem.homes:
        return None
    old, new = former.problem.doctors, problem.doctors
    moved = old.latitude is not new.latitude or old.longitude is not new.longitude
    if moved or former.problem.terms != problem.terms:
        return None
    if np.setdiff1d(_serving(reach), _serving(former.reach), assume_unique=True).size:
        return None
    return former.start, former.doctor, former.seconds


def _limits(problem: Problem, longest: int) -> Small:
    limit = problem.people.max_seconds
    return np.where(limit < longest, limit, ANY_WAY).astype(np.int32, copy=False)


def _kinds(problem: Problem) -> tuple[Small, Ints]:
    """Number the distinct needs of the people; also one example person of each."""
    people, doctors = problem.people, problem.doctors
    edges = np.unique([doctors.min_age, doctors.max_age.astype(np.int64) + 1])
    youngest = people.age.min(initial=UNKNOWN)
    ages, age = distinct(np.subtract(people.age, youngest, dtype=np.int64))
    ages += youngest
    band = np.where(ages == UNKNOWN, 0, np.searchsorted(edges, ages, side="right") + 1)
    code: Integers = np.zeros(people.id.size, np.int32)
    for digit, radix in (
        (band[age], edges.size + 2),
        (people.needs_wheelchair, 2),
        (people.needs_home_visit, 2),
        (people.language_set, problem.common_language.shape[0]),
    ):
        if radix > 1:
            code = joined(code, digit, radix)
    kinds, number = distinct(code)
    return number, examples(number, kinds.size)


def _how_far(problem: Problem, person: int, offered: Flags) -> Small:
    """How far each doctor serves the needs of a person."""
    doctor = np.arange(problem.doctors.id.size)
    pairs = Pairs(problem, np.full(doctor.size, person), doctor)
    reach = np.where(offered, ANY_WAY, NO_WAY)
    for how_far in OF_NEEDS:
        reach = np.minimum(reach, how_far(pairs))
    return reach


def merged(reaches: Iterable[Small], doctors: int) -> tuple[Small, Small]:
    """Number reaches, equal ones alike: the number of each, and the distinct ones stacked."""
    seen: dict[bytes, int] = {}
    rows: list[Small] = []
    number = list[int]()
    for reach in reaches:
        number.append(seen.setdefault(reach.tobytes(), len(seen)))
        if len(rows) < len(seen):
            rows.append(reach)
    stacked = np.stack(rows) if rows else np.zeros((0, doctors), np.int32)
    return np.array(number, np.int32), stacked


def between(problem: Problem, person: Integers, doctor: Integers) -> Candidates:
    """Pairs with the kilometres and the seconds that lie between them."""
    homes, doctors, terms = problem.homes, problem.doctors, problem.terms
    home = problem.people.home[person]
    kilometres = travel.great_circle_km(
        homes.latitude[home],
        homes.longitude[home],
        doctors.latitude[doctor],
        doctors.longitude[doctor],
    )
    seconds = travel.seconds_for(kilometres, detour=terms.detour, speed_kmh=terms.speed_kmh)
    return Candidates(problem, np.asarray(person), np.asarray(doctor), kilometres, seconds)


def eligible(pairs: Candidates) -> Flags:
    """Which pairs obey every rule; refusals aside."""
    allowed: Flags = np.logical_and.reduce([rule.mask(pairs) for rule in RULES])
    return allowed
