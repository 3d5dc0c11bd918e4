"""The recount: every rule and every level of a finished roster, in plain Python.

Nothing here is shared with the model the solver sees. `solve` calls `check` on every answer; a
disagreement is a fault of ours, raised loudly with the instance, never shown as a roster.
"""

from collections import Counter
from collections.abc import Iterator, Sequence

from scheduler.problem import Problem
from scheduler.roster import Level, Outcome, Roster, roster
from scheduler.rules import RULES, Breach


class Disagreement(Exception):
    """The recount contradicts the solver; carries the instance and the answer for the record."""

    def __init__(self, message: str, problem: Problem, outcome: Outcome) -> None:
        super().__init__(message)
        self.problem = problem
        self.outcome = outcome


def check(problem: Problem, outcome: Outcome) -> None:
    """Raise Disagreement unless the roster keeps every rule and is worth what it claims."""
    for fault in faults(problem, outcome):
        raise Disagreement(fault, problem, outcome)


def faults(problem: Problem, outcome: Outcome) -> Iterator[str]:
    """Everything wrong with an answer, one sentence each."""
    for breach in breaches(problem, outcome.roster):
        yield f"rule {breach.rule} broken by doctor {breach.doctor} on slot {breach.slot}"
    if tuple(level.name for level in outcome.levels) != level_names(problem):
        yield f"levels {[level.name for level in outcome.levels]} are not those asked"
    for level in outcome.levels:
        recounted = recount(problem, outcome.roster, level.name)
        if level.value != recounted:
            yield f"level {level.name} claims {level.value}, counted {recounted}"
        if _beats_bound(level):
            yield f"level {level.name} of {level.value} beats its bound {level.bound}"


def breaches(problem: Problem, roster: Roster) -> list[Breach]:
    """Every breach of every hard rule, in the order of the rules."""
    return [breach for rule in RULES for breach in rule.breaches(problem, roster)]


def obstacles(
    problem: Problem, duties: Sequence[tuple[int, int]], doctor: int, slot: int
) -> frozenset[str]:
    """Names of the rules that stop one more duty; availability is not asked again.

    `duties` keep every rule. Only those of this doctor and of this slot can stand in the way.
    """
    near = [duty for duty in duties if duty[0] == doctor or duty[1] == slot]
    tried = roster([*near, (doctor, slot)])
    return frozenset(
        breach.rule for rule in RULES if rule.limits for breach in rule.breaches(problem, tried)
    )


COVERAGE = ("filled_1", "filled_2", "filled_3")


def level_names(problem: Problem) -> tuple[str, ...]:
    """The levels of the objective in their order; those that nothing asks for are left out."""
    changes = ("changes",) if problem.published_size is not None else ()
    minimums = ("minimums",) if problem.min_per_period.any() else ()
    return (*COVERAGE, *changes, *minimums, "fairness", "wishes")


def recount(problem: Problem, roster: Roster, level: str) -> int:
    """The exact value of one level: seats, pairs changed, duties missing, cost, wishes."""
    if level == "changes":
        return _changes(problem, roster)
    if level == "minimums":
        return _missing(problem, roster)
    if level == "fairness":
        return _fairness(problem, roster)
    if level == "wishes":
        return _wishes(problem, roster)
    return sum(f"filled_{problem.hardness[slot]}" == level for slot in roster.slot.tolist())


def loads(problem: Problem, roster: Roster) -> list[int]:
    """Points each doctor takes in this roster, history not included."""
    points: Counter[int] = Counter()
    for doctor, slot in roster.duties():
        points[doctor] += int(problem.points[slot])
    return [points[doctor] for doctor in range(len(problem.rpps))]


def burden_cost(history_points: int, load_points: int, participation: float) -> int:
    """Fairness cost of one doctor: 1000 (history + load)^2 / participation, rounded."""
    return round(1000 * (history_points + load_points) ** 2 / participation)


def _changes(problem: Problem, roster: Roster) -> int:
    columns = zip(problem.pair_doctor, problem.pair_slot, problem.pair_published, strict=True)
    published = {(int(doctor), int(slot)) for doctor, slot, known in columns if known}
    duties = roster.duties()
    kept = len(published & set(duties))
    return (problem.published_size or 0) - kept + len(duties) - kept


def _missing(problem: Problem, roster: Roster) -> int:
    """Duties that doctors lack to what they asked at least."""
    held = Counter(roster.doctor.tolist())
    return sum(
        max(least - held[doctor], 0) for doctor, least in enumerate(problem.min_per_period.tolist())
    )


def _fairness(problem: Problem, roster: Roster) -> int:
    columns = zip(
        problem.history_points, loads(problem, roster), problem.participation, strict=True
    )
    return sum(
        burden_cost(int(history), load, float(participation))
        for history, load, participation in columns
    )


def _wishes(problem: Problem, roster: Roster) -> int:
    columns = zip(problem.pair_doctor, problem.pair_slot, problem.pair_wish, strict=True)
    wished = {(int(doctor), int(slot)): int(wish) for doctor, slot, wish in columns}
    return sum(wished.get(duty, 0) for duty in roster.duties())


LESS_IS_BETTER = ("changes", "minimums", "fairness")


def _beats_bound(level: Level) -> bool:
    if level.name in LESS_IS_BETTER:
        return level.value < level.bound
    return level.value > level.bound
