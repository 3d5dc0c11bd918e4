"""Parts of a round that can be improved on their own.

The prices of the flow say what every choice *loses*: a column its reduced cost, a tenth or a stay
what the optimum would have saved there. The losses of an answer add up to its distance from
the bound, so they can be looked at place by place.

An *island* is a set of groups and doctors that no other can help. To gain by a column between two
islands one must lose at least what a unit on it loses; where that is no less than both islands lose
together, nothing is gained. Each island may then be proven best by itself.
"""

from collections.abc import Iterator
from dataclasses import replace

import numpy as np
from scipy import sparse
from scipy.sparse import csgraph

from matcher.households.columns import FAR, Columns
from matcher.households.packing import ALONE, Given
from matcher.households.programme import Programme, Scope
from matcher.network import SEGMENTS, Costs, Flow, Network, Small
from matcher.problem import Flags, Ints


def opened(network: Network, given: Given, columns: Columns, types: Flags, doctors: Ints) -> Scope:
    """The scope in which the units of some types may move along some columns.

    Persons alone move with all the persons alone of their group. Columns to other doctors are left
    aside; so are the places of those who do not move.
    """
    load = staying(network, given, types).load(network) + network.taken
    steps = network.places[doctors, None] * np.arange(SEGMENTS + 1) // SEGMENTS
    return Scope(
        columns.at(np.isin(network.doctor[columns.arc], doctors)),
        np.flatnonzero(types & (network.type_size > 1)),
        np.unique(network.group_of_type[types & (network.type_size == 1)]),
        doctors,
        np.diff(np.maximum(steps, load[doctors, None]), axis=1),
    )


def staying(network: Network, given: Given, types: Flags) -> Given:
    """The rows of those who are not of the given types; these are not even left out."""
    lonely = np.zeros(network.groups, np.bool_)
    lonely[network.group_of_type[types & (network.type_size == 1)]] = True
    stay = ~np.where(given.type_ == ALONE, lonely[given.group], types[given.type_])
    left = np.where(types, 0, given.left)
    return Given(
        given.group[stay],
        given.type_[stay],
        given.arc[stay],
        given.units[stay],
        given.loss[stay],
        left,
    )


def without(network: Network, given: Given, types: Flags) -> Given:
    """The same, but all the units of the given types wait."""
    stayed = staying(network, given, types)
    return replace(stayed, left=np.where(types, network.type_units, stayed.left))


def moving(network: Network, scope: Scope) -> Flags:
    """The types of which a scope moves the units."""
    types: Flags = np.isin(network.group_of_type, scope.groups) & (network.type_size == 1)
    types[scope.households] = True
    return types


def groups(network: Network, scope: Scope) -> Ints:
    """The groups of which some units move, ascending."""
    return np.union1d(scope.groups, network.group_of_type[scope.households])


def pieces(network: Network, scope: Scope, wanted: Flags) -> Iterator[Scope]:
    """The connected pieces of a scope that hold one of the ``wanted`` groups."""
    columns, group_of = scope.columns, network.group_of_type
    label = _linked(network, columns.group, network.doctor[columns.arc])
    of_group, of_doctor = label[: network.groups], label[network.groups :]
    for piece in np.unique(of_group[wanted]).tolist():
        inside = of_doctor[scope.doctors] == piece
        yield Scope(
            columns.at(of_group[columns.group] == piece),
            scope.households[of_group[group_of[scope.households]] == piece],
            scope.groups[of_group[scope.groups] == piece],
            scope.doctors[inside],
            scope.room[inside],
        )


def _linked(network: Network, group: Ints, doctor: Ints | Small) -> Ints:
    """A label per group, then per doctor: the same for those linked by a pair."""
    nodes = network.groups + network.doctors
    pairs = (np.ones(group.size, np.int8), (group, network.groups + doctor))
    _, label = csgraph.connected_components(
        sparse.csr_array(pairs, shape=(nodes, nodes)), directed=False
    )
    return label.astype(np.int64)


def replaced(network: Network, given: Given, programme: Programme, x: Ints) -> Given:
    """What is given once those in the programme's scope have moved."""
    scope = programme.scope
    single, household, out, _ = programme.split(x)
    alone, together = np.flatnonzero(single), np.flatnonzero(household)
    stayed = staying(network, given, moving(network, scope))
    stayed.left[programme.out] = out
    columns, used = scope.columns, np.append(programme.single[alone], programme.household[together])
    return Given(
        np.append(stayed.group, columns.group[used]),
        np.concatenate([stayed.type_, np.full(alone.size, ALONE), programme.type_[together]]),
        np.append(stayed.arc, columns.arc[used]),
        np.concatenate([stayed.units, single[alone], household[together]]),
        np.append(stayed.loss, columns.loss[used]),
        stayed.left,
    )


def unit_losses(network: Network, costs: Costs, flow: Flow, programme: Programme) -> Ints:
    """What a unit of each variable of a programme loses; below zero, what a unit missing does."""
    stay, tenth = _stays(network, costs, flow), _tenths(costs, flow)
    ways, doctors = programme.scope.columns.loss, programme.scope.doctors
    return programme.spread(ways, _one_word(*stay), _one_word(*tenth)[doctors])


def _one_word(high: Ints, low: Ints) -> Ints:
    return np.where(high == 0, np.clip(low, -FAR, FAR), np.sign(high) * FAR)


def _stays(network: Network, costs: Costs, flow: Flow) -> tuple[Ints, Ints]:
    """Per type and place left without doctor: both words of what the arc to the sink would cost."""
    group = network.group_of_type
    return costs.stay_high + flow.group_high[group], costs.stay_low + flow.group_low[group]


def _tenths(costs: Costs, flow: Flow) -> tuple[Ints, Ints]:
    """``[doctor, s]``: the same for a place given in each tenth."""
    low = costs.segment[None, :] + flow.doctor_low[:, None]
    return np.broadcast_to(flow.doctor_high[:, None], low.shape), low


def losses(network: Network, costs: Costs, flow: Flow, given: Given) -> Ints:
    """What an answer loses at each group, then at each doctor, in the low word; nothing may be
    lost in the high one. The sum is how far the answer is from the bound."""
    group = np.zeros(network.groups, np.int64)
    np.add.at(group, given.group, given.loss * given.places(network))
    stay = _lost(_stays(network, costs, flow), given.left * network.type_size, network.type_room)
    np.add.at(group, network.group_of_type, stay)
    tenths = _lost(_tenths(costs, flow), _filled(network, given), network.segment_room)
    return np.append(group, tenths.sum(axis=1))


def left_short(network: Network, costs: Costs, flow: Flow, given: Given, least: int) -> Flags:
    """The doctors with an empty place that loses at least so much, in the low word."""
    dear = _one_word(*_tenths(costs, flow)) <= -least
    empty: Flags = _filled(network, given) < network.segment_room
    short: Flags = np.any(dear & empty, axis=1)
    return short


def _filled(network: Network, given: Given) -> Ints:
    """``[doctor, s]``: places given in each tenth, those promised beforehand not counted."""
    room = network.segment_room
    before = np.cumsum(room, axis=1) - room
    filled: Ints = np.clip(given.load(network)[:, None] - before, 0, room)
    return filled


def _lost(words: tuple[Ints, Ints], carried: Ints, room: Ints) -> Ints:
    high, low = words
    return np.where(high == 0, np.where(low > 0, low * carried, low * (carried - room)), 0)


def islands(network: Network, given: Given, columns: Columns, lost: Ints) -> Iterator[Flags]:
    """The islands on which something is lost: which groups, then doctors, each consists of.

    ``columns`` hold all of which a place loses no more than the whole answer; ``lost`` says what
    it loses where.
    """
    smallest = np.minimum.reduceat(network.type_size, network.type_start[:-1])
    group, doctor = columns.group, network.doctor[columns.arc]
    unit, table = columns.loss * smallest[group], network.doctor.size
    linked = np.isin(group * table + columns.arc, given.group * table + given.arc)
    label = _linked(network, group[linked], doctor[linked])
    while True:
        loss = np.zeros(int(label.max()) + 1, np.int64)
        np.add.at(loss, label, lost)
        linked |= unit < loss[label[group]] + loss[label[network.groups + doctor]]
        wider = _linked(network, group[linked], doctor[linked])
        if wider.max() == label.max():
            break
        label = wider
    for island in np.flatnonzero(loss).tolist():
        yield label == island
