"""French social security numbers (NIR) have no place in our files: find them, mask them.

Shape of the number (INSEE, décret n° 82-103 du 22 janvier 1982): sex, two digits of the year, two
of the month, département (2A and 2B included), three of the commune, three of the birth order,
then perhaps two of the key. The key is not checked: a mistyped number still points to someone.
"""

import re

import polars as pl

MASKED = "[NIR masqué]"
SHORTEST = 13

_GAP = "[\\s._\u2010-\u2015-]{0,3}"
_GROUPS = (
    "[1-478]",
    "[0-9]{2}",
    "(?:0[1-9]|1[0-2]|[2-9][0-9])",
    "(?:[0-9]{2}|2[ABab])",
    "[0-9]{3}",
    f"[0-9]{{3}}(?:{_GAP}[0-9]{{2}})?",
)
_NUMBER = _GAP.join(_GROUPS)
_FOUND = re.compile(f"(?<![0-9]){_NUMBER}(?![0-9])")
# A cell that is one decimal number: its decimals can have the shape by chance.
_DECIMAL = "^[+-]?[0-9]{0,8}[.,][0-9]+(?:[eE][+-]?[0-9]+)?$"
# The engine behind polars has no look-around, so the neighbours are part of what it matches.
_COLUMNAR = f"(?:^|[^0-9]){_NUMBER}(?:[^0-9]|$)"


def mask(text: str) -> str:
    """The text with every number that looks like a NIR replaced."""
    if len(text) < SHORTEST or re.fullmatch(_DECIMAL, text):
        return text
    return _FOUND.sub(MASKED, text)


def rows_holding(cells: pl.Series) -> list[int]:
    """Rows (0-based) of a column of text whose cell holds a number that looks like a NIR."""
    long = (cells.str.len_bytes() >= SHORTEST).fill_null(value=False).arg_true()
    texts = cells.gather(long)
    held = texts.str.contains(_COLUMNAR) & ~texts.str.contains(_DECIMAL)
    return [int(row) for row in long.filter(held)]
