"""The best flow that is a roster: by prices while they close the gap, then by branch and bound.

Prices leave a gap where a row stands half open in every best flow. What the prices prove is then
the bound of each branch: a row that the flow passes is branched on by its pieces; where the flow is
a roster that does not fill a row with a price, that price is dropped, for it proves nothing there.
"""

from dataclasses import dataclass

import numpy as np

from scheduler.flow.engine.network import Basis, Flow, Ints
from scheduler.flow.graph import Graph, Value
from scheduler.flow.prices import Steps, lowered, passed, priced, settled, slack, worth

ROUNDS = 4
"""How often prices are raised before branching."""


@dataclass(frozen=True, eq=False)
class Found:
    """The best flow that is a roster, its value, and how many flows it took to prove it.

    At the ``prices`` of the loose rows, the flow of the ``proof`` costs the ``bound``. If that is
    less than the value, branching has proven the rest.
    """

    flow: Flow
    value: Value
    bound: Value
    steps: int
    prices: Ints
    proof: Flow


def best(drawn: Graph, start: Basis, most_steps: int, rounds: int = ROUNDS) -> Found:
    """The best flow that passes no loose row. Raises Unproven after so many flows without it."""
    steps = Steps(most_steps)
    found = _near(drawn, start, steps, rounds)
    flow = found.flow if found.value == found.bound else _searched(drawn, found, steps)
    return Found(flow, drawn.value(flow), found.bound, steps.taken, found.prices, found.proof)


def _near(drawn: Graph, start: Basis, steps: Steps, rounds: int) -> Found:
    """A roster, and the best bound that a few rounds of prices prove."""
    upper = drawn.network.upper
    prices: Ints = np.zeros((len(drawn.levels), drawn.sets.loose.most.size), np.int64)
    flow = steps.solve(drawn.network, upper, start)
    bound, proof = drawn.value(flow), (prices.copy(), flow)
    rosters = []
    for turn in range(rounds):
        rosters.append(settled(drawn, prices, flow, steps, thorough=turn > 0))
        if min(map(drawn.value, rosters)) > bound:
            dear = priced(drawn, prices)
            flow = steps.solve(dear.network, upper, flow.basis)
            if (least := worth(dear, prices, flow)) > bound:
                bound, proof = least, (prices.copy(), flow)
        if min(map(drawn.value, rosters)) == bound:
            break
    roster = min(rosters, key=drawn.value)
    return Found(roster, drawn.value(roster), bound, steps.taken, *proof)


def _searched(drawn: Graph, near: Found, steps: Steps) -> Flow:
    """The best roster, by depth first among the branches whose bound is better than the best."""
    found, value, dear = near.flow, near.value, priced(drawn, near.prices)
    branches = [(drawn.network.upper, near.prices, dear, near.proof.basis)]
    while branches and value > near.bound:
        upper, prices, dear, basis = branches.pop()
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
    return found
