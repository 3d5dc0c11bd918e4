from datetime import timedelta

from hypothesis import HealthCheck, given, settings

from scheduler import problem, records, solve
from scheduler.explanation import holes, share
from scheduler.explanation.holes import Blocked, Relaxation
from scheduler.records import Doctor, Offer, Slot
from scheduler.roster import roster
from tests.scheduler import cramped
from tests.scheduler.test_rules import a_slot


def asked_of(slots: list[Slot], doctors: list[Doctor], *, but: str = "") -> problem.Problem:
    offers = [Offer(d.rpps, s.slot_id) for d in doctors for s in slots if d.rpps not in but]
    return records.from_records(slots, doctors, offers)


def test_ros_02_a_cap_one_higher_fills_the_hole_and_says_what_it_costs() -> None:
    asked = asked_of([a_slot(0), a_slot(3)], [Doctor("e", max_per_week=1, participation=0.5)])

    (hole,) = holes.holes(asked, roster([(0, 0)]))

    assert (hole.slot_id, hole.missing, hole.reason) == ("03T18", 1, "everybody_blocked")
    assert hole.blocked == (Blocked("e", ("max_per_week",)),)
    assert hole.cheapest == Relaxation("e", "max_per_week", 1, 6000)


def test_the_doctor_who_carries_least_is_preferred_and_ties_go_by_rpps() -> None:
    slots = [a_slot(0), a_slot(30)]
    doctors = [
        Doctor(rpps, max_per_period=0, history_points=h)
        for rpps, h in zip("abc", (5, 1, 1), strict=True)
    ]
    asked = asked_of(slots, doctors)

    cheapest = [hole.cheapest for hole in holes.holes(asked, roster([]))]

    assert cheapest == [Relaxation("b", "max_per_period", 0, 3000)] * 2


def test_rest_can_be_waived_between_two_days_but_nobody_is_in_two_places() -> None:
    next_day = asked_of([a_slot(0), a_slot(1)], [Doctor("a")])
    crossing = asked_of([a_slot(0, 9, 13), a_slot(0, 12, 14)], [Doctor("a")])

    (waived,) = holes.holes(next_day, roster([(0, 0)]))
    (stuck,) = holes.holes(crossing, roster([(0, 0)]))

    assert waived.cheapest == Relaxation("a", "rest", None, 3000)
    assert stuck.blocked == (Blocked("a", ("rest",)),)
    assert stuck.cheapest is None


def test_two_rules_in_the_way_are_both_named_and_no_single_one_is_offered() -> None:
    asked = asked_of([a_slot(0), a_slot(1)], [Doctor("a", max_per_week=1, max_per_month=1)])

    (hole,) = holes.holes(asked, roster([(0, 0)]))

    assert hole.blocked == (Blocked("a", ("max_per_week", "max_per_month", "rest")),)
    assert hole.cheapest is None


def test_ros_10_the_reason_a_locum_is_not_assigned_is_shown_and_cannot_be_waived() -> None:
    ended = Doctor("j", licence_until=a_slot(0).start.date() - timedelta(days=1))
    asked = asked_of([a_slot(0)], [ended])

    (hole,) = holes.holes(asked, roster([]))

    assert hole.blocked == (Blocked("j", ("licence",)),)
    assert hole.cheapest is None


def test_a_doctor_already_on_the_slot_is_no_help_for_its_second_seat() -> None:
    asked = asked_of([a_slot(0, doctors_needed=2)], [Doctor("a"), Doctor("b")], but="b")

    (hole,) = holes.holes(asked, roster([(0, 0)]))

    assert hole.blocked == (Blocked("a", ("already_on_this_slot",)),)
    assert hole.cheapest == Relaxation("b", "ask", None, 1000)


def test_where_nobody_is_available_the_lowest_burden_without_obstacle_is_asked() -> None:
    doctors = [
        Doctor("a", history_points=2, participation=0.5),
        Doctor("b", history_points=3),
        Doctor("c", max_per_period=0),
    ]
    asked = asked_of([a_slot(0)], doctors, but="abc")

    (hole,) = holes.holes(asked, roster([]))

    assert (hole.reason, hole.blocked) == ("nobody_available", ())
    assert hole.cheapest == Relaxation("b", "ask", None, 7000)


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(cramped.cramped() | cramped.crowded_with_rules())
def test_every_available_doctor_of_a_hole_is_named_with_a_rule(asked: problem.Problem) -> None:
    given_roster = solve.solve(asked).roster

    for hole in holes.holes(asked, given_roster):
        slot = asked.slot_ids.index(hole.slot_id)
        available = [asked.rpps[d] for d in asked.pair_doctor[asked.pair_slot == slot]]
        assert [blocked.rpps for blocked in hole.blocked] == available
        assert all(blocked.rules for blocked in hole.blocked)


def test_the_target_shares_all_points_by_participation_less_the_history() -> None:
    doctors = [Doctor("a"), Doctor("b", participation=0.5, history_points=9), Doctor("c")]
    asked = asked_of([a_slot(0, points=3), a_slot(3, points=3)], doctors)

    shares = share.fairness(asked, roster([(0, 0), (2, 1)]))

    assert [(share.duties, share.points, share.history_points) for share in shares] == [
        (1, 3, 0),
        (0, 0, 9),
        (1, 3, 0),
    ]
    assert [share.target_points for share in shares] == [6.0, 0.0, 6.0]
