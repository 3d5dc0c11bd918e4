"""The best flow that is a roster: by prices while they close the gap, then by branch and bound.

Prices leave a gap where a row stands half open in every best flow. What the prices prove is then
the bound of each branch: a row that the flow passes is branched on by its pieces; where the flow is
a roster that does not fill a row with a price, that price is dropped, for it proves nothing there.
"""

from dataclasses import dataclass

import numpy as np

from scheduler.flow.engine.network import Basis, Flow, Ints
from scheduler.flow.graph import Graph, Value
from scheduler.flow.prices import OutOfSteps, Steps, lowered, passed, priced, settled, slack, worth

ROUNDS = 4
"""How often prices are raised before branching."""


@dataclass(frozen=True, eq=False)
class Found:
    """The best flow known that is a roster, its value, and how many flows it took.

    At the ``prices`` of the loose rows, the flow of the ``proof`` costs the ``bound``: no roster
    costs less. If that is less than the value, branching may have ``proven`` the rest.
    """

    flow: Flow
    value: Value
    bound: Value
    steps: int
    prices: Ints
    proof: Flow
    proven: bool


def best(drawn: Graph, start: Basis, steps: Steps, rounds: int = ROUNDS) -> Found:
    """The best flow that passes no loose row, or the best one found in these steps.

    Raises OutOfSteps if none was found in them.
    """
    near = _near(drawn, start, steps, rounds)
    flow, proven = (near.flow, True) if near.proven else _searched(drawn, near, steps)
    return Found(flow, drawn.value(flow), near.bound, steps.taken, near.prices, near.proof, proven)


def _near(drawn: Graph, start: Basis, steps: Steps, rounds: int) -> Found:
    """A roster, and the best bound that a few rounds of prices prove."""
    upper = drawn.network.upper
    prices: Ints = np.zeros((len(drawn.levels), drawn.sets.loose.most.size), np.int64)
    flow = steps.solve(drawn.network, upper, start)
    bound, proof = drawn.value(flow), (prices.copy(), flow)
    rosters: list[Flow] = []
    try:
        for turn in range(rounds):
            rosters.append(settled(drawn, prices, flow, steps, thorough=turn > 0))
            if min(map(drawn.value, rosters)) > bound:
                dear = priced(drawn, prices)
                flow = steps.solve(dear.network, upper, flow.basis)
                if (least := worth(dear, prices, flow)) > bound:
                    bound, proof = least, (prices.copy(), flow)
            if min(map(drawn.value, rosters)) == bound:
                break
    except OutOfSteps:
        if not rosters:
            raise
    roster = min(rosters, key=drawn.value)
    value = drawn.value(roster)
    return Found(roster, value, bound, steps.taken, *proof, value == bound)


def _searched(drawn: Graph, near: Found, steps: Steps) -> tuple[Flow, bool]:
    """The best roster, by depth first among the branches whose bound is better than the best, and
    whether there were steps enough to look at all of them."""
    found, value, dear = near.flow, near.value, priced(drawn, near.prices)
    branches = [(drawn.network.upper, near.prices, dear, near.proof.basis)]
    while branches and value > near.bound:
        upper, prices, dear, basis = branches.pop()
        if steps.out:
            return found, False
        flow = steps.solve(dear.network, upper, basis)
        if worth(dear, prices, flow) >= value:
            continue
        if choices := passed(drawn, flow):
            limits = next(iter(choices.values()))
            more = [(lowered(upper, it), prices, dear, flow.basis) for it in reversed(limits)]
            branches += more
            continue
        if drawn.value(flow) < value:
            found, value = flow, drawn.value(flow)
        kept = np.where(slack(drawn, flow), 0, prices)
        if worth(dear, prices, flow) < value:
            branches.append((upper, kept, priced(drawn, kept), flow.basis))
    return found, True
