"""The table of doctors and ways that the groups of a round share, and where each unit reads it."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import chain

import numpy as np

from matcher import travel
from matcher.folding.apart import BAND_SECONDS, OwnRows, own_rows
from matcher.folding.units import Units
from matcher.nearby import Nearby, merged
from matcher.network import ANY_WAY, Small
from matcher.numbering import alike, distinct, examples, starts
from matcher.problem import Ints, Problem


@dataclass(frozen=True)
class Table:
    """The rows of doctors, as in ``network.Network``: one per home, then those of units apart."""

    start: Ints
    doctor: Small
    way: Small
    way_seconds: Ints
    way_bands: Ints
    homes: int
    """How many rows are those of homes."""


@dataclass(frozen=True)
class Traits:
    """Per unit: row of the table, kind of needs, longest way. What each kind reaches."""

    row: Small
    kind: Small
    limit: Small
    reach: Small


def laid_out(problem: Problem, nearby: Nearby, whole: Units, scale: int) -> tuple[Table, Traits]:
    """The table for ``whole``, and where each unit stands."""
    traits = _in_homes(problem, nearby, whole)
    special = _apart(problem, whole)
    if not special.size:
        return _table_of_homes(nearby, scale), traits
    own = own_rows(problem, nearby, whole.chosen(special))
    homes = nearby.start.size - 1
    anything = np.full((1, traits.reach.shape[1]), ANY_WAY)
    traits.row[special] = homes + own.number
    traits.kind[special] = traits.reach.shape[0]
    traits.limit[special] = ANY_WAY
    reach = np.concatenate([traits.reach, anything])
    return _extended(_table_of_homes(nearby, scale), own, scale), Traits(
        traits.row, traits.kind, traits.limit, reach
    )


def _in_homes(problem: Problem, nearby: Nearby, whole: Units) -> Traits:
    """What suits every member, as far as a home's row can tell."""
    first = whole.first
    row = problem.people.home[first].astype(np.int32)
    kind, limit, reach = nearby.kind[first], nearby.limit[first], nearby.reach
    many = whole.households
    if many.size:
        members = whole.chosen(many)
        limit[many] = np.minimum.reduceat(nearby.limit[members.person], members.start[:-1])
        kind[many], reach = _joint_kinds(nearby, members)
    return Traits(row, kind, limit, reach)


def _joint_kinds(nearby: Nearby, members: Units) -> tuple[Small, Small]:
    """The kind of each household, and all reaches: a doctor serves a household as far as he serves
    each member."""
    unit, kind = members.of_member, nearby.kind[members.person]
    order = np.lexsort((kind, unit))
    unit, kind = unit[order], kind[order]
    new = np.append(True, (unit[1:] != unit[:-1]) | (kind[1:] != kind[:-1]))
    start, kind = starts(np.bincount(unit[new])), kind[new]
    sets, number = distinct(alike(start, kind))
    example = examples(number, sets.size)

    def joint() -> Iterator[Small]:
        for unit in example.tolist():
            yield nearby.reach[kind[start[unit] : start[unit + 1]]].min(axis=0)

    same, reach = merged(chain(nearby.reach, joint()), nearby.reach.shape[1])
    return same[nearby.reach.shape[0] + number], reach


def _apart(problem: Problem, whole: Units) -> Ints:
    """Units whose members start from different homes, or whom a pair is refused to."""
    refused, _ = whole.refused(problem)
    many = whole.households
    if not many.size:
        return np.unique(refused)
    members = whole.chosen(many)
    home = problem.people.home[members.person]
    elsewhere = home != np.repeat(home[members.start[:-1]], members.size)
    return np.union1d(refused, many[np.unique(members.of_member[elsewhere])])


def _table_of_homes(nearby: Nearby, scale: int) -> Table:
    seconds = np.arange(travel.to_the_radius(nearby.problem.terms) + 1)
    bands, homes = seconds // BAND_SECONDS, nearby.start.size - 1
    return Table(
        nearby.start,
        nearby.doctor,
        nearby.seconds,
        scale * seconds,
        scale * bands,
        homes,
    )


def _extended(table: Table, own: OwnRows, scale: int) -> Table:
    """The table with the rows of units apart at its end, and their ways."""
    share = scale // own.size
    seconds, bands = (cost[~own.together] for cost in (own.seconds * share, own.bands * share))
    radix = int(bands.max(initial=0)) + 1
    ways, number = distinct(seconds * radix + bands)
    way = own.seconds // own.size
    way[~own.together] = table.way_seconds.size + number
    order = np.lexsort((own.doctor, way, own.row))
    length = np.bincount(own.row, minlength=own.rows)
    return Table(
        np.concatenate([table.start, table.start[-1] + np.cumsum(length)]),
        np.concatenate([table.doctor, own.doctor[order].astype(np.int32)]),
        np.concatenate([table.way, way[order].astype(np.int32)]),
        np.concatenate([table.way_seconds, ways // radix]),
        np.concatenate([table.way_bands, ways % radix]),
        table.homes,
    )
