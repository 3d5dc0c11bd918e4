from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scheduler import problem, records, solve
from scheduler.explanation import share
from scheduler.ledger import (
    Entry,
    NoSuchDuty,
    amended,
    attested,
    call_order,
    history,
    joined,
    ledger,
    passed_on,
    planned,
    slots_of,
    standings,
)
from scheduler.roster import roster

PARIS = ZoneInfo("Europe/Paris")
MAY, JUNE = date(2026, 5, 1), date(2026, 6, 1)


def _evenings(*days: date, doctors: tuple[str, ...] = ("E", "F")) -> problem.Problem:
    slots = [
        records.Slot(f"{day:%m%d}", start, start + timedelta(hours=2), points=3)
        for day in days
        for start in [datetime(day.year, day.month, day.day, 18, tzinfo=PARIS)]
    ]
    offers = [records.Offer(rpps, slot.slot_id) for rpps in doctors for slot in slots]
    return records.from_records(slots, [records.Doctor(rpps) for rpps in doctors], offers)


def _counted(entries: tuple[Entry, ...]) -> dict[str, int]:
    return {rpps: sum(it for _, it in years) for rpps, years in history(entries).items()}


def test_a_roster_is_planned_duty_by_duty_on_the_civil_day_of_its_start() -> None:
    start = datetime(2026, 12, 31, 23, 30, tzinfo=PARIS)
    slot = records.Slot("eve", start, start + timedelta(hours=2), points=4)
    for zone, day in (("Europe/Paris", date(2026, 12, 31)), ("Europe/Athens", date(2027, 1, 1))):
        asked = records.from_records(
            [slot], [records.Doctor("E")], [], terms=problem.Terms(timezone=zone)
        )

        assert planned(asked, roster([(0, 0)])) == (Entry(day, "eve", "E", 4),)
        assert slots_of(asked) == {(day, "eve")}


def test_points_are_those_of_whoever_holds_the_duty_until_somebody_is_known_to_have_worked() -> (
    None
):
    held = Entry(MAY, "S", "E", 3)

    assert held.counts
    assert not Entry(MAY, "S", "E", 3, held=False).counts
    assert not Entry(MAY, "S", "E", 3, worked=False).counts
    assert Entry(MAY, "S", "E", 3, held=False, worked=True).counts


def test_credits_move_with_a_swap_and_the_plan_stays_written() -> None:
    before = ledger([Entry(MAY, "S", "E", 3), Entry(JUNE, "T", "F", 5)])

    one = passed_on(before, MAY, "S", giver="E", taker="F")
    swapped = passed_on(one, JUNE, "T", giver="F", taker="E")

    assert _counted(before) == {"E": 3, "F": 5}
    assert _counted(one) == {"F": 8}
    assert _counted(swapped) == {"E": 5, "F": 3}
    assert {it.duty for it in swapped if it.planned} == {it.duty for it in before}
    back = passed_on(passed_on(one, MAY, "S", giver="F", taker="E"), MAY, "S", giver="E", taker="G")
    assert _counted(back) == {"F": 5, "G": 3}


def test_nobody_gives_away_a_duty_that_he_does_not_hold_nor_to_one_who_holds_it() -> None:
    before = ledger([Entry(MAY, "S", "E", 3), Entry(MAY, "S", "F", 3)])

    for giver, taker in (("G", "H"), ("E", "F")):
        with pytest.raises(NoSuchDuty, match="cannot give"):
            passed_on(before, MAY, "S", giver=giver, taker=taker)
    gone = passed_on(before, MAY, "S", giver="E", taker="G")
    with pytest.raises(NoSuchDuty):
        passed_on(gone, MAY, "S", giver="E", taker="H")


def test_an_amended_roster_moves_the_credits_of_its_changes_alone() -> None:
    asked = _evenings(MAY, JUNE)
    before, now = planned(asked, roster([(0, 0), (0, 1)])), planned(asked, roster([(1, 0), (0, 1)]))

    after = amended(before, now)

    assert after == (
        Entry(MAY, "0501", "E", 3, held=False),
        Entry(MAY, "0501", "F", 3, planned=False),
        Entry(JUNE, "0601", "E", 3),
    )
    assert amended(after, before) == ledger([*before, Entry(MAY, "0501", "F", 3, False, False)])


def test_what_was_worked_prevails_over_what_was_planned() -> None:
    before = passed_on(ledger([Entry(MAY, "S", "E", 3)]), MAY, "S", giver="E", taker="F")

    after = attested(before, {(MAY, "S", "E"): True, (MAY, "S", "F"): False})

    assert _counted(after) == {"E": 3}
    assert amended(after, before)[0].counts
    with pytest.raises(NoSuchDuty, match="never planned"):
        attested(before, {(MAY, "S", "G"): True})


def test_a_roster_made_anew_takes_the_place_of_its_former_plan_but_not_of_what_is_attested() -> (
    None
):
    asked = _evenings(MAY, JUNE)
    worked = Entry(MAY, "0501", "F", 3, worked=True)
    other = Entry(date(2025, 5, 1), "0501", "F", 3)
    former = ledger([other, worked, Entry(JUNE, "0601", "F", 3)])

    after = joined(former, planned(asked, roster([(1, 0), (0, 1)])), slots_of(asked))

    assert after == (other, worked, Entry(JUNE, "0601", "E", 3))


def test_a_published_roster_made_again_amends_what_the_ledger_says_of_it() -> None:
    asked = _evenings(MAY, JUNE)
    out, now = planned(asked, roster([(0, 0), (0, 1)])), planned(asked, roster([(1, 0), (0, 1)]))
    other = Entry(date(2025, 5, 1), "0501", "F", 3)
    swapped = passed_on(out, JUNE, "0601", giver="E", taker="F")

    first = joined((other,), now, slots_of(asked), published=out)
    later = joined(ledger([other, *swapped]), now, slots_of(asked), published=out)

    assert first == (other, *amended(out, now))
    assert later == (other, *amended(swapped, now))
    assert _counted(later) == _counted(first) == {"E": 3, "F": 6}


def test_two_entries_about_one_duty_are_refused() -> None:
    with pytest.raises(ValueError, match="'E' twice on slot 'S'"):
        ledger([Entry(MAY, "S", "E", 3), Entry(MAY, "S", "E", 3, worked=True)])


def test_points_are_told_by_year_as_records_take_them_and_fade_there() -> None:
    years = [Entry(date(year, 5, 1), "S", "E", 10) for year in (2024, 2025, 2026)]

    told = history([*years, Entry(MAY, "T", "E", 1), Entry(MAY, "U", "F", 9, held=False)])

    assert told == {"E": ((2024, 10), (2025, 10), (2026, 11))}
    assert records.carried_points(told["E"], 2026, keep_percent=50) == 19  # 11 + 5 + 2.5, half up


def test_ros_03_who_did_twice_the_average_receives_less_until_the_gap_closes() -> None:
    doctors = tuple("ABCDEF")
    last_year = [
        Entry(date(2025, 9, 1) + timedelta(days=day), f"{rpps}{day}", rpps, 3)
        for rpps in doctors
        for day in range(8 if rpps == "F" else 4)
    ]
    carried = history(last_year)
    days = [date(2026, 9, 1) + timedelta(days=day) for day in range(30)]
    evenings = [
        records.Slot(f"{day:%m%d}", start, start + timedelta(hours=2), points=3)
        for day in days
        for start in [datetime(day.year, day.month, day.day, 18, tzinfo=PARIS)]
    ]
    asked = records.from_records(
        evenings,
        [records.Doctor(rpps, ledger=carried[rpps]) for rpps in doctors],
        [records.Offer(rpps, slot.slot_id) for rpps in doctors for slot in evenings],
    )

    outcome = solve.solve(asked)

    shares = {it.rpps: it for it in share.fairness(asked, outcome.roster)}
    everybody = {it.points + it.history_points for it in shares.values()}
    assert outcome.status == "optimal"
    assert shares["F"].points < sum(it.points for it in shares.values()) / len(shares)
    assert max(everybody) - min(everybody) <= 3
    after = joined(ledger(last_year), planned(asked, outcome.roster), slots_of(asked))
    assert {sum(it for _, it in years) for years in history(after).values()} == everybody


def test_ros_16_a_doctor_sees_count_burden_and_the_others_without_names() -> None:
    entries = ledger(
        [
            Entry(MAY, "S", "E", 3, worked=True),
            Entry(MAY, "T", "E", 5, held=False),
            Entry(MAY, "T", "F", 5, planned=False),
            Entry(JUNE, "U", "F", 4),
        ]
    )

    mine, *others = standings(entries, {"G": 1.0, "F": 1.0, "E": 0.5})

    assert (mine.rpps, mine.duties, mine.points, mine.burden) == ("E", 1, 3, 6.0)
    assert (mine.planned_points, mine.worked_points) == (8, 3)
    assert mine.others == (0.0, 9.0)
    assert [(it.rpps, it.burden, it.others) for it in others] == [
        ("F", 9.0, (0.0, 6.0)),
        ("G", 0.0, (6.0, 9.0)),
    ]


def test_ros_13_the_lowest_burden_for_the_participation_is_called_first() -> None:
    order = call_order({"E": 6, "F": 4, "G": 9}, {"E": 1.0, "F": 0.5, "G": 1.0, "H": 1.0}, seed=1)

    assert order == ["H", "E", "F", "G"]


def test_ros_13_equals_are_drawn_by_the_seed_and_not_by_their_names() -> None:
    even = dict.fromkeys("ABCDEFGH", 1.0)
    orders = {tuple(call_order({}, even, seed)) for seed in range(20)}

    assert len(orders) > 10
    assert {frozenset(order) for order in orders} == {frozenset(even)}
    assert len({order[0] for order in orders}) > 4


@given(
    points=st.dictionaries(st.sampled_from("ABCDEF"), st.integers(0, 6), min_size=1),
    seed=st.integers(0, 99),
)
def test_ros_13_the_order_of_the_names_changes_nothing(points: dict[str, int], seed: int) -> None:
    shares = {rpps: (1.0, 0.5, 0.64)[points[rpps] % 3] for rpps in points}
    order = call_order(points, shares, seed)

    assert order == call_order(points, dict(reversed(shares.items())), seed)
    burdens = [points[rpps] / shares[rpps] for rpps in order]
    assert burdens == sorted(burdens)
