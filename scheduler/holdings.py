"""Fairness by what a doctor holds: so many duties of each worth in points.

Increments of load are all that a relaxation needs, but it mixes duties of different worth to any
load it likes, and whole rosters are then hard to find. Here each doctor has exactly one *holding*:
two evenings and a Saturday, say. Given the holdings the rest is nearly a flow, so whole rosters are
found at once. There would be too many holdings to write down; the relaxation says which ones a
roster near its value can have.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import pairwise
from math import prod

import numpy as np

from scheduler.goals import Burdens, Goal
from scheduler.model import Draft
from scheduler.problem import Floats, Integers
from scheduler.programme import Programme, Rows

MOST_TRIED, MOST_KEPT = 20_000, 50_000
"""Holdings of one doctor that are looked at, and holdings of all that are written down."""


@dataclass(frozen=True, eq=False)
class _Offers:
    """What the columns left in a programme let each doctor hold.

    `least[d, w]` to `most[d, w]` duties worth `worths[w]` points, `duties[d]` at most in all.
    """

    worths: Integers
    least: Integers
    most: Integers
    duties: Integers
    owner: Integers
    """Per pair."""
    worth_of: Integers
    """Per pair: the row of its worth, or -1 if it is worth nothing or cannot be given."""


@dataclass(frozen=True, eq=False)
class _Holdings:
    """One row each: whose, how many duties of each worth, and what that costs in fairness."""

    doctor: Integers
    count: Integers
    cost: Integers


def within(
    draft: Draft, programme: Programme, fairness: Goal, reduced_costs: Floats, distance: float
) -> tuple[Programme, Goal] | None:
    """The programme and fairness in holdings instead of increments, for the rosters that cost at
    most `distance` more than the relaxation with these reduced costs, in units of the goal.

    None if there are too many holdings.
    """
    burdens = fairness.burdens
    if burdens is None:
        return None
    near = programme.narrowed(reduced_costs, distance)
    offers = _offers(draft, near)
    found = []
    for doctor, loads in enumerate(_loads(programme, burdens, reduced_costs, distance)):
        own = _holdings(offers, burdens, doctor, loads)
        if own is None:
            return None
        found.append(own)
    if sum(len(own.doctor) for own in found) > MOST_KEPT:
        return None
    return _tied(near, fairness, burdens, offers, _joined(found))


def _loads(
    programme: Programme, burdens: Burdens, reduced_costs: Floats, distance: float
) -> Iterator[Integers]:
    """Per doctor: the rows of the loads that cost little enough beyond the relaxation.

    A load takes the increments up to it and leaves those above. Dear ones taken and cheap ones left
    cost their reduced cost; what the programme has fixed costs nothing, and cannot be otherwise.
    """
    lower, upper = programme.lower, programme.upper
    for begin, end in pairwise(burdens.begin):
        own = burdens.columns[begin:end]
        cost = reduced_costs[own]
        taking = np.where(upper[own] == 0, np.inf, np.where(lower[own] > 0, 0, cost.clip(min=0)))
        leaving = np.where(lower[own] > 0, np.inf, np.where(upper[own] == 0, 0, (-cost).clip(0)))
        taken = np.concatenate(([0.0], np.cumsum(taking)))
        left = np.concatenate((np.cumsum(leaving[::-1])[::-1], [0.0]))
        yield np.flatnonzero(taken + left <= distance)


def _offers(draft: Draft, programme: Programme) -> _Offers:
    problem = draft.problem
    pairs, doctors = len(problem.pair_doctor), len(problem.rpps)
    points = problem.points[problem.pair_slot]
    open_, held = programme.upper[:pairs] > 0, programme.lower[:pairs] > 0
    worths = np.unique(points[open_ & (points > 0)])
    worth_of = np.where(open_ & (points > 0), np.searchsorted(worths, points), -1)
    key = problem.pair_doctor * max(len(worths), 1) + worth_of
    shape = (doctors, len(worths))

    def counted(pairs: np.ndarray) -> Integers:
        size = doctors * max(len(worths), 1)
        return np.bincount(key[pairs], minlength=size)[: doctors * len(worths)].reshape(shape)

    given = np.bincount(problem.pair_doctor, open_, minlength=doctors).astype(np.int64)
    caps = problem.max_per_period
    return _Offers(
        worths,
        counted((worth_of >= 0) & held),
        counted(worth_of >= 0),
        np.where(caps < 0, given, np.minimum(caps, given)),
        problem.pair_doctor,
        worth_of,
    )


def _holdings(offers: _Offers, burdens: Burdens, doctor: int, rows: Integers) -> _Holdings | None:
    """Those of a doctor that come to one of these loads; None if too many have to be looked at."""
    loads, costs = burdens.loads[doctor], burdens.costs[doctor]
    heaviest = loads[rows].max(initial=0)
    least = offers.least[doctor]
    most = np.minimum(offers.most[doctor], heaviest // offers.worths)
    most = np.minimum(most, offers.duties[doctor])
    sizes = (most - least + 1).clip(min=0).tolist()
    if prod(sizes) > MOST_TRIED:
        return None
    count = np.indices(sizes).reshape(len(sizes), prod(sizes)).T + least
    load = count @ offers.worths
    row = np.searchsorted(loads, load).clip(max=len(loads) - 1)
    kept = np.isin(row, rows) & (loads[row] == load)
    kept &= count.sum(axis=1) <= offers.duties[doctor]
    chosen = row[kept]
    return _Holdings(np.full(len(chosen), doctor), count[kept], costs[chosen] - costs[0])


def _joined(found: list[_Holdings]) -> _Holdings:
    return _Holdings(
        np.concatenate([it.doctor for it in found]),
        np.concatenate([it.count for it in found]),
        np.concatenate([it.cost for it in found]),
    )


def _tied(
    programme: Programme, fairness: Goal, burdens: Burdens, offers: _Offers, held: _Holdings
) -> tuple[Programme, Goal]:
    """Holdings as columns, one for each doctor, tied to his duties; increments are gone."""
    programme.lower[burdens.columns] = programme.upper[burdens.columns] = 0.0
    programme.rows = [it for it in programme.rows if it is not burdens.rows]
    columns = programme.columns(np.ones(len(held.doctor)))
    programme.integer[columns] = True
    doctors, worths = offers.most.shape
    one = np.ones(doctors)
    programme.rows.append(Rows(held.doctor, columns, np.ones_like(columns), one, one))
    pair = np.flatnonzero(offers.worth_of >= 0)
    at, worth = np.nonzero(held.count)
    nothing = np.zeros(doctors * worths)
    programme.rows.append(
        Rows(
            np.concatenate(
                (
                    offers.owner[pair] * worths + offers.worth_of[pair],
                    held.doctor[at] * worths + worth,
                )
            ),
            np.concatenate((pair, columns[at])),
            np.concatenate((np.ones_like(pair), -held.count[at, worth])),
            nothing,
            nothing,
        )
    )
    weight = np.zeros(len(programme.lower), np.int64)
    weight[columns] = held.cost // fairness.factor
    return programme, replace(fairness, weight=weight, burdens=None)
