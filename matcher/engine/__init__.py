"""Who solves the flow: our own network simplex, or OR-Tools where Numba is not installed."""

from collections.abc import Sequence

import compilation
from matcher.engine import simplex, successive
from matcher.levels import Level
from matcher.network import Basis, Costs, Flow, Network
from matcher.progress import Watch


def solve(
    network: Network,
    goals: Sequence[Level],
    costs: Costs,
    *,
    start: Basis | None = None,
    watch: Watch | None = None,
) -> Flow:
    """The optimum of the goals in places, with the prices that prove it.

    Same input, same answer. ``start`` saves time and changes nothing else, except which of several
    equally good optima is found. ``watch`` is told the share of the work done from time to
    time; whatever it raises stops the solve.
    """
    if not compilation.AVAILABLE:
        return successive.solve(network, goals, costs, watch=watch)
    return simplex.solve(network, costs, start=start, watch=watch)


def pending() -> bool:
    """Whether the first solve will have to compile the engine."""
    return compilation.AVAILABLE and simplex.pending()
