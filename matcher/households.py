"""Keeps households together at the optimum, with a proof or an honest gap.

The flow in places is a bound: it may split a household between doctors. Five steps follow, each
exact in what it claims:

1. *Packing* (``packing.py``). Most groups fill their places with whole households at no loss.
2. *Outright* (``outright.py``). In a town, one programme over few columns settles them all.
3. *Repair* (``repair.py``). The others move, with those around them, losing as little as possible
   on the last level and nothing above it.
4. *Closing the gap* (``closing.py``). Something better is found, or nothing better exists.
5. Where an upper level must lose: every column, level after level, if there are few enough;
   those around the groups concerned otherwise, the flow's value standing as the bound.
"""

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, replace

import numpy as np

from matcher import closing, islands, outright, packing, programme, repair
from matcher import columns as arcs
from matcher.levels import Level
from matcher.network import Costs, Flow, Network
from matcher.packing import ALONE, Given
from matcher.problem import Flags, Ints
from matcher.programme import Effort, Exhausted, Programme, Scope, Solved
from matcher.repair import Task


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
    if (answer := outright.together(task, given)) is not None:
        return _whole(network, *answer)
    given, failing = repair.settled(task, given, failing)
    lost = None if failing.any() else task.lost_by(given)
    if lost is not None:
        return _whole(network, *closing.close(task, given, lost))
    return _level_after_level(task, given, failing)


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


def _level_after_level(task: Task, given: Given, failing: Flags) -> Whole:
    """Where an upper level must lose: the best over every column, if there are few."""
    network = task.network
    if np.diff(network.start)[network.row].sum() <= FEW_COLUMNS:
        every = arcs.every(network, np.arange(network.groups))
        types, doctors = np.ones(network.types, np.bool_), np.arange(network.doctors)
        scope = islands.opened(network, given, every, types, doctors)
        everybody = np.ones(network.groups, np.bool_)
        return _whole(network, *_descended(task, given, scope, everybody))
    scope = repair.around(task, given, failing, repair.RUNGS[1])
    for piece in islands.pieces(network, scope, failing):
        members = islands.groups(network, piece)
        every = arcs.every(network, members)
        every = every.at(np.isin(network.doctor[every.arc], piece.doctors))
        given, _ = _descended(task, given, replace(piece, columns=every), failing)
        failing = failing & ~np.isin(np.arange(network.groups), members)
    return _whole(network, given, proven=False)


def _descended(task: Task, given: Given, scope: Scope, failing: Flags) -> tuple[Given, bool]:
    """Minimise each level in turn within a scope, the earlier ones held at their value.

    Begins after the longest run of levels that can all equal the flow: those are proven.
    """
    network, whole = task.network, programme.write(task.network, scope)
    costs = [
        whole.spread(scope.columns.cost(network, goal), goal.stay, goal.segment)
        for goal in task.goals
    ]
    targets = list(zip(costs, _targets(task, given, scope, failing), strict=True))
    x, held, proven = _nobody(whole), list[tuple[Ints, int]](), True
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
    return islands.replaced(network, given, whole, x), proven


def _targets(task: Task, given: Given, scope: Scope, failing: Flags) -> list[int]:
    """What each level costs within a scope, where failing groups go as they flow."""
    network = task.network
    elsewhere = failing.copy()
    elsewhere[islands.groups(network, scope)] = False
    rest = islands.staying(network, given, islands.moving(network, scope))
    fixed = task.levels(rest, elsewhere)
    return [value - fixed[name] for name, value in task.levels(given, failing).items()]


def _attempt(
    whole: Programme, cost: Ints, effort: Effort, held: list[tuple[Ints, int]]
) -> Solved | None:
    """A solution of least cost, or None if there is none or the effort is spent."""
    with suppress(Exhausted):
        return programme.minimise(whole, cost, effort, at_most=held)
    return None


def _nobody(whole: Programme) -> Ints:
    """The solution that leaves everybody without doctor: always feasible."""
    x = np.zeros_like(whole.upper)
    _, _, out, _ = whole.split(np.arange(x.size))
    x[out] = whole.upper[out]
    return x
