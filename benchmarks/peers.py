"""The same round by others: people by class in strict order, then the fewest seconds of travel.

These two goals fit in one cost everywhere. Who can be matched together is a matroid, so any weights
that fall from class to class serve the classes in strict order, as long as a step outweighs all
the travel that one exchange can save: at most the longest way at every doctor.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import networkx
import numpy as np
from ortools.graph.python import min_cost_flow
from scipy import sparse
from scipy.optimize import linear_sum_assignment, linprog

from matcher.network import Network
from matcher.problem import Ints


@dataclass(frozen=True)
class Optimum:
    """What every solver must agree on."""

    matched: tuple[int, ...]
    """People by class, class 1 first."""
    travel_seconds: int


@dataclass(frozen=True)
class Graph:
    """A folded round of people alone with every pair of a group and a doctor written down."""

    group: Ints
    """Of each pair, ascending; nearest doctors first within a group."""
    doctor: Ints
    seconds: Ints
    type_group: Ints
    type_class: Ints
    """Counted from 0."""
    type_people: Ints
    supply: Ints
    """People per group."""
    places: Ints
    classes: int

    @property
    def weight(self) -> Ints:
        """Cost of leaving one person of each type without doctor."""
        step = self.places.size * int(self.seconds.max(initial=0)) + 1
        weight: Ints = step * (self.classes - self.type_class)
        return weight

    def optimum(self, given: Ints, stay: Ints) -> Optimum:
        """What so many people on each pair, and left out of each type, amount to."""
        served = np.zeros(self.classes, np.int64)
        np.add.at(served, self.type_class, self.type_people - stay)
        return Optimum(tuple(served.tolist()), int(given @ self.seconds))


def written_down(network: Network) -> Graph:
    """Every pair of the network. It must have neither households nor usual doctors."""
    group, position = network.pairs(np.arange(network.groups))
    return Graph(
        group=group,
        doctor=network.doctor[position].astype(np.int64),
        seconds=network.way_seconds[network.way[position]],
        type_group=network.group_of_type,
        type_class=network.type_classes.argmax(axis=1),
        type_people=network.type_units,
        supply=network.supply,
        places=network.places,
        classes=network.type_classes.shape[1],
    )


def one_by_one(graph: Graph) -> Graph:
    """The same round with each person a group of one, as one would write it first."""
    of_type = np.repeat(np.arange(graph.type_group.size), graph.type_people)
    own = graph.type_group[of_type]
    start = np.searchsorted(graph.group, np.arange(graph.supply.size + 1))
    many = np.diff(start)[own]
    person = np.repeat(np.arange(own.size), many)
    offset = np.arange(person.size) - np.repeat(np.cumsum(many) - many, many)
    pair = start[own][person] + offset
    return Graph(
        group=person,
        doctor=graph.doctor[pair],
        seconds=graph.seconds[pair],
        type_group=np.arange(own.size),
        type_class=graph.type_class[of_type],
        type_people=np.ones(own.size, np.int64),
        supply=np.ones(own.size, np.int64),
        places=graph.places,
        classes=graph.classes,
    )


def flow(graph: Graph) -> Optimum:
    """OR-Tools, SimpleMinCostFlow: cost scaling in C++."""
    groups, doctors = graph.supply.size, graph.places.size
    office, sink = groups + np.arange(doctors), groups + doctors
    solver = min_cost_flow.SimpleMinCostFlow()
    arcs = solver.add_arcs_with_capacity_and_unit_cost(
        np.concatenate([graph.group, graph.type_group, office]).astype(np.int32),
        np.concatenate(
            [groups + graph.doctor, np.full(graph.type_group.size + doctors, sink)]
        ).astype(np.int32),
        np.concatenate([graph.supply[graph.group], graph.type_people, graph.places]),
        np.concatenate([graph.seconds, graph.weight, np.zeros(doctors, np.int64)]),
    )
    supply = np.concatenate([graph.supply, np.zeros(doctors, np.int64), [-graph.supply.sum()]])
    solver.set_nodes_supplies(np.arange(supply.size, dtype=np.int32), supply)
    if solver.solve() != solver.OPTIMAL:
        raise ArithmeticError("the flow was not solved")
    return _split(graph, np.asarray(solver.flows(arcs), dtype=np.int64))


def _split(graph: Graph, amount: Ints) -> Optimum:
    pairs, types = graph.group.size, graph.type_group.size
    return graph.optimum(amount[:pairs], amount[pairs : pairs + types])


def programme(graph: Graph) -> Optimum:
    """HiGHS, dual simplex, by way of SciPy; its answer is rounded to whole people."""
    pairs, every = graph.group.size, graph.group.size + graph.type_group.size
    row = np.concatenate([graph.group, graph.type_group])
    equal = sparse.csr_array((np.ones(every), (row, np.arange(every))), (graph.supply.size, every))
    most = sparse.csr_array(
        (np.ones(pairs), (graph.doctor, np.arange(pairs))), (graph.places.size, every)
    )
    upper = np.concatenate([np.full(pairs, np.inf), graph.type_people])
    solved = linprog(  # type: ignore[call-overload]  # rows may be sparse
        np.concatenate([graph.seconds, graph.weight]),
        A_ub=most,
        b_ub=graph.places,
        A_eq=equal,
        b_eq=graph.supply,
        bounds=np.stack([np.zeros(every), upper], axis=1),
        method="highs-ds",
    )
    return _split(graph, np.rint(solved.x).astype(np.int64))


def network_simplex(graph: Graph) -> Optimum:
    """networkx: a primal network simplex in Python."""
    network = networkx.MultiDiGraph()
    for group, people in enumerate(graph.supply.tolist()):
        network.add_node(group, demand=-people)
    network.add_node("sink", demand=int(graph.supply.sum()))
    network.add_edges_from(_edges(graph))
    _, amount = networkx.network_simplex(network)
    pairs = zip(graph.group.tolist(), graph.doctor.tolist(), strict=True)
    given = [amount[group]["doctor", doctor][0] for group, doctor in pairs]
    stay = [amount[group]["sink"][at] for at, group in enumerate(graph.type_group.tolist())]
    return graph.optimum(np.array(given, np.int64), np.array(stay, np.int64))


def _edges(graph: Graph) -> Iterator[tuple[object, object, int, dict[str, int]]]:
    pairs = zip(graph.group.tolist(), graph.doctor.tolist(), graph.seconds.tolist(), strict=True)
    for group, doctor, seconds in pairs:
        yield group, ("doctor", doctor), 0, {"weight": seconds}
    types = zip(
        graph.type_group.tolist(), graph.type_people.tolist(), graph.weight.tolist(), strict=True
    )
    for at, (group, people, weight) in enumerate(types):
        yield group, "sink", at, {"weight": weight, "capacity": people}
    for doctor, places in enumerate(graph.places.tolist()):
        yield ("doctor", doctor), "sink", 0, {"capacity": places}


def assignment(graph: Graph) -> Optimum:
    """SciPy, linear_sum_assignment: a row per person and a column per place.

    The graph must be one by one. What a pair saves is negative, what is no pair costs nothing, so
    that whoever is assigned to a doctor out of reach stays without.
    """
    saved = np.zeros((graph.supply.size, graph.places.size))
    saved[graph.group, graph.doctor] = graph.seconds - graph.weight[graph.group]
    doctor_of_place = np.repeat(np.arange(graph.places.size), graph.places)
    person, place = linear_sum_assignment(saved[:, doctor_of_place])
    doctor = doctor_of_place[place]
    real = saved[person, doctor] < 0
    stay = np.ones(graph.supply.size, np.int64)
    stay[person[real]] = 0
    served = sparse.csr_array(
        (np.ones(real.sum(), np.int64), (person[real], doctor[real])), saved.shape
    )
    given = np.asarray(served[graph.group, graph.doctor]).reshape(-1)
    return graph.optimum(given, stay)


def by_hand(graph: Graph) -> Optimum:
    """Class after class, everybody in a drawn order to the nearest doctor with room: no optimum."""
    start = np.searchsorted(graph.group, np.arange(graph.supply.size + 1)).tolist()
    doctor, room, next_pair = graph.doctor.tolist(), graph.places.tolist(), start[:-1]
    given = np.zeros(graph.group.size, np.int64)
    stay = np.zeros(graph.type_group.size, np.int64)
    for type_ in _queue(graph).tolist():
        group = int(graph.type_group[type_])
        at, end = next_pair[group], start[group + 1]
        while at < end and not room[doctor[at]]:
            at += 1
        next_pair[group] = at  # who is full stays full
        if at == end:
            stay[type_] += 1
        else:
            room[doctor[at]] -= 1
            given[at] += 1
    return graph.optimum(given, stay)


def _queue(graph: Graph) -> Ints:
    """The type of each person, class after class, in a drawn order within a class."""
    of_type = np.repeat(np.arange(graph.type_group.size), graph.type_people)
    drawn = np.random.default_rng(0).permutation(of_type)
    queue: Ints = drawn[np.argsort(graph.type_class[drawn], kind="stable")]
    return queue
