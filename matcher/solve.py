"""From a problem to a checked answer."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from matcher import flow, folding, households, pairs, serving
from matcher.check import check
from matcher.levels import Stage
from matcher.matching import Matching, Status, Values
from matcher.problem import UNKNOWN, Ints, Problem
from matcher.programme import Effort

Progress = Callable[[str, float], None]
"""Called with the phase that begins and the share of the work done so far."""


@dataclass(frozen=True)
class _Work:
    problem: Problem
    pairs: pairs.Pairs
    fold: folding.Fold
    flow: flow.Flow
    whole: households.Whole


def _silent(_phase: str, _share: float) -> None:
    """Tell nobody."""


def solve(
    problem: Problem, *, seed: int = 0, effort: Effort | None = None, progress: Progress = _silent
) -> Matching:
    """The best matching in the strict order of the levels, recounted before it is returned.

    Households go together; where that leaves a gap to what is proven possible, the status is
    ``feasible`` and the bound says how large the gap is at most. The same problem and seed give
    the same answer.

    Raises ``flow.Overflow`` if a level's costs do not fit in 64-bit integers and
    ``check.Disagreement`` if the recount contradicts the solver.
    """
    progress("pairs", 0.0)
    table = pairs.eligible(problem, problem.doctors.places > 0)
    progress("fold", 0.05)
    folded = folding.fold(problem, table)
    progress("flow", 0.15)
    flowed = flow.solve(folded, problem.doctors.places)
    progress("households", 0.5)
    whole = households.keep_together(folded, problem.doctors.places, flowed, effort or Effort())
    progress("serve", 0.85)
    matching = _answer(_Work(problem, table, folded, flowed, whole), seed)
    progress("check", 0.9)
    check(problem, matching)
    progress("done", 1.0)
    return matching


def _answer(work: _Work, seed: int) -> Matching:
    problem = work.problem
    served = serving.serve(problem, work.fold, work.whole, seed=seed)
    way = _ways(work.pairs, served.doctor)
    values = _values(problem, served.doctor, way)
    return Matching(
        doctor=served.doctor,
        travel_seconds=way,
        drawn=served.drawn,
        status=Status.OPTIMAL if work.whole.proven else Status.FEASIBLE,
        values=values,
        bound=values if work.whole.proven else _bound(problem, work.fold, work.flow),
        one_more=_one_more(work),
    )


def _ways(table: pairs.Pairs, doctor: Ints) -> Ints:
    """Travel seconds of each person to the doctor proposed."""
    way = np.full(doctor.size, UNKNOWN, np.int64)
    for person in np.flatnonzero(doctor != UNKNOWN).tolist():
        span = table.of(int(table.row_of[person]))
        way[person] = table.seconds[span][np.searchsorted(table.doctor[span], doctor[person])]
    return way


def _values(problem: Problem, doctor: Ints, way: Ints) -> Values:
    people, places = problem.people, problem.doctors.places
    served = doctor != UNKNOWN
    load = np.bincount(doctor[served], minlength=places.size)
    tenths = places[:, None] * np.arange(11)[None, :] // 10
    filled = np.minimum(np.maximum(load[:, None] - tenths[:, :-1], 0), np.diff(tenths, axis=1))
    matched = np.bincount(people.priority_class[served], minlength=problem.classes + 1)
    return Values(
        tuple(matched[1:].tolist()),
        int((doctor[served] == people.usual_doctor[served]).sum()),
        int((way[served] // folding.BAND_SECONDS).sum()),
        int((filled * (2 * np.arange(10) + 1)).sum()),
        int(way[served].sum()),
    )


def _bound(problem: Problem, fold: folding.Fold, flowed: flow.Flow) -> Values:
    """The flow's values, rounded to the side on which no answer lies."""
    people = np.bincount(problem.people.priority_class, minlength=problem.classes + 1)[1:]
    value, scale = flowed.values, fold.scale
    left_out = [-(-value[f"matched_{rank + 1}"] // scale) for rank in range(problem.classes)]
    return Values(
        tuple(int(total) - out for total, out in zip(people, left_out, strict=True)),
        -value["usual_doctor"] // scale,
        -(-value["travel_bands"] // scale),
        value["imbalance"],
        -(-value["travel_seconds"] // scale),
    )


def _one_more(work: _Work) -> tuple[dict[str, float], ...]:
    """Per doctor: the levels that one more place would change, from the first stage it helps."""
    changes: list[dict[str, float]] = []
    for doctor in range(work.problem.doctors.id.size):
        gains = ((priced.stage, int(priced.one_more[doctor])) for priced in work.flow.prices)
        best = next(((stage, gain) for stage, gain in gains if gain), None)
        changes.append(_by_level(*best, work.fold.scale) if best else {})
    return tuple(changes)


def _by_level(stage: Stage, cost: int, scale: int) -> dict[str, float]:
    """Read a weighted cost back as one change per level, gains positive where more is better."""
    change: dict[str, float] = {}
    for weight, level in zip(stage.weights, stage.levels, strict=True):
        digit = (2 * cost + weight) // (2 * weight)
        cost -= digit * weight
        # Balance is left out: a place more would redraw the tenths it is counted in.
        if digit and level.name != "imbalance":
            more_is_better = level.name.startswith("matched") or level.name == "usual_doctor"
            change[level.name] = (-digit if more_is_better else digit) / scale
    return change
