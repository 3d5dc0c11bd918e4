"""The roster as a flow: slots, the laminar sets of each doctor, the sink.

    slot --(wish; change)--> set --> set around it --> ... --> doctor --(one arc per duty)--> sink
    slot --(hardness)--> sink, for the seats that stay empty

What a doctor's next duty costs grows with those he has (convex), so the arcs to the sink side by
side fill in their order. Minimums are convex as well: the first duties count one less each.

**Weights.** A flow is best, level before level, if no cycle on which it could be changed is better.
A cycle that meets no node twice changes a level little: at each slot it takes a duty from one pair
and gives it to another; at the sink it takes one arc back and fills another. So the widest
differences between two pairs of a slot, slots added up, and between two arcs at the sink bound
what it can change, and one more than that is an exact weight for the level above. Coverage and
changes make the high word of a cost; minimums, fairness and wishes the low one.
"""

from dataclasses import dataclass, replace

import numpy as np

from scheduler.flow.engine.network import Flow, Ints, Network, Overflow
from scheduler.flow.laminar import Family
from scheduler.flow.rows import Question
from scheduler.problem import HARDNESSES
from scheduler.roster import Roster

Value = tuple[int, ...]
"""Empty seats by hardness, changes, duties missing, fairness, wishes: less is better, in order."""

HIGH, LOW = slice(0, 4), slice(4, 7)
"""The levels of each word."""
NAMES = ("filled_1", "filled_2", "filled_3", "changes", "minimums", "fairness", "wishes")
"""What a roster calls them."""

LARGEST = 2**58
"""Costs stay below it, and so do their levels before they are weighed."""


@dataclass(frozen=True, eq=False)
class Graph:
    """The network, what its arcs are, and how much of each level one unit on them is.

    Arcs: of the open pairs, in the order of ``pair``; of the sets to those around, in the order of
    ``child``; of the duties, each of a ``doctor``; of the slots' empty seats. Nodes: slots, sets,
    sink.
    """

    asked: Question
    sets: Family
    network: Network
    pair: Ints
    child: Ints
    doctor: Ints
    levels: Ints
    """``[level, arc]``, levels as in ``Value``."""

    def value(self, flow: Flow) -> Value:
        carrying = np.flatnonzero(flow.amount)
        return tuple((self.levels[:, carrying] @ flow.amount[carrying]).tolist())

    def given(self, flow: Flow) -> Ints:
        """The pairs given, those kept included, ascending."""
        taken = self.asked.kept.copy()
        taken[self.pair[flow.amount[: self.pair.size] > 0]] = True
        return np.flatnonzero(taken)

    def roster(self, flow: Flow) -> Roster:
        """The duties given."""
        pairs, problem = self.given(flow), self.asked.problem
        return Roster(problem.pair_doctor[pairs], problem.pair_slot[pairs])

    def arc_of(self, piece: Ints) -> Ints:
        """The arc that limits a set, or ``-1 - pair`` the pair alone."""
        row = np.full(self.asked.open.size + self.sets.parent.size, -1, np.int64)
        row[self.pair] = np.arange(self.pair.size)
        row[self.asked.open.size + self.child] = self.pair.size + np.arange(self.child.size)
        return row[np.where(piece < 0, -1 - piece, self.asked.open.size + piece)]


def graph(asked: Question, sets: Family, *, counting_points: bool = True) -> Graph:
    """Draw the flow; without counting points only the levels of the high word cost anything.

    Points can be counted where they are `even`. Raises Overflow if the costs do not fit in 64 bits.
    """
    problem, slots = asked.problem, asked.seats.size
    pair = np.flatnonzero(asked.open)
    pair = pair[np.argsort(problem.pair_slot[pair], kind="stable")]
    child = np.flatnonzero(sets.parent >= 0)
    most = sets.most[: len(problem.rpps)]
    doctor = np.repeat(np.arange(most.size), most)
    sink = np.full(doctor.size + slots, slots + sets.parent.size)
    tail = (problem.pair_slot[pair], slots + child, slots + doctor, np.arange(slots))
    head = (slots + sets.leaf[pair], slots + sets.parent[child], sink)
    upper = (np.ones(pair.size), sets.most[child], np.ones(doctor.size), asked.seats + 1)
    arcs = pair.size + child.size + sink.size
    network = Network(
        tail=np.concatenate(tail).astype(np.int32),
        head=np.concatenate(head).astype(np.int32),
        lower=np.zeros(arcs, np.int64),
        upper=np.concatenate(upper).astype(np.int64),
        high=np.zeros(arcs, np.int64),
        low=np.zeros(arcs, np.int64),
        supply=np.concatenate((asked.seats, np.zeros(sets.parent.size + 1, np.int64))),
    )
    levels = _levels(asked, sets, pair, child, counting_points)
    return weighed(Graph(asked, sets, network, pair, child, doctor, levels), levels)


def weighed(drawn: Graph, levels: Ints) -> Graph:
    """The same flow with other costs, level by level. Raises Overflow if they do not fit."""
    slot = drawn.asked.problem.pair_slot[drawn.pair]
    words = [_word(levels[part], slot) for part in (HIGH, LOW)]
    return replace(
        drawn, levels=levels, network=replace(drawn.network, high=words[0], low=words[1])
    )


def even(asked: Question) -> bool:
    """Whether each doctor's open duties are all worth the same points."""
    problem, pair = asked.problem, np.flatnonzero(asked.open)
    worth = problem.points[problem.pair_slot[pair]]
    return bool((_points(asked)[problem.pair_doctor[pair]] == worth).all())


def _points(asked: Question) -> Ints:
    """Per doctor: what an open duty is worth, where all are worth the same."""
    problem, pair = asked.problem, np.flatnonzero(asked.open)
    points = np.zeros(len(problem.rpps), np.int64)
    points[problem.pair_doctor[pair]] = problem.points[problem.pair_slot[pair]]
    return points


def _levels(asked: Question, sets: Family, pair: Ints, child: Ints, counting_points: bool) -> Ints:
    """Per level, what one unit on each arc adds."""
    problem, most, wish = asked.problem, sets.most[: len(asked.problem.rpps)], 0 * pair
    missing = dearer = np.zeros(most.sum(), np.int64)
    if counting_points:
        wish = problem.pair_wish[pair]
        missing, dearer = _duties(asked, most)
    change = np.where(problem.pair_published[pair], -1, 1)
    if problem.published_size is None:
        change = np.zeros_like(change)
    child, duty, slots = np.zeros_like(child), np.zeros_like(missing), np.zeros_like(asked.seats)
    empty = [np.concatenate((0 * pair, child, duty, problem.hardness == it)) for it in HARDNESSES]
    return np.array(
        [
            *empty,
            np.concatenate((change, child, duty, slots)),
            np.concatenate((0 * pair, child, missing, slots)),
            np.concatenate((0 * pair, child, dearer, slots)),
            np.concatenate((-wish, child, duty, slots)),
        ]
    )


def _duties(asked: Question, most: Ints) -> tuple[Ints, Ints]:
    """What each duty a doctor might come to have adds to duties missing, and to fairness."""
    problem, points = asked.problem, _points(asked)
    owner, slot = problem.pair_doctor[asked.kept], problem.pair_slot[asked.kept]
    held = np.bincount(owner, minlength=most.size)
    load = problem.history_points.copy()
    np.add.at(load, owner, problem.points[slot])
    doctor = np.repeat(np.arange(most.size), most)
    turn = np.arange(doctor.size) - np.repeat(np.cumsum(most) - most, most)
    before = load[doctor] + turn * points[doctor]
    after, share = before + points[doctor], problem.participation[doctor]
    if 1000 * int(after.max(initial=0)) ** 2 / float(share.min(initial=1.0)) > LARGEST:
        raise Overflow("somebody's burden is too large to be counted")
    missing = np.where(turn + held[doctor] < problem.min_per_period[doctor], -1, 0)
    return missing, _burden(after, share) - _burden(before, share)


def _burden(points: Ints, participation: np.ndarray) -> Ints:
    """As in ``check.burden_cost``."""
    burden: Ints = np.rint(1000 * points**2 / participation).astype(np.int64)
    return burden


def _word(levels: Ints, slot: Ints) -> Ints:
    """Levels as one word of costs, by the weights above; the slots of the pairs are given."""
    word, largest = np.zeros(levels.shape[1], np.int64), 1
    for level in levels:
        above = _most_moved(level, slot) + 1
        largest *= above
        if largest > LARGEST:
            raise Overflow("the levels are too large to be weighed against each other")
        word = word * above + level
    return word


def _most_moved(level: Ints, slot: Ints) -> int:
    """How far a cycle can change a level: at each slot, from one pair to another; at the sink."""
    begin = np.append(np.flatnonzero(np.diff(slot, prepend=-1)), slot.size)
    begin = begin[begin < level.size]  # the last stretch is all arcs that are not of pairs
    if not begin.size:
        return 0
    least, most = np.minimum.reduceat(level, begin), np.maximum.reduceat(level, begin)
    return int((np.maximum(most, 0) - np.minimum(least, 0)).sum())
