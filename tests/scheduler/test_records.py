from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scheduler import records
from scheduler.problem import UNKNOWN, Terms
from scheduler.records import Doctor, Offer
from tests.scheduler.test_rules import a_slot


def test_points_of_past_years_fade_and_are_rounded_once_half_up() -> None:
    ledger = [(2026, 3), (2025, 5), (2027, 1)]

    assert records.carried_points(ledger, 2027) == 9
    assert records.carried_points(ledger, 2027, 50) == 4  # 1 + 1.5 + 1.25 = 3.75
    assert records.carried_points([(2026, 3)], 2027, 50) == 2  # 1.5
    assert records.carried_points(ledger, 2027, 0) == 1
    assert records.carried_points([(2030, 7)], 2027, 50) == 7
    assert records.carried_points([], 2027) == 0


@given(st.lists(st.tuples(st.integers(1990, 2027), st.integers(0, 999))), st.integers(0, 100))
def test_carried_points_are_exact_whatever_the_order(
    ledger: list[tuple[int, int]], keep_percent: int
) -> None:
    exact = sum(
        Fraction(points) * Fraction(keep_percent, 100) ** (2027 - year) for year, points in ledger
    )

    carried = records.carried_points(ledger, 2027, keep_percent)

    assert -Fraction(1, 2) < carried - exact <= Fraction(1, 2)
    assert records.carried_points(ledger[::-1], 2027, keep_percent) == carried


def test_the_ledger_fades_to_the_year_of_the_first_slot_and_adds_to_the_history() -> None:
    doctor = Doctor("a", history_points=10, ledger=((2026, 4),))

    asked = records.from_records([a_slot(0)], [doctor], [], terms=Terms(keep_percent=75))

    assert asked.history_points.tolist() == [13]


def test_what_is_not_told_is_unknown_and_stops_nobody() -> None:
    asked = records.from_records([a_slot(0)], [Doctor("a")], [Offer("a", "00T18")])

    assert asked.licence_until.tolist() == asked.slot_departement.tolist() == [UNKNOWN]
    assert not asked.needs_authorisation.any()
    assert asked.travel_seconds.tolist() == [[0]]


@pytest.mark.parametrize("decided", ["pinned", "forbidden"])
@pytest.mark.parametrize(("pair", "unknown"), [(("?", "00T18"), "doctor"), (("a", "?"), "slot")])
def test_a_decision_about_somebody_unknown_is_refused(
    decided: str, pair: tuple[str, str], unknown: str
) -> None:
    with pytest.raises(ValueError, match=f"{decided} pair .*: unknown {unknown}"):
        records.from_records([a_slot(0)], [Doctor("a")], [], **{decided: [pair]})


@pytest.mark.parametrize(
    ("terms", "message"),
    [
        ({"rest_days": 1, "min_gap_seconds": 0}, "rest_days must be 0"),
        ({"min_gap_seconds": -1, "rest_days": 0}, "min_gap_seconds is -1"),
        ({"indemnity_ceiling_cents": -1}, "indemnity_ceiling_cents is -1"),
        ({"keep_percent": 101}, "keep_percent is 101"),
    ],
)
def test_absurd_terms_are_refused(terms: dict[str, int], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        Terms(**terms)


@pytest.mark.parametrize("ways", [{("A", "A"): 1}, {("A", "B"): -1}])
def test_an_impossible_way_is_refused(ways: dict[tuple[str, str], int]) -> None:
    slots = [a_slot(0, site="A"), a_slot(1, site="B")]

    with pytest.raises(ValueError, match="travel_seconds"):
        records.from_records(slots, [], [], travel_seconds=ways)
