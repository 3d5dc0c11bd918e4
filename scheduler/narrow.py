"""Close decisions that a proven level has already taken.

If moving one decision away from its bound costs more, by the linear relaxation, than the whole
distance between the relaxation and the proven value, no roster of that value moves it. After
fairness this leaves less than half of the columns, and the wishes a much tighter relaxation.
"""

from datetime import timedelta

from ortools.math_opt.python import mathopt

from scheduler.goals import Goal
from scheduler.model import Draft

MARGIN = 1.0
"""Kept on the careful side of the distance, in units of the expression: rounding is far below."""


def narrow(draft: Draft, goal: Goal, value: int, seconds: float) -> float:
    """Fix every column that keeps its bound in all rosters of this proven value.

    Only for a level to be made small, before it is fixed. Returns the seconds used; where the
    relaxation is not solved in time nothing is fixed, which is never wrong.
    """
    for taken in draft.taken:
        taken.integer = False
    draft.model.set_objective(goal.expression, is_maximize=False)
    result = mathopt.solve(draft.model, mathopt.SolverType.HIGHS, params=_parameters(seconds))
    for taken in draft.taken:
        taken.integer = True
    if result.termination.reason is mathopt.TerminationReason.OPTIMAL:
        distance = (value - goal.offset) // goal.factor - result.objective_value()
        _close(result.reduced_costs(), max(distance, 0.0) + MARGIN)
    return float(result.solve_time().total_seconds())


def _parameters(seconds: float) -> mathopt.SolveParameters:
    parameters = mathopt.SolveParameters(time_limit=timedelta(seconds=seconds))
    parameters.highs.string_options["parallel"] = "off"
    return parameters


def _close(reduced_costs: dict[mathopt.Variable, float], distance: float) -> None:
    for column, cost in reduced_costs.items():
        if cost > distance:
            column.upper_bound = 0.0
        elif cost < -distance:
            column.lower_bound = 1.0
