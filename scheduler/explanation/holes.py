"""Why each seat stayed empty and what would fill it, told of any roster at once.

Nothing is solved again: see `relaxations` for that.
"""

from collections import Counter
from dataclasses import dataclass, replace
from typing import Literal, TypeAlias

from scheduler.check import breaches, burden_cost, loads, obstacles
from scheduler.problem import Integers, Problem
from scheduler.roster import Roster, roster

Reason: TypeAlias = Literal["nobody_available", "everybody_blocked"]
CAPS = ("max_per_week", "max_per_month", "max_per_period")
WAIVABLE = (*CAPS, "rest")
STOPPING = (
    *WAIVABLE,
    "overlap",
    "travel",
    "indemnity",
    "forbidden",
    "licence",
    "authorisation",
    "replaced",
)
"""Rules that can keep an available doctor off a slot with an empty seat, as they are told."""
ON_THIS_SLOT = "already_on_this_slot"
ASK = "ask"


@dataclass(frozen=True)
class Blocked:
    """An available doctor (rpps) and the rules, in their order, that keep him off the slot."""

    rpps: str
    rules: tuple[str, ...]


@dataclass(frozen=True)
class Relaxation:
    """One change that lets one doctor take the empty seat; verified against every other rule.

    `rule` is a cap to raise from `cap` to `cap + 1`, `rest` to waive once, or `ask`: the doctor
    is not available but breaks no rule. `cost` is the added fairness cost.
    """

    rpps: str
    rule: str
    cap: int | None
    cost: int


@dataclass(frozen=True)
class Hole:
    """A slot with `missing` empty seats, who was available and what stopped each of them."""

    slot_id: str
    missing: int
    reason: Reason
    blocked: tuple[Blocked, ...]
    cheapest: Relaxation | None


def holes(problem: Problem, given: Roster) -> list[Hole]:
    """Every slot that lacks a doctor, in the order of the slots.

    The roster must be one that `solve` returned: then no available doctor is free to take a seat.
    """
    seated = Counter(slot for _, slot in given.duties())
    missing = {
        slot: int(needed) - seated[slot] for slot, needed in enumerate(problem.doctors_needed)
    }
    return [_hole(problem, given, slot, lack) for slot, lack in missing.items() if lack > 0]


def _hole(problem: Problem, given: Roster, slot: int, missing: int) -> Hole:
    available = problem.pair_doctor[problem.pair_slot == slot].tolist()
    blocked = {doctor: _blocking(problem, given, doctor, slot) for doctor in available}
    return Hole(
        slot_id=problem.slot_ids[slot],
        missing=missing,
        reason="everybody_blocked" if available else "nobody_available",
        blocked=tuple(Blocked(problem.rpps[d], rules) for d, rules in blocked.items()),
        cheapest=_cheapest(problem, given, slot, blocked) or _asked(problem, given, slot),
    )


def _blocking(problem: Problem, given: Roster, doctor: int, slot: int) -> tuple[str, ...]:
    duties = given.duties()
    if (doctor, slot) in duties:
        return (ON_THIS_SLOT,)
    stopped = obstacles(problem, duties, doctor, slot)
    if "rest" in stopped:
        # Two duties that overlap touch a same day: rest says it already.
        stopped -= {"overlap"}
    return tuple(rule for rule in STOPPING if rule in stopped)


def _cheapest(
    problem: Problem, given: Roster, slot: int, blocked: dict[int, tuple[str, ...]]
) -> Relaxation | None:
    """The least costly single relaxation that a full check accepts; ties go by rpps."""
    single = [(doctor, rules[0]) for doctor, rules in blocked.items() if len(rules) == 1]
    offers = [
        _relaxation(problem, given, doctor, slot, rule)
        for doctor, rule in single
        if rule in WAIVABLE
    ]
    rows = {rpps: row for row, rpps in enumerate(problem.rpps)}
    for offer in sorted(offers, key=lambda offer: (offer.cost, offer.rpps)):
        if _accepted(problem, given, rows[offer.rpps], slot, offer.rule):
            return offer
    return None


def _asked(problem: Problem, given: Roster, slot: int) -> Relaxation | None:
    """The doctor of lowest burden who did not offer the slot and breaks no other rule."""
    points = loads(problem, given)
    burden = {
        doctor: (int(problem.history_points[doctor]) + points[doctor]) / float(share)
        for doctor, share in enumerate(problem.participation)
    }
    offered = set(problem.pair_doctor[problem.pair_slot == slot].tolist())
    for doctor in sorted(burden, key=lambda doctor: (burden[doctor], doctor)):
        if doctor not in offered and not obstacles(problem, given.duties(), doctor, slot):
            return _relaxation(problem, given, doctor, slot, ASK)
    return None


def _relaxation(problem: Problem, given: Roster, doctor: int, slot: int, rule: str) -> Relaxation:
    load = loads(problem, given)[doctor]
    history, part = int(problem.history_points[doctor]), float(problem.participation[doctor])
    more = load + int(problem.points[slot])
    return Relaxation(
        rpps=problem.rpps[doctor],
        rule=rule,
        cap=int(getattr(problem, rule)[doctor]) if rule in CAPS else None,
        cost=burden_cost(history, more, part) - burden_cost(history, load, part),
    )


def _accepted(problem: Problem, given: Roster, doctor: int, slot: int, rule: str) -> bool:
    """Whether the roster with this one duty more keeps every rule, this one being relaxed."""
    faults = breaches(_relaxed(problem, doctor, rule), roster([*given.duties(), (doctor, slot)]))
    return all(rule == breach.rule == "rest" and breach.doctor == doctor for breach in faults)


def _relaxed(problem: Problem, doctor: int, rule: str) -> Problem:
    if rule not in CAPS:
        return problem
    caps: Integers = getattr(problem, rule).copy()
    caps[doctor] += 1
    return replace(
        problem,
        max_per_week=caps if rule == "max_per_week" else problem.max_per_week,
        max_per_month=caps if rule == "max_per_month" else problem.max_per_month,
        max_per_period=caps if rule == "max_per_period" else problem.max_per_period,
    )
