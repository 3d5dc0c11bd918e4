"""Where a new practice would help: what its first place would change, and who waits around it.

Each place under examination gets a doctor who offers nothing yet. That changes no optimum; the
price of that doctor's first place is the answer, exact in places like that of any doctor.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from matcher import changes
from matcher.explanation import worth
from matcher.explanation.chains import chains
from matcher.matching import Matching
from matcher.nearby import Nearby
from matcher.problem import UNKNOWN, Ids, Ints, Problem
from matcher.progress import Progress, silent
from matcher.solve import prove


@dataclass(frozen=True)
class Site:
    """Where a practice might open (degrees, WGS 84)."""

    latitude: float
    longitude: float


@dataclass(frozen=True)
class Outlook:
    """What is expected of each site."""

    first_place: tuple[worth.Change, ...]
    """What the first place would change; empty where nothing."""
    waiting: Ints
    """``[site, class]``: people left waiting who could go there, each by himself."""


def outlook(matching: Matching, sites: Sequence[Site], *, progress: Progress = silent) -> Outlook:
    """The outlook of practices that are accessible, speak every language and take everybody.

    Costs one solve in places, from the answer at hand. Raises what ``prove`` raises.
    """
    former = matching.proof.problem
    problem = changes.after(former, openings(former, sites, 0))
    proof = prove(problem, start=matching.proof, progress=progress)
    there = former.doctors.id.size + np.arange(len(sites))
    first = worth.of_doctors(chains(proof))
    waiting = _within_reach(proof.nearby, np.flatnonzero(matching.doctor == UNKNOWN), there)
    return Outlook(tuple(first[doctor] for doctor in there.tolist()), waiting)


def openings(problem: Problem, sites: Sequence[Site], places: int) -> list[changes.PracticeOpens]:
    """A practice at each site; they become the last doctors, in that order."""
    last = _last(problem.doctors.id)
    return [
        changes.PracticeOpens(_after(last, number), site.latitude, site.longitude, places)
        for number, site in enumerate(sites, start=1)
    ]


def _last(ids: Ids) -> Any:
    return ids[-1] if ids.size else ids.dtype.type()


def _after(last: Any, number: int) -> Any:
    """An id that sorts behind, and behind those of smaller numbers."""
    return f"{last}+{number:08}" if isinstance(last, str) else last + number


def _within_reach(nearby: Nearby, person: Ints, there: Ints) -> Ints:
    """People, by doctor and class, whom the rules let go to each of some doctors."""
    people, classes = nearby.problem.people, nearby.problem.classes
    home = np.repeat(np.arange(nearby.start.size - 1), np.diff(nearby.start))
    way = np.full(nearby.start.size - 1, np.iinfo(np.int64).max)
    found = np.zeros((there.size, classes), np.int64)
    for row, doctor in enumerate(there.tolist()):
        entry = np.flatnonzero(nearby.doctor == doctor)
        way[home[entry]] = nearby.seconds[entry]
        limit = np.minimum(nearby.limit[person], nearby.reach[nearby.kind[person], doctor])
        near = person[way[people.home[person]] <= limit]
        found[row] = np.bincount(people.priority_class[near], minlength=classes + 1)[1:]
        way[home[entry]] = np.iinfo(np.int64).max
    return found
