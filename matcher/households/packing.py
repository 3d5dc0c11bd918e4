"""Whole households in the places of a flow, group by group, exactly.

The flow gives a group so many places at each doctor and leaves so many places of its types without
doctor. A group *packs* if its households fill some of these places exactly and its persons alone
the rest. What stays may be swapped between types that cost the same to leave. If every group
packs, nothing is lost by keeping households together.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from matcher.network import Costs, Flow, Network
from matcher.problem import Flags, Ints

ALONE = -1
"""Stands for a type where it is persons alone, of whichever type, who go."""

MOST_TRIES = 5_000
"""A group that still does not pack after so many ways of filling a doctor's places is left to the
integer programme."""

Counts = tuple[int, ...]
"""Households of each size, as listed beside."""


@dataclass(frozen=True)
class Given:
    """Who goes where, in whole units: one row per group, type and arc."""

    group: Ints
    type_: Ints
    """Of households, ALONE for persons alone."""
    arc: Ints
    units: Ints
    loss: Ints
    """What each place costs more than at the optimum, in the low word."""
    left: Ints
    """Per type of the network: units without doctor."""

    def places(self, network: Network) -> Ints:
        """Per row: the places taken."""
        return self.units * np.where(self.type_ == ALONE, 1, network.type_size[self.type_])

    def load(self, network: Network) -> Ints:
        """Per doctor: places given."""
        load = np.zeros(network.doctors, np.int64)
        np.add.at(load, network.doctor[self.arc], self.places(network))
        return load


def pack(network: Network, costs: Costs, flow: Flow) -> tuple[Given, Flags]:
    """The groups that pack, packed; and which groups do not."""
    group, arc, places = _merged(flow)
    first = np.searchsorted(group, np.arange(network.groups + 1))
    household = network.type_size > 1
    mixed = np.zeros(network.groups, np.bool_)
    mixed[network.group_of_type[household]] = True
    staying = np.bincount(network.group_of_type, flow.stay, network.groups)
    at_once = mixed & (np.diff(first) == 1) & (staying == 0)
    left = np.where(household & (staying < network.supply)[network.group_of_type], 0, flow.stay)
    left //= network.type_size
    rows = [_alone(group, arc, places, mixed), _at_once(network, arc[first[:-1][at_once]], at_once)]
    failing = np.zeros_like(mixed)
    hard = mixed & ~at_once & (staying < network.supply)
    for each in np.flatnonzero(hard).tolist():
        span = slice(first[each], first[each + 1])
        packed = _packed(_mixed(network, costs, flow, each), places[span].tolist())
        failing[each] = packed is None
        if packed is not None:
            left[network.type_start[each] : network.type_start[each + 1]] = packed[0]
            rows.append(_rows(network, each, arc[span], packed[1:]))
    group, type_, arc, units = np.concatenate(rows, axis=1)
    return Given(group, type_, arc, units, np.zeros_like(units), left), failing


def _alone(group: Ints, arc: Ints, places: Ints, mixed: Flags) -> Ints:
    """Rows of ``Given`` for groups without households."""
    kept = ~mixed[group]
    return np.stack([group, np.full_like(group, ALONE), arc, places])[:, kept]


def _at_once(network: Network, arc: Ints, chosen: Flags) -> Ints:
    """Rows of ``Given`` for groups that go to one doctor as a whole; ``arc`` has one each."""
    arc_of = np.zeros(network.groups, np.int64)
    arc_of[chosen] = arc
    group = network.group_of_type
    household = np.flatnonzero((network.type_size > 1) & chosen[group])
    alone = np.where(network.type_size == 1, network.type_units, 0)
    singles = np.bincount(group, alone, network.groups).astype(np.int64)
    lonely = np.flatnonzero(chosen & (singles > 0))
    return np.stack(
        [
            np.concatenate([group[household], lonely]),
            np.concatenate([household, np.full_like(lonely, ALONE)]),
            np.concatenate([arc_of[group[household]], arc_of[lonely]]),
            np.concatenate([network.type_units[household], singles[lonely]]),
        ]
    )


def _merged(flow: Flow) -> tuple[Ints, Ints, Ints]:
    """The arcs that carry something, each once, by group."""
    order = np.lexsort((flow.arc, flow.group))
    group, arc = flow.group[order], flow.arc[order]
    new = np.ones(group.size, np.bool_)
    new[1:] = (np.diff(group) != 0) | (np.diff(arc) != 0)
    first = np.flatnonzero(new)
    places = np.add.reduceat(flow.amount[order], first) if first.size else flow.amount
    return group[first], arc[first], places


@dataclass(frozen=True)
class _Mixed:
    """A group that holds households."""

    size: list[int]
    """Per type."""
    units: list[int]
    wait: list[int]
    """Per type: units that wait in any case."""
    pool: list[bool]
    """Per type: whether it is one of those, all the same to leave, of which only a part waits."""
    pool_places: int
    """Places that this pool leaves."""


def _mixed(network: Network, costs: Costs, flow: Flow, group: int) -> _Mixed:
    span = slice(int(network.type_start[group]), int(network.type_start[group + 1]))
    prices = np.stack([costs.stay_high[span], costs.stay_low[span]])
    pool = np.cumsum(np.append(0, np.diff(prices).any(axis=0)))
    stay = np.bincount(pool, flow.stay[span])
    units = network.type_units[span]
    room = np.bincount(pool, units * network.type_size[span])
    part = ((stay > 0) & (stay < room))[pool]  # of one pool at most, at an optimum
    wait = np.where(part | (stay[pool] == 0), 0, units)
    return _Mixed(
        network.type_size[span].tolist(),
        units.tolist(),
        wait.tolist(),
        part.tolist(),
        int(flow.stay[span][part].sum()),
    )


def _packed(mixed: _Mixed, places: list[int]) -> list[list[int]] | None:
    """Units of each type left, then those at each doctor in turn; None if it cannot be."""
    sizes = sorted({size for size in mixed.size if size > 1}, reverse=True)
    rows = list(zip(mixed.size, mixed.units, mixed.wait, mixed.pool, strict=True))
    pooled = tuple(sum(n for s, n, _, pool in rows if pool and s == size) for size in sizes)
    served = tuple(
        sum(n - wait for s, n, wait, pool in rows if not pool and s == size) for size in sizes
    )
    alone = sum(n for s, n, _, pool in rows if pool and s == 1)
    tries = iter(range(MOST_TRIES))
    for waiting in _choices(pooled, sizes, mixed.pool_places - alone, mixed.pool_places):
        going = tuple(a + b - c for a, b, c in zip(pooled, served, waiting, strict=True))
        filled = _filled(places, going, sizes, tries)
        if filled is not None:
            return _told(mixed, sizes, waiting, places, filled)
    return None


def _filled(
    places: list[int], going: Counts, sizes: list[int], tries: Iterator[int]
) -> list[Counts] | None:
    """Households of each size for each doctor; persons alone fill the places that remain."""
    if not places:
        return None if any(going) else []
    all_places = sum(size * number for size, number in zip(sizes, going, strict=True))
    for here in _choices(going, sizes, all_places - sum(places[1:]), places[0]):
        if next(tries, None) is None:
            return None
        rest = tuple(a - b for a, b in zip(going, here, strict=True))
        filled = _filled(places[1:], rest, sizes, tries)
        if filled is not None:
            return [here, *filled]
    return None


def _choices(most: Counts, sizes: list[int], low: int, high: int) -> Iterator[Counts]:
    """Every choice of households that takes ``low`` to ``high`` places, the large ones first."""
    if high < 0 or low > sum(size * number for size, number in zip(sizes, most, strict=True)):
        return
    if not most:
        yield ()
        return
    for number in range(min(most[0], high // sizes[0]), -1, -1):
        taken = number * sizes[0]
        for others in _choices(most[1:], sizes[1:], low - taken, high - taken):
            yield (number, *others)


def _told(
    mixed: _Mixed, sizes: list[int], waiting: Counts, places: list[int], filled: list[Counts]
) -> list[list[int]]:
    """Choices by size told type by type: in the order of the types, since all are the same."""
    wait, going = list(mixed.wait), [0] * len(mixed.size)
    left = dict(zip(sizes, waiting, strict=True))
    taken = sum(size * number for size, number in left.items())
    left[1] = mixed.pool_places - taken
    for each, size in enumerate(mixed.size):
        if mixed.pool[each]:
            wait[each] = min(left.get(size, 0), mixed.units[each])
            left[size] -= wait[each]
        going[each] = mixed.units[each] - wait[each]
    told = [wait]
    for here, room in zip(filled, places, strict=True):
        told.append(_handed(mixed.size, going, dict(zip(sizes, here, strict=True)), room))
    return told


def _handed(size: list[int], going: list[int], here: dict[int, int], room: int) -> list[int]:
    """The units of each type that one doctor gets; takes them from ``going``."""
    here[1] = room - sum(each * number for each, number in here.items())
    given = []
    for each, one in enumerate(size):
        given.append(min(here[one], going[each]))
        going[each] -= given[-1]
        here[one] -= given[-1]
    return given


def _rows(network: Network, group: int, arc: Ints, units: list[list[int]]) -> Ints:
    """Rows of ``Given`` for one group, from the units of each type at each of its doctors."""
    first, end = network.type_start[group : group + 2].tolist()
    table = np.array(units, np.int64).reshape(arc.size, end - first)
    alone = network.type_size[first:end] == 1
    at, type_ = np.nonzero(table * ~alone)
    singles = table[:, alone].sum(axis=1)
    lonely = np.flatnonzero(singles)
    return np.stack(
        [
            np.full(at.size + lonely.size, group),
            np.concatenate([first + type_, np.full(lonely.size, ALONE)]),
            np.concatenate([arc[at], arc[lonely]]),
            np.concatenate([table[at, type_], singles[lonely]]),
        ]
    )
