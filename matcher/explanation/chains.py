"""The cheapest chains of moves in the residual network of an optimum.

One more place lets one chain of patients move up: somebody who stays without doctor, or who could
be better off, takes a place that is freed by somebody who takes the new one. The best chain is a
shortest way from the sink. Against the prices of the proof no arc of it is negative, so Dijkstra's
algorithm finds it, for all doctors and groups at once.
"""

from dataclasses import dataclass
from heapq import heapify, heappop, heappush
from typing import NamedTuple

import numpy as np

from compilation import compiled
from matcher.levels import Level
from matcher.matching import Proof
from matcher.network import SEGMENTS, Small
from matcher.problem import Ints

FAR = np.int64(2**61)
SOURCE, NOWHERE = -1, -2


@dataclass(frozen=True)
class Chains:
    """Per node (groups first, then doctors): the cheapest chain of moves that needs a place there.

    ``high`` and ``low`` are its cost in the two words of ``Costs``, FAR where no chain ends;
    ``levels`` the same by level, scaled like the network.
    """

    proof: Proof
    high: Ints
    low: Ints
    levels: dict[str, Ints]


def chains(proof: Proof) -> Chains:
    """Every cheapest chain, by one search through the residual network of a proof."""
    flow = proof.flow
    stays, tenths = _dearest(proof)
    search = _Search(proof, stays, tenths, np.argsort(_doctor_of(proof), kind="stable"))
    high, low, before, by, known = settle(search.maze(), *search.sources())
    reached = before != NOWHERE
    hops = _Hops(search, before, by, known)
    return Chains(
        proof,
        np.where(reached, high + np.concatenate([flow.group_high, flow.doctor_high]), FAR),
        np.where(reached, low + np.concatenate([flow.group_low, flow.doctor_low]), FAR),
        {goal.name: hops.along(goal) for goal in proof.goals},
    )


def _doctor_of(proof: Proof) -> Small:
    """Doctor of each entry of the flow."""
    return proof.fold.network.doctor[proof.flow.arc]


def _dearest(proof: Proof) -> tuple[Ints, Ints]:
    """Per group: the dearest type that has somebody without doctor; per doctor: the dearest tenth
    that is begun; -1 for none."""
    network, flow = proof.fold.network, proof.flow
    stays = np.full(network.groups, -1)
    left = np.flatnonzero(flow.stay)
    stays[network.group_of_type[left]] = left  # types ascend in cost, the last one written stays
    begun = np.cumsum(network.segment_room, axis=1) - network.segment_room
    filled = (flow.load(network)[:, None] > begun) & (network.segment_room > 0)
    tenths = np.where(filled.any(axis=1), SEGMENTS - 1 - filled[:, ::-1].argmax(axis=1), -1)
    return stays, tenths


class _Maze(NamedTuple):
    """What the search runs through: the table, the groups, and where the flow can be taken back."""

    start: Ints
    doctor: Small
    way: Small
    reach: Small
    row: Small
    kind: Small
    limit: Small
    usual_start: Ints
    usual_arc: Ints
    way_cost: Ints
    usual_high: Ints
    usual_low: Ints
    """Both words of what a usual doctor adds to the cost of the way."""
    high: Ints
    """Prices of groups, then doctors."""
    low: Ints
    back_start: Ints
    """The groups of doctor ``d`` are ``back_group[back_start[d]:back_start[d + 1]]``."""
    back_group: Ints


@dataclass(frozen=True)
class _Search:
    """The residual network of a proof, seen from the sink."""

    proof: Proof
    stays: Ints
    tenths: Ints
    order: Ints
    """Entries of the flow, doctor by doctor."""

    def maze(self) -> _Maze:
        network, costs, flow = self.proof.fold.network, self.proof.costs, self.proof.flow
        given = np.bincount(_doctor_of(self.proof), minlength=network.doctors)
        return _Maze(
            network.start,
            network.doctor,
            network.way,
            network.reach,
            network.row,
            network.kind,
            network.limit,
            network.usual_start,
            network.usual_arc,
            costs.way,
            costs.usual[0] * network.usual_gain,
            costs.usual[1] * network.usual_gain,
            np.concatenate([flow.group_high, flow.doctor_high]),
            np.concatenate([flow.group_low, flow.doctor_low]),
            np.concatenate([[0], np.cumsum(given)]),
            flow.group[self.order],
        )

    def sources(self) -> tuple[Ints, Ints]:
        """Reduced cost of the arc from the sink to each node, FAR without one."""
        costs, flow = self.proof.costs, self.proof.flow
        stay_high, stay_low = np.append(costs.stay_high, 0), np.append(costs.stay_low, 0)
        high = np.concatenate([stay_high[self.stays] + flow.group_high, flow.doctor_high])
        low = np.concatenate(
            [
                stay_low[self.stays] + flow.group_low,
                costs.segment[self.tenths] + flow.doctor_low,
            ]
        )
        either = np.concatenate([self.stays >= 0, self.tenths >= 0])
        return np.where(either, -high, FAR), np.where(either, -low, FAR)


@dataclass(frozen=True)
class _Hops:
    """How each node was reached: adds up any level along the chains."""

    search: _Search
    before: Ints
    by: Ints
    """Of a doctor: position in the table; of a group: the entry, in ``order``, taken back."""
    known: Ints
    """Of a doctor: position in ``usual_arc``, -1 without."""

    def along(self, goal: Level) -> Ints:
        """The level's cost of the chain that ends at each node, by pointer jumping."""
        total = np.append(self._own(goal), 0)
        ahead = np.append(np.where(self.before < 0, self.before.size, self.before), -1)
        ahead[-1] = self.before.size
        while (ahead[:-1] != self.before.size).any():
            total = total + total[ahead]
            ahead = ahead[ahead]
        return total[:-1]

    def _own(self, goal: Level) -> Ints:
        """The level's cost of the last hop to each node."""
        proof, search = self.search.proof, self.search
        network, flow, groups = proof.fold.network, proof.flow, search.stays.size
        gain = goal.usual * np.append(network.usual_gain, 0)
        own = np.zeros(self.before.size, np.int64)
        reached = np.flatnonzero(self.before >= 0)
        back, there = reached[reached < groups], reached[reached >= groups]
        entry, arc = search.order[self.by[back]], self.by[there]
        own[back] = -goal.way[network.way[flow.arc[entry]]] - gain[flow.usual[entry]]
        own[there] = goal.way[network.way[arc]] + gain[self.known[there]]
        first = np.flatnonzero(self.before == SOURCE)
        left, begun = first[first < groups], first[first >= groups]
        own[left] = -goal.stay[search.stays[left]]
        own[begun] = -goal.segment[search.tenths[begun - groups]]
        return own


class _Found(NamedTuple):
    """What is known so far of each node, improved as the search goes on."""

    high: Ints
    low: Ints
    before: Ints
    by: Ints
    known: Ints


@compiled
def settle(maze: _Maze, high: Ints, low: Ints) -> _Found:
    """Dijkstra: settles the nearest node again and again; lengths are two words."""
    groups = maze.row.size
    before = np.where(high < FAR, SOURCE, NOWHERE)
    found = _Found(high, low, before, np.full(high.size, -1), np.full(high.size, -1))
    done = np.zeros(high.size, np.bool_)
    heap = [(high[node], low[node], node) for node in range(high.size) if high[node] < FAR]
    heapify(heap)
    while len(heap) > 0:
        node = heappop(heap)[2]
        if done[node]:
            continue
        done[node] = True
        if node < groups:
            _go_on(maze, found, node, heap)
        else:
            _take_back(maze, found, node, heap)
    return found


@compiled
def _go_on(maze: _Maze, found: _Found, group: int, heap: list[tuple[int, int, int]]) -> None:
    """From a group to every doctor it may go to."""
    row, reach = maze.row[group], maze.reach[maze.kind[group]]
    for arc in range(maze.start[row], maze.start[row + 1]):
        if maze.way[arc] <= min(maze.limit[group], reach[maze.doctor[arc]]):
            _reach(maze, found, group, (arc, -1), heap)
    for known in range(maze.usual_start[group], maze.usual_start[group + 1]):
        _reach(maze, found, group, (maze.usual_arc[known], known), heap)


@compiled
def _reach(
    maze: _Maze,
    found: _Found,
    group: int,
    by: tuple[int, int],
    heap: list[tuple[int, int, int]],
) -> None:
    arc, known = by
    doctor = maze.row.size + maze.doctor[arc]
    high = found.high[group] + maze.high[group] - maze.high[doctor]
    low = found.low[group] + maze.way_cost[maze.way[arc]] + maze.low[group] - maze.low[doctor]
    if known >= 0:
        high += maze.usual_high[known]
        low += maze.usual_low[known]
    if high < found.high[doctor] or (high == found.high[doctor] and low < found.low[doctor]):
        found.high[doctor], found.low[doctor] = high, low
        found.before[doctor], found.by[doctor], found.known[doctor] = group, arc, known
        heappush(heap, (high, low, doctor))


@compiled
def _take_back(maze: _Maze, found: _Found, node: int, heap: list[tuple[int, int, int]]) -> None:
    """From a doctor to every group that has a place there: an arc in use costs nothing."""
    doctor, high, low = node - maze.row.size, found.high[node], found.low[node]
    for entry in range(maze.back_start[doctor], maze.back_start[doctor + 1]):
        group = maze.back_group[entry]
        if high < found.high[group] or (high == found.high[group] and low < found.low[group]):
            found.high[group], found.low[group] = high, low
            found.before[group], found.by[group] = node, entry
            heappush(heap, (high, low, group))
