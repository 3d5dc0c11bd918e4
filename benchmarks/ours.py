"""What is measured of Relève itself: its phases, its floor, and what happens after an event.

The peers know two goals, people by class and seconds of travel, so they are met on these two; a
matching of the product has them all.
"""

import os
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import partial
from statistics import median
from time import perf_counter
from typing import TypeVar

import numpy as np

import matcher
from benchmarks import territories
from benchmarks.peers import Optimum
from compilation import compiled
from matcher import certificate, engine, folding, households, levels, nearby, travel
from matcher.engine import successive
from matcher.households import programme
from matcher.levels import Level
from matcher.matching import Status, Values
from matcher.network import Costs, Flow, Network, Small
from matcher.problem import Ints

CACHE = "NUMBA_CACHE_DIR"
EVENTS = 5
OPENED = 100
"""Places that a doctor opens in an event."""
Made = TypeVar("Made")

TOGETHER, ACQUAINTED = 0.25, 0.2
"""Shares of the people in households and of those with a usual doctor, where these count."""


@dataclass(frozen=True)
class Instance:
    """A territory, and the places offered as a share of its people."""

    size: territories.Size
    places_share: float

    def __str__(self) -> str:
        return f"{self.size.name} {self.places_share:.0%}"

    def problem(self, *, together: float = 0.0, acquainted: float = 0.0) -> matcher.Problem:
        return territories.territory(
            self.size, self.places_share, together=together, acquainted=acquainted
        )


@dataclass(frozen=True)
class Round:
    """What the engine is given."""

    network: Network
    goals: Sequence[Level]
    costs: Costs

    def solved(self) -> Flow:
        return engine.solve(self.network, self.goals, self.costs)


def two_goals(network: Network) -> list[Level]:
    """People by class, then seconds: the levels that every peer can be asked for."""
    wanted = levels.levels(network)
    return [it for it in wanted if it.name.startswith("matched_") or it.name == "travel_seconds"]


def of_two_goals(network: Network) -> Round:
    goals = two_goals(network)
    return Round(network, goals, levels.costs(network, goals))


def of_every_goal(network: Network) -> Round:
    goals = levels.levels(network)
    return Round(network, goals, levels.costs(network, goals))


def folded(problem: matcher.Problem) -> Network:
    near = nearby.nearby(problem, problem.doctors.places > 0)
    return folding.fold(problem, near).network


def optimum(of: Round, flow: Flow) -> Optimum:
    """What the flow of a round without households amounts to, in people and seconds."""
    value = levels.values(of.network, of.goals, flow)
    people = of.network.type_units @ of.network.type_classes
    left_out = [value[f"matched_{rank + 1}"] for rank in range(people.size)]
    return Optimum(tuple((people - left_out).tolist()), value["travel_seconds"])


def solved(asked: Round) -> Optimum:
    """The solve alone, from the folded arcs in arrays, as the peers are given them."""
    return optimum(asked, asked.solved())


@dataclass(frozen=True)
class Phases:
    """Seconds from the rows of the patients to a flow proven optimal, and what they led to."""

    distances: float
    folding: float
    costs: float
    solve: float
    proof: float
    search: float
    """Not part of the way: the distances of the floor, without anything about the people."""
    pricing: float
    """Not part of the way: every arc priced once."""
    groups: int
    pairs: int
    optimum: Optimum

    @property
    def all_in(self) -> float:
        return self.distances + self.folding + self.costs + self.solve + self.proof

    @property
    def floor(self) -> float:
        """What nobody who proves an optimum can do without."""
        return self.search + self.pricing


def all_in(problem: matcher.Problem) -> Phases:
    """All the way, phase by phase. Raises ArithmeticError if the proof fails."""
    near, distances = _timed(lambda: nearby.nearby(problem, problem.doctors.places > 0))
    network, folded_in = _timed(lambda: folding.fold(problem, near).network)
    asked, costs = _timed(lambda: of_two_goals(network))
    flow, solve = _timed(asked.solved)
    breach, proof = _timed(lambda: next(certificate.breaches(network, asked.costs, flow), None))
    if breach is not None:
        raise ArithmeticError(breach)
    return Phases(
        distances=distances,
        folding=folded_in,
        costs=costs,
        solve=solve,
        proof=proof,
        search=_timed(lambda: _searched(problem))[1],
        pricing=_timed(lambda: priced(network, asked.costs, flow))[1],
        groups=network.groups,
        pairs=network.doctor.size,
        optimum=optimum(asked, flow),
    )


def _timed(work: Callable[[], Made]) -> tuple[Made, float]:
    begun = perf_counter()
    made = work()
    return made, perf_counter() - begun


def _searched(problem: matcher.Problem) -> None:
    homes, doctors = problem.homes, problem.doctors
    travel.nearest(
        homes.latitude,
        homes.longitude,
        doctors.latitude,
        doctors.longitude,
        terms=problem.terms,
    )


def priced(network: Network, costs: Costs, flow: Flow) -> int:
    """The least low word of the reduced costs of all pairs: one look at each of them."""
    table = network.start, network.doctor, network.way
    groups = network.row, network.kind, network.limit
    prices = flow.group_low, flow.doctor_low
    return int(_least_reduced(table, network.reach, groups, costs.way, prices))


@compiled
def _least_reduced(
    table: tuple[Ints, Small, Small],
    reach: Small,
    groups: tuple[Small, Small, Small],
    way_cost: Ints,
    prices: tuple[Ints, Ints],
) -> int:
    start, doctor, way = table
    row, kind, limit = groups
    group_price, doctor_price = prices
    least = 0
    for group in range(row.size):
        for at in range(start[row[group]], start[row[group] + 1]):
            if way[at] <= min(limit[group], reach[kind[group], doctor[at]]):
                reduced = way_cost[way[at]] - doctor_price[doctor[at]]
                least = min(least, reduced + group_price[group])
    return least


def every_level(asked: Round) -> dict[str, int]:
    return levels.values(asked.network, asked.goals, asked.solved())


def in_turn(asked: Round) -> dict[str, int]:
    """Level after level by SimpleMinCostFlow, each among the optima of those before."""
    flow = successive.solve(asked.network, asked.goals, asked.costs)
    return levels.values(asked.network, asked.goals, flow)


@dataclass(frozen=True)
class Event:
    """Median seconds of a new solve after an event, from the former tree and from nothing."""

    warm: float
    cold: float


def events(asked: Round) -> tuple[Event, Event]:
    """A doctor closes; a doctor opens places. Raises ArithmeticError if the optima differ."""
    before = asked.solved()
    drawn = np.random.default_rng(0).choice(asked.network.doctors, EVENTS, replace=False)
    closing = [
        _after(asked, before, doctor, -int(asked.network.places[doctor])) for doctor in drawn
    ]
    opening = [_after(asked, before, doctor, OPENED) for doctor in drawn]
    return _typical(closing), _typical(opening)


def _typical(each: list[Event]) -> Event:
    return Event(median(it.warm for it in each), median(it.cold for it in each))


def _after(asked: Round, before: Flow, doctor: int, change: int) -> Event:
    places = asked.network.places.copy()
    places[doctor] += change
    changed = replace(asked, network=replace(asked.network, places=places))
    again = partial(engine.solve, changed.network, changed.goals, changed.costs)
    warm, from_tree = _timed(lambda: again(start=before.basis))
    cold, from_nothing = _timed(again)
    if optimum(changed, warm) != optimum(changed, cold):
        raise ArithmeticError("the former tree led to another optimum")
    return Event(from_tree, from_nothing)


@dataclass(frozen=True)
class Kept:
    """Whole households for the two goals, against the flow that may split them."""

    short: tuple[int, ...]
    """People by class who could at most be matched besides."""
    travel_seconds: int
    bound_seconds: int
    proven: bool


def kept_together(asked: Round) -> Kept:
    network, flow = asked.network, asked.solved()
    whole = households.keep_together(network, asked.goals, asked.costs, flow, programme.Effort())
    bound, scale = levels.values(network, asked.goals, flow), network.scale
    left_out = (whole.left_out @ network.type_classes).tolist()
    return Kept(
        tuple(
            left - -(-bound[f"matched_{rank}"] // scale) for rank, left in enumerate(left_out, 1)
        ),
        _travelled(network, whole) // scale,
        -(-bound["travel_seconds"] // scale),
        whole.proven,
    )


def _travelled(network: Network, whole: households.Whole) -> int:
    """Scaled seconds of everybody who has a doctor."""
    row = np.repeat(np.arange(network.start.size - 1), np.diff(network.start))
    pair = row * network.doctors + network.doctor
    order = np.argsort(pair)
    group = np.concatenate([network.group_of_type[whole.type_], whole.group])
    doctor = np.concatenate([whole.doctor, whole.single_doctor])
    places = np.concatenate([whole.units * network.type_size[whole.type_], whole.persons])
    asked = network.row[group].astype(np.int64) * network.doctors + doctor
    way = network.way[order[np.searchsorted(pair, asked, sorter=order)]]
    return int(places @ network.way_seconds[way])


@dataclass(frozen=True)
class Answer:
    """What a matching of the product promises."""

    values: Values
    bound: Values
    status: Status


def matching(problem: matcher.Problem) -> Answer:
    """Every level, whole households, everybody told, recounted."""
    answer = matcher.solve(problem)
    return Answer(answer.values, answer.bound, answer.status)


def _load() -> None:
    """Load what was compiled before, by going all the way on a small territory."""
    village = replace(territories.NANCY, people=1_300, doctors=10, cells=40)
    all_in(Instance(village, 0.7).problem())


def prepared(instance: Instance) -> matcher.Problem:
    """People alone, none of whom has a usual doctor: what every peer can be asked."""
    _load()
    return instance.problem()


def settled(instance: Instance) -> Round:
    """The same for the two goals, ready for events."""
    return of_two_goals(folded(prepared(instance)))


def acquainted(instance: Instance) -> Round:
    """Every level asked for, where some people have a usual doctor."""
    _load()
    return of_every_goal(folded(instance.problem(acquainted=ACQUAINTED)))


def together(instance: Instance) -> Round:
    """The two goals where some people live in households."""
    _load()
    return of_two_goals(folded(instance.problem(together=TOGETHER)))


def housed(instance: Instance) -> matcher.Problem:
    """Households, and people with a usual doctor."""
    _load()
    return instance.problem(together=TOGETHER, acquainted=ACQUAINTED)


@contextmanager
def never_compiled() -> Iterator[None]:
    """Processes that start within find nothing compiled before."""
    former = {name: os.environ[name] for name in {CACHE} & os.environ.keys()}
    with tempfile.TemporaryDirectory(prefix="releve-bench-") as folder:
        os.environ[CACHE] = folder
        try:
            yield
        finally:
            del os.environ[CACHE]
            os.environ.update(former)
