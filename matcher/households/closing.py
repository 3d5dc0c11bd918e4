"""Closes the gap: finds something better, or proves that nothing better exists.

An answer loses so much in all. A column of which one unit loses as much can be part of nothing
better; what is left falls apart into islands (``islands.py``), and each is searched by itself.
Households may be split at first. The bound that this gives rises as those that are split are
made whole, some hundreds of them in a town; and an answer is built around each bound.
"""

from dataclasses import dataclass

import numpy as np

from matcher.households import islands, programme
from matcher.households.columns import Columns
from matcher.households.packing import Given
from matcher.households.programme import Exhausted, Programme
from matcher.households.repair import Task, settled
from matcher.problem import Flags, Ints

MOST_ROUNDS = 20
"""Programmes solved for one island."""

SLOW = 1.1
"""A bound that rises by less than that from one round to the next is not waited for any longer:
all households are kept whole at once."""

MANY_COLUMNS = 5_000
"""A programme with more columns than this is not begun: it may take a minute."""

COLUMNS_IN_ALL = 500_000
"""Shared by the islands: the larger they are, and the more, the fewer rounds each has."""

MANY_ARCS = 40_000_000
"""So is everything in a network with more arcs."""


def close(task: Task, given: Given, lost: int) -> tuple[Given, bool]:
    """An answer at least as good, and whether nothing better exists.

    ``lost`` is how far the answer is from the bound on the last level, in the low word; it loses
    on no other.
    """
    network = task.network
    arcs_of_groups = np.diff(network.start)[network.row].sum()
    if lost == 0 or arcs_of_groups > MANY_ARCS:
        return given, lost == 0
    columns, parts = _parts(task, given, lost)
    bound, share = 0, COLUMNS_IN_ALL // len(parts)
    for inside in parts:
        given, least = _searched(task, given, columns, inside, share)
        bound += least
    return given, task.lost_by(given) == bound


def _parts(task: Task, given: Given, lost: int) -> tuple[Columns, list[Flags]]:
    """The islands on which something is lost, and the columns that may gain on them.

    Two islands lose ``lost`` at most, often much less: then fewer columns matter.
    """
    everybody = np.arange(task.network.groups)
    losses = islands.losses(task.network, task.costs, task.flow, given)
    most = int(2 * losses.max())
    while True:
        columns = task.near(everybody, np.maximum(min(most, lost), _in_use(task, given)))
        parts = list(islands.islands(task.network, given, columns, losses))
        largest = max(int(losses[inside].sum()) for inside in parts)
        if min(2 * largest, lost) <= most:
            return columns, parts
        most = 2 * largest


def _in_use(task: Task, given: Given) -> Ints:
    """Per group: the loss of its worst column."""
    worst = np.zeros(task.network.groups, np.int64)
    np.maximum.at(worst, given.group, given.loss)
    return worst


def _searched(
    task: Task, given: Given, columns: Columns, inside: Flags, share: int
) -> tuple[Given, int]:
    """A better answer on an island if one is found; and what any answer loses there at least.

    Columns are tried that lose little first: if the answer found loses no more, the others cannot
    matter. The rounds offer about ``share`` columns at most.
    """
    columns = columns.at(inside[: task.network.groups][columns.group])
    firm = np.zeros(task.network.types, np.bool_)
    lost, bound = _lost_inside(task, given, inside), 0
    reach = lost // 8
    size = max(1, min(columns.group.size, MANY_COLUMNS))
    for _ in range(min(MOST_ROUNDS, share // size)):
        reach = max(0, min(reach, lost - 1))
        near = columns.at(columns.loss <= reach)
        if near.group.size > MANY_COLUMNS:
            break
        try:
            found = less(task, Search(given, near, inside, firm), lost, reach)
        except Exhausted:
            break
        if found is not None:
            firm[found.split] = True
            stalled = 0 < found.lost < SLOW * bound
            bound = found.lost
            if stalled or 2 * bound >= lost or not found.split.size:
                given = _better(task, given, found, inside[: task.network.groups])
                lost = _lost_inside(task, given, inside)
                firm |= stalled
        if lost <= min(reach + 1, lost if found is None else bound):
            return given, lost
        if found is None or reach < bound:
            reach = 2 * reach + 1 if 2 * bound < lost else lost - 1
    return given, 0


def _lost_inside(task: Task, given: Given, inside: Flags) -> int:
    losses = islands.losses(task.network, task.costs, task.flow, given)
    return int(losses[inside].sum())


@dataclass(frozen=True)
class Search:
    """Where something better is looked for."""

    given: Given
    columns: Columns
    inside: Flags
    """The groups, then the doctors, that are part of the island."""
    firm: Flags
    """The types that must be kept whole."""


@dataclass(frozen=True)
class Found:
    """A solution that loses less, but may split households."""

    whole: Programme
    x: Ints
    split: Ints
    """The types that it splits."""
    lost: int


def less(task: Task, search: Search, below: int, reach: int) -> Found | None:
    """What loses least, less than ``below``, where no unit loses more than ``reach``."""
    network = task.network
    groups, doctors = np.split(search.inside, [network.groups])
    scope = islands.opened(
        network,
        search.given,
        search.columns,
        groups[network.group_of_type],
        np.flatnonzero(doctors),
    )
    whole = programme.write(network, scope)
    loss = islands.unit_losses(network, task.costs, task.flow, whole)
    empty, full = loss > reach, loss < -reach
    cost = np.where(empty | full, 0, loss)
    offset = -int(np.minimum(cost, 0) @ whole.upper)
    relaxed = programme.relax(
        whole,
        cost,
        task.effort,
        bounds=(np.where(full, whole.upper, 0), np.where(empty, 0, whole.upper)),
        at_most=below - 1 - offset,
        firm=search.firm,
    )
    if relaxed is None:
        return None
    if not relaxed.proven:
        raise Exhausted
    return Found(whole, relaxed.x, relaxed.split, relaxed.cost + offset)


def _better(task: Task, given: Given, found: Found, among: Flags) -> Given:
    """An answer built around what was found ``among`` some groups, if better than that at hand."""
    tried = islands.replaced(task.network, given, found.whole, found.x)
    failing = np.zeros(task.network.groups, np.bool_)
    failing[task.network.group_of_type[found.split]] = True
    tried = settled(task, tried, failing, among)
    return tried if task.rank(tried) < task.rank(given) else given
