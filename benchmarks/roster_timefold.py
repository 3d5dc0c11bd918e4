"""Timefold on the roster: each seat is given to a doctor who offered its slot, or to nobody.

Needs `pip install timefold` and a Java machine. The score has one hard level, the rules, and our
five levels as soft ones. Annotations are read when the classes are made, so they are no strings.
"""

from dataclasses import dataclass, field
from typing import Annotated

import timefold.solver.config as settings
from jpype import JException
from timefold.solver import Solver, SolverFactory
from timefold.solver.domain import (
    PlanningEntityCollectionProperty,
    PlanningId,
    PlanningScore,
    PlanningVariable,
    ProblemFactCollectionProperty,
    ValueRangeProvider,
    planning_entity,
    planning_solution,
)
from timefold.solver.score import (
    BendableScore,
    Constraint,
    ConstraintCollectors,
    ConstraintFactory,
    Joiners,
    constraint_provider,
)

from benchmarks.roster_peers import Search, local_days
from scheduler import problem

LEVELS = 5
HARD = BendableScore.of_hard(1, LEVELS, 0, 1)
SOFT = [BendableScore.of_soft(1, LEVELS, level, 1) for level in range(LEVELS)]
FAIRNESS, WISHES = 3, 4
NO_CAP = 10**9


@dataclass
class Doctor:
    id: Annotated[int, PlanningId]
    per_week: int
    per_month: int
    per_period: int
    burdens: list[int]
    """What each load costs."""


@planning_entity
@dataclass
class Seat:
    id: Annotated[int, PlanningId]
    slot: int
    day: int
    week: int
    month: int
    hardness: int
    points: int
    wishes: dict[int, int]
    offered: Annotated[list[Doctor], ValueRangeProvider]
    doctor: Annotated[Doctor | None, PlanningVariable(allows_unassigned=True)] = field(default=None)


@planning_solution
@dataclass
class Roster:
    doctors: Annotated[list[Doctor], ProblemFactCollectionProperty]
    seats: Annotated[list[Seat], PlanningEntityCollectionProperty]
    score: Annotated[
        BendableScore,
        PlanningScore(bendable_hard_levels_size=1, bendable_soft_levels_size=LEVELS),
    ] = field(default=None)


@constraint_provider
def _constraints(factory: ConstraintFactory) -> list[Constraint]:
    by_doctor = Joiners.equal(lambda seat: seat.doctor)
    pairs = factory.for_each_unique_pair(Seat, by_doctor)
    everybody = factory.for_each_including_unassigned(Seat)
    seats, count = factory.for_each(Seat), ConstraintCollectors.count()
    loads = seats.group_by(
        lambda seat: seat.doctor, ConstraintCollectors.sum(lambda seat: seat.points)
    )
    return [
        pairs.filter(lambda one, other: abs(one.day - other.day) <= 1)
        .penalize(HARD)
        .as_constraint("rest"),
        seats.group_by(lambda seat: seat.doctor, lambda seat: seat.week, count)
        .filter(lambda doctor, _, held: held > doctor.per_week)
        .penalize(HARD, lambda doctor, _, held: held - doctor.per_week)
        .as_constraint("week"),
        seats.group_by(lambda seat: seat.doctor, lambda seat: seat.month, count)
        .filter(lambda doctor, _, held: held > doctor.per_month)
        .penalize(HARD, lambda doctor, _, held: held - doctor.per_month)
        .as_constraint("month"),
        seats.group_by(lambda seat: seat.doctor, count)
        .filter(lambda doctor, held: held > doctor.per_period)
        .penalize(HARD, lambda doctor, held: held - doctor.per_period)
        .as_constraint("period"),
        *(_empty(everybody, hardness) for hardness in problem.HARDNESSES),
        loads.penalize(
            SOFT[FAIRNESS], lambda doctor, load: doctor.burdens[load] - doctor.burdens[0]
        ).as_constraint("fairness"),
        seats.impact(SOFT[WISHES], lambda seat: seat.wishes[seat.doctor.id]).as_constraint(
            "wishes"
        ),
    ]


def _empty(everybody: object, hardness: int) -> Constraint:
    return (
        everybody.filter(lambda seat: seat.doctor is None and seat.hardness == hardness)
        .penalize(SOFT[hardness - 1])
        .as_constraint(f"empty {hardness}")
    )


def timefold(asked: problem.Problem, seconds: float) -> Search:
    """The best rosters found, each with its instant; nothing is ever proven.

    The clock starts once Java has started and the classes are translated to it.
    """
    if asked.terms.rest_days != 1:
        raise ValueError("the rule of rest is written for one free day")
    solver, given = _solver(seconds), _roster(asked)
    search = Search()
    solver.add_event_listener(lambda event: _hear(search, event.new_best_solution))
    try:
        solver.solve(given)
    except JException:
        # Stopped before its first full roster, it fails to hand over what it has.
        if search.elapsed < seconds:
            raise
    return search


def _solver(seconds: float) -> Solver[Roster]:
    config = settings.SolverConfig(
        solution_class=Roster,
        entity_class_list=[Seat],
        environment_mode=settings.EnvironmentMode.NON_REPRODUCIBLE,
        random_seed=1,
        score_director_factory_config=settings.ScoreDirectorFactoryConfig(
            constraint_provider_function=_constraints
        ),
        termination_config=settings.TerminationConfig(
            spent_limit=settings.Duration(milliseconds=round(1000 * seconds))
        ),
    )
    return SolverFactory.create(config).build_solver()


def _hear(search: Search, roster: Roster) -> None:
    """Rosters that break a rule are on the way to one that does not."""
    if roster.score is not None and roster.score.is_feasible:
        search.heard([(it.doctor.id, it.slot) for it in roster.seats if it.doctor is not None])


def _roster(asked: problem.Problem) -> Roster:
    doctors = [_doctor(asked, row) for row in range(len(asked.rpps))]
    days = local_days(asked)
    offered: dict[int, list[Doctor]] = {slot: [] for slot in range(len(days))}
    wishes: dict[int, dict[int, int]] = {slot: {} for slot in range(len(days))}
    rows = (asked.pair_doctor.tolist(), asked.pair_slot.tolist(), asked.pair_wish.tolist())
    for doctor, slot, wish in zip(*rows, strict=True):
        offered[slot].append(doctors[doctor])
        wishes[slot][doctor] = wish
    places = [
        slot for slot, seats in enumerate(asked.doctors_needed.tolist()) for _ in range(seats)
    ]
    seats = [
        Seat(
            id=row,
            slot=slot,
            day=days[slot].toordinal(),
            week=days[slot].isocalendar()[0] * 100 + days[slot].isocalendar()[1],
            month=days[slot].year * 100 + days[slot].month,
            hardness=int(asked.hardness[slot]),
            points=int(asked.points[slot]),
            wishes=wishes[slot],
            offered=offered[slot],
        )
        for row, slot in enumerate(places)
    ]
    return Roster(doctors, seats)


def _doctor(asked: problem.Problem, row: int) -> Doctor:
    caps = (asked.max_per_week[row], asked.max_per_month[row], asked.max_per_period[row])
    history, share = int(asked.history_points[row]), float(asked.participation[row])
    most = int(asked.points[asked.pair_slot[asked.pair_doctor == row]].sum())
    # On its way it may give a doctor several seats of a slot.
    reach = most * int(asked.doctors_needed.max()) + 1
    burdens = [round(1000 * (history + load) ** 2 / share) for load in range(reach)]
    return Doctor(row, *(int(cap) if cap >= 0 else NO_CAP for cap in caps), burdens)
