"""A published roster after something has happened: as many seats as can be, fewest changes.

Levels as in `solve`, and in that order: coverage, changes, minimums, fairness, wishes. A change is
a duty that somebody loses or gains beside what the events themselves take and give, so the number
of colleagues disturbed is proven least. Nothing that has begun, and nothing pinned, changes.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

import numpy as np

from scheduler import solve
from scheduler.check import obstacles
from scheduler.events import Duty, Event, Standing, announced, columns, instant_us
from scheduler.problem import Limits, Pairs, Problem
from scheduler.records import Contradiction, Named
from scheduler.roster import Outcome, Roster, roster
from scheduler.solve import Progress

GONE, REARRANGED, ASSIGNED = "gone", "rearranged", "assigned"


@dataclass(frozen=True)
class Change:
    """A doctor (rpps) loses or gains a duty.

    `why` names the event: `absent`, `replaced`, `swapped`, `withdrawn`, `transferred`. A duty lost
    otherwise is `rearranged`, or `gone` if its doctor or its slot is no longer known; one gained
    otherwise is `assigned`.
    """

    rpps: str
    slot_id: str
    why: str


@dataclass(frozen=True, eq=False)
class Repair:
    """The new roster beside the published one, and the question it is the best answer to.

    `roster` also holds the duties of the past that break a rule among themselves: they are history,
    and `outcome`, which keeps every rule, does not count them. `kept` counts published duties.
    """

    problem: Problem
    outcome: Outcome
    roster: Roster
    lost: tuple[Change, ...]
    gained: tuple[Change, ...]
    kept: int


def repair(
    problem: Problem,
    published: Iterable[Named],
    events: Iterable[Event],
    now: datetime,
    *,
    limits: Limits | None = None,
    progress: Progress | None = None,
) -> Repair:
    """Repair a roster.

    `problem` is the question as it is today: slots added since are in it, slots taken out are not,
    and pins are those of the coordinator. Whoever holds a published duty has accepted it, so it
    counts as offered. Raises CannotApply for an event that cannot be, Contradiction for pins that
    break a rule, Disagreement as `solve` does.
    """
    standing, gone = _standing(problem, published, instant_us(now))
    before = frozenset(standing.duties)
    standing.apply([*announced(problem), *events])
    history = _history(standing)
    asked = _asked(standing, history)
    outcome = solve.solve(asked, limits, progress)
    given = roster([*outcome.roster.duties(), *history])
    after = frozenset(given.duties())
    lost = _told(asked, before - after, standing.taken, REARRANGED)
    return Repair(
        problem=asked,
        outcome=outcome,
        roster=given,
        lost=(*lost, *(Change(*pair, GONE) for pair in gone)),
        gained=_told(asked, after - before, standing.given, ASSIGNED),
        kept=len(before & after),
    )


def _standing(
    problem: Problem, published: Iterable[Named], now_us: int
) -> tuple[Standing, list[Named]]:
    """The published roster in rows, and the duties that name nobody or nothing known."""
    doctors = {rpps: row for row, rpps in enumerate(problem.rpps)}
    slots = {slot_id: row for row, slot_id in enumerate(problem.slot_ids)}
    pairs = sorted(set(published))
    known = [pair for pair in pairs if pair[0] in doctors and pair[1] in slots]
    duties = {(doctors[rpps], slots[slot_id]) for rpps, slot_id in known}
    gone = [pair for pair in pairs if pair not in set(known)]
    return Standing(problem, now_us, duties, set(problem.pins())), gone


def _history(standing: Standing) -> list[Duty]:
    """Pin what has begun; give the duties of it that break a rule beside earlier ones.

    Raises Contradiction where pins to come break a rule.
    """
    problem, broken = standing.problem, []
    kept: list[Duty] = []
    past = {duty for duty in standing.duties if standing.past(duty[1])}
    for duty in sorted(past | standing.pinned, key=lambda it: (it not in past, it[1], it[0])):
        rules = sorted(obstacles(problem, kept, *duty))
        if not rules:
            kept.append(duty)
        elif duty in past:
            broken.append(duty)
        else:
            raise Contradiction(rules[0], [(problem.rpps[duty[0]], problem.slot_ids[duty[1]])])
    standing.pinned = set(kept)
    return broken


def _asked(standing: Standing, history: Sequence[Duty]) -> Problem:
    """The question to solve: what stands is published, what has begun is settled."""
    problem, duties = standing.problem, standing.duties - set(history)
    pairs = zip(problem.pair_doctor.tolist(), problem.pair_slot.tolist(), strict=True)
    wishes = dict(zip(pairs, problem.pair_wish.tolist(), strict=True))
    rows = sorted({*wishes, *duties, *standing.pinned})
    begun = {pair for pair in rows if standing.past(pair[1])} - standing.pinned
    barred = zip(problem.forbidden.doctor.tolist(), problem.forbidden.slot.tolist(), strict=True)
    pair_doctor, pair_slot = columns(rows, 2)
    return replace(
        _without(problem, history, standing.pinned),
        pair_doctor=pair_doctor,
        pair_slot=pair_slot,
        pair_wish=np.array([wishes.get(pair, 0) for pair in rows], np.int64),
        pair_published=np.array([pair in duties for pair in rows], np.bool_),
        pair_pinned=np.array([pair in standing.pinned for pair in rows], np.bool_),
        forbidden=Pairs(*columns({*barred, *standing.forbidden, *begun} - standing.pinned, 2)),
        published_size=len(duties),
    )


def _without(problem: Problem, history: Sequence[Duty], pinned: Iterable[Duty]) -> Problem:
    """Duties that nobody asks about any more: their seats are taken, their points are history."""
    needed, carried = problem.doctors_needed.copy(), problem.history_points.copy()
    seated = Counter(slot for _, slot in pinned)
    for doctor, slot in history:
        needed[slot] = max(needed[slot] - 1, seated[slot])
        carried[doctor] += problem.points[slot]
    return replace(problem, doctors_needed=needed, history_points=carried)


def _told(
    problem: Problem, duties: Iterable[Duty], reasons: dict[Duty, str], otherwise: str
) -> tuple[Change, ...]:
    by_start = sorted(duties, key=lambda it: (int(problem.slot_start_us[it[1]]), it[1], it[0]))
    return tuple(
        Change(problem.rpps[doctor], problem.slot_ids[slot], reasons.get((doctor, slot), otherwise))
        for doctor, slot in by_start
    )
