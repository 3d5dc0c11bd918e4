"""Travel times by road, from an OSRM server (`table` service), remembered in the store.

Asked and remembered from cell to cell of the H3 grid: the server learns no address, and two
patients of a cell are one question. What is remembered is used for `GOOD_FOR`, and longer while
the server does not answer.
"""

import itertools
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Engine

from api.directories import cells, errors, reading
from api.directories.calling import Asked, Caller, as_json
from store import session as stores
from store import tables, travel_times
from store.travel_times import Pair

NAME = "osrm"

PROFILE = "driving"
SOURCE = f"{NAME}:{PROFILE}"

BLOCK_CELLS = 50
"""Origins, and destinations, of one question: together no more than a server takes as it comes."""

GOOD_FOR = timedelta(days=180)
"""Roads change slowly; after that a time is asked for anew."""

KEPT_FOR = timedelta(days=365)
"""So long a time may serve while the server does not answer; then it is forgotten."""

Times = Mapping[Pair, int | None]
"""Seconds, or None where there is no way."""


@dataclass(frozen=True)
class Travel:
    """What is known of the ways that were asked for."""

    seconds: Times
    missing: frozenset[Pair]
    """The ways of which nothing is known, because the server was not asked or did not answer."""
    oldest: datetime | None
    """When the oldest of these times was fetched; None if none comes from the server."""
    problem: errors.DirectoryError | None = None
    """Why something is missing or old."""


class Osrm:
    """A server that computes ways by road. Every method raises `errors.DirectoryError`."""

    def __init__(self, caller: Caller) -> None:
        self._caller = caller

    def block(self, origins: Sequence[str], destinations: Sequence[str]) -> Times:
        """The times between cells, at most `BLOCK_CELLS` on either side, in one question.

        Raises ValueError if one of them is no cell of resolution 9.
        """
        middles = [cells.centre_of(cell) for cell in (*origins, *destinations)]
        places = ";".join(f"{east:.5f},{north:.5f}" for north, east in middles)
        border, end = len(origins), len(middles)
        parameters = {
            "sources": ";".join(map(str, range(border))),
            "destinations": ";".join(map(str, range(border, end))),
            "annotations": "duration",
        }
        asked = Asked(f"/table/v1/{PROFILE}/{places}", parameters)
        return self._caller.ask(asked, lambda body: _times(as_json(body), origins, destinations))


class Travels:
    """The times of a server and of the store together.

    It reads and writes in transactions of its own, which are over before and after each question:
    what was fetched before an error stays. Do not call it within a transaction that writes.
    """

    def __init__(self, osrm: Osrm, engine: Engine) -> None:
        self._osrm = osrm
        self._read = stores.session_factory(engine)
        self._write = stores.writing_factory(engine)

    def between(self, origins: Iterable[str], destinations: Iterable[str], now: datetime) -> Travel:
        """The seconds from every origin to every destination; within a cell they are 0.

        Never raises for a server that is off, down or refuses: the answer says what is missing.
        Raises ValueError if something is no cell of resolution 9, and what the database raises.
        """
        ways = list(itertools.product(dict.fromkeys(origins), dict.fromkeys(destinations)))
        apart = [way for way in ways if way[0] != way[1]]
        known = dict(self._known(apart))
        wanted = [way for way in apart if way not in known or _is_old(known[way], now)]
        problem = self._fetch(wanted, known, now)
        seconds: dict[Pair, int | None] = {way: 0 for way in ways if way[0] == way[1]}
        seconds |= {way: known[way].seconds for way in apart if way in known}
        oldest = min((known[way].fetched_at for way in apart if way in known), default=None)
        return Travel(seconds, frozenset(ways) - seconds.keys(), oldest, problem)

    def _known(self, ways: Sequence[Pair]) -> Mapping[Pair, tables.TravelTime]:
        origins, destinations = (list(dict.fromkeys(way[end] for way in ways)) for end in (0, 1))
        with self._read() as session:
            return travel_times.between(session, SOURCE, origins, destinations)

    def _fetch(
        self, wanted: Sequence[Pair], known: dict[Pair, tables.TravelTime], now: datetime
    ) -> errors.DirectoryError | None:
        """Ask for what is wanted, block after block, until one fails: why it did."""
        for origins, destinations in _blocks(wanted):
            try:
                times = self._osrm.block(origins, destinations)
            except errors.DirectoryError as error:
                return error
            rows = [
                tables.TravelTime(
                    origin=origin,
                    destination=destination,
                    source=SOURCE,
                    seconds=seconds,
                    fetched_at=now,
                )
                for (origin, destination), seconds in times.items()
                if origin != destination
            ]
            self._keep(rows)
            known |= {(row.origin, row.destination): row for row in rows}
        return None

    def _keep(self, rows: Sequence[tables.TravelTime]) -> None:
        with self._write() as session:
            travel_times.keep(session, rows)
            session.commit()


def _is_old(time: tables.TravelTime, now: datetime) -> bool:
    return time.fetched_at <= now - GOOD_FOR


def _blocks(wanted: Iterable[Pair]) -> Iterator[tuple[Sequence[str], Sequence[str]]]:
    """Rectangles that hold every wanted way: origins that lack the same destinations together.

    The way from a cell to itself is never wanted, but may be in a rectangle if that lets more
    origins share it.
    """
    lacking: dict[str, set[str]] = {}
    for origin, destination in wanted:
        lacking.setdefault(origin, set()).add(destination)
    choices = {it: (frozenset(lacks), frozenset({*lacks, it})) for it, lacks in lacking.items()}
    votes = Counter(itertools.chain.from_iterable(choices.values()))
    alike: dict[frozenset[str], list[str]] = {}
    for origin, both in choices.items():
        alike.setdefault(max(both, key=votes.__getitem__), []).append(origin)
    for same, origins in alike.items():
        yield from itertools.product(_slices(origins), _slices(sorted(same)))


def _slices(names: Sequence[str]) -> list[Sequence[str]]:
    return [names[first : first + BLOCK_CELLS] for first in range(0, len(names), BLOCK_CELLS)]


def _times(said: Any, origins: Sequence[str], destinations: Sequence[str]) -> Times:
    if said["code"] != "Ok" or len(said["durations"]) != len(origins):
        raise ValueError("not a table of what was asked")
    return {
        (origin, destination): None if seconds is None else _seconds(seconds)
        for origin, row in zip(origins, said["durations"], strict=True)
        for destination, seconds in zip(destinations, row, strict=True)
    }


def _seconds(value: Any) -> int:
    seconds = reading.number(value)
    if seconds < 0:
        raise ValueError("not a length of time")
    return round(seconds)
