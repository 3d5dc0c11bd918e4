"""A linear programme in arrays, and HiGHS to solve it, through MathOpt.

HiGHS counts in floating point and is not believed: whoever asks recounts in whole numbers.
"""

from dataclasses import dataclass
from datetime import timedelta
from typing import TypeAlias

import numpy as np
import numpy.typing as npt
from ortools.math_opt import model_pb2
from ortools.math_opt.python import mathopt

from scheduler.problem import Booleans, Floats, Integers, Limits

GAP = 0.6
"""Absolute gap at which the solver may stop: below one unit, so rounding the bound closes it."""

Numbers: TypeAlias = npt.NDArray[np.int64] | npt.NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Rows:
    """Sums that lie between two bounds: entry k adds `weight[k]` * column `column[k]` to row
    `row[k]`. Rows count from 0."""

    row: Integers
    column: Integers
    weight: Numbers
    least: Numbers
    most: Numbers


@dataclass(frozen=True, eq=False)
class Reply:
    """What the solver said: the columns if it found any, a bound of the objective, its seconds.

    `impossible` is a proof that there is nothing to find. `reduced_costs` come with a relaxation.
    """

    values: Floats | None
    bound: float
    seconds: float
    impossible: bool = False
    reduced_costs: Floats | None = None


@dataclass(eq=False)
class Programme:
    """Columns from 0 on, each between two bounds and whole if it is `integer`, and rows."""

    lower: Floats
    upper: Floats
    integer: Booleans
    rows: list[Rows]

    def columns(self, upper: Numbers) -> Integers:
        """Add columns from 0 to these bounds, whole or not; returns their numbers."""
        first = len(self.lower)
        self.lower = np.concatenate((self.lower, np.zeros(len(upper))))
        self.upper = np.concatenate((self.upper, upper))
        self.integer = np.concatenate((self.integer, np.zeros(len(upper), np.bool_)))
        return np.arange(first, len(self.lower))

    def row(self, weight: Integers, least: float, most: float) -> None:
        """Keep the sum of all columns, so weighted, between two bounds."""
        column = np.flatnonzero(weight)
        bounds = np.array([least]), np.array([most])
        self.rows.append(Rows(np.zeros_like(column), column, weight[column], *bounds))

    def narrowed(self, reduced_costs: Floats, distance: float) -> "Programme":
        """Without the columns whose moving away from a bound costs more than this distance."""
        lower = np.where(reduced_costs < -distance, self.upper, self.lower)
        upper = np.where(reduced_costs > distance, self.lower, self.upper)
        return Programme(lower, upper, self.integer, list(self.rows))

    def best(self, aim: Integers, limits: Limits, hint: Floats) -> Reply:
        """Make the sum of the columns, weighted by `aim`, as small as can be; try `hint` first."""
        model = mathopt.Model.from_model_proto(self._proto(aim, self.integer))
        values = np.clip(hint, self.lower[: len(hint)], self.upper[: len(hint)])
        start = mathopt.SolutionHint(
            # HiGHS fails on a hint outside the bounds of a column.
            variable_values=dict(zip(model.variables(), values.tolist(), strict=False))
        )
        result = mathopt.solve(
            model,
            mathopt.SolverType.HIGHS,
            params=_parameters(limits),
            model_params=mathopt.ModelSolveParameters(solution_hints=[start]),
        )
        return _reply(model, result)

    def relaxed(self, aim: Integers, limits: Limits) -> Reply:
        """The same with columns that need not be whole."""
        model = mathopt.Model.from_model_proto(self._proto(aim, np.zeros_like(self.integer)))
        result = mathopt.solve(model, mathopt.SolverType.HIGHS, params=_parameters(limits))
        return _reply(model, result)

    def _proto(self, aim: Integers, integer: Booleans) -> model_pb2.ModelProto:
        """Rows one after the other, entries by row and column, as MathOpt wants them."""
        model = model_pb2.ModelProto()
        model.variables.ids.extend(range(len(self.lower)))
        model.variables.lower_bounds.extend(self.lower.tolist())
        model.variables.upper_bounds.extend(self.upper.tolist())
        model.variables.integers.extend(integer.tolist())
        heights = [len(rows.most) for rows in self.rows]
        begin = np.cumsum([0, *heights])
        row = np.concatenate([it.row + at for it, at in zip(self.rows, begin, strict=False)])
        column = np.concatenate([rows.column for rows in self.rows])
        weight = np.concatenate([rows.weight for rows in self.rows])
        order = np.lexsort((column, row))
        model.linear_constraints.ids.extend(range(begin[-1]))
        for rows in self.rows:
            model.linear_constraints.lower_bounds.extend(rows.least.tolist())
            model.linear_constraints.upper_bounds.extend(rows.most.tolist())
        model.linear_constraint_matrix.row_ids.extend(row[order].tolist())
        model.linear_constraint_matrix.column_ids.extend(column[order].tolist())
        model.linear_constraint_matrix.coefficients.extend(weight[order].tolist())
        wanted = np.flatnonzero(aim)
        model.objective.linear_coefficients.ids.extend(wanted.tolist())
        model.objective.linear_coefficients.values.extend(aim[wanted].tolist())
        return model


def _parameters(limits: Limits) -> mathopt.SolveParameters:
    parameters = mathopt.SolveParameters(
        time_limit=timedelta(seconds=limits.seconds),
        random_seed=limits.seed,
        absolute_gap_tolerance=GAP,
        relative_gap_tolerance=0.0,
    )
    # Not `threads`: HiGHS refuses a number that differs from the first one of the process.
    parameters.highs.string_options["parallel"] = "off"
    return parameters


def _reply(model: mathopt.Model, result: mathopt.SolveResult) -> Reply:
    columns = list(model.variables())
    found, priced = result.has_primal_feasible_solution(), result.has_dual_feasible_solution()
    reason = result.termination.reason
    return Reply(
        values=np.array(result.variable_values(columns)) if found else None,
        bound=result.termination.objective_bounds.dual_bound,
        seconds=result.solve_time().total_seconds(),
        impossible=reason is mathopt.TerminationReason.INFEASIBLE,
        reduced_costs=np.array(result.reduced_costs(columns)) if priced else None,
    )
