import re
from datetime import timedelta

import h3
import pytest
from sqlalchemy import Engine

from api.directories import cells, errors, osrm
from store import session as stores
from store import tables, travel_times
from tests.api.directories.conftest import Open
from tests.api.directories.server import Local, Reply, Request, said
from tests.store.rows import METZ, NOON

AROUND = sorted(h3.grid_disk(cells.cell_of(*METZ), 5))
A, B, C, D = AROUND[:4]


class Roads:
    """An OSRM server: the way takes one second for each ten thousandth of a degree, both ways
    added, and there is none to what is `cut_off`."""

    def __init__(self, server: Local) -> None:
        self.server = server
        self.most = 100
        self.cut_off: set[str] = set()
        server.answers = self.answer

    def answer(self, request: Request) -> Reply:
        path = re.fullmatch(r"/table/v1/driving/([-\d.;,]+)", request.path)
        if path is None or request.query["annotations"] != "duration":
            return said({"code": "InvalidQuery"}, 400)
        points = [tuple(map(float, it.split(","))) for it in path[1].split(";")]
        if len(points) > self.most:
            return said({"code": "TooBig", "message": "Too many table coordinates"}, 400)
        rows = [points[int(it)] for it in request.query["sources"].split(";")]
        columns = [points[int(it)] for it in request.query["destinations"].split(";")]
        return said({"code": "Ok", "durations": [[self.way(a, b) for b in columns] for a in rows]})

    def way(self, a: tuple[float, ...], b: tuple[float, ...]) -> float | None:
        if {cells.cell_of(a[1], a[0]), cells.cell_of(b[1], b[0])} & self.cut_off:
            return None
        return round(sum(abs(x - y) for x, y in zip(a, b, strict=True)) * 10_000, 1)

    def asked(self) -> int:
        """Ways that were asked for since the last time."""
        counts = [
            len(it.query["sources"].split(";")) * len(it.query["destinations"].split(";"))
            for it in self.server.requests
        ]
        self.server.requests.clear()
        return sum(counts)


@pytest.fixture
def roads(server: Local) -> Roads:
    return Roads(server)


@pytest.fixture
def travels(roads: Roads, opened: Open, engine: Engine) -> osrm.Travels:
    return osrm.Travels(osrm.Osrm(opened("osrm", url=roads.server.url)), engine)


@pytest.fixture
def alone(roads: Roads, opened: Open) -> osrm.Osrm:
    """The server without a store."""
    return osrm.Osrm(opened("osrm", url=roads.server.url))


def expected(a: str, b: str) -> int:
    north_a, east_a = (round(it, 5) for it in cells.centre_of(a))
    north_b, east_b = (round(it, 5) for it in cells.centre_of(b))
    return round(round((abs(east_a - east_b) + abs(north_a - north_b)) * 10_000, 1))


def test_one_question_tells_the_times_of_a_block(alone: osrm.Osrm, roads: Roads) -> None:
    roads.cut_off = {D}

    times = alone.block([A, B], [B, C, D])

    assert times == {
        (A, B): expected(A, B),
        (A, C): expected(A, C),
        (A, D): None,
        (B, B): 0,
        (B, C): expected(B, C),
        (B, D): None,
    }


def test_the_server_learns_middles_of_cells_only(alone: osrm.Osrm, server: Local) -> None:
    home = (49.11934, 6.17571)

    alone.block([cells.cell_of(*home)], [A])

    north, east = cells.centre_of(cells.cell_of(*home))
    assert f"/{east:.5f},{north:.5f};" in server.requests[0].path
    assert str(home[0]) not in server.requests[0].path


@pytest.mark.parametrize("wrong", ["", "Metz", "881faa6b1bfffff", f"{A};1,1"])
def test_what_is_no_cell_is_not_sent(alone: osrm.Osrm, server: Local, wrong: str) -> None:
    with pytest.raises(ValueError, match="not a cell"):
        alone.block([A], [wrong])

    assert server.requests == []


@pytest.mark.parametrize(
    "answer",
    [
        {"code": "NoTable"},
        {"code": "Ok"},
        {"code": "Ok", "durations": []},
        {"code": "Ok", "durations": [[1.0]]},
        {"code": "Ok", "durations": [[1.0, 2.0, 3.0]]},
        {"code": "Ok", "durations": [[1.0, 2.0], [1.0, 2.0]]},
        {"code": "Ok", "durations": [[1.0, -2.0]]},
        {"code": "Ok", "durations": [[1.0, "x"]]},
        {"code": "Ok", "durations": [[1.0, True]]},
        {"code": "Ok", "durations": [[1.0, float("inf")]]},
        [],
    ],
)
def test_a_table_of_something_else_is_unreadable(
    alone: osrm.Osrm, server: Local, answer: object
) -> None:
    server.replies(said(answer))

    with pytest.raises(errors.Unreadable):
        alone.block([A], [B, C])


def test_what_was_fetched_is_not_asked_for_again(travels: osrm.Travels, roads: Roads) -> None:
    first = travels.between([A, B], [B, C], NOON)
    assert roads.asked() == 4  # that from B to B comes along

    again = travels.between([A, B], [B, C], NOON + timedelta(days=1))

    assert roads.asked() == 0
    assert first == again
    assert first.seconds == {
        (A, B): expected(A, B),
        (A, C): expected(A, C),
        (B, B): 0,
        (B, C): expected(B, C),
    }
    assert (first.missing, first.oldest, first.problem) == (frozenset(), NOON, None)


def test_only_what_is_not_known_is_asked_for(travels: osrm.Travels, roads: Roads) -> None:
    travels.between([A, B], [C, D], NOON)
    roads.asked()

    more = travels.between(AROUND[:3], AROUND[2:6], NOON)

    # A and B lack two of four; C lacks the other three.
    assert roads.asked() == 2 * 2 + 3
    assert len(more.seconds) == 3 * 4


def test_a_new_practice_is_one_more_column_and_a_new_home_one_more_row(
    travels: osrm.Travels, roads: Roads, server: Local
) -> None:
    travels.between(AROUND[:10], AROUND[:5], NOON)
    assert (len(server.requests), roads.asked()) == (1, 50)

    travels.between(AROUND[:10], [*AROUND[:5], AROUND[20]], NOON)
    assert (len(server.requests), roads.asked()) == (1, 10)

    travels.between([*AROUND[:10], AROUND[30]], [*AROUND[:5], AROUND[20]], NOON)
    assert (len(server.requests), roads.asked()) == (1, 6)


def test_that_there_is_no_way_is_remembered_too(travels: osrm.Travels, roads: Roads) -> None:
    roads.cut_off = {B}

    travels.between([A], [B], NOON)
    again = travels.between([A], [B], NOON)

    assert again.seconds == {(A, B): None}
    assert roads.asked() == 1


def test_a_long_list_is_asked_for_in_blocks_that_the_server_takes(
    travels: osrm.Travels, server: Local
) -> None:
    found = travels.between(AROUND, AROUND[:60], NOON)

    assert len(AROUND) == 91
    assert len(server.requests) == 4
    assert len(found.seconds) == 91 * 60
    assert found.missing == frozenset()
    assert all(
        len(it.query["sources"].split(";")) <= osrm.BLOCK_CELLS
        and len(it.query["destinations"].split(";")) <= osrm.BLOCK_CELLS
        for it in server.requests
    )


def test_old_times_are_asked_for_anew_and_replaced(
    travels: osrm.Travels, roads: Roads, engine: Engine
) -> None:
    with stores.session_factory(engine)() as session:
        old = NOON - osrm.GOOD_FOR
        rows = [
            tables.TravelTime(
                origin=A, destination=B, source=osrm.SOURCE, seconds=9_999, fetched_at=old
            )
        ]
        travel_times.keep(session, rows)
        session.commit()

    found = travels.between([A], [B], NOON)

    assert (found.seconds, found.oldest) == ({(A, B): expected(A, B)}, NOON)
    assert travels.between([A], [B], NOON).oldest == NOON
    assert roads.asked() == 1


def test_while_the_server_is_down_old_times_serve_and_the_rest_is_missing(
    travels: osrm.Travels, server: Local
) -> None:
    travels.between([A], [B], NOON)
    server.replies(Reply(500))

    found = travels.between([A, C], [B, C], NOON + 2 * osrm.GOOD_FOR)

    assert found.seconds == {(A, B): expected(A, B), (C, C): 0}
    assert found.missing == {(A, C), (C, B)}
    assert found.oldest == NOON
    assert isinstance(found.problem, errors.Down)


def test_what_came_before_a_failure_stays(
    travels: osrm.Travels, roads: Roads, server: Local, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(osrm, "BLOCK_CELLS", 1)
    server.answers = lambda it: Reply(404) if len(server.requests) > 2 else roads.answer(it)

    found = travels.between([A], AROUND[1:5], NOON)

    assert len(found.seconds) == 2
    assert isinstance(found.problem, errors.Refused)
    server.requests.clear()
    server.answers = roads.answer
    assert len(travels.between([A], AROUND[1:5], NOON).seconds) == 4
    assert roads.asked() == 2


def test_without_a_server_nothing_is_sent_and_what_is_known_serves(
    travels: osrm.Travels, roads: Roads, opened: Open, engine: Engine
) -> None:
    travels.between([A], [B], NOON)
    roads.asked()
    off = osrm.Travels(osrm.Osrm(opened("osrm", url=None)), engine)

    found = off.between([A], [B, C], NOON)

    assert found.seconds == {(A, B): expected(A, B)}
    assert found.missing == {(A, C)}
    assert isinstance(found.problem, errors.Off)
    assert roads.asked() == 0


def test_the_same_cell_given_twice_is_one_question(travels: osrm.Travels, roads: Roads) -> None:
    found = travels.between([A, A], [B, B, A], NOON)

    assert found.seconds == {(A, B): expected(A, B), (A, A): 0}
    assert roads.asked() == 1


def test_nothing_asked_is_nothing_answered(travels: osrm.Travels, roads: Roads) -> None:
    assert travels.between([], [A], NOON) == osrm.Travel({}, frozenset(), None)
    assert roads.asked() == 0


def test_a_cell_holds_its_middle() -> None:
    assert [cells.cell_of(*cells.centre_of(cell)) for cell in AROUND] == AROUND
