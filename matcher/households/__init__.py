"""Keeps households together at the optimum, with a proof or an honest gap.

The flow in places is a bound: it may split a household between doctors. Five steps follow, each
exact in what it claims:

1. *Packing* (``packing.py``). Most groups fill their places with whole households at no loss.
2. *Outright* (``outright.py``). Where many fail, one programme over few columns settles all.
3. *Repair* (``repair.py``). The others move, with those around them, losing as little as possible:
   on the last level only if that can be, and people last of all.
4. *Closing the gap* (``closing.py``). Something better is found, or nothing better exists, unless
   that would take too long.
5. Where an upper level must lose: every column, level after level, if there are few enough. If
   not, the repair stands, and the flow's value as its bound.
"""

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass

import numpy as np

from matcher.households import closing, islands, outright, packing, programme, repair
from matcher.households import columns as arcs
from matcher.households.packing import ALONE, Given
from matcher.households.programme import Effort, Exhausted, Programme, Solved
from matcher.households.repair import Task
from matcher.levels import Level, values
from matcher.network import Costs, Flow, Network
from matcher.problem import Ints


@dataclass(frozen=True)
class Whole:
    """Units of each type given to each doctor, and whether nothing better is possible."""

    type_: Ints
    """Types of households..."""
    doctor: Ints
    """...the doctor they get..."""
    units: Ints
    """...and how many of them."""
    group: Ints
    """Groups of which persons alone..."""
    single_doctor: Ints
    """...get a doctor..."""
    persons: Ints
    """...and how many."""
    left_out: Ints
    """Per type: units without doctor."""
    proven: bool


FEW_COLUMNS = 20_000
"""A programme so small is solved over every column, level after level, if nothing else helps."""


def keep_together(
    network: Network, goals: Sequence[Level], costs: Costs, flow: Flow, effort: Effort
) -> Whole:
    """An answer in whole units, as good as can be proven within the effort."""
    task = Task(network, goals, costs, flow, effort)
    given, failing = packing.pack(network, costs, flow)
    if not failing.any():
        return _whole(network, given, proven=True)
    answer, proven = outright.together(task, given, failing) or (None, False)
    if answer is None:
        answer = repair.settled(task, given, failing, np.ones_like(failing))
    lost = task.lost_by(answer)
    if lost is not None and not proven:
        answer, proven = closing.close(task, answer, lost)
    if lost is None and np.diff(network.start)[network.row].sum() <= FEW_COLUMNS:
        tried, proven = _level_after_level(task)
        answer = tried if proven else min(answer, tried, key=task.rank)
    return _whole(network, answer, proven)


def _whole(network: Network, given: Given, proven: bool) -> Whole:
    alone = given.type_ == ALONE
    doctor = network.doctor[given.arc].astype(np.int64)
    return Whole(
        given.type_[~alone],
        doctor[~alone],
        given.units[~alone],
        given.group[alone],
        doctor[alone],
        given.units[alone],
        given.left,
        proven,
    )


def _level_after_level(task: Task) -> tuple[Given, bool]:
    """Minimise each level in turn over every column, the earlier ones held at their value.

    Begins after the longest run of levels that can all equal the flow: those are proven.
    """
    network, nothing = task.network, _nothing(task.network)
    every = arcs.every(network, np.arange(network.groups))
    types, doctors = np.ones(network.types, np.bool_), np.arange(network.doctors)
    whole = programme.write(network, islands.opened(network, nothing, every, types, doctors))
    costs = [
        whole.spread(every.cost(network, goal), goal.stay, goal.segment) for goal in task.goals
    ]
    bound = values(network, task.goals, task.flow)
    targets = [(cost, bound[goal.name]) for cost, goal in zip(costs, task.goals, strict=True)]
    x, held, proven = programme.nobody(whole), list[tuple[Ints, int]](), True
    for met in range(len(costs) - 1, 0, -1):
        solved = _attempt(whole, costs[met], task.effort, targets[:met])
        if solved is not None:
            x, proven = solved.x, solved.proven
            held = [*targets[:met], (costs[met], int(costs[met] @ x))]
            break
    for cost in costs[len(held) :]:
        solved = _attempt(whole, cost, task.effort, held)
        proven &= solved is not None and solved.proven
        if solved is not None and int(cost @ solved.x) <= int(cost @ x):
            x = solved.x
        held = [*held, (cost, int(cost @ x))]
    return islands.replaced(network, nothing, whole, x), proven


def _nothing(network: Network) -> Given:
    """Nobody has a doctor, nobody waits: everything is to be decided."""
    none = np.zeros(0, np.int64)
    return Given(none, none, none, none, none, np.zeros(network.types, np.int64))


def _attempt(
    whole: Programme, cost: Ints, effort: Effort, held: list[tuple[Ints, int]]
) -> Solved | None:
    """A solution of least cost, or None if there is none or the effort is spent."""
    with suppress(Exhausted):
        return programme.minimise(whole, cost, effort, at_most=held)
    return None
