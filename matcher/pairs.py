"""Which doctors each patient may be proposed to, and how long the way is.

People who live at the same place with the same needs have the same doctors and the same ways:
they share one *row* of the table, so that a town of 13,000 needs a few thousand rows.
"""

from dataclasses import dataclass

import numpy as np

from matcher import travel
from matcher.problem import Flags, Floats, Ints, Problem
from matcher.rules import RULES, Candidates


@dataclass(frozen=True)
class Pairs:
    """A compressed table: the doctors of row ``r`` are ``doctor[start[r]:start[r + 1]]``."""

    row_of: Ints
    """Row of each person."""
    start: Ints
    doctor: Ints
    """Ascending within a row."""
    seconds: Ints
    """Whole seconds of travel, alongside ``doctor``."""

    def of(self, row: int) -> slice:
        """The span of a row."""
        return slice(int(self.start[row]), int(self.start[row + 1]))


def eligible(problem: Problem, offered: Flags) -> Pairs:
    """The pairs that satisfy every rule, among the doctors flagged in ``offered``."""
    row_of, example = _rows(problem)
    doctors = np.flatnonzero(offered & problem.doctors.builds_panel)
    place, candidates = _within_radius(problem, example, doctors)
    kept = np.ones(candidates.person.size, dtype=np.bool_)
    for rule in RULES:
        kept &= rule.mask(candidates)
    counts = np.bincount(place[kept], minlength=example.size)
    start = np.concatenate([[0], np.cumsum(counts)]).astype(np.int64)
    return Pairs(row_of, start, candidates.doctor[kept], candidates.seconds[kept])


def _rows(problem: Problem) -> tuple[Ints, Ints]:
    """Number the distinct (place, needs) of the people; also one example person of each."""
    people, doctors = problem.people, problem.doctors
    limits = np.unique(np.concatenate([doctors.min_age, doctors.max_age + 1]))
    signature = np.stack(
        [
            _bits(people.latitude),
            _bits(people.longitude),
            np.where(people.age < 0, -1, np.searchsorted(limits, people.age, side="right")),
            people.needs_wheelchair.astype(np.int64),
            people.needs_home_visit.astype(np.int64),
            people.language_set,
            people.max_seconds,
        ],
        axis=1,
    )
    _, example, row_of = np.unique(signature, axis=0, return_index=True, return_inverse=True)
    return row_of.reshape(-1).astype(np.int64), example.astype(np.int64)


def _bits(coordinate: Floats) -> Ints:
    return (coordinate + 0.0).view(np.int64)  # + 0.0: minus zero is zero


def _within_radius(problem: Problem, example: Ints, doctors: Ints) -> tuple[Ints, Candidates]:
    """Row number and candidate of every (row, doctor) within the radius."""
    people, offered, terms = problem.people, problem.doctors, problem.terms
    at = np.stack([people.latitude[example], people.longitude[example]], axis=1)
    spots, spot_of = np.unique(at, axis=0, return_inverse=True)
    start, target, kilometres = travel.within(
        np.ascontiguousarray(spots[:, 0]),
        np.ascontiguousarray(spots[:, 1]),
        offered.latitude[doctors],
        offered.longitude[doctors],
        radius_km=terms.radius_km,
    )
    spot_of = spot_of.reshape(-1)
    count = np.diff(start)[spot_of]
    row = np.repeat(np.arange(example.size), count)
    first = np.concatenate([[0], np.cumsum(count)[:-1]]) if count.size else count
    span = np.arange(row.size) - np.repeat(first, count) + start[spot_of[row]]
    way = kilometres[span]
    seconds = travel.seconds_for(way, detour=terms.detour, speed_kmh=terms.speed_kmh)
    return row, Candidates(problem, example[row], doctors[target[span]], way, seconds)
