"""The matching of whole households as an integer programme over chosen columns.

    singles of group g, household types t, doctors j, segments s of j's places:
    sum_j z_gj + sum of singles left out       = singles of g
    sum_j h_tj + u_t                           = households of type t
    sum_g z_gj + sum_t size_t h_tj             = sum_s y_js

Solved by HiGHS through ``scipy.optimize.milp``; every answer is rounded and re-added in integers.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import sparse
from scipy.optimize import Bounds, LinearConstraint, milp

from matcher.folding import Fold
from matcher.levels import SEGMENTS, segment_capacity
from matcher.problem import Flags, Ints

Weights = NDArray[np.float64]


@dataclass(frozen=True)
class Effort:
    """How hard to try: HiGHS nodes (the same on every machine) and seconds (a last resort)."""

    nodes: int = 20_000
    seconds: float = 60.0


LIMIT_REACHED = 1
"""SciPy's status of an answer cut off by a limit."""


class Exhausted(Exception):
    """The effort allowed was spent without an answer."""


@dataclass(frozen=True)
class Columns:
    """The variables, in four blocks: single places, households, units left out, segments."""

    single_arc: Ints
    household_type: Ints
    household_arc: Ints
    size: Ints
    """Size of each type."""
    count: Ints
    """Units of each type."""
    capacity: Ints
    """Places of each segment, doctor by doctor."""

    def spread(self, arc: Ints, type_: Ints, segment: Ints) -> NDArray[np.int64]:
        """One value per variable, from values per place on arcs, types and segments."""
        return np.concatenate(
            [
                arc[self.single_arc],
                arc[self.household_arc] * self.size[self.household_type],
                type_ * self.size,
                segment,
            ]
        )

    def whole(self, *, singles: bool) -> NDArray[np.int8]:
        """Which variables the solver must be told to keep whole.

        Segments fill in order of cost by themselves. Given whole households, what is left is a
        flow, so single places come out whole by themselves too, unless a further row ties them.
        """
        one = self.size == 1
        blocks = (
            np.full(self.single_arc.size, singles),
            np.ones(self.household_arc.size),
            ~one | singles,
            np.zeros(self.capacity.size),
        )
        return np.concatenate(blocks).astype(np.int8)

    def split(self, x: Ints) -> tuple[Ints, Ints, Ints, Ints]:
        """The four blocks of a vector of variables."""
        ends = np.cumsum([self.single_arc.size, self.household_arc.size, self.size.size])
        single, household, out, segment = np.split(x, ends)
        return single, household, out, segment


@dataclass(frozen=True)
class Programme:
    """Columns, the equations they obey, and their upper bounds."""

    columns: Columns
    equations: sparse.csr_array
    right: Ints
    upper: Ints


@dataclass(frozen=True)
class Solved:
    """A solution and whether HiGHS proved it the best over the columns given."""

    x: Ints
    proven: bool


def write(fold: Fold, places: Ints, allowed: Flags) -> Programme:
    """The programme over the ``allowed`` arcs of ``fold``."""
    columns = _columns(fold, places, allowed)
    single = columns.size == 1
    group = np.array([each.group for each in fold.types], dtype=np.int64)
    singles = np.zeros(fold.supply.size, np.int64)
    np.add.at(singles, group[single], columns.count[single])
    row_of_group = np.cumsum(singles > 0) - 1
    groups = int((singles > 0).sum())
    row_of_type = np.where(single, row_of_group[group], groups + np.cumsum(~single) - 1)
    first_doctor = groups + int((~single).sum())
    doctor_row = first_doctor + fold.doctor
    ones = [np.ones(part.size, np.int64) for part in (columns.single_arc, columns.household_arc)]
    at = np.cumsum([0, ones[0].size, ones[1].size, columns.size.size, columns.capacity.size])
    z, h, u, y = (np.arange(at[k], at[k + 1]) for k in range(4))
    entries = [
        (row_of_group[fold.group_of_arc[columns.single_arc]], z, ones[0]),
        (row_of_type[columns.household_type], h, ones[1]),
        (row_of_type, u, np.ones(u.size, np.int64)),
        (doctor_row[columns.single_arc], z, ones[0]),
        (doctor_row[columns.household_arc], h, columns.size[columns.household_type]),
        (first_doctor + np.arange(y.size) // SEGMENTS, y, -np.ones(y.size, np.int64)),
    ]
    row, column, value = (np.concatenate(part) for part in zip(*entries, strict=True))
    shape = (first_doctor + places.size, int(at[-1]))
    right = np.concatenate(
        [singles[singles > 0], columns.count[~single], np.zeros(places.size, np.int64)]
    )
    return Programme(
        columns,
        sparse.csr_array((value.astype(np.float64), (row, column)), shape=shape),
        right,
        np.concatenate(
            [
                singles[fold.group_of_arc[columns.single_arc]],
                columns.count[columns.household_type],
                columns.count,
                columns.capacity,
            ]
        ),
    )


def _columns(fold: Fold, places: Ints, allowed: Flags) -> Columns:
    size = np.array([each.size for each in fold.types], dtype=np.int64)
    group = np.array([each.group for each in fold.types], dtype=np.int64)
    holds_single = np.zeros(fold.supply.size, np.bool_)
    holds_single[group[size == 1]] = True
    households = np.flatnonzero(size > 1)
    first, length = fold.start[group[households]], np.diff(fold.start)[group[households]]
    kind = np.repeat(households, length)
    offset = np.arange(kind.size) - np.repeat(np.cumsum(length) - length, length)
    arc = np.repeat(first, length) + offset
    fits = allowed[arc] & (places[fold.doctor[arc]] >= size[kind])
    return Columns(
        np.flatnonzero(allowed & holds_single[fold.group_of_arc]),
        kind[fits],
        arc[fits],
        size,
        np.array([len(each.units) for each in fold.types], dtype=np.int64),
        segment_capacity(places).reshape(-1),
    )


def minimise(
    programme: Programme,
    cost: Ints,
    effort: Effort,
    *,
    low: Ints | None = None,
    high: Ints | None = None,
    at_most: list[tuple[Ints, int]] | None = None,
) -> Solved | None:
    """A least-cost integer solution, or None when there is provably none.

    Raises Exhausted when the effort ends before either is known. ``at_most`` lists further rows
    ``(coefficients, limit)``; costs and coefficients are integers.
    """
    columns = programme.columns
    shape = programme.upper.size
    divisor = int(np.gcd.reduce(cost)) or 1
    rows = [LinearConstraint(programme.equations, programme.right, programme.right)]
    for coefficients, limit in at_most or []:
        rows.append(LinearConstraint(sparse.csr_array(coefficients[None, :]), -np.inf, limit))
    whole = columns.whole(singles=bool(at_most))
    answer = milp(
        (cost // divisor).astype(np.float64),
        integrality=whole,
        bounds=Bounds(
            np.zeros(shape) if low is None else low, programme.upper if high is None else high
        ),
        constraints=rows,
        options={"mip_rel_gap": 0.0, "node_limit": effort.nodes, "time_limit": effort.seconds},
    )
    if answer.x is None:
        if answer.status == LIMIT_REACHED:
            raise Exhausted
        return None
    x = np.rint(answer.x).astype(np.int64)
    if not _holds(programme, x):
        return None
    return Solved(x, answer.status == 0)


def _holds(programme: Programme, x: Ints) -> bool:
    """The equations hold in integers after rounding."""
    left = programme.equations.astype(np.int64) @ x
    return bool((left == programme.right).all() and (x >= 0).all() and (x <= programme.upper).all())
