"""What one more place would be worth, with each doctor and anywhere else.

Exact in places; whole households may gain less.
"""

import numpy as np

from matcher import travel
from matcher.chains import FAR, Chains
from matcher.problem import Flags, Floats, Ints, Problem

Change = dict[str, float]
"""By level, what changes, zeros left out. More people is better, less of anything else is."""


def of_doctors(found: Chains) -> tuple[Change, ...]:
    """Per doctor: what one more place would change; empty where nothing.

    Balance is left out: a place more would redraw the tenths it is counted in.
    """
    network = found.proof.fold.network
    doctors = np.arange(network.groups, found.high.size)
    low = found.low[doctors] + found.proof.costs.segment[-1]
    better = _improves(found.high[doctors], low)
    nothing = {name: np.zeros(doctors.size, np.int64) for name in found.levels}
    return _changes(found, doctors, better, nothing)


def of_sites(
    problem: Problem, found: Chains, latitude: Floats, longitude: Floats
) -> tuple[Change, ...]:
    """What the first place of a new practice would change at each point (degrees, WGS 84).

    The practice is accessible, speaks every language, takes every age and visits at home.
    """
    group, way = _best_patients(problem, found, latitude, longitude)
    costs = found.proof.costs
    better = (group >= 0) & _improves(found.high[group], found.low[group] + costs.way[way])
    return _changes(found, group, better, {goal.name: goal.way[way] for goal in found.proof.goals})


def _best_patients(
    problem: Problem, found: Chains, latitude: Floats, longitude: Floats
) -> tuple[Ints, Ints]:
    """Per point: the group with the best chain from there, and its way; -1 without anybody."""
    network, terms, homes = found.proof.fold.network, problem.terms, problem.homes
    start, home, seconds = travel.nearest(
        latitude, longitude, homes.latitude, homes.longitude, terms=terms
    )
    first = np.searchsorted(network.row, np.arange(homes.latitude.size + 1))
    count = np.diff(first)[home]
    point = np.repeat(np.repeat(np.arange(latitude.size), np.diff(start)), count)
    group = np.arange(point.size) - np.repeat(np.cumsum(count) - count - first[home], count)
    way = np.repeat(seconds, count)
    open_ = (way <= network.limit[group]) & (found.high[group] < FAR)
    point, group, way = point[open_], group[open_], way[open_]
    low = found.low[group] + found.proof.costs.way[way]
    order = np.lexsort((low, found.high[group], point))
    reached, best = np.unique(point[order], return_index=True)
    chosen = np.full((2, latitude.size), [[-1], [0]])
    chosen[0, reached], chosen[1, reached] = group[order[best]], way[order[best]]
    return chosen[0], chosen[1]


def _improves(high: Ints, low: Ints) -> Flags:
    better: Flags = (high < 0) | ((high == 0) & (low < 0))
    return better


def _changes(found: Chains, node: Ints, better: Flags, paid: dict[str, Ints]) -> tuple[Change, ...]:
    scale = found.proof.fold.network.scale
    changes: list[Change] = []
    for place, is_better in enumerate(better.tolist()):
        levels = {
            name: int(cost[node[place]] + paid[name][place])
            for name, cost in found.levels.items()
            if is_better and name != "imbalance"
        }
        changes.append({name: _told(name, cost) / scale for name, cost in levels.items() if cost})
    return tuple(changes)


def _told(name: str, cost: int) -> int:
    """Levels that count people are minimised by their negative, or as people left out."""
    return -cost if name.startswith("matched") or name == "usual_doctor" else cost
