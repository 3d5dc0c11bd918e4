import matcher
from matcher import changes
from matcher.explanation import difference
from tests.matcher import worlds
from tests.matcher.worlds import a_doctor, a_patient, north_by_km


def test_nothing_differs_from_itself() -> None:
    answer = matcher.solve(worlds.asked([a_patient("P")], [a_doctor("D")]))

    same = difference.difference(answer, answer)

    assert same == difference.Difference({}, True, *[(0,) * 6] * 3)


def test_a_doctor_who_leaves_costs_the_last_class_and_moves_the_others() -> None:
    patients = [a_patient("P"), a_patient("Q", priority_class=3)]
    near, far = a_doctor("D"), a_doctor("E", **north_by_km(8))
    answer = matcher.solve(worlds.asked(patients, [near, far]))

    left = difference.difference(answer, matcher.rematch(answer, changes.DoctorLeaves("D")))

    assert left.change == {"matched_3": -1, "imbalance": -19}
    assert left.proven
    assert left.no_longer == (0, 0, 1, 0, 0, 0)
    assert sum(left.newly) == 0


def test_doctors_are_recognised_though_their_rows_have_moved() -> None:
    doctors = [a_doctor("M"), a_doctor("Z", **north_by_km(8))]
    answer = matcher.solve(worlds.asked([a_patient("P")], doctors))
    opened = changes.PracticeOpens("A", 45.0, 6.18, 5)

    after = difference.difference(answer, matcher.rematch(answer, opened))

    assert (after.change, sum(after.elsewhere)) == ({}, 0)


def test_levels_come_in_their_order_with_their_signs() -> None:
    before = matcher.Values((3, 1), 2, 5, 40, 900)
    after = matcher.Values((3, 2), 1, 5, 41, 800)

    assert list(difference.change(before, after).items()) == [
        ("matched_2", 1),
        ("usual_doctor", -1),
        ("imbalance", 1),
        ("travel_seconds", -100),
    ]
