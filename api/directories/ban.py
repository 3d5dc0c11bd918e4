"""Places of addresses, from the national address base (BAN), one or many at a time.

`locate` asks `/search` (GeocodeJSON), `locate_many` asks `/search/csv` in batches. The base is
told texts and codes of communes, nothing of whose they are: rows travel under their number.
"""

import csv
import io
import itertools
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from api.directories import cells, reading
from api.directories.calling import Asked, Caller, as_json

NAME = "ban"

SHORTEST_TEXT, LONGEST_TEXT = 3, 200
"""Characters that the base takes."""

MOST_PLACES = 5
BATCH_ROWS = 500
BATCH_SECONDS = 60.0
"""How long a batch may take to be located before its answer begins."""

RESULT_COLUMNS = (
    "latitude",
    "longitude",
    "result_label",
    "result_score",
    "result_type",
    "result_citycode",
)


@dataclass(frozen=True)
class Place:
    """Where an address is, as the base understands it; not printed whole, it may be a home."""

    label: str = field(repr=False)
    score: float
    """From 0 to 1: how well the text fits."""
    latitude: float = field(repr=False)
    longitude: float = field(repr=False)
    """Degrees (WGS 84); for a patient only `cell` may be kept."""
    code_insee: str
    kind: str
    """`housenumber`, `street`, `locality` or `municipality`: how exactly it is known."""

    @property
    def cell(self) -> str:
        """The cell of the H3 grid that holds it: what may be kept of somebody's home."""
        return cells.cell_of(self.latitude, self.longitude)


@dataclass(frozen=True)
class Address:
    """A text to be located, and the commune to look in, if it is known."""

    key: str
    """Whose it is, for us: it stays here."""
    text: str = field(repr=False)
    code_insee: str | None = None


class Ban:
    """The national address base. Every method raises `errors.DirectoryError`."""

    def __init__(self, caller: Caller) -> None:
        self._caller = caller

    def locate(
        self, text: str, *, code_insee: str | None = None, most: int = MOST_PLACES
    ) -> list[Place]:
        """The places that a text may mean, the likeliest first; none if nothing fits.

        A text of less than three characters is not sent. Raises ValueError if `code_insee` has
        not the form of a code.
        """
        sent = _sendable(text)
        if sent is None:
            return []
        parameters: dict[str, str | int] = {"q": sent, "limit": most}
        if code_insee is not None:
            parameters["citycode"] = _commune(code_insee)
        return self._caller.ask(Asked("/search", parameters), _places)

    def locate_many(self, addresses: Iterable[Address]) -> Iterator[tuple[str, Place | None]]:
        """The likeliest place of each address, or None, in their order and by their keys.

        They are read and sent batch after batch. What came before an error was right. Raises
        ValueError if a `code_insee` has not the form of a code.
        """
        rows = iter(addresses)
        while batch := list(itertools.islice(rows, BATCH_ROWS)):
            yield from zip((it.key for it in batch), self._batch(batch), strict=True)

    def _batch(self, batch: Sequence[Address]) -> list[Place | None]:
        located: list[Place | None] = [None] * len(batch)
        texts = [_sendable(it.text) for it in batch]
        sent = [number for number, it in enumerate(texts) if it is not None]
        if not sent:
            return located
        asked = Asked(
            "/search/csv",
            form={
                "columns": "address",
                "citycode": "commune",
                "result_columns": list(RESULT_COLUMNS),
            },
            file=_csv((it, texts[it] or "", _commune(batch[it].code_insee)) for it in sent),
            read_seconds=BATCH_SECONDS,
        )
        found = self._caller.ask(asked, lambda body: _located(body, sent))
        for number, place in found.items():
            located[number] = place
        return located


def _sendable(text: str) -> str | None:
    """The text as the base takes it: it begins with a letter or a digit. None if too short."""
    begun = re.sub(r"^[\W_]+", "", " ".join(text.replace("\0", " ").split()))[:LONGEST_TEXT].strip()
    return begun if len(begun) >= SHORTEST_TEXT else None


def _commune(code_insee: str | None) -> str:
    return "" if code_insee is None else reading.given(code_insee, reading.COMMUNE, "a commune")


def _csv(rows: Iterable[tuple[int, str, str]]) -> bytes:
    written = io.StringIO(newline="")
    writer = csv.writer(written)
    writer.writerow(("row", "address", "commune"))
    writer.writerows(rows)
    return written.getvalue().encode()


def _places(body: bytes) -> list[Place]:
    return [_place(feature) for feature in as_json(body)["features"]]


def _place(feature: Mapping[str, Any]) -> Place:
    said = feature["properties"]
    longitude, latitude, *_ = feature["geometry"]["coordinates"]
    north, east = reading.point(longitude, latitude)
    return Place(
        label=reading.text(said["label"]),
        score=reading.number(said["score"]),
        latitude=north,
        longitude=east,
        code_insee=reading.given(said["citycode"], reading.COMMUNE, "a commune"),
        kind=reading.text(said["type"]),
    )


def _located(body: bytes, sent: Sequence[int]) -> dict[int, Place | None]:
    """The places by the numbers of their rows; ValueError unless each row came back once."""
    rows = list(csv.DictReader(io.StringIO(body.decode("utf-8-sig"), newline=""), strict=True))
    located = {int(row["row"]): _row_place(row) for row in rows}
    if len(rows) != len(sent) or located.keys() != set(sent):
        raise ValueError("other rows came back than were sent")
    return located


def _row_place(row: Mapping[str, str]) -> Place | None:
    if not row["latitude"] or not row["longitude"]:
        return None
    north, east = reading.point(row["longitude"], row["latitude"])
    return Place(
        label=reading.text(row["result_label"]),
        score=reading.number(row["result_score"]),
        latitude=north,
        longitude=east,
        code_insee=reading.given(row["result_citycode"], reading.COMMUNE, "a commune"),
        kind=reading.text(row["result_type"]),
    )
