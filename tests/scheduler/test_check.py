from collections.abc import Callable
from dataclasses import replace

import pytest

from scheduler import check, problem, records, solve
from scheduler.records import Doctor, Offer
from scheduler.roster import Level, Outcome, roster
from tests.scheduler import instances
from tests.scheduler.test_rules import a_slot


def a_problem() -> problem.Problem:
    slots = [a_slot(0), a_slot(3)]
    offers = [Offer(rpps, slot.slot_id, 1) for rpps in "ab" for slot in slots]
    return records.from_records(
        slots, [Doctor("a"), Doctor("b")], offers, published=[("a", "00T18")]
    )


def level_changed(name: str, **fields: int) -> Callable[[Outcome], Outcome]:
    def change(outcome: Outcome) -> Outcome:
        levels = [
            replace(level, **fields) if level.name == name else level for level in outcome.levels
        ]
        return replace(outcome, levels=tuple(levels))

    return change


CORRUPTIONS = [
    lambda outcome: replace(outcome, roster=roster([*outcome.roster.duties(), (1, 0)])),
    lambda outcome: replace(outcome, roster=roster(outcome.roster.duties()[1:])),
    lambda outcome: replace(outcome, levels=outcome.levels[:-1]),
    level_changed("filled_1", value=1, bound=2),
    level_changed("filled_1", bound=1),
    level_changed("changes", bound=99),
    level_changed("fairness", value=0, bound=0),
    level_changed("wishes", value=9, bound=9),
]


def test_the_answer_of_the_solver_passes_the_recount() -> None:
    asked = a_problem()

    assert list(check.faults(asked, solve.solve(asked))) == []


@pytest.mark.parametrize("corrupt", CORRUPTIONS)
def test_a_corrupted_answer_is_caught(corrupt: Callable[[Outcome], Outcome]) -> None:
    asked = a_problem()
    corrupted = corrupt(solve.solve(asked))

    with pytest.raises(check.Disagreement) as caught:
        check.check(asked, corrupted)

    assert caught.value.problem is asked
    assert caught.value.outcome is corrupted


def test_any_single_duty_moved_in_a_proven_roster_is_caught() -> None:
    asked = instances.a_quarter(4, doctors=8, weeks=2)
    outcome = solve.solve(asked)
    first, *others = outcome.roster.duties()

    for doctor in range(len(asked.rpps)):
        moved = replace(outcome, roster=roster([(doctor, first[1]), *others]))
        same_worth = moved.roster.duties() == outcome.roster.duties() or all(
            level.value == check.recount(asked, moved.roster, level.name)
            for level in outcome.levels
        )
        keeps_rules = not check.breaches(asked, moved.roster)
        assert bool(list(check.faults(asked, moved))) is not (same_worth and keeps_rules)


def test_the_fairness_cost_is_the_published_expression() -> None:
    assert check.burden_cost(3, 2, 0.3) == round(1000 * (3 + 2) ** 2 / 0.3) == 83333
    assert Level("fairness", 5, 3).gap == 2
