"""CP-SAT on the roster, twice: our convex model, and what a textbook would write.

Both keep the rules that the invented rosters use: offers, seats, one duty a day with its rest, and
caps. What they find is kept with the instant, to be recounted later by our check.
"""

import time
from collections import defaultdict
from collections.abc import Callable, Hashable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from itertools import pairwise
from zoneinfo import ZoneInfo

from ortools.sat.python import cp_model

from scheduler import problem

WORKERS = 2
TEXTBOOK_SEATS = {1: 1_000_000, 2: 100_000, 3: 10_000}
TEXTBOOK_SPREAD = 100
WHOLE_PART = 100
"""Burdens are compared in hundredths of a point, for the model has whole numbers only."""

Duties = list[tuple[int, int]]
"""(doctor, slot) rows."""
Pairs = dict[tuple[int, int], cp_model.IntVar]
Held = dict[int, cp_model.IntVar]
"""What a doctor may hold, by slot."""


@dataclass
class Search:
    """What a solver said while it searched: rosters with the seconds since it was asked."""

    begun: float = field(default_factory=time.perf_counter)
    found: list[tuple[float, Duties]] = field(default_factory=list)
    proven: bool = False

    def heard(self, duties: Duties) -> None:
        self.found.append((self.elapsed, duties))

    @property
    def elapsed(self) -> float:
        return time.perf_counter() - self.begun


@dataclass(frozen=True)
class Model:
    """The rules, before any objective. The variables of the pairs come first."""

    asked: problem.Problem
    cp: cp_model.CpModel
    taken: Pairs
    days: list[date]
    """Civil day of each slot."""

    @property
    def by_doctor(self) -> dict[int, Held]:
        """Slots and their variables."""
        own: defaultdict[int, Held] = defaultdict(dict)
        for (doctor, slot), variable in self.taken.items():
            own[doctor][slot] = variable
        return own


def convex(asked: problem.Problem, seconds: float) -> Search:
    """Our levels: all seats in one objective with exact weights, then fairness, then wishes.

    One objective for all levels did worse wherever it was tried.
    """
    search = Search()
    model = _model(asked)
    for worth in (_coverage(model), -sum(_burdens(model)), _wishes(model)):
        model.cp.maximize(worth)
        solver = _solved(model, search, seconds)
        if not search.found or search.elapsed >= seconds:
            return search
        model.cp.add(worth >= round(solver.objective_value))
        _hint(model.cp, solver)
    return search


def textbook(asked: problem.Problem, seconds: float) -> Search:
    """Penalties in one sum, as in the shift scheduling sample of OR-Tools.

    An empty seat costs by its hardness, the distance between the largest and the smallest burden
    (max-min fairness) less, a wish least.
    """
    search = Search()
    model = _model(asked)
    seats = _weighed(model, [TEXTBOOK_SEATS[it] for it in _hardness(model)])
    model.cp.maximize(seats - TEXTBOOK_SPREAD * _spread(model) + _wishes(model))
    _solved(model, search, seconds)
    # What is proven is the best of another question.
    search.proven = False
    return search


def _solved(model: Model, search: Search, seconds: float) -> cp_model.CpSolver:
    solver = cp_model.CpSolver()
    solver.parameters.num_workers, solver.parameters.random_seed = WORKERS, 1
    solver.parameters.max_time_in_seconds = max(seconds - search.elapsed, 0.01)
    status = solver.solve(model.cp, _Listener(model.taken, search))
    search.proven = status == cp_model.OPTIMAL
    return solver


def _hint(cp: cp_model.CpModel, solver: cp_model.CpSolver) -> None:
    """Begin the next search where this one ended; hints on some variables only are not used."""
    cp.clear_hints()  # type: ignore[no-untyped-call]
    for row, value in enumerate(solver.response_proto.solution):
        cp.add_hint(cp.get_int_var_from_proto_index(row), value)


class _Listener(cp_model.CpSolverSolutionCallback):
    """Notes each roster the moment it is found."""

    def __init__(self, taken: Pairs, search: Search) -> None:
        super().__init__()
        self.pairs, self.search = list(taken), search

    def on_solution_callback(self) -> None:
        # The pairs come first; `self.value` would be asked tens of thousands of times.
        values = zip(self.pairs, self.response_proto.solution, strict=False)
        self.search.heard([pair for pair, value in values if value])


def _model(asked: problem.Problem) -> Model:
    cp = cp_model.CpModel()
    pairs = zip(asked.pair_doctor.tolist(), asked.pair_slot.tolist(), strict=True)
    model = Model(asked, cp, {pair: cp.new_bool_var("") for pair in pairs}, local_days(asked))
    seats: defaultdict[int, list[cp_model.IntVar]] = defaultdict(list)
    for (_, slot), variable in model.taken.items():
        seats[slot].append(variable)
    for slot, variables in seats.items():
        cp.add(sum(variables) <= int(asked.doctors_needed[slot]))
    for doctor, held in model.by_doctor.items():
        _rest(model, held)
        for caps, period in periods(asked):
            _cap(
                cp, int(caps[doctor]), [(period(model.days[slot]), it) for slot, it in held.items()]
            )
    return model


def local_days(asked: problem.Problem) -> list[date]:
    """The civil day of each slot; here all of them end on the day on which they start."""
    zone = ZoneInfo(asked.terms.timezone)
    starts = asked.slot_start_us.tolist()
    return [datetime.fromtimestamp(start // 1_000_000, zone).date() for start in starts]


def periods(
    asked: problem.Problem,
) -> tuple[tuple[problem.Integers, Callable[[date], Hashable]], ...]:
    """The caps of the doctors, and the period that each of them counts in."""
    return (
        (asked.max_per_week, lambda day: day.isocalendar()[:2]),
        (asked.max_per_month, lambda day: (day.year, day.month)),
        (asked.max_per_period, lambda _: None),
    )


def _rest(model: Model, held: Held) -> None:
    """Of any `rest_days + 1` days on end, a doctor works on one."""
    by_day: defaultdict[int, list[cp_model.IntVar]] = defaultdict(list)
    for slot, variable in held.items():
        by_day[model.days[slot].toordinal()].append(variable)
    for day in by_day:
        near = [
            it
            for on, its in by_day.items()
            if 0 <= on - day <= model.asked.terms.rest_days
            for it in its
        ]
        if len(near) > 1:
            model.cp.add_at_most_one(near)


def _cap(cp: cp_model.CpModel, cap: int, held: list[tuple[Hashable, cp_model.IntVar]]) -> None:
    groups: defaultdict[Hashable, list[cp_model.IntVar]] = defaultdict(list)
    for period, variable in held:
        groups[period].append(variable)
    for group in groups.values() if cap >= 0 else ():
        if len(group) > cap:
            cp.add(sum(group) <= cap)


def _coverage(model: Model) -> cp_model.LinearExprT:
    """Seats, one of a hardness outweighing all the easier ones."""
    seats = int(model.asked.doctors_needed.sum())
    weight = {hardness: (seats + 1) ** (3 - hardness) for hardness in problem.HARDNESSES}
    return _weighed(model, [weight[it] for it in _hardness(model)])


def _hardness(model: Model) -> list[int]:
    """Of each pair."""
    hardness: list[int] = model.asked.hardness[model.asked.pair_slot].tolist()
    return hardness


def _wishes(model: Model) -> cp_model.LinearExprT:
    return _weighed(model, model.asked.pair_wish.tolist())


def _weighed(model: Model, weights: Sequence[int]) -> cp_model.LinearExprT:
    """All pairs, weighed."""
    return cp_model.LinearExpr.weighted_sum(list(model.taken.values()), weights)


def _burdens(model: Model) -> Iterator[cp_model.LinearExprT]:
    """Convex in the load: a step a point, each dearer than the one before."""
    asked = model.asked
    for doctor, held in model.by_doctor.items():
        points, most = _points(asked, held), _most_points(model, doctor, held)
        history, share = int(asked.history_points[doctor]), float(asked.participation[doctor])
        cost = [round(1000 * (history + load) ** 2 / share) for load in range(most + 1)]
        steps = [model.cp.new_bool_var("") for _ in range(most)]
        model.cp.add(sum(steps) == points)
        rises = [after - before for before, after in pairwise(cost)]
        yield cost[0] + cp_model.LinearExpr.weighted_sum(steps, rises)


def _points(asked: problem.Problem, held: Held) -> cp_model.LinearExprT:
    return sum(int(asked.points[slot]) * it for slot, it in held.items())


def _most_points(model: Model, doctor: int, held: Held) -> int:
    """No load is larger: the heaviest duties that the cap of the period allows, one a day."""
    cap, heaviest = int(model.asked.max_per_period[doctor]), dict[date, int]()
    for slot in held:
        day, points = model.days[slot], int(model.asked.points[slot])
        heaviest[day] = max(heaviest.get(day, 0), points)
    return sum(sorted(heaviest.values(), reverse=True)[: cap if cap >= 0 else None])


def _spread(model: Model) -> cp_model.IntVar:
    """Largest burden less smallest, in hundredths of a point for a full part."""
    asked = model.asked
    top = WHOLE_PART * int(
        (asked.history_points.max() + asked.points.sum()) / asked.participation.min()
    )
    most, least = (model.cp.new_int_var(0, top, name) for name in ("most", "least"))
    for doctor, held in model.by_doctor.items():
        weight = round(WHOLE_PART / float(asked.participation[doctor]))
        burden = weight * (int(asked.history_points[doctor]) + _points(asked, held))
        model.cp.add(burden <= most)
        model.cp.add(burden >= least)
    spread = model.cp.new_int_var(0, top, "spread")
    model.cp.add(spread == most - least)
    return spread
