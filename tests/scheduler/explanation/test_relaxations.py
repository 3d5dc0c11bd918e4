from dataclasses import replace

import numpy as np
from hypothesis import HealthCheck, given, settings

from scheduler import problem, records, solve
from scheduler.check import COVERAGE
from scheduler.explanation import relaxations
from scheduler.explanation.holes import ASK, CAPS, Blocked
from scheduler.explanation.price import losses
from scheduler.explanation.relaxations import Relaxation
from scheduler.records import Doctor, Named, Offer, Slot
from tests.scheduler.explanation.test_choice import asked_of, changed
from tests.scheduler.flow import tiny
from tests.scheduler.test_rules import a_slot


def explained(asked: problem.Problem, slot: int = 0) -> relaxations.Hole:
    return relaxations.hole(asked, solve.solve(asked), slot)


def published(asked: problem.Problem) -> problem.Problem:
    """The question once its best roster is out."""
    out = set(solve.solve(asked).roster.duties())
    pairs = zip(asked.pair_doctor.tolist(), asked.pair_slot.tolist(), strict=True)
    return replace(
        asked,
        pair_published=np.array([pair in out for pair in pairs], np.bool_),
        published_size=len(out),
    )


def held(slots: list[Slot], doctors: list[Doctor], out: list[Named]) -> problem.Problem:
    return asked_of(slots, doctors, published=out)


def test_ros_02_dr_e_accepts_if_his_cap_of_4_becomes_5() -> None:
    slots = [a_slot(3 * at) for at in range(5)]
    ids = [slot.slot_id for slot in slots]
    doctors = [Doctor("d", max_per_period=0), Doctor("e", max_per_month=4, participation=0.5)]
    asked = held(slots, doctors, [("e", it) for it in ids[1:]])

    found = explained(asked)

    assert (found.slot_id, found.missing) == (ids[0], 1)
    assert found.blocked == (
        Blocked("d", ("max_per_period",)),
        Blocked("e", ("max_per_month",)),
    )
    assert found.relaxations == (
        Relaxation(
            "d", "max_per_period", 0, (("filled_1", 1), ("changes", 1), ("fairness", 1000)), True
        ),
        Relaxation(
            "e", "max_per_month", 4, (("filled_1", 1), ("changes", 1), ("fairness", 18000)), True
        ),
    )


def test_rest_can_be_waived_once_if_nothing_else_is_in_the_way() -> None:
    slots = [a_slot(0), a_slot(1)]
    asked = held(slots, [Doctor("a")], [("a", slots[1].slot_id)])

    assert explained(asked).relaxations == (
        Relaxation("a", "rest", None, (("filled_1", 1), ("changes", 1), ("fairness", 3000)), True),
    )


def test_of_two_rules_one_is_enough_where_a_colleague_can_take_another_duty() -> None:
    slots = [a_slot(0), a_slot(1)]
    doctors = [Doctor("a", max_per_week=0), Doctor("b", max_per_period=1)]
    offers = [
        Offer("a", slots[0].slot_id),
        Offer("b", slots[0].slot_id),
        Offer("a", slots[1].slot_id),
    ]
    asked = records.from_records(slots, doctors, offers, published=[("b", slots[0].slot_id)])

    (found,) = explained(asked, 1).relaxations

    assert (found.rpps, found.rule, found.cap) == ("a", "max_per_week", 0)
    assert found.change[:2] == (("filled_1", 1), ("changes", 1))


def test_who_did_not_offer_the_slot_may_be_asked_the_least_burdened_first() -> None:
    doctors = [Doctor("a", history_points=8), Doctor("b", max_per_period=0), Doctor("c")]
    asked = records.from_records([a_slot(0)], doctors, [], published=[])

    assert [(it.rpps, it.rule) for it in explained(asked).relaxations] == [("c", ASK), ("a", ASK)]


def test_what_the_coordinator_forbade_he_may_allow_but_no_licence_is_relaxed() -> None:
    slot = a_slot(0)
    doctors = [Doctor("a"), Doctor("b", licence_until=slot.start.date().replace(day=1, month=1))]
    asked = asked_of([slot], doctors, forbidden=[("a", slot.slot_id)], published=[])

    found = explained(asked)

    assert [(it.rpps, it.rule) for it in found.relaxations] == [("a", "forbidden")]
    assert found.blocked == (Blocked("a", ("forbidden",)), Blocked("b", ("licence",)))


@settings(max_examples=80, deadline=None, suppress_health_check=list(HealthCheck))
@given(tiny.tiny())
def test_every_relaxation_fills_a_seat_at_the_price_of_trying_everything(
    asked: problem.Problem,
) -> None:
    asked = published(asked)
    before = solve.solve(asked)
    for slot in range(len(asked.slot_ids)):
        if (before.roster.slot == slot).sum() == asked.doctors_needed[slot]:
            continue
        found = relaxations.hole(asked, before, slot)
        ranks = [losses(it.change) for it in found.relaxations]
        assert ranks == sorted(ranks)
        for it in found.relaxations:
            assert it.change[0][0] in COVERAGE
            assert it.change[0][1] > 0
            if it.rule in (*CAPS, "rest"):
                _agrees(asked, before, it, slot)


def _agrees(asked: problem.Problem, before, told: Relaxation, slot: int) -> None:
    doctor = asked.rpps.index(told.rpps)
    if told.rule == "rest":
        eased = replace(asked, waived=problem.Pairs(np.array([doctor]), np.array([slot])))
    else:
        caps = getattr(asked, told.rule).copy()
        assert caps[doctor] == told.cap
        caps[doctor] += 1
        eased = replace(asked, **{told.rule: caps})
    within = [it for it in tiny.rosters(eased) if (doctor, slot) in it.duties()]
    best = max(tiny.worth(eased, it) for it in within)
    assert told.proven
    assert losses(told.change) == losses(changed(asked, before, best))
