"""The proof of a cheapest flow, in plain NumPy: what is carried, what it is worth, and why no less.

Nothing here is shared with the engine. Weak duality: whatever the prices are, no flow costs less
than what the reduced costs of the arcs and the prices of the supplies add up to. Where a flow
costs exactly that, word by word, it is optimal and the prices prove it.
"""

from collections.abc import Iterator

import numpy as np

from scheduler.flow.engine.network import Flow, Ints, Network


def breaches(network: Network, flow: Flow) -> Iterator[str]:
    """Everything that keeps a flow from being proven cheapest, one sentence each; nothing if so."""
    amount = flow.amount
    for arc in np.flatnonzero((amount < network.lower) | (amount > network.upper)).tolist():
        yield f"arc {arc} carries {amount[arc]}, out of its bounds"
    sent = np.zeros(network.nodes, np.int64)
    np.add.at(sent, network.tail, amount)
    np.subtract.at(sent, network.head, amount)
    for node in np.flatnonzero(sent[:-1] != network.supply[:-1]).tolist():
        yield f"node {node} sends out {sent[node]} and supplies {network.supply[node]}"
    worth, bound = cost(network, flow), least(network, flow)
    if worth != bound:
        yield f"the flow costs {worth}, the prices prove {bound}"


def cost(network: Network, flow: Flow) -> tuple[int, int]:
    """What the flow costs, in two words."""
    return _product(network.high, flow.amount), _product(network.low, flow.amount)


def least(network: Network, flow: Flow) -> tuple[int, int]:
    """What every flow costs at least, by these prices."""
    high = network.high + flow.high[network.tail] - flow.high[network.head]
    low = network.low + flow.low[network.tail] - flow.low[network.head]
    carried = np.where((high < 0) | ((high == 0) & (low < 0)), network.upper, network.lower)
    paid, last = network.supply[:-1], network.nodes - 1
    return (
        _product(high, carried) - _product(flow.high[:last] - flow.high[last], paid),
        _product(low, carried) - _product(flow.low[:last] - flow.low[last], paid),
    )


def _product(one: Ints, other: Ints) -> int:
    """The sum of the products, in numbers of any length."""
    used = np.flatnonzero((one != 0) & (other != 0))
    return sum(a * b for a, b in zip(one[used].tolist(), other[used].tolist(), strict=True))
