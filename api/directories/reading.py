"""Reading the answers of directories strictly: what is not as promised raises ValueError."""

import math
import re
from typing import Any

COMMUNE = re.compile(r"\d[\dAB]\d{3}", re.ASCII)
DEPARTEMENT = re.compile(r"97\d|98\d|\d[\dAB]", re.ASCII)
RPPS = re.compile(r"\d{11}", re.ASCII)

FARTHEST_NORTH, FARTHEST_EAST = 90, 180


def given(code: str, form: re.Pattern[str], what: str) -> str:
    """A code that goes into an address, if it has the form of one.

    Raises ValueError, which says what kind of code was expected, not what was given.
    """
    if not form.fullmatch(code):
        raise ValueError(f"not a code of {what}")
    return code


def text(value: Any) -> str:
    """A text that is not empty."""
    if not isinstance(value, str) or not value.strip():
        raise ValueError("not a text")
    return value.strip()


def text_or_none(value: Any) -> str | None:
    """A text, or None if there is none."""
    return value.strip() or None if isinstance(value, str) else None


def number(value: Any) -> float:
    """A finite number, of JSON or of a cell of CSV."""
    if isinstance(value, bool):
        raise ValueError("not a number")
    read = float(value)
    if not math.isfinite(read):
        raise ValueError("not a number")
    return read


def point(longitude: Any, latitude: Any) -> tuple[float, float]:
    """Latitude and longitude in degrees (WGS 84), out of the order in which GeoJSON has them."""
    east, north = number(longitude), number(latitude)
    if abs(north) > FARTHEST_NORTH or abs(east) > FARTHEST_EAST:
        raise ValueError("not a place on Earth")
    return north, east
