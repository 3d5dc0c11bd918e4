from hypothesis import HealthCheck, given, settings

from scheduler import problem, records, solve
from scheduler.check import LESS_IS_BETTER, level_names
from scheduler.explanation import choice
from scheduler.explanation.choice import Alternative
from scheduler.explanation.price import losses
from scheduler.records import Doctor, Offer, Slot
from scheduler.roster import Outcome
from tests.scheduler.flow import tiny
from tests.scheduler.test_rules import a_slot


def chosen(asked: problem.Problem, slot: int) -> choice.Choice:
    before = solve.solve(asked)
    return choice.choice(asked, before, before.roster, slot)


def asked_of(slots: list[Slot], doctors: list[Doctor], **told: object) -> problem.Problem:
    offers = [Offer(doctor.rpps, slot.slot_id) for doctor in doctors for slot in slots]
    return records.from_records(slots, doctors, offers, **told)


def test_another_doctor_costs_what_the_best_roster_with_him_loses() -> None:
    asked = asked_of([a_slot(0)], [Doctor("a"), Doctor("b", history_points=2), Doctor("c")])

    found = chosen(asked, 0)

    assert found.holders == ("a",)
    assert found.others == (
        Alternative("c", ()),
        Alternative("b", (), (("fairness", 4000),)),
    )


def test_a_doctor_whom_a_rule_bars_whatever_the_others_do_is_told_with_it_and_last() -> None:
    asked = asked_of(
        [a_slot(0)],
        [Doctor("a", max_per_week=0), Doctor("b"), Doctor("c", history_points=9)],
        forbidden=[("c", a_slot(0).slot_id)],
    )

    assert chosen(asked, 0).others == (
        Alternative("a", ("max_per_week",)),
        Alternative("c", ("forbidden",)),
    )


def test_beside_a_published_roster_the_changes_count() -> None:
    slots = [a_slot(0), a_slot(3)]
    out = [("a", slots[0].slot_id), ("b", slots[1].slot_id)]
    capped = asked_of(
        slots, [Doctor("a", max_per_week=1), Doctor("b", max_per_week=1)], published=out
    )

    (other,) = chosen(capped, 0).others

    assert other == Alternative("b", (), (("changes", 4),))


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(tiny.tiny())
def test_every_price_is_that_of_trying_everything(asked: problem.Problem) -> None:
    before = solve.solve(asked)
    rosters = list(tiny.rosters(asked))

    for slot in range(len(asked.slot_ids)):
        for other in choice.choice(asked, before, before.roster, slot).others:
            doctor = asked.rpps.index(other.rpps)
            within = [it for it in rosters if (doctor, slot) in it.duties()]
            assert bool(within) is not bool(other.rules)
            if within:
                best = max(tiny.worth(asked, it) for it in within)
                assert other.proven
                assert losses(other.change) == losses(changed(asked, before, best))


def changed(
    asked: problem.Problem, before: Outcome, best: tuple[int, ...]
) -> tuple[tuple[str, int], ...]:
    names = level_names(asked)
    after = [-it if name in LESS_IS_BETTER else it for name, it in zip(names, best, strict=True)]
    return tuple(
        (it.name, value - it.value) for it, value in zip(before.levels, after, strict=True)
    )
