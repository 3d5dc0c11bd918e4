"""Why so many: what a doctor carries beside his share, and what made it so."""

from collections import Counter
from dataclasses import dataclass

from scheduler.check import loads, obstacles
from scheduler.explanation.holes import CAPS
from scheduler.problem import Problem
from scheduler.roster import Roster

ABOVE_SHARE, BELOW_SHARE, AT_SHARE = "above_share", "below_share", "at_share"
CARRIED_LESS, CARRIED_MORE = "carried_less", "carried_more"
ALONE, CAPPED, FEW_OFFERS = "alone", "capped", "few_offers"


@dataclass(frozen=True)
class Share:
    """What a doctor carries. All but the number of duties in points.

    `target_points` is his share, by participation, of all the points of the group (every history
    plus this roster), less his own history, and never below 0. It may be fractional.
    """

    rpps: str
    duties: int
    points: int
    history_points: int
    target_points: float


@dataclass(frozen=True)
class Burden:
    """What a doctor (rpps) carries, and the group beside him.

    `target_points` as in `Share`. `relative` is history and points over participation;
    `group` the same of all doctors, ascending and without names. `alone` are his duties that nobody
    else offered, `capped` the caps that stop him from taking a slot he offered. `reasons` are words
    of this module, in the order in which they are to be told.
    """

    rpps: str
    participation: float
    duties: tuple[str, ...]
    points: int
    history_points: int
    target_points: float
    relative: float
    group: tuple[float, ...]
    offered: int
    alone: tuple[str, ...]
    capped: tuple[str, ...]
    reasons: tuple[str, ...]


def fairness(problem: Problem, given: Roster) -> list[Share]:
    """One row per doctor, in the order of the problem."""
    duties = Counter(doctor for doctor, _ in given.duties())
    points = loads(problem, given)
    every_point = int(problem.history_points.sum()) + sum(points)
    every_part = float(sum(problem.participation.tolist()))
    return [
        Share(
            rpps=rpps,
            duties=duties[doctor],
            points=points[doctor],
            history_points=int(problem.history_points[doctor]),
            target_points=max(
                0.0,
                every_point * float(problem.participation[doctor]) / every_part
                - int(problem.history_points[doctor]),
            ),
        )
        for doctor, rpps in enumerate(problem.rpps)
    ]


def burden(problem: Problem, given: Roster, doctor: int) -> Burden:
    """The account of one doctor."""
    shares, parts = fairness(problem, given), problem.participation.tolist()
    own, duties = shares[doctor], given.duties()
    group = [(it.history_points + it.points) / part for it, part in zip(shares, parts, strict=True)]
    slots = sorted((s for d, s in duties if d == doctor), key=problem.slot_start_us.__getitem__)
    offers = problem.pair_slot[problem.pair_doctor == doctor].tolist()
    alone = [slot for slot in slots if (problem.pair_slot == slot).sum() == 1]
    stopped = {
        rule
        for slot in offers
        if slot not in slots
        for rule in obstacles(problem, duties, doctor, slot)
    }
    told = _reasons(problem, doctor, own.points - own.target_points, len(offers))
    return Burden(
        rpps=own.rpps,
        participation=parts[doctor],
        duties=tuple(problem.slot_ids[slot] for slot in slots),
        points=own.points,
        history_points=own.history_points,
        target_points=own.target_points,
        relative=group[doctor],
        group=tuple(sorted(group)),
        offered=len(offers),
        alone=tuple(problem.slot_ids[slot] for slot in alone),
        capped=tuple(rule for rule in CAPS if rule in stopped),
        reasons=(
            *told,
            *((ALONE,) if alone else ()),
            *((CAPPED,) if stopped & set(CAPS) else ()),
        ),
    )


def _reasons(problem: Problem, doctor: int, excess: float, offers: int) -> list[str]:
    """Where he stands, whether by what he carried before, and whether he offered little."""
    widest = int(problem.points.max(initial=1))
    beside = AT_SHARE if abs(excess) <= widest else ABOVE_SHARE if excess > 0 else BELOW_SHARE
    before = problem.history_points / problem.participation
    mean = float(problem.history_points.sum()) / float(problem.participation.sum())
    mine = float(before[doctor])
    carried = [CARRIED_LESS] if mine < mean else [CARRIED_MORE] if mine > mean else []
    few = 2 * offers * len(problem.rpps) < len(problem.pair_slot)
    return [beside, *carried, *([FEW_OFFERS] if few else [])]
