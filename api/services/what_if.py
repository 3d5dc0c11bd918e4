"""What would change if: a doctor leaves, offers more places, a practice opens; and where one would
help most. Answers are data, named as in the result files.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import polars as pl

import matcher
from api.services import matching
from api.services.stopwatch import Progress
from matcher import changes
from matcher import problem as columns
from matcher.explanation import difference, outlook
from matcher.explanation.difference import Difference
from matcher.solve import in_places

AGAIN = 0.5
"""The share of the work that is done when the round as it is has been matched."""

FIRST = 10
"""Communes for which a whole practice is tried."""


class NoSuchDoctor(LookupError):
    """The file has no such doctor, or none in such a commune."""

    def __init__(self, named: str) -> None:
        super().__init__(named)
        self.named = named


@dataclass(frozen=True)
class Leaves:
    """A doctor takes nobody any more."""

    rpps: str


@dataclass(frozen=True)
class Places:
    """A doctor offers so many places more, or fewer if negative; never fewer than none."""

    rpps: str
    places: int


@dataclass(frozen=True)
class Practice:
    """A practice opens, for everybody (degrees, WGS 84)."""

    latitude: float
    longitude: float
    places: int


@dataclass(frozen=True)
class Multiplied:
    """The places of a commune's doctors are multiplied, rounded down."""

    code_insee: str
    factor: float


Event = Leaves | Places | Practice | Multiplied


@dataclass(frozen=True)
class Side:
    """The round before or after."""

    status: str
    places: int
    waiting: int
    levels: Mapping[str, Any]
    """The value of every level, as in `summary.json`."""


@dataclass(frozen=True)
class WhatIf:
    """The round as it is, as it would be, and what changes."""

    date: str
    before: Side
    after: Side
    difference: Difference


@dataclass(frozen=True)
class Commune:
    """Where a practice may open (degrees, WGS 84)."""

    code_insee: str
    name: str
    latitude: float
    longitude: float


@dataclass(frozen=True)
class Practices:
    """Where practices may open, and with how many places each."""

    communes: Sequence[Commune]
    places_each: int


@dataclass(frozen=True)
class CommuneWorth:
    """What a practice in a commune would be worth."""

    commune: Commune
    first_place: Mapping[str, float]
    """What its first place would change, by level; empty where nothing."""
    waiting: tuple[int, ...]
    """People left waiting who could go there, by class."""
    practice: Mapping[str, int] | None
    """What a whole practice would change; None beyond the first communes of the ranking."""


def what_if(
    patients: pl.DataFrame,
    doctors: pl.DataFrame,
    options: matching.MatchOptions,
    events: Sequence[Event],
    *,
    progress: Progress,
) -> WhatIf:
    """Match as it is, then after all events.

    Raises NoSuchDoctor, and what the matcher raises (see `matching.run`).
    """
    asked = matching.ask(patients, doctors, options)
    _after(asked, events)  # what is unknown is refused before anything is solved
    before = matching.solve(asked, lambda phase, share: progress(phase, AGAIN * share))
    return of_answer(asked, before, events, progress=progress)


def of_answer(
    asked: matching.Asked,
    before: matcher.Matching,
    events: Sequence[Event],
    *,
    progress: Progress,
) -> WhatIf:
    """What all events would change in a round that is matched already.

    Raises NoSuchDoctor, and what the matcher raises.
    """
    after = matcher.solve(
        _after(asked, events),
        seed=asked.options.seed,
        effort=asked.options.effort,
        before=before,
        progress=lambda _phase, share, _bound: progress("again", AGAIN + (1 - AGAIN) * share),
    )
    return WhatIf(
        date=asked.options.day.isoformat(),
        before=_side(before),
        after=_side(after),
        difference=difference.difference(before, after),
    )


def rank(
    patients: pl.DataFrame,
    doctors: pl.DataFrame,
    options: matching.MatchOptions,
    practices: Practices,
    *,
    progress: Progress,
) -> tuple[CommuneWorth, ...]:
    """The communes, best first: by what a first place at the centre would change, level by level,
    then by who waits within reach, class by class.

    For the first ones, a whole practice is tried. Raises what the matcher raises.
    """
    communes = practices.communes
    asked = matching.ask(patients, doctors, options)
    answer = matching.solve(asked, lambda phase, share: progress(phase, AGAIN * share))
    sites = [outlook.Site(it.latitude, it.longitude) for it in communes]
    progress("worth", AGAIN)
    found = outlook.outlook(answer, sites)
    order = sorted(range(len(communes)), key=lambda row: _merit(found, row))
    ranked = list[CommuneWorth]()
    for place, row in enumerate(order):
        progress("practices", AGAIN + (1 - AGAIN) * min(place / FIRST, 1))
        tried = _tried(answer, sites[row], practices.places_each) if place < FIRST else None
        waiting = tuple(found.waiting[row].tolist())
        ranked.append(CommuneWorth(communes[row], found.first_place[row], waiting, tried))
    return tuple(ranked)


def table(ranked: Sequence[CommuneWorth]) -> pl.DataFrame:
    """The ranking as `communes.csv`: `rank,code_insee,name,first_place,waiting_1..,practice`; what
    changes is written as in `doctors.csv`."""
    classes = len(ranked[0].waiting) if ranked else 0
    return pl.DataFrame(
        {
            "rank": range(1, len(ranked) + 1),
            "code_insee": [it.commune.code_insee for it in ranked],
            "name": [it.commune.name for it in ranked],
            "first_place": [matching.price(it.first_place) for it in ranked],
            **{
                f"waiting_{rank + 1}": [it.waiting[rank] for it in ranked]
                for rank in range(classes)
            },
            "practice": [
                "" if it.practice is None else matching.price(it.practice) for it in ranked
            ],
        }
    )


def _merit(found: outlook.Outlook, row: int) -> tuple[float, ...]:
    """A key that is smaller for a better site."""
    change, waiting = found.first_place[row], found.waiting[row].tolist()
    gained = [f"matched_{rank}" for rank in range(1, len(waiting) + 1)]
    return (
        *(-change.get(level, 0) for level in (*gained, "usual_doctor")),
        *(change.get(level, 0) for level in ("travel_bands", "travel_seconds")),
        *(-people for people in waiting),
        row,
    )


def _tried(answer: matcher.Matching, site: outlook.Site, places: int) -> Mapping[str, int]:
    """What a practice would change, in places."""
    former = answer.proof.problem
    problem = changes.after(former, outlook.openings(former, [site], places))
    proof = matcher.prove(problem, start=answer.proof)
    return difference.change(in_places(answer.proof), in_places(proof))


def _after(asked: matching.Asked, events: Sequence[Event]) -> matcher.Problem:
    """The problem after all events."""
    problem = asked.problem
    for event in events:
        problem = _applied(event, asked, problem)
    return problem


def _applied(event: Event, asked: matching.Asked, problem: matcher.Problem) -> matcher.Problem:
    """The problem after one event of the files."""
    match event:
        case Leaves():
            return changes.DoctorLeaves(_known(problem, event.rpps)).apply(problem)
        case Places():
            row = changes.row_of(problem.doctors.id, _known(problem, event.rpps))
            fewest = -int(problem.doctors.places[row])
            return changes.PlacesOpen(event.rpps, max(event.places, fewest)).apply(problem)
        case Practice():
            site = outlook.Site(event.latitude, event.longitude)
            return changes.after(problem, outlook.openings(problem, [site], event.places))
        case Multiplied():
            return _multiplied(event, asked, problem)


def _known(problem: matcher.Problem, rpps: str) -> str:
    if rpps not in problem.doctors.id:
        raise NoSuchDoctor(rpps)
    return rpps


def _multiplied(
    event: Multiplied, asked: matching.Asked, problem: matcher.Problem
) -> matcher.Problem:
    there = asked.doctors.filter(pl.col("code_insee") == event.code_insee)["rpps"].to_list()
    if not there:
        raise NoSuchDoctor(event.code_insee)
    chosen = np.isin(problem.doctors.id, there)
    return changes.PlacesMultiplied(chosen, event.factor).apply(problem)


def _side(answer: matcher.Matching) -> Side:
    doctors = answer.proof.problem.doctors
    return Side(
        status=answer.status.value,
        places=int(doctors.places[doctors.builds_panel].sum()),
        waiting=int((answer.doctor == columns.UNKNOWN).sum()),
        levels=matching.told(answer.values),
    )
