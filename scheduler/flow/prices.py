"""The loose rows: limits that lead to a roster, prices that prove it best.

A flow that passes no loose row is a roster, and the best one. Otherwise each row it passes is
*settled*: one of its pieces must carry less than it does, so a limit on one piece after another
is tried, each solved from the tree of the flow before, and the cheapest is kept. What even the
cheapest costs is added to the *price* of the row.

Limits may be wrong. But whatever the prices are, the best flow without limits where each duty of a
row costs its price more, and the prices of all duties that the rows allow are given back, costs no
more than any roster does (Lagrange). A roster that costs as much is optimal, which is the proof.
All this level by level: a price is one number per level, above zero in their order.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from scheduler.flow.engine import simplex
from scheduler.flow.engine.network import Basis, Flags, Flow, Ints, Network
from scheduler.flow.graph import Graph, Value, weighed

Limit = tuple[int, int]
"""An arc and what it carries at most."""


class OutOfSteps(Exception):
    """As many flows as allowed have been solved."""


def never() -> bool:
    """There is no end of time."""
    return False


@dataclass(eq=False)
class Steps:
    """Solves flows, and counts them. Raises OutOfSteps when there are none left: as many as allowed
    are taken, or time is ``over``."""

    most: int
    over: Callable[[], bool] = never
    taken: int = 0

    @property
    def out(self) -> bool:
        return self.taken == self.most or self.over()

    def solve(self, network: Network, upper: Ints, start: Basis) -> Flow:
        """The best flow with these upper bounds instead of those of the network."""
        if self.out:
            raise OutOfSteps
        self.taken += 1
        return simplex.solve(replace(network, upper=upper), start)


def settled(drawn: Graph, prices: Ints, flow: Flow, steps: Steps, thorough: bool) -> Flow:
    """From the best flow at some prices to one that passes no loose row; raises the prices.

    Of limits that cost the same at these prices the first is taken, or if `thorough` the one that
    costs least without them.
    """
    upper = drawn.network.upper.copy()
    while choices := passed(drawn, flow):
        dear, former = priced(drawn, prices), prices.copy()
        for row, limits in choices.items():
            before, tried = dear.value(flow), []
            for at, limit in enumerate(limits):
                within = steps.solve(dear.network, lowered(upper, limit), flow.basis)
                plain = drawn.value(within) if thorough else ()
                tried.append((dear.value(within), plain, at, within))
                if tried[-1][0] == before and not thorough:
                    break
            after, _, at, flow = min(tried)
            upper = lowered(upper, limits[at])
            prices[:, row] += np.subtract(after, before)
        if (prices != former).any():
            flow = steps.solve(priced(drawn, prices).network, upper, flow.basis)
    return flow


def lowered(upper: Ints, limit: Limit) -> Ints:
    """The bounds with one more limit."""
    arc, most = limit
    within = upper.copy()
    within[arc] = min(within[arc], most)
    return within


def priced(drawn: Graph, prices: Ints) -> Graph:
    """The graph in which each duty costs the prices of its rows more."""
    if not prices.any():
        return drawn
    loose, extra = drawn.sets.loose, np.zeros((drawn.asked.open.size, len(prices)), np.int64)
    has_price: Flags = np.logical_or.reduce(prices != 0, axis=0)
    dear = np.flatnonzero(has_price[loose.row])
    np.add.at(extra, loose.pair[dear], prices[:, loose.row[dear]].T)
    levels = drawn.levels.copy()
    levels[:, : drawn.pair.size] += extra[drawn.pair].T
    return weighed(drawn, levels)


def worth(dear: Graph, prices: Ints, flow: Flow) -> Value:
    """The bound that the best flow of a graph with these prices proves."""
    return tuple(np.subtract(dear.value(flow), prices @ dear.sets.loose.most).tolist())


def passed(drawn: Graph, flow: Flow) -> dict[int, list[Limit]]:
    """The loose rows passed, one of each doctor, each with the limits of which one must hold."""
    given, loose = _given(drawn, flow), drawn.sets.loose
    rows = np.flatnonzero(loose.load(given) > loose.most)
    owner = drawn.asked.problem.pair_doctor[loose.pair[loose.start[rows]]]
    rows = rows[np.sort(np.unique(owner, return_index=True)[1])]
    return {row: _limits(drawn, given, row) for row in rows.tolist()}


def slack(drawn: Graph, flow: Flow) -> Flags:
    """The loose rows of which more could be given."""
    loose = drawn.sets.loose
    return loose.load(_given(drawn, flow)) < loose.most


def _given(drawn: Graph, flow: Flow) -> Flags:
    given = np.zeros(drawn.asked.open.size, np.bool_)
    given[drawn.given(flow)] = True
    return given


def _limits(drawn: Graph, given: Flags, row: int) -> list[Limit]:
    loose = drawn.sets.loose
    entries = np.arange(loose.start[row], loose.start[row + 1])
    entries = entries[given[loose.pair[entries]]]
    piece, carried = np.unique(drawn.sets.piece[entries], return_counts=True)
    return list(zip(drawn.arc_of(piece).tolist(), (carried - 1).tolist(), strict=True))
