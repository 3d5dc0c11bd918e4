from datetime import timedelta

from sqlmodel import Session

from store import directories, tables, travel_times
from tests.store.rows import NOON

MINUTE = timedelta(minutes=1)
A, B, C = "891faa6b1a3ffff", "891faa6b1a7ffff", "891faa6b1abffff"


def a_time(origin: str, destination: str, seconds: int | None, **said: object) -> tables.TravelTime:
    row = {"source": "osrm:driving", "fetched_at": NOON} | said
    return tables.TravelTime(origin=origin, destination=destination, seconds=seconds, **row)


def told(session: Session, source: str = "osrm:driving") -> dict[travel_times.Pair, int | None]:
    found = travel_times.between(session, source, [A, B, C], [A, B, C])
    return {pair: it.seconds for pair, it in found.items()}


def test_a_time_takes_the_place_of_the_former_one_of_the_same_way(session: Session) -> None:
    travel_times.keep(session, [a_time(A, B, 60), a_time(B, A, 70), a_time(A, C, None)])
    travel_times.keep(session, [a_time(A, B, 90), a_time(A, B, 5, source="other")])
    travel_times.keep(session, [])

    assert told(session) == {(A, B): 90, (B, A): 70, (A, C): None}
    assert told(session, "other") == {(A, B): 5}


def test_only_the_ways_that_are_asked_for_are_told(session: Session) -> None:
    travel_times.keep(session, [a_time(A, B, 60), a_time(B, A, 70), a_time(C, B, 80)])

    assert travel_times.between(session, "osrm:driving", [A, B], [B]).keys() == {(A, B)}
    assert travel_times.between(session, "osrm:driving", [], [B]) == {}


def test_more_cells_than_one_query_names_are_asked_for_in_several(session: Session) -> None:
    many = [f"{number:015x}" for number in range(2 * travel_times.AT_ONCE + 1)]
    travel_times.keep(session, [a_time(it, "f" * 15, 1) for it in many])

    assert len(travel_times.between(session, "osrm:driving", many, [*many, "f" * 15])) == len(many)


def test_old_times_are_forgotten(session: Session) -> None:
    times = [a_time(A, B, 1), a_time(B, A, 1, fetched_at=NOON - MINUTE)]
    travel_times.keep(session, times)

    assert travel_times.forget(session, NOON) == 1
    assert told(session) == {(A, B): 1}


def test_failures_in_a_row_are_counted_from_the_first_one(session: Session) -> None:
    directories.answered(session, "ban", NOON)
    for minutes in (1, 2, 3):
        directories.failed(session, "ban", NOON + minutes * MINUTE)

    state = directories.states(session)["ban"]

    assert (state.consecutive_failures, state.failing_since) == (3, NOON + MINUTE)
    assert (state.last_success, state.last_failure) == (NOON, NOON + 3 * MINUTE)


def test_an_answer_ends_the_failures_and_what_failed_last_is_still_known(session: Session) -> None:
    directories.failed(session, "ban", NOON)
    directories.failed(session, "osrm", NOON)
    directories.answered(session, "ban", NOON + MINUTE)

    states = directories.states(session)

    assert states.keys() == {"ban", "osrm"}
    assert (states["ban"].consecutive_failures, states["ban"].failing_since) == (0, None)
    assert states["ban"].last_failure == NOON
    assert states["osrm"].failing_since == NOON
