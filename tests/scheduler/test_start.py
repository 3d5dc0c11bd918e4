from hypothesis import HealthCheck, given, settings

from scheduler import check, problem, start
from scheduler.drafting import drafted
from scheduler.roster import roster
from tests.scheduler import cramped


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(cramped.cramped() | cramped.crowded_with_rules())
def test_a_roster_made_by_hand_keeps_every_rule_and_leaves_no_seat_that_can_be_given(
    asked: problem.Problem,
) -> None:
    made = start.completed(drafted(asked))

    assert check.breaches(asked, made) == []
    for pair in zip(asked.pair_doctor.tolist(), asked.pair_slot.tolist(), strict=True):
        assert check.breaches(asked, roster([*made.duties(), pair])) != []
