"""What is optimised, in which order, as exact integer costs on the arcs of the folded flow.

Every level is minimised, the first one first. Strict order becomes weights: an optimal flow is one
without an improving simple cycle; such a cycle passes each doctor of its connected component and
the sink at most once, so a level changes along it by no more than its ``swing``, and a weight above
the swing of everything below makes the order strict. The weights are computed, not chosen.

The classes need no weights: of a simple cycle, at most one arc leaves a place of one type without
doctor and at most one gives back a place of another. Whether that is a gain, class by class, only
depends on which type is dearer: so the rank of a type among all replaces its cost.

The levels that fit together share the low word of ``Costs``, from the last backwards; the others
share the high word, which is compared first.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy import sparse
from scipy.sparse import csgraph

from matcher.network import SEGMENTS, Costs, Flow, Network
from matcher.problem import Ints

LARGEST = 2**60
"""No price may exceed this: two of them and a cost still fit in 64 bits."""


class Overflow(ValueError):
    """The costs do not fit in two words of 64 bits."""


@dataclass(frozen=True)
class Level:
    """One goal: what it costs on each kind of arc, per place, scaled like the network."""

    name: str
    way: Ints
    """Per way, on the arcs from groups to doctors."""
    usual: int
    """Per unit of ``usual_gain``."""
    stay: Ints
    """Per type: leaving a place of it without doctor."""
    segment: Ints
    """Per tenth of a doctor's places."""

    @property
    def unit(self) -> int:
        """What all costs of the level are multiples of."""
        parts = (self.way, self.stay, self.segment, np.array([self.usual]))
        return math.gcd(*(int(np.gcd.reduce(part)) for part in parts if part.size)) or 1

    def swing(self, network: Network, doctors: int) -> int:
        """How far one simple cycle through so many doctors can move the level, in units.

        It enters and leaves each doctor once, which costs at most the range of the costs between
        groups and doctors; and it uses two arcs of the sink at most.
        """
        usual = self.usual * int(network.usual_gain.max(initial=0))
        dearest = int(self.way.max(initial=0)) + max(usual, 0)
        cheapest = int(self.way.min(initial=0)) + min(usual, 0)
        sink = max(int(self.stay.max(initial=0)), int(self.segment.max(initial=0)))
        edge = max(abs(dearest), abs(cheapest))
        return (doctors * (dearest - cheapest) + edge + sink) // self.unit


def levels(network: Network) -> list[Level]:
    """The levels of the matching, in their order."""
    no_way, nobody = np.zeros(network.way_seconds.size, np.int64), np.zeros(network.types, np.int64)
    even = np.zeros(SEGMENTS, np.int64)
    share = network.scale // network.type_size
    return [
        *(
            Level(f"matched_{rank + 1}", no_way, 0, share * network.type_classes[:, rank], even)
            for rank in range(network.type_classes.shape[1])
        ),
        Level("usual_doctor", no_way, -1, nobody, even),
        Level("travel_bands", network.way_bands, 0, nobody, even),
        Level("imbalance", no_way, 0, nobody, 2 * np.arange(SEGMENTS, dtype=np.int64) + 1),
        Level("travel_seconds", network.way_seconds, 0, nobody, even),
    ]


def costs(network: Network, goals: Sequence[Level]) -> Costs:
    """The costs whose optimum is that of the goals in strict order.

    Raises Overflow, which says how large a connected piece is too large.
    """
    ranked = _classes_as_one(network, goals)
    for count in (_linked, _largest_piece):
        doctors = count(network)
        low = weights(network, ranked, doctors, LARGEST)
        above = ranked[: len(ranked) - len(low)]
        high = weights(network, above, doctors, LARGEST // 4)
        if len(high) == len(above) and not any(_needs_low(goal) for goal in above):
            return _words(ranked, high, low)
    raise Overflow(
        f"{doctors} doctors are linked by common patients over ways of up to "
        f"{int(network.way_seconds.max(initial=0)) // network.scale} seconds: too many for exact "
        "64-bit costs; take a smaller radius or match the regions apart"
    )


def _classes_as_one(network: Network, goals: Sequence[Level]) -> list[Level]:
    """The goals of the classes replaced by one, the rank of each type by what it leaves out."""
    classes = network.type_classes.shape[1]
    left_out = np.stack([goal.stay for goal in goals[:classes]], axis=1)
    ranks = np.unique(_in_order(left_out), return_inverse=True, axis=0)[1].reshape(-1) + 1
    first = goals[0]
    return [Level("matched", first.way, 0, ranks, first.segment), *goals[classes:]]


def _in_order(rows: Ints) -> Ints:
    """Numbers that compare as the rows do, where one number can hold a row; else the rows."""
    base = int(rows.max(initial=0)) + 1
    if base ** rows.shape[1] >= LARGEST:
        return rows
    digits: Ints = rows @ base ** np.arange(rows.shape[1] - 1, -1, -1, dtype=np.int64)
    return digits


def _needs_low(goal: Level) -> bool:
    return bool(goal.way.any() or goal.segment.any())


def _linked(network: Network) -> int:
    """Doctors whom some patient may reach."""
    return int(np.count_nonzero(np.bincount(network.doctor)))


def _largest_piece(network: Network) -> int:
    """Most doctors that patients link with one another, directly or by others."""
    rows, pairs = network.start.size - 1, network.doctor.size
    ends = np.concatenate([network.start, np.full(network.doctors, pairs)])
    links = sparse.csr_array(
        (np.ones(pairs, np.int8), rows + network.doctor, ends),
        shape=(rows + network.doctors, rows + network.doctors),
    )
    _, piece = csgraph.connected_components(links, directed=False)
    met = np.unique(network.doctor)
    return int(np.bincount(piece[rows + met]).max(initial=0))


def weights(network: Network, goals: list[Level], doctors: int, largest: int) -> list[int]:
    """Exact weights of the last goals, as many as fit, in the order of the goals."""
    fitting: list[int] = []
    swing = 0
    for goal in reversed(goals):
        weight = swing + 1
        swing += weight * goal.swing(network, doctors)
        if swing > largest:
            break
        fitting.append(weight)
    return fitting[::-1]


def _words(goals: Sequence[Level], high: list[int], low: list[int]) -> Costs:
    above, below = goals[: len(high)], goals[len(high) :]
    last = goals[-1]
    return Costs(
        way=_weighted(low, [goal.way // goal.unit for goal in below]),
        usual=(
            sum(weight * goal.usual // goal.unit for weight, goal in zip(high, above, strict=True)),
            sum(weight * goal.usual // goal.unit for weight, goal in zip(low, below, strict=True)),
        ),
        stay_high=_weighted(high, [goal.stay // goal.unit for goal in above], like=last.stay),
        stay_low=_weighted(low, [goal.stay // goal.unit for goal in below]),
        segment=_weighted(low, [goal.segment // goal.unit for goal in below]),
    )


def _weighted(factors: list[int], parts: list[Ints], *, like: Ints | None = None) -> Ints:
    total = np.zeros_like(parts[0] if like is None else like)
    for weight, part in zip(factors, parts, strict=True):
        total += weight * part
    return total


def values(network: Network, goals: Sequence[Level], flow: Flow) -> dict[str, int]:
    """Exact value of every level at a flow, scaled like the network."""
    filled = _filled(network, flow.load(network)).sum(axis=0)
    known = flow.usual >= 0
    gain = int((flow.amount[known] * network.usual_gain[flow.usual[known]]).sum())
    way = network.way[flow.arc]
    return {
        goal.name: int((flow.amount * goal.way[way]).sum())
        + goal.usual * gain
        + int((flow.stay * goal.stay).sum())
        + int((filled * goal.segment).sum())
        for goal in goals
    }


def _filled(network: Network, load: Ints) -> Ints:
    """``[doctor, s]``: places given in each tenth, those promised beforehand not counted."""
    room = network.segment_room
    before = np.cumsum(room, axis=1) - room
    return np.clip(load[:, None] - before, 0, room)
