import time
from dataclasses import replace

import pytest

from benchmarks import matching, ours, territories
from benchmarks.measure import Measured, Stopped
from benchmarks.ours import Instance, Phases
from benchmarks.peers import Graph, Optimum

HERE = Instance(territories.NANCY, 0.7)
BEST = Optimum((20, 30), 1_000)
WORSE = Optimum((20, 29), 1_500)
PHASES = Phases(
    distances=0.2,
    folding=0.1,
    costs=0.0,
    solve=0.5,
    proof=0.2,
    search=0.3,
    pricing=0.2,
    groups=12,
    pairs=3_400,
    optimum=BEST,
)
OWN = {HERE: Measured("ours", (1.0, 1.0, 1.0), (PHASES,) * 3, 100)}
EXACT, BY_HAND = matching.PEERS[0], matching.PEERS[-1]


def sleep(_graph: Graph) -> Optimum:
    time.sleep(60)
    return BEST


def measured(found: Optimum, seconds: float = 5.0) -> Measured[Optimum]:
    return Measured("peer", (seconds,), (found,), 200)


ALIKE = {HERE: measured(BEST, 0.5)}


def test_a_peer_is_told_in_seconds_and_in_times_our_solve() -> None:
    others = {EXACT: {HERE: measured(BEST)}, BY_HAND: {HERE: Stopped("by hand", "> 90 s")}}

    told = matching._comparison(0.7, OWN, ALIKE, others)

    assert "| nancy 13,000 × 100 |" in told
    assert f"| {EXACT.name} | 5.00 (10 ×) |" in told
    assert f"| {BY_HAND.name} | > 90 s |" in told
    assert "| Relève, solve, proof recounted | 0.7000 (1.4 ×) |" in told


def test_an_instance_that_was_not_tried_is_a_dash() -> None:
    assert matching._cell(None, 1.0) == "–"


def test_an_exact_peer_that_disagrees_stops_everything() -> None:
    others = {EXACT: {HERE: measured(WORSE)}, BY_HAND: {}}

    with pytest.raises(ArithmeticError, match="OR-Tools"):
        matching._agreement(OWN, ALIKE, others)


def test_our_solve_alone_must_end_where_it_does_on_the_way() -> None:
    alike = {HERE: measured(WORSE, 0.5)}

    with pytest.raises(ArithmeticError, match="alone"):
        matching._agreement(OWN, alike, {EXACT: {}, BY_HAND: {}})


def test_our_own_runs_must_agree_with_one_another() -> None:
    other = replace(PHASES, optimum=WORSE)

    with pytest.raises(ArithmeticError):
        matching._optimum(Measured("ours", (1.0, 1.0), (PHASES, other), 100))


def test_how_much_worse_the_hand_does_is_told_by_class() -> None:
    others = {EXACT: {HERE: measured(BEST)}, BY_HAND: {HERE: measured(WORSE)}}

    told = matching._agreement(OWN, ALIKE, others)

    assert "| nancy 70% | 50 | 20 + 30 | 1,000 | +50% | -1 of class 2 |" in told


def test_all_in_is_told_against_its_floor() -> None:
    told = matching._phases(OWN)

    assert "| nancy 70% | 12 | 3,400 | 0.2000 |" in told
    assert "| 1.00 | 0.5000 | 2.0 | 100 |" in told


def test_a_ladder_ends_at_the_first_rung_beyond_a_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(matching, "LIMIT", replace(matching.LIMIT, seconds=0.2))
    village = replace(territories.NANCY, name="village", people=600, doctors=8, cells=25)
    slow = matching.Peer("slow", sleep)

    tried = dict(matching._ladder(slow, [Instance(village, share) for share in (0.7, 1.3)]))

    assert tried == {Instance(village, 0.7): Stopped("slow", "> 0.2 s")}


def test_the_gaps_of_a_matching_are_those_to_the_bound_level_by_level() -> None:
    bound = ours.Values((5, 7), 3, 400, 200, 10_000)
    found = replace(bound, usual_doctor=2, travel_bands=398, travel_seconds=10_002)

    told = matching._gaps(ours.Answer(found, bound, ours.Status.FEASIBLE))

    assert told == ("0", "1", "-0.5000%", "+0.0000%", "+0.0200%", "feasible")
