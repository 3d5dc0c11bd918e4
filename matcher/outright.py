"""Keeps all households together at once, by one integer programme over few columns.

The prices say what each unused column would lose; only those that lose a few seconds a place are
offered. Too few are refused in no time, many take long: hence small steps. If the answer loses in
all no more than any column left out would by itself, nothing better exists: proven optimal.
"""

from contextlib import suppress

import numpy as np

from matcher.closing import Search, less
from matcher.islands import replaced
from matcher.packing import Given
from matcher.programme import Exhausted
from matcher.repair import Task

NEAR_SECONDS = (0, 2, 4, 7, 11, 15, 20, 30, 45)
"""What the columns offered lose at most, in turn, in seconds a place."""

MOST_COLUMNS = 30_000
"""A larger programme takes longer than mending the groups that fail, one by one."""

UNLIMITED = 2**53


def together(task: Task, given: Given) -> tuple[Given, bool] | None:
    """An answer on the bound of every level but the last, and whether it is proven; or None."""
    with suppress(Exhausted):
        for seconds in NEAR_SECONDS:
            reach = task.weight(seconds)
            search = _search(task, given, reach)
            if search is None:
                return None
            found = less(task, search, UNLIMITED, reach)
            if found is not None:
                answer = replaced(task.network, given, found.whole, found.x)
                return answer, found.lost <= reach + 1
    return None


def _search(task: Task, given: Given, reach: int) -> Search | None:
    """Everybody moves, and every household is kept whole; None if there are too many columns."""
    network = task.network
    columns = task.near(np.arange(network.groups), np.full(network.groups, reach))
    if columns.group.size > MOST_COLUMNS:
        return None
    inside = np.ones(network.groups + network.doctors, np.bool_)
    return Search(given, columns, inside, np.ones(network.types, np.bool_))
