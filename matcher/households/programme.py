"""Whole households as an integer programme over chosen columns.

    persons alone z of group g, households h of type t, doctors j, tenths s of j's places:
    sum_j z_gj + persons alone left out        = persons alone of g
    sum_j h_tj + households left out           = households of type t
    sum_g z_gj + sum_t size_t h_tj             = sum_s y_js

Solved by HiGHS through ``scipy.optimize.milp``; every answer is rounded and re-added in integers.
"""

from dataclasses import dataclass
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray
from scipy import sparse
from scipy.optimize import Bounds, LinearConstraint, OptimizeResult, milp

from matcher.households.columns import Columns
from matcher.network import SEGMENTS, Network
from matcher.problem import Flags, Ints


@dataclass(frozen=True)
class Effort:
    """How hard to try: HiGHS nodes (the same on every machine) and seconds (a last resort)."""

    nodes: int = 20_000
    """For a programme of a thousand variables; larger ones get fewer, as each takes longer."""
    seconds: float = 60.0


PROVEN, INFEASIBLE = 0, 2
"""SciPy's statuses of an answer that ends the search."""

ALMOST = 1e-6
"""What HiGHS may leave between a whole number and what it answers."""

Kind = TypeVar("Kind", bound=np.generic)
Weights = NDArray[np.float64]


class Exhausted(Exception):
    """The effort allowed was spent without an answer."""


@dataclass(frozen=True)
class Scope:
    """What a programme may change; everybody else stays where they are."""

    columns: Columns
    households: Ints
    """Types of households, ascending."""
    groups: Ints
    """Whose persons alone may be moved, ascending."""
    doctors: Ints
    """Ascending; every column leads to one of them."""
    room: Ints
    """``[doctor, s]``: places of each tenth that those who stay where they are leave."""


@dataclass(frozen=True)
class Programme:
    """The variables, in four blocks (persons alone, households, units left out, tenths), the
    equations they obey, and their upper bounds."""

    scope: Scope
    single: Ints
    """Persons alone: the column."""
    household: Ints
    """Households: the column..."""
    type_: Ints
    """...and the type."""
    out: Ints
    """Units left out: the type."""
    size: Ints
    """Per type of the network."""
    equations: sparse.csr_array
    right: Ints
    upper: Ints

    def spread(self, way: Ints, stay: Ints, tenth: Ints) -> Ints:
        """One value per variable, from values per place on columns, types and tenths."""
        return np.concatenate(
            [
                way[self.single],
                way[self.household] * self.size[self.type_],
                stay[self.out] * self.size[self.out],
                np.broadcast_to(tenth, self.scope.room.shape).reshape(-1),
            ]
        )

    def whole(self, *, singles: bool) -> NDArray[np.int8]:
        """Which variables the solver must be told to keep whole.

        Tenths fill in order of cost by themselves. Given whole households, what is left is a flow,
        so persons alone come out whole by themselves too, unless a further row ties them.
        """
        blocks = (
            np.full(self.single.size, singles),
            np.ones(self.household.size),
            (self.size[self.out] > 1) | singles,
            np.zeros(self.scope.room.size),
        )
        return np.concatenate(blocks).astype(np.int8)

    def split(self, x: NDArray[Kind]) -> list[NDArray[Kind]]:
        """The four blocks of a vector of variables."""
        return np.split(x, np.cumsum([self.single.size, self.household.size, self.out.size]))


@dataclass(frozen=True)
class Solved:
    """A solution and whether HiGHS proved it the best over the columns given."""

    x: Ints
    proven: bool


def write(network: Network, scope: Scope) -> Programme:
    """The programme of a scope. Columns too small for a household are not offered to it."""
    group_of, size, columns = network.group_of_type, network.type_size, scope.columns
    single = np.flatnonzero(np.isin(columns.group, scope.groups))
    lonely = np.flatnonzero((size == 1) & np.isin(group_of, scope.groups))
    household, type_ = _households(network, scope)
    out = np.concatenate([lonely, scope.households])
    units = network.type_units
    singles = np.bincount(group_of[lonely], units[lonely], network.groups).astype(np.int64)
    return Programme(
        scope,
        single,
        household,
        type_,
        out,
        size,
        _equations(network, scope, (single, household, type_, out)),
        np.concatenate(
            [singles[scope.groups], units[scope.households], np.zeros_like(scope.doctors)]
        ),
        np.concatenate(
            [singles[columns.group[single]], units[type_], units[out], scope.room.reshape(-1)]
        ),
    )


def _households(network: Network, scope: Scope) -> tuple[Ints, Ints]:
    """Column and type of every way to place a household of the scope."""
    group = network.group_of_type[scope.households]
    first = np.searchsorted(scope.columns.group, group)
    number = np.searchsorted(scope.columns.group, group, side="right") - first
    type_ = np.repeat(scope.households, number)
    inside = np.arange(type_.size) - np.repeat(np.cumsum(number) - number, number)
    column = np.repeat(first, number) + inside
    at = np.searchsorted(scope.doctors, network.doctor[scope.columns.arc[column]])
    fits = scope.room.sum(axis=1)[at] >= network.type_size[type_]
    return column[fits], type_[fits]


def _equations(
    network: Network, scope: Scope, variables: tuple[Ints, Ints, Ints, Ints]
) -> sparse.csr_array:
    single, household, type_, out = variables
    columns, size = scope.columns, network.type_size
    first_doctor = scope.groups.size + scope.households.size

    def unit_row(types: Ints) -> Ints:
        of_group = np.searchsorted(scope.groups, network.group_of_type[types])
        of_type = scope.groups.size + np.searchsorted(scope.households, types)
        return np.where(size[types] == 1, of_group, of_type)

    def doctor_row(column: Ints) -> Ints:
        return first_doctor + np.searchsorted(scope.doctors, network.doctor[columns.arc[column]])

    at = np.cumsum([0, single.size, household.size, out.size, scope.room.size])
    z, h, u, y = (np.arange(at[k], at[k + 1]) for k in range(4))
    entries = [
        (np.searchsorted(scope.groups, columns.group[single]), z, np.ones(z.size)),
        (unit_row(type_), h, np.ones(h.size)),
        (unit_row(out), u, np.ones(u.size)),
        (doctor_row(single), z, np.ones(z.size)),
        (doctor_row(household), h, size[type_]),
        (first_doctor + np.arange(y.size) // SEGMENTS, y, -np.ones(y.size)),
    ]
    row, column, value = (np.concatenate(part) for part in zip(*entries, strict=True))
    shape = (first_doctor + scope.doctors.size, int(at[-1]))
    return sparse.csr_array((value.astype(np.float64), (row, column)), shape=shape)


def nobody(whole: Programme) -> Ints:
    """The solution that leaves everybody without doctor: always feasible."""
    x = np.zeros_like(whole.upper)
    _, _, out, _ = whole.split(np.arange(x.size))
    x[out] = whole.upper[out]
    return x


def minimise(
    programme: Programme,
    cost: Ints,
    effort: Effort,
    *,
    at_most: list[tuple[Ints, int]] | None = None,
) -> Solved | None:
    """A least-cost integer solution, or None when there is provably none.

    Raises Exhausted when the effort ends before either is known. ``at_most`` lists further rows
    ``(coefficients, limit)``. All are integers.
    """
    answer = _run(
        programme,
        cost,
        effort,
        integrality=programme.whole(singles=bool(at_most)),
        bounds=Bounds(0, programme.upper),
        rows=at_most or [],
    )
    if answer is None:
        return None
    x = np.rint(answer.x).astype(np.int64)
    if not _holds(programme, x):
        raise Exhausted
    return Solved(x, answer.status == PROVEN)


@dataclass(frozen=True)
class Relaxed:
    """A solution in which some households may still be split."""

    x: Ints
    """Rounded: wrong for the groups that are split."""
    split: Ints
    """Types of which units are split."""
    cost: int
    proven: bool
    """Whether no solution that may split as much costs less."""


def relax(
    programme: Programme,
    cost: Ints,
    effort: Effort,
    *,
    bounds: tuple[Ints, Ints],
    at_most: int,
    firm: Flags,
) -> Relaxed | None:
    """A least-cost solution that keeps the ``firm`` types whole; None when all cost more than
    ``at_most``.

    What the other households do is a flow: whole in places, and few are split.
    Raises Exhausted when the effort ends before that is known.
    """
    whole = np.zeros(programme.upper.shape, np.bool_)
    _, household, out, _ = programme.split(whole)  # views: to mark a block is to mark the whole
    household |= firm[programme.type_]
    out |= firm[programme.out] & (programme.size[programme.out] > 1)
    low, high = bounds
    answer = _run(
        programme,
        cost,
        effort,
        integrality=whole.astype(np.int8),
        bounds=Bounds(low, high),
        rows=[(cost, at_most)],
    )
    if answer is None:
        return None
    settled = np.rint(answer.x)
    at = Bounds(np.where(whole, settled, low), np.where(whole, settled, high))
    flow = _run(
        programme, cost, effort, integrality=np.zeros(whole.size, np.int8), bounds=at, rows=[]
    )
    if flow is None:
        raise Exhausted
    least = round(float(cost @ flow.x))
    return Relaxed(*_rounded(programme, flow.x), least, answer.status == PROVEN)


def _rounded(programme: Programme, x: Weights) -> tuple[Ints, Ints]:
    """A vector of variables in whole numbers, and the types for which that is wrong."""
    rounded = np.rint(x).astype(np.int64)
    _, household, out, _ = programme.split(np.abs(x - rounded) > ALMOST)
    return rounded, np.union1d(programme.type_[household], programme.out[out])


def _run(
    programme: Programme,
    cost: Ints,
    effort: Effort,
    *,
    integrality: NDArray[np.int8],
    bounds: Bounds,
    rows: list[tuple[Ints, int]],
) -> OptimizeResult | None:
    """What HiGHS answers; None where nothing satisfies the programme and further ``rows``."""
    divisor = (int(np.gcd.reduce(cost)) if cost.size else 0) or 1
    further = [
        LinearConstraint(sparse.csr_array(part[None, :] / divided), -np.inf, limit // divided)
        for part, limit in rows
        for divided in [int(np.gcd.reduce(part)) or 1]
    ]
    nodes = max(1, 1_000 * effort.nodes // max(1_000, cost.size))
    answer = milp(
        (cost // divisor).astype(np.float64),
        integrality=integrality,
        bounds=bounds,
        constraints=[
            LinearConstraint(programme.equations, programme.right, programme.right),
            *further,
        ],
        options={"mip_rel_gap": 0.0, "node_limit": nodes, "time_limit": effort.seconds},
    )
    if answer.x is None and answer.status != INFEASIBLE:
        raise Exhausted
    return None if answer.x is None else answer


def _holds(programme: Programme, x: Ints) -> bool:
    """The equations hold in integers after rounding."""
    left = programme.equations.astype(np.int64) @ x
    return bool((left == programme.right).all() and (x >= 0).all() and (x <= programme.upper).all())
