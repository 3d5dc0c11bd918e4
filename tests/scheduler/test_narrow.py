from scheduler import goals, narrow, solve
from tests.scheduler import instances


def test_narrowing_closes_columns_but_no_roster_of_the_proven_value() -> None:
    asked = instances.a_quarter(3, doctors=10, weeks=3)
    best = solve.solve(asked)
    fairness = best.levels[3].value
    draft = solve.drafted(asked)
    *coverage, fair, _ = goals.goals(draft)
    for goal, level in zip(coverage, best.levels, strict=False):
        goal.fix(draft, level.value)

    narrow.narrow(draft, fair, fairness, seconds=10.0)

    pairs = zip(asked.pair_doctor.tolist(), asked.pair_slot.tolist(), strict=True)
    held = set(best.roster.duties())
    closed = [column for column in draft.taken if column.lower_bound == column.upper_bound]
    assert len(closed) > 0
    for pair, column in zip(pairs, draft.taken, strict=True):
        assert column.lower_bound <= float(pair in held) <= column.upper_bound
