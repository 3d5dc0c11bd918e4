"""Carries the tree of a former optimum over to a changed round, so that only the change is solved.

Doctors are recognised by their id, groups by their people: a new group takes the place in the tree
of the old one with which it shares most. What is not recognised begins without doctor. Any such
tree will do: the engine mends what no longer fits, and the optimum does not depend on it.
"""

from dataclasses import replace

import numpy as np

from compilation import compiled
from matcher.folding import Fold
from matcher.matching import Proof
from matcher.network import SEGMENTS, Basis, Network, Small
from matcher.problem import UNKNOWN, Flags, Ids, Ints, Problem

ON_THE_SINK = -1
NO_PRICE = 2**62
"""The high word of a price that no group pays: to begin with, any other is an improvement."""


def carried_over(start: Proof, problem: Problem, fold: Fold) -> Basis | None:
    """A basis for the network of ``fold``, like that of ``start``; None if it has none."""
    old, network = start.flow.basis, fold.network
    if old is None:
        return None
    doctors = _rows_of(start.problem.doctors.id, problem.doctors.id)
    becomes = np.concatenate(
        [
            _heirs(start, problem, fold),
            np.where(doctors < 0, UNKNOWN, doctors + network.groups),
            [network.groups + network.doctors],
        ]
    )
    kept = np.flatnonzero(becomes[:-1] >= 0)
    node, above = becomes[kept], becomes[old.parent[kept]]
    arc = _links(network, node, above, old.arc[kept] < ON_THE_SINK)
    linked = arc != ON_THE_SINK
    basis = _nobody(network)
    basis.parent[node[linked]], basis.arc[node[linked]] = above[linked], arc[linked]
    basis.segment[node] = np.minimum(old.segment[kept], _last_segment(network)[node])
    basis.high[node], basis.low[node] = old.high[kept], old.low[kept]
    return replace(basis, arcs=old.arcs)


def _rows_of(old: Ids, new: Ids) -> Ints:
    """The row of each old id among the new ones, both ascending; UNKNOWN where it is gone."""
    if not new.size:
        return np.full(old.size, UNKNOWN)
    row = np.minimum(np.searchsorted(new, old), new.size - 1)
    return np.where(new[row] == old, row, UNKNOWN)


def _heirs(start: Proof, problem: Problem, fold: Fold) -> Ints:
    """Per old group: the new group that takes its place, each at most once."""
    person = _rows_of(start.problem.people.id, problem.people.id)
    old = _group_of_person(start.fold, person.size)
    new = np.append(_group_of_person(fold, problem.people.id.size), UNKNOWN)[person]
    shared = (old >= 0) & (new >= 0)
    key, people = np.unique(old[shared] * fold.network.groups + new[shared], return_counts=True)
    key = key[np.argsort(-people, kind="stable")]
    pairs = np.stack(np.divmod(key, max(fold.network.groups, 1)))
    for side in (0, 1):
        pairs = pairs[:, np.sort(np.unique(pairs[side], return_index=True)[1])]
    heirs = np.full(start.fold.network.groups, UNKNOWN)
    heirs[pairs[0]] = pairs[1]
    return heirs


def _group_of_person(fold: Fold, people: int) -> Ints:
    """UNKNOWN for those promised to a doctor beforehand."""
    return np.append(fold.network.group_of_type, UNKNOWN)[fold.type_of_person(people)]


def _nobody(network: Network) -> Basis:
    """The tree in which everybody stays without doctor."""
    nodes = network.groups + network.doctors
    last = _last_segment(network)
    last[network.groups :] = 0
    return Basis(
        np.full(nodes + 1, nodes, np.int32),
        np.full(nodes + 1, ON_THE_SINK, np.int64),
        last.astype(np.int32),
        high=np.where(np.arange(nodes + 1) < network.groups, NO_PRICE, -NO_PRICE),
        low=np.zeros(nodes + 1, np.int64),
    )


def _last_segment(network: Network) -> Ints:
    """Per node: the last of its arcs to the sink; of a doctor, the one behind all tenths."""
    tenths = np.full(network.doctors + 1, SEGMENTS)
    return np.concatenate([np.diff(network.type_start) - 1, tenths])


def _links(network: Network, node: Ints, above: Ints, usual: Flags) -> Ints:
    """The arc between each node and the one above it, as in ``Basis``; ON_THE_SINK for none."""
    below = node < network.groups
    group, doctor = np.where(below, node, above), np.where(below, above, node) - network.groups
    linked = (above >= 0) & (above < network.groups + network.doctors)
    arc = np.full(node.size, ON_THE_SINK)
    arc[linked] = find(
        (network.start, network.doctor, network.row),
        (network.usual_start, network.usual_arc),
        group[linked],
        doctor[linked],
        usual[linked],
    )
    return arc


@compiled
def find(
    table: tuple[Ints, Small, Small],
    known: tuple[Ints, Ints],
    groups: Ints,
    doctors: Ints,
    usual: Flags,
) -> Ints:
    start, doctor_of, row_of = table
    usual_start, usual_arc = known
    arcs = np.full(groups.size, ON_THE_SINK)
    for entry in range(groups.size):
        group, doctor = groups[entry], doctors[entry]
        if usual[entry]:
            for place in range(usual_start[group], usual_start[group + 1]):
                if doctor_of[usual_arc[place]] == doctor:
                    arcs[entry] = -2 - place
            continue
        for place in range(start[row_of[group]], start[row_of[group] + 1]):
            if doctor_of[place] == doctor:
                arcs[entry] = place
    return arcs
