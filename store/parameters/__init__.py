"""Dated numbers: radii, thresholds, windows, points of a score, each with its source.

One TOML file a parameter, named after it; one `[[row]]` for each value, the day `from` which it
holds, the `territory` it holds in (a département code such as "54", or "france") and the text it
comes from. A value is whatever TOML can say, tables included. `at` is the only reader.
"""

import tomllib
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).parent

EVERYWHERE = "france"
"""The territory of a row that holds wherever no more specific one does."""


class UnknownParameter(LookupError):
    """No value of this parameter holds on this day in this territory."""

    def __init__(self, name: str, day: date, territory: str) -> None:
        super().__init__(f"{name}: no value on {day.isoformat()} in {territory}")
        self.name = name
        self.day = day
        self.territory = territory


@dataclass(frozen=True)
class Row:
    """A value, from when and where it holds, and which text says so."""

    value: Any
    since: date
    territory: str
    source: str


def at(name: str, day: date, territory: str = EVERYWHERE) -> Any:
    """The value of `name` that holds on `day` in `territory`.

    The row of the territory itself wins over the one for the whole country, however recent the
    latter; among rows of one territory the latest begun wins. Raises UnknownParameter.
    """
    return row_at(name, day, territory).value


def row_at(name: str, day: date, territory: str = EVERYWHERE) -> Row:
    """The whole row that `at` reads: the value with its source. Raises UnknownParameter."""
    begun = [row for row in _rows(name) if row.since <= day]
    for place in (territory, EVERYWHERE):
        held = [row for row in begun if row.territory == place]
        if held:
            return max(held, key=lambda row: row.since)
    raise UnknownParameter(name, day, territory)


@cache
def _rows(name: str) -> tuple[Row, ...]:
    file = FOLDER / f"{name}.toml"
    if not name.isidentifier() or not file.is_file():
        return ()
    written = tomllib.loads(file.read_text(encoding="utf-8"))["row"]
    return tuple(Row(row["value"], row["from"], row["territory"], row["source"]) for row in written)
