"""Finds places for the groups that do not pack, losing as little as it can.

The groups that fail move, and with them those around: at first persons alone only, then whole
groups, further and further. Each connected piece is a small integer programme that counts what
every choice loses. Who loses too much, or is at a doctor whose places do not fill, fails again and
has a wider reach at the next rung. At the last rung every loss is allowed, since upper levels may
have to lose something, people last of all: a place left empty then goes to somebody who waits
nearby. That answer is good, and no more is claimed.
"""

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, replace

import numpy as np

from matcher.households import columns as arcs
from matcher.households import islands, programme
from matcher.households.columns import FAR, Columns
from matcher.households.packing import ALONE, Given
from matcher.households.programme import Effort, Exhausted, Programme, Scope, Solved
from matcher.levels import Level, values
from matcher.network import Costs, Flow, Network
from matcher.problem import Flags, Ints


@dataclass(frozen=True)
class Rung:
    """How far a repair reaches, in seconds a place beyond the optimum."""

    failing: int
    """For the groups that fail. More, and they fail again."""
    around: int
    """For those who share doctors with them."""
    households: bool
    """Whether households around move too, or only persons alone."""
    hops: int
    """From doctor to doctor, by groups that share both."""
    ways: int
    """Columns of a group at most, besides those in use."""
    final: bool = False
    """Whether those who still fail may lose anything."""


RUNGS = (
    Rung(failing=60, around=10, households=False, hops=1, ways=8),
    Rung(failing=120, around=20, households=False, hops=2, ways=8),
    Rung(failing=300, around=20, households=True, hops=1, ways=8),
    Rung(failing=300, around=60, households=False, hops=1, ways=8, final=True),
)

DOZENS = 36
"""A person left out outweighs so many others who lose their usual doctor, and more."""

SEATS = Rung(failing=300, around=60, households=False, hops=1, ways=2, final=True)
"""For those who wait where a place is left empty that one of them should have."""

POLISH = Rung(failing=300, around=10, households=True, hops=1, ways=8, final=True)

AT_ONCE = 8
"""Groups polished together, most of them far apart."""


@dataclass(frozen=True)
class Task:
    """What is known before households are looked at."""

    network: Network
    goals: Sequence[Level]
    costs: Costs
    flow: Flow
    effort: Effort

    def weight(self, seconds: int) -> int:
        """What so many seconds a place weigh in the low word."""
        return seconds * self.network.scale // self.goals[-1].unit

    @property
    def person(self) -> int:
        """What it weighs at least to leave a person out rather than one of the next class: more
        than everything below together. In the low word, as losses are counted."""
        costs = self.costs
        return FAR if costs.stay_high.any() else min(FAR, int(costs.stay_low.min(initial=FAR)))

    def near(self, groups: Ints, most: Ints) -> Columns:
        """The columns of some groups that lose at most so much a place, in the low word."""
        return arcs.near(self.network, self.costs, self.flow, groups, most)

    def levels(self, given: Given, flowing: Flags) -> dict[str, int]:
        """Every level at an answer, some groups being counted as they flow instead."""
        network, flow = self.network, self.flow
        whole, split = ~flowing[given.group], flowing[flow.group]
        told = replace(
            flow,
            group=np.append(given.group[whole], flow.group[split]),
            arc=np.append(given.arc[whole], flow.arc[split]),
            usual=np.append(_usual(network, given)[whole], flow.usual[split]),
            amount=np.append(given.places(network)[whole], flow.amount[split]),
            stay=np.where(
                flowing[network.group_of_type], flow.stay, given.left * network.type_size
            ),
        )
        return values(network, self.goals, told)

    def rank(self, given: Given) -> tuple[int, ...]:
        """Compares as answers do: the smaller, the better."""
        return tuple(self.levels(given, np.zeros(self.network.groups, np.bool_)).values())

    def lost_by(self, given: Given) -> int | None:
        """How far an answer is from the bound on the last level, in the low word; None if it is
        not on the bound on every other."""
        bound = values(self.network, self.goals, self.flow)
        found = self.levels(given, np.zeros(self.network.groups, np.bool_))
        last = self.goals[-1]
        lost = found.pop(last.name) - bound.pop(last.name)
        return lost // last.unit if found == bound else None


def _usual(network: Network, given: Given) -> Ints:
    """Per row: the position in ``usual_arc``, -1 where the doctor is not the usual one."""
    group = np.repeat(np.arange(network.groups), np.diff(network.usual_start))
    known = group * network.doctor.size + network.usual_arc
    order = np.append(np.argsort(known), -1)
    asked = given.group * network.doctor.size + given.arc
    at = order[np.searchsorted(known, asked, sorter=order[:-1])]
    return np.where((at >= 0) & (np.append(known, -1)[at] == asked), at, -1)


def settled(task: Task, given: Given, failing: Flags, among: Flags) -> Given:
    """An answer in which everybody has a place or waits, also the groups that fail.

    Then tries to lose less around the groups ``among`` which something is lost.
    """
    nothing_found = islands.without(task.network, given, failing[task.network.group_of_type])
    for rung in RUNGS:
        given, failing = _mended(task, given, failing, rung)
    seated, _ = _mended(task, given, _passed_over(task, given), SEATS)
    return _polished(task, min(seated, given, nothing_found, key=task.rank), among)


def _left_short(task: Task, given: Given) -> Flags:
    """The doctors with an empty place that somebody should have: it costs a person."""
    return islands.left_short(task.network, task.costs, task.flow, given, task.person // 2)


def _passed_over(task: Task, given: Given) -> Flags:
    """The groups of which some wait, that are served by one of the doctors left short."""
    network = task.network
    some = np.zeros(network.groups, np.bool_)
    doctors = _left_short(task, given)
    if doctors.any():
        waiting = np.unique(network.group_of_type[given.left > 0])
        columns = arcs.every(network, waiting)
        some[columns.group[doctors[network.doctor[columns.arc]]]] = True
    return some


def _mended(task: Task, given: Given, failing: Flags, rung: Rung) -> tuple[Given, Flags]:
    """One rung: every piece with failing groups, solved; and who fails then."""
    if not failing.any():
        return given, failing
    network, still = task.network, failing.copy()
    given = islands.staying(network, given, failing[network.group_of_type])
    for piece in islands.pieces(network, around(task, given, failing, rung), failing):
        moved = _moved(task, given, failing, programme.write(network, piece), rung)
        if moved is not None:
            given, hurt = moved
            still[islands.groups(network, piece)] = False
            still[hurt] = True
    return islands.staying(network, given, still[network.group_of_type]), still


def _moved(
    task: Task, given: Given, failing: Flags, whole: Programme, rung: Rung
) -> tuple[Given, Ints] | None:
    """What a solved piece makes of an answer, and who fails then; None if it helps nobody.

    Where the effort was too small to prove it the best, it may be worse than nothing: than to
    leave those out who fail. That is what happens to them at a last rung.
    """
    network, nobody = task.network, np.zeros(0, np.int64)
    out = islands.moving(network, whole.scope) & failing[network.group_of_type]
    with suppress(Exhausted):
        solved, broken = _least(task, whole, rung)
        tried = islands.replaced(network, given, whole, solved.x)
        if solved.proven or task.rank(tried) < task.rank(islands.without(network, given, out)):
            return tried, nobody if rung.final else _hurt(network, tried, whole, broken)
    return (islands.without(network, given, out), nobody) if rung.final else None


def _least(task: Task, whole: Programme, rung: Rung) -> tuple[Solved, Flags]:
    """The solution that loses least, and where it loses too much. Raises Exhausted.

    What loses too much has its loss shrunk, so that the solver can count to the second beside it.
    The order remains: each level still outweighs some dozens of the next.
    """
    limit = task.weight(rung.failing) * int(whole.size.max())
    loss = islands.unit_losses(task.network, task.costs, task.flow, whole)
    much, person = np.abs(loss) > limit, 2 * np.abs(loss) >= task.person
    excess = np.maximum(np.abs(loss) / max(limit, 1), 1.0)
    shrunk = np.rint(np.where(person, DOZENS, 1) * limit * np.cbrt(excess)).astype(np.int64)
    cost = np.where(much, np.sign(loss) * shrunk, loss)
    solved = programme.minimise(whole, cost, task.effort)
    if solved is None:  # to leave everybody out is always possible
        raise Exhausted
    return solved, much & np.where(loss > 0, solved.x > 0, solved.x < whole.upper)


def _hurt(network: Network, given: Given, whole: Programme, broken: Flags) -> Ints:
    """The groups that lose too much, and those at the doctors left short."""
    single, household, out, tenth = whole.split(broken)
    columns = np.append(whole.single[single], whole.household[household])
    short = whole.scope.doctors[tenth.reshape(whole.scope.room.shape).any(axis=1)]
    there = given.group[np.isin(network.doctor[given.arc], short)]
    losing = np.append(whole.scope.columns.group[columns], network.group_of_type[whole.out[out]])
    return np.union1d(losing, there)


def around(task: Task, given: Given, failing: Flags, rung: Rung) -> Scope:
    """The failing groups, the doctors near the optimum for them, and who shares these doctors."""
    network = task.network
    most = np.where(failing, task.weight(rung.failing), task.weight(rung.around))
    most[failing & rung.final] = FAR
    np.maximum.at(most, given.group, given.loss)
    failed = moving = np.flatnonzero(failing)
    columns = _few(task, given, failed, most, rung.ways)
    for _ in range(rung.hops):
        doctors = np.unique(network.doctor[columns.arc])
        sharing = np.isin(network.doctor[given.arc], doctors)
        sharing &= rung.households | (given.type_ == ALONE)
        moving = np.union1d(given.group[sharing], failed)
        columns = _few(task, given, moving, most, rung.ways)
    types = np.isin(network.group_of_type, moving)
    types &= rung.households | (network.type_size == 1) | failing[network.group_of_type]
    met = network.doctor[given.arc[np.isin(given.group, moving)]]
    return islands.opened(network, given, columns, types, np.union1d(doctors, met))


def _few(task: Task, given: Given, groups: Ints, most: Ints, ways: int) -> Columns:
    """The best columns of some groups, those in use among them; ``most`` is per group."""
    near, table = task.near(groups, most[groups]), task.network.doctor.size
    in_use = np.isin(near.group * table + near.arc, given.group * table + given.arc)
    wanted = _left_short(task, given)[task.network.doctor[near.arc]]
    return arcs.cheapest(near, ways, in_use | wanted)


def _polished(task: Task, given: Given, among: Flags) -> Given:
    """Try again around the groups that lose, the worst first, a few at once."""
    network, best = task.network, task.rank(given)
    losses = islands.losses(network, task.costs, task.flow, given)[: network.groups] * among
    worst = np.argsort(-losses, kind="stable")[: np.count_nonzero(losses)]
    for few in np.split(worst, range(AT_ONCE, worst.size, AT_ONCE)):
        tried, _ = _mended(task, given, np.isin(np.arange(losses.size), few), POLISH)
        now = task.rank(tried)
        if now < best:
            given, best = tried, now
    return given
