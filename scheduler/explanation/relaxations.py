"""What would fill a hole: one rule less for one doctor, each tried by solving again."""

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np

from scheduler.check import COVERAGE, loads, obstacles
from scheduler.explanation.holes import ASK, CAPS, Blocked
from scheduler.explanation.price import Change, held, losses, priced
from scheduler.problem import Limits, Pairs, Problem
from scheduler.roster import Outcome, Roster
from scheduler.rules import RULES

RELAXED = (*CAPS, "rest", "forbidden")
"""Rules that somebody may lift: the doctor his caps and his rest, the coordinator his own word."""
MOST_ASKED = 3
MOST_TRIED = 12


@dataclass(frozen=True)
class Relaxation:
    """A doctor (rpps) takes the slot if one thing changes, and then one seat more is filled.

    `rule` is a cap that goes from `cap` to `cap + 1`, `rest` to waive once, `forbidden` to lift, or
    `ask`: he did not offer the slot. `change` is what the best roster then gains and loses on each
    level, the given one counting as published; it is exact if `proven`.
    """

    rpps: str
    rule: str
    cap: int | None
    change: Change
    proven: bool


@dataclass(frozen=True)
class Hole:
    """A slot with `missing` empty seats: who offered it and is kept off, by which rules, and what
    would fill a seat, the cheapest first."""

    slot_id: str
    missing: int
    blocked: tuple[Blocked, ...]
    relaxations: tuple[Relaxation, ...]


def hole(
    problem: Problem,
    before: Outcome,
    slot: int,
    *,
    limits: Limits | None = None,
) -> Hole:
    """Explain an empty seat; `before` is the best outcome of the problem, a hole in it proven.

    The likeliest changes are tried first, `MOST_TRIED` of them: doctors whom a single rule keeps
    off, then those of several, the least burdened first; and the `MOST_ASKED` least burdened of
    those who did not offer the slot.
    """
    given = before.roster
    stopped = dict(_stopped(problem, given, slot))
    offered = problem.pair_doctor[problem.pair_slot == slot].tolist()
    tries = list(_tries(problem, given, slot, stopped))[:MOST_TRIED]
    found = [_relaxation(problem, before, (doctor, slot), rule, limits) for doctor, rule in tries]
    useful = [it for it in found if it is not None and _gains_a_seat(it.change)]
    return Hole(
        slot_id=problem.slot_ids[slot],
        missing=int(problem.doctors_needed[slot]) - int((given.slot == slot).sum()),
        blocked=tuple(Blocked(problem.rpps[it], stopped[it]) for it in offered if it in stopped),
        relaxations=tuple(sorted(useful, key=lambda it: losses(it.change))),
    )


def _stopped(problem: Problem, given: Roster, slot: int) -> Iterator[tuple[int, tuple[str, ...]]]:
    """Every doctor who does not hold the slot, and what keeps him off beside the roster."""
    duties = given.duties()
    for doctor in range(len(problem.rpps)):
        if (doctor, slot) not in duties:
            found = obstacles(problem, duties, doctor, slot)
            yield doctor, tuple(rule.name for rule in RULES if rule.name in found)


def _tries(
    problem: Problem, given: Roster, slot: int, stopped: dict[int, tuple[str, ...]]
) -> Iterator[tuple[int, str]]:
    """Doctors and the one rule each could do without, the likeliest first."""
    offered = set(problem.pair_doctor[problem.pair_slot == slot].tolist())
    points = loads(problem, given)
    burden = {
        doctor: (int(problem.history_points[doctor]) + points[doctor])
        / float(problem.participation[doctor])
        for doctor in stopped
    }
    least_first = sorted(stopped, key=lambda it: (len(stopped[it]), burden[it], it))
    for doctor in least_first:
        if doctor in offered and set(stopped[doctor]) <= set(RELAXED):
            yield from ((doctor, rule) for rule in stopped[doctor])
    free = [it for it in least_first if it not in offered and not stopped[it]]
    yield from ((doctor, ASK) for doctor in free[:MOST_ASKED])


def _relaxation(
    problem: Problem,
    before: Outcome,
    duty: tuple[int, int],
    rule: str,
    limits: Limits | None,
) -> Relaxation | None:
    doctor, slot = duty
    told = problem.rpps[doctor], rule, _cap(problem, doctor, rule)
    eased = _eased(problem, duty, rule)
    if obstacles(eased, problem.pins(), doctor, slot):
        return None
    found = priced(before, held(eased, doctor, slot), limits)
    return Relaxation(*told, found.change, found.proven)


def _eased(problem: Problem, duty: tuple[int, int], rule: str) -> Problem:
    """The question with one rule less for one doctor."""
    if rule in CAPS:
        caps = getattr(problem, rule).copy()
        caps[duty[0]] += 1
        eased: dict[str, np.ndarray] = {rule: caps}
        return replace(problem, **eased)  # type: ignore[arg-type]
    if rule == "rest":
        return replace(problem, waived=Pairs(np.array([duty[0]]), np.array([duty[1]])))
    if rule == "forbidden":
        old = problem.forbidden
        left = (old.doctor != duty[0]) | (old.slot != duty[1])
        return replace(problem, forbidden=Pairs(old.doctor[left], old.slot[left]))
    return problem


def _cap(problem: Problem, doctor: int, rule: str) -> int | None:
    return int(getattr(problem, rule)[doctor]) if rule in CAPS else None


def _gains_a_seat(change: Change) -> bool:
    """Whether more is filled where it matters most."""
    first = next(iter(change), ("", 0))
    return first[0] in COVERAGE and first[1] > 0
