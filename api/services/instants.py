"""Instants as people and programs write them: ISO 8601, with or without an offset."""

import re
from datetime import UTC, datetime
from enum import StrEnum
from zoneinfo import ZoneInfo

from api.services import errors

FIRST_YEAR, LAST_YEAR = 2000, 2100
"""Outside of these a date is a slip of the keyboard, and arithmetic on it may overflow."""

_WRITTEN = re.compile(
    r"(?P<civil>\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}(:\d{2}([.,]\d{1,6})?)?)"
    r"(?P<offset>Z|[-+ ]\d{2}:?\d{2})?",
    re.IGNORECASE,
)


class Fault(StrEnum):
    """What is wrong with a text that should be an instant."""

    NOT_AN_INSTANT = "not_an_instant"
    OUT_OF_RANGE = "out_of_range"
    NO_SUCH_HOUR = "no_such_hour"
    """The clocks jump over it, when summer time begins."""


def read(text: str, zone: ZoneInfo) -> datetime:
    """The instant that `text` means, in UTC.

    A space before the offset stands for the plus sign that the decoding of an address turned
    into one. Without an offset the time is civil time in `zone`; the hour that comes twice in
    autumn is then its first coming. Raises `errors.UnreadableInstant`.
    """
    written = _WRITTEN.fullmatch(text.strip())
    if written is None:
        raise errors.UnreadableInstant(Fault.NOT_AN_INSTANT)
    offset = (written["offset"] or "").replace(" ", "+").upper()
    try:
        instant = datetime.fromisoformat(written["civil"].replace(",", ".").upper() + offset)
    except ValueError as impossible:
        raise errors.UnreadableInstant(Fault.NOT_AN_INSTANT) from impossible
    if not FIRST_YEAR <= instant.year <= LAST_YEAR:
        raise errors.UnreadableInstant(Fault.OUT_OF_RANGE)
    return (instant if offset else _civil(instant, zone)).astimezone(UTC)


def _civil(clock: datetime, zone: ZoneInfo) -> datetime:
    local = clock.replace(tzinfo=zone)
    if local.astimezone(UTC).astimezone(zone).replace(tzinfo=None) != clock:
        raise errors.UnreadableInstant(Fault.NO_SUCH_HOUR)
    return local
