"""Keeps all households together at once, by one integer programme over few columns.

Where many groups do not pack, as in a town of small homes, there is no mending them one by one.
The prices say what each unused column would lose; only those that lose a few seconds a place are
offered. Too few are refused in no time, many take long: hence small steps. If the answer loses in
all no more than any column left out would by itself, nothing better exists: proven optimal.
"""

from contextlib import suppress

import numpy as np

from matcher.households.closing import Found, Search, less
from matcher.households.islands import replaced
from matcher.households.packing import Given
from matcher.households.programme import Exhausted
from matcher.households.repair import Task
from matcher.problem import Flags

NEAR_SECONDS = (0, 2, 4, 7, 11, 15, 20, 30, 45)
"""What the columns offered lose at most, in turn, in seconds a place."""

MOST_COLUMNS = 30_000
"""A larger programme takes longer than mending the groups that fail, one by one."""

RARE = 1 / 250
"""Where no more groups than these fail, mending them is faster, whatever the size."""

UNLIMITED = 2**53


def together(task: Task, given: Given, failing: Flags) -> tuple[Given, bool] | None:
    """An answer on the bound of every level but the last, and whether it is proven; or None."""
    if failing.mean() <= RARE:
        return None
    with suppress(Exhausted):
        for seconds in NEAR_SECONDS:
            reach = task.weight(seconds)
            search = _search(task, given, reach)
            if search is None:
                return None
            found = less(task, search, UNLIMITED, reach)
            if found is not None:
                return _improved(task, given, found, reach)
    return None


def _search(task: Task, given: Given, reach: int) -> Search | None:
    """Everybody moves, and every household is kept whole; None if there are too many columns."""
    network = task.network
    columns = task.near(np.arange(network.groups), np.full(network.groups, reach))
    if columns.group.size > MOST_COLUMNS:
        return None
    inside = np.ones(network.groups + network.doctors, np.bool_)
    return Search(given, columns, inside, np.ones(network.types, np.bool_))


def _improved(task: Task, given: Given, found: Found, reach: int) -> tuple[Given, bool]:
    """The answer found, or a better one from all the columns that it takes to be sure."""
    proven = found.lost <= reach + 1
    with suppress(Exhausted):
        if not proven and (search := _search(task, given, found.lost - 1)) is not None:
            found, proven = less(task, search, found.lost, found.lost - 1) or found, True
    return replaced(task.network, given, found.whole, found.x), proven
