"""Filling the quarter of duties of the demo: ours, and CP-SAT on the same convex model."""

from collections import defaultdict
from collections.abc import Callable, Hashable, Iterator
from datetime import date, datetime
from itertools import combinations
from zoneinfo import ZoneInfo

from ortools.sat.python import cp_model

from benchmarks.measure import Contender
from fixtures import metz
from scheduler import problem, solve

DAY = date(2026, 11, 21)
BUDGET_SECONDS = 30.0
COLUMNS = ("seats by hardness", "fairness", "wishes", "levels proven")
PARIS = ZoneInfo("Europe/Paris")

Pairs = dict[tuple[int, int], cp_model.IntVar]


def quarter() -> problem.Problem:
    """13 weeks, 60 volunteers."""
    made = metz.generate(1, DAY)
    return problem.problem(
        [
            problem.Slot(it.slot_id, it.start, it.end, it.doctors_needed, it.hardness, it.points)
            for it in made.slots
        ],
        [
            problem.Doctor(
                it.rpps,
                it.participation,
                it.max_per_week,
                it.max_per_month,
                it.max_per_period,
                history_points=it.history_points or 0,
            )
            for it in made.duty_doctors
        ],
        [problem.Offer(it.rpps, it.slot_id, it.wish or 0) for it in made.availability],
    )


def ours(asked: problem.Problem) -> tuple[str, ...]:
    """`scheduler.solve`: five levels by HiGHS on one thread, recounted."""
    outcome = solve.solve(asked, problem.Limits(BUDGET_SECONDS, 1))
    values = [level.value for level in outcome.levels]
    return found(values, sum(level.gap == 0 for level in outcome.levels))


def found(values: list[int], proven: int) -> tuple[str, ...]:
    """The levels as the table shows them."""
    seats = " + ".join(map(str, values[:3]))
    return seats, f"{values[3]:,}", str(values[4]), f"{proven} of {len(values)}"


def cp_sat(asked: problem.Problem, budget_seconds: float = BUDGET_SECONDS) -> tuple[str, ...]:
    """The same levels one after the other, on one thread and within the same seconds."""
    model = cp_model.CpModel()
    pairs = zip(asked.pair_doctor.tolist(), asked.pair_slot.tolist(), strict=True)
    taken: Pairs = {pair: model.new_bool_var("") for pair in pairs}
    _rules(asked, model, taken)
    left, values, proven = budget_seconds, list[int](), 0
    for worth in _levels(asked, model, taken):
        solver = cp_model.CpSolver()
        solver.parameters.num_workers, solver.parameters.random_seed = 1, 1
        solver.parameters.max_time_in_seconds = max(left, 1.0)
        model.maximize(worth)
        proven += solver.solve(model) == cp_model.OPTIMAL
        left -= solver.wall_time
        values.append(round(solver.objective_value))
        model.add(worth >= values[-1])
        model.clear_hints()  # type: ignore[no-untyped-call]
        for variable in taken.values():
            model.add_hint(variable, solver.value(variable))
    return found([*values[:3], -values[3], values[4]], proven)


def _rules(asked: problem.Problem, model: cp_model.CpModel, taken: Pairs) -> None:
    days = [
        datetime.fromtimestamp(start // 1_000_000, PARIS).date()
        for start in asked.slot_start_us.tolist()
    ]
    seats: defaultdict[int, list[cp_model.IntVar]] = defaultdict(list)
    own: defaultdict[int, dict[int, cp_model.IntVar]] = defaultdict(dict)
    for (doctor, slot), variable in taken.items():
        seats[slot].append(variable)
        own[doctor][slot] = variable
    for slot, variables in seats.items():
        model.add(sum(variables) <= int(asked.doctors_needed[slot]))
    periods: tuple[tuple[problem.Integers, Callable[[date], Hashable]], ...] = (
        (asked.max_per_week, lambda day: day.isocalendar()[:2]),
        (asked.max_per_month, lambda day: (day.year, day.month)),
        (asked.max_per_period, lambda _: None),
    )
    for doctor, held in own.items():
        for one, other in combinations(held, 2):
            if abs((days[one] - days[other]).days) <= asked.rest_days:
                model.add_at_most_one(held[one], held[other])
        for caps, period in periods:
            _cap(model, int(caps[doctor]), [(period(days[s]), it) for s, it in held.items()])


def _cap(model: cp_model.CpModel, cap: int, held: list[tuple[Hashable, cp_model.IntVar]]) -> None:
    groups: defaultdict[Hashable, list[cp_model.IntVar]] = defaultdict(list)
    for period, variable in held:
        groups[period].append(variable)
    for group in groups.values() if cap >= 0 else ():
        model.add(sum(group) <= cap)


def _levels(
    asked: problem.Problem, model: cp_model.CpModel, taken: Pairs
) -> Iterator[cp_model.LinearExprT]:
    """Everything to be made large: seats by hardness, less burden, wishes."""
    for hardness in problem.HARDNESSES:
        yield sum(it for (_, slot), it in taken.items() if asked.hardness[slot] == hardness)
    yield -sum(_burdens(asked, model, taken))
    wishes = asked.pair_wish.tolist()
    yield sum(wish * it for wish, it in zip(wishes, taken.values(), strict=True))


def _burdens(
    asked: problem.Problem, model: cp_model.CpModel, taken: Pairs
) -> Iterator[cp_model.LinearExprT]:
    """Convex in the load: a step a point, each dearer than the one before."""
    for doctor, share in enumerate(asked.participation.tolist()):
        points = [
            (int(asked.points[slot]), it) for (owner, slot), it in taken.items() if owner == doctor
        ]
        history, most = int(asked.history_points[doctor]), sum(worth for worth, _ in points)
        cost = [round(1000 * (history + load) ** 2 / share) for load in range(most + 1)]
        steps = [model.new_bool_var("") for _ in range(most)]
        model.add(sum(steps) == sum(worth * it for worth, it in points))
        yield cost[0] + sum((cost[at + 1] - cost[at]) * step for at, step in enumerate(steps))


CONTENDERS = (
    Contender("Relève, recounted", quarter, ours),
    Contender(f"CP-SAT, one thread, {BUDGET_SECONDS:.0f} s at most", quarter, cp_sat),
)
