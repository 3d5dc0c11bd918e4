"""The raw cells of a file, as both readers hand them over."""

from dataclasses import dataclass, field

import polars as pl

from api.files import outcome, social_security


@dataclass(frozen=True)
class Grid:
    """A header and the rows under it, all text, before any trimming.

    `cells` has one column per header cell, whatever its name; `lines` is the physical line of each
    row; `rejects` are rows that do not have the width of the header.
    """

    header: list[str]
    header_line: int
    cells: pl.DataFrame
    lines: pl.Series
    decimal_comma: bool
    rejects: list[outcome.Reject] = field(default_factory=list)


def header_name(text: str) -> str:
    """A header cell as the name of its column; a file without header may have a NIR there."""
    return social_security.mask(text.strip().lower())
