"""What it takes to undo an import: a roll of lines, one for each row that was written.

A line says the table and the key, what the changed columns held before (nothing for an added row),
and a digest of the whole row afterwards, by which somebody else's later change is seen. The roll
is compressed while it is written and read, so that it never stands in memory unfolded, and sealed
for the batch it belongs to: it is about people.
"""

import base64
import json
import zlib
from collections.abc import Iterator
from dataclasses import dataclass

from store import imports as rows
from store import tables
from store.vault import Vault

UNFOLDED_AT_ONCE = 65_536
"""Bytes."""

SPEECH = json.JSONEncoder(default=str)
"""Days are written as AAAA-MM-JJ."""


@dataclass(frozen=True)
class Line:
    """A row that was written."""

    table: str
    key: rows.Key
    was: rows.Values | None
    digest: str


class Writer:
    """Takes lines in, and gives the roll at the end."""

    def __init__(self) -> None:
        self._press, self._pressed = zlib.compressobj(), bytearray()

    def add(self, line: Line) -> None:
        said = SPEECH.encode([line.table, line.key, line.was, line.digest])
        self._pressed += self._press.compress(said.encode() + b"\n")

    def sealed(self, vault: Vault, batch_id: str) -> bytes:
        """The roll, which nobody but the vault opens, for one batch."""
        self._pressed += self._press.flush()
        return vault.seal(base64.b64encode(self._pressed).decode(), _place(batch_id))


def lines(batch: tables.ImportBatch, vault: Vault) -> Iterator[Line]:
    """The lines of a batch, in the order in which they were written. Raises vault.Unreadable."""
    if batch.former is None:
        return
    pressed = base64.b64decode(vault.open(batch.former, _place(batch.id)))
    unfold, rest = zlib.decompressobj(), b""
    while pressed:
        rest += unfold.decompress(pressed, UNFOLDED_AT_ONCE)
        *whole, rest = rest.split(b"\n")
        yield from map(_line, whole)
        pressed = unfold.unconsumed_tail
    yield from map(_line, (rest + unfold.flush()).splitlines())


def _line(said: bytes) -> Line:
    table, key, was, digest = json.loads(said)
    return Line(table, key, None if was is None else rows.restored(table, was), digest)


def _place(batch_id: str) -> str:
    return f"import_batch.former:{batch_id}"
