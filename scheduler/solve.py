"""Solve level after level: each one to its proven best, then fixed before the next.

The solver is HiGHS through MathOpt, in floating point. It is not believed: its answer is rounded
to duties, every level is recounted in whole numbers, its bound is rounded to the safe side, and
a level is proven only where the two meet.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from math import ceil, floor, isfinite
from typing import TypeAlias

from ortools.math_opt.python import mathopt

from scheduler.calendar import calendar
from scheduler.check import COVERAGE, check, recount
from scheduler.goals import Goal, goals
from scheduler.model import Draft
from scheduler.narrow import narrow
from scheduler.problem import Limits, Problem
from scheduler.roster import Level, Outcome, Roster, roster
from scheduler.rules import RULES
from scheduler.start import completed

Progress: TypeAlias = Callable[[str, float], None]
"""Called with the name of the level that begins and the share of the levels already done."""

GAP = 0.6
"""Absolute gap at which the solver may stop: below one unit, so rounding the bound closes it."""
TRUST = 0.05
"""A bound is rounded towards the better value by a whole unit if it is this close to it."""


@dataclass(frozen=True, eq=False)
class _Reply:
    """What the solver said: duties if it found any, a bound in units of the aim, its seconds."""

    roster: Roster | None
    bound: float
    seconds: float


def solve(
    problem: Problem, limits: Limits | None = None, progress: Progress | None = None
) -> Outcome:
    """The best roster: seats by hardness, changes, fairness, wishes, strictly in that order.

    A shortage is a hole, never an error. Out of time, the best roster found is returned with the
    bounds known. Raises check.Disagreement if the recount contradicts the solver.
    """
    limits = limits or Limits()
    tell = progress or (lambda _phase, _share: None)
    draft = drafted(problem)
    found, seconds_left, levels = completed(problem, roster([])), limits.seconds, list[Level]()
    asked = goals(draft)
    for done, goal in enumerate(asked):
        tell(goal.name, done / len(asked))
        level = Level(goal.name, recount(problem, found, goal.name), goal.certain)
        if level.gap and seconds_left > 0:
            reply = _ask(draft, goal, found, Limits(seconds_left, limits.seed))
            found = _best(problem, found, reply.roster, [*levels, level], goal)
            level = Level(goal.name, recount(problem, found, goal.name), _bound(goal, reply.bound))
            seconds_left -= reply.seconds
            found, level, seconds_left = _settle(draft, goal, found, level, seconds_left)
        goal.fix(draft, level.value)
        levels.append(level)
    outcome = Outcome(found, tuple(levels))
    check(problem, outcome)
    tell("done", 1.0)
    return outcome


def _settle(
    draft: Draft, goal: Goal, found: Roster, level: Level, seconds_left: float
) -> tuple[Roster, Level, float]:
    """After a proof, use what it teaches; without one, stop and fill the seats that can be."""
    if level.gap:
        return *_ended(draft.problem, found, level), 0.0
    if goal.name == "fairness" and seconds_left > 0:
        seconds_left -= narrow(draft, goal, level.value, seconds_left)
    return found, level, seconds_left


def _ended(problem: Problem, found: Roster, level: Level) -> tuple[Roster, Level]:
    """Fill what can be filled when a level of coverage ends unproven; no later level is asked."""
    if level.name not in COVERAGE:
        return found, level
    found = completed(problem, found)
    return found, replace(level, value=recount(problem, found, level.name))


def drafted(problem: Problem) -> Draft:
    """The model of every hard rule, before any goal."""
    draft = Draft(problem, calendar(problem))
    for rule in RULES:
        rule.constrain(draft)
    return draft


def _ask(draft: Draft, goal: Goal, found: Roster, limits: Limits) -> _Reply:
    draft.model.set_objective(goal.aim, is_maximize=goal.maximise)
    result = mathopt.solve(
        draft.model,
        mathopt.SolverType.HIGHS,
        params=_parameters(limits),
        model_params=mathopt.ModelSolveParameters(solution_hints=[_hint(draft, found)]),
    )
    answered = result.has_primal_feasible_solution()
    return _Reply(
        roster=_rounded(draft, result.variable_values()) if answered else None,
        bound=result.termination.objective_bounds.dual_bound,
        seconds=result.solve_time().total_seconds(),
    )


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


def _hint(draft: Draft, found: Roster) -> mathopt.SolutionHint:
    duties = set(found.duties())
    pairs = zip(draft.problem.pair_doctor, draft.problem.pair_slot, strict=True)
    # HiGHS fails on a hint outside the bounds of a column, so none may be.
    values = {
        taken: min(
            max(float((int(doctor), int(slot)) in duties), taken.lower_bound), taken.upper_bound
        )
        for taken, (doctor, slot) in zip(draft.taken, pairs, strict=True)
    }
    return mathopt.SolutionHint(variable_values=values)


def _rounded(draft: Draft, values: dict[mathopt.Variable, float]) -> Roster:
    problem = draft.problem
    rows = [row for row, taken in enumerate(draft.taken) if round(values[taken]) == 1]
    return roster([(int(problem.pair_doctor[r]), int(problem.pair_slot[r])) for r in rows])


def _best(
    problem: Problem, found: Roster, other: Roster | None, levels: Sequence[Level], goal: Goal
) -> Roster:
    """The other roster if it keeps the levels already fixed and betters this one, else `found`."""
    if other is None:
        return found
    *fixed, current = levels
    for level in fixed:
        if recount(problem, other, level.name) != level.value:
            return found
    return other if goal.better(recount(problem, other, goal.name), current.value) else found


def _bound(goal: Goal, aim_bound: float) -> int:
    """The aim's bound in units of the level, rounded to the side that claims less."""
    if not isfinite(aim_bound):
        return goal.certain
    if goal.maximise:
        share = floor((aim_bound + TRUST) / goal.weight)
        return min(goal.certain, goal.offset + goal.factor * share)
    return max(goal.certain, goal.offset + goal.factor * ceil(aim_bound - TRUST))
