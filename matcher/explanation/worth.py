"""What one more place with each doctor would be worth.

Exact in places; whole households may gain less.
"""

import numpy as np

from matcher.explanation.chains import Chains

Change = dict[str, float]
"""By level, what changes, zeros left out. More people is better, less of anything else is."""


def of_doctors(found: Chains) -> tuple[Change, ...]:
    """Per doctor: what one more place would change; empty where nothing.

    Balance is left out: a place more would redraw the tenths it is counted in.
    """
    groups, scale = found.proof.fold.network.groups, found.proof.fold.network.scale
    high, low = found.high[groups:], found.low[groups:] + found.proof.costs.segment[-1]
    changes: list[Change] = [{} for _ in range(high.size)]
    for doctor in np.flatnonzero((high < 0) | ((high == 0) & (low < 0))).tolist():
        costs = {name: int(cost[groups + doctor]) for name, cost in found.levels.items()}
        changes[doctor] = {
            name: _told(name, cost) / scale
            for name, cost in costs.items()
            if cost and name != "imbalance"
        }
    return tuple(changes)


def _told(name: str, cost: int) -> int:
    """Levels that count people are minimised by their negative, or as people left out."""
    return -cost if name.startswith("matched") or name == "usual_doctor" else cost
