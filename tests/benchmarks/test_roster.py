import pytest

from benchmarks import plot, roster, roster_peers, rosters
from scheduler import check
from scheduler import roster as scheduled

SMALL = rosters.Instance(rosters.Size("small", 8, 2, 10, 14), rosters.STEEP)


@pytest.mark.parametrize("size", rosters.SIZES[:3], ids=lambda size: size.name)
def test_an_instance_has_the_doctors_slots_and_seats_of_its_size(size: rosters.Size) -> None:
    asked = rosters.Instance(size, rosters.SATURDAYS).problem()

    assert (len(asked.rpps), len(asked.slot_ids)) == (size.doctors, size.slots)
    assert asked.doctors_needed.sum() == size.seats
    assert set(asked.points.tolist()) == {1, 2}
    assert set(asked.hardness.tolist()) == {1, 2, 3}


@pytest.mark.parametrize("ask", [roster_peers.convex, roster_peers.textbook])
def test_peers_break_no_rule_and_the_convex_model_ends_where_we_do(ask: roster.Solve) -> None:
    asked = SMALL.problem()

    search = ask(asked, 20.0)

    assert all(not check.breaches(asked, scheduled.roster(it)) for _, it in search.found)
    found = max(roster._worth(asked, duties) for _, duties in search.found)
    ours = roster._worth(asked, roster.highs(asked, 20.0).found[-1][1])
    if ask is roster_peers.convex:
        assert search.proven
        assert found == ours
    else:
        assert found <= ours


def test_a_roster_that_breaks_a_rule_stops_the_benchmark() -> None:
    with pytest.raises(ArithmeticError, match="rules broken"):
        roster._worth(SMALL.problem(), [(0, 0), (0, 0)])


def test_two_proofs_that_differ_stop_the_benchmark() -> None:
    one, other = (roster.Trace(0.1, True, {1.0: (1, 1, 1, -5, it)}) for it in (3, 4))

    with pytest.raises(ArithmeticError, match="proven"):
        roster._demand_one_optimum(SMALL, {roster.FLOW: one, roster.HIGHS: other})
    roster._demand_one_optimum(SMALL, {roster.FLOW: one, roster.HIGHS: one})


def test_a_peer_that_is_ahead_is_told() -> None:
    late = roster.Trace(20.0, True, {1.0: (1, 0, 0, -9, 0), 60.0: (1, 1, 1, -5, 3)})
    soon = roster.Trace(60.0, False, {1.0: (1, 1, 1, -6, 0), 60.0: (1, 1, 1, -5, 1)})
    none = roster.Trace(0.0, False, {60.0: None})
    found = {roster.WHOLE: late, roster.FLOW: none, roster.HIGHS: late, "P": soon}

    assert list(roster._beaten(SMALL, found)) == [f"P on {SMALL} after 1 s"]


def test_the_picture_has_a_panel_for_each_instance() -> None:
    lines = {"ours": [(0.1, 0.0)], "never": [], "peer": [(1.0, 40.0), (10.0, 3.0)]}

    drawn = plot.over_time({"month": lines, "quarter": lines})

    assert all(word in drawn for word in ("month", "quarter", "ours", "peer"))
