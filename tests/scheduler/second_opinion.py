"""CP-SAT asked whether anything strictly better exists, from its own model of the roster."""

from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime, timedelta
from itertools import combinations
from zoneinfo import ZoneInfo

from ortools.sat.python import cp_model

from scheduler import problem
from scheduler.roster import Outcome

PARIS = ZoneInfo("Europe/Paris")


def better_exists(asked: problem.Problem, outcome: Outcome, level: int) -> bool:
    """Whether a roster equals the levels before this one and is strictly better in it."""
    model = cp_model.CpModel()
    pairs = zip(asked.pair_doctor.tolist(), asked.pair_slot.tolist(), strict=True)
    taken = {pair: model.new_bool_var("") for pair in pairs}
    _rules(asked, model, taken)
    for at in range(level + 1):
        name, value = outcome.levels[at].name, outcome.levels[at].value
        worth = _worth(asked, model, taken, name)
        step = int(at == level)
        model.add(worth <= value - step if name == "fairness" else worth >= value + step)
    solver = cp_model.CpSolver()
    solver.parameters.num_workers = 1
    solver.parameters.random_seed = 1
    answer = solver.solve(model)
    assert answer in (cp_model.OPTIMAL, cp_model.FEASIBLE, cp_model.INFEASIBLE)
    return answer != cp_model.INFEASIBLE


def _rules(asked: problem.Problem, model: cp_model.CpModel, taken: dict) -> None:
    for slot, needed in enumerate(asked.doctors_needed.tolist()):
        model.add(sum(var for (_, at), var in taken.items() if at == slot) <= needed)
    for doctor in range(len(asked.rpps)):
        own = {slot: var for (owner, slot), var in taken.items() if owner == doctor}
        for one, other in combinations(own, 2):
            if _days_between(asked, one, other) <= asked.terms.rest_days:
                model.add_at_most_one(own[one], own[other])
        _at_most(model, own, asked.max_per_period[doctor], lambda _: 0)
        _at_most(model, own, asked.max_per_week[doctor], lambda s: _day(asked, s).isocalendar()[:2])
        _at_most(model, own, asked.max_per_month[doctor], lambda s: _day(asked, s).strftime("%Y%m"))


def _at_most(model: cp_model.CpModel, own: dict, cap: int, period_of) -> None:
    groups: defaultdict[object, list] = defaultdict(list)
    for slot, var in own.items():
        groups[period_of(slot)].append(var)
    for group in groups.values() if cap >= 0 else ():
        model.add(sum(group) <= int(cap))


def _day(asked: problem.Problem, slot: int) -> datetime:
    return datetime.fromtimestamp(int(asked.slot_start_us[slot]) // 1_000_000, PARIS)


def _days_between(asked: problem.Problem, one: int, other: int) -> int:
    # Every slot of these instances lies within one civil day.
    return abs((_day(asked, one).date() - _day(asked, other).date()) // timedelta(days=1))


def _worth(
    asked: problem.Problem, model: cp_model.CpModel, taken: dict, name: str
) -> cp_model.LinearExprT:
    if name == "fairness":
        return sum(_fairness(asked, model, taken))
    if name == "wishes":
        wishes = asked.pair_wish.tolist()
        return sum(wish * var for wish, var in zip(wishes, taken.values(), strict=True))
    hardness = asked.hardness.tolist()
    return sum(var for (_, slot), var in taken.items() if name == f"filled_{hardness[slot]}")


def _fairness(
    asked: problem.Problem, model: cp_model.CpModel, taken: dict
) -> Iterable[cp_model.LinearExprT]:
    for doctor, participation in enumerate(asked.participation.tolist()):
        history = int(asked.history_points[doctor])
        load = sum(
            int(asked.points[slot]) * var for (owner, slot), var in taken.items() if owner == doctor
        )
        most = sum(int(asked.points[slot]) for owner, slot in taken if owner == doctor)
        phi = [round(1000 * (history + at) ** 2 / participation) for at in range(most + 1)]
        steps = [model.new_bool_var("") for _ in range(most)]
        model.add(sum(steps) == load)
        yield phi[0] + sum((phi[t + 1] - phi[t]) * step for t, step in enumerate(steps))
