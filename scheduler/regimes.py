"""Which legal regime an instant falls under: out-of-hours duty (PDSA) or daytime care (SNP).

R6315-1 of the public health code: every night from 20:00 to 08:00, Sundays and public holidays
from 08:00 to 20:00, and, only where the regional health agency (ARS) has opened them, Saturday
from noon, Monday before a holiday, Friday and Saturday after one. The rest is daytime.
Everything is read on the clocks of the territory, on half-open ranges.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from functools import cache
from itertools import pairwise
from typing import Literal, TypeAlias
from zoneinfo import ZoneInfo

from scheduler import holidays

MONDAY, FRIDAY, SATURDAY, SUNDAY = 0, 4, 5, 6
MORNING, NOON, EVENING, MIDNIGHT = 8, 12, 20, 24
DEEP_NIGHT_ENDS = 6
"""The night is counted apart until then by the Ordre's surveys; the law has one night."""

DAY_MINUTES = MIDNIGHT * 60

_ZONES = {
    "971": "America/Guadeloupe",
    "972": "America/Martinique",
    "973": "America/Cayenne",
    "974": "Indian/Reunion",
    "975": "America/Miquelon",
    "976": "Indian/Mayotte",
    "977": "America/St_Barthelemy",
    "978": "America/Marigot",
}

BridgeSaturday: TypeAlias = Literal["strict", "long_weekend"]


class Regime(StrEnum):
    """The law that holds: out-of-hours duty, or unscheduled care in daytime."""

    PDSA = "pdsa"
    SNP = "snp"


class Band(StrEnum):
    """The part of the day, whatever the regime: 0-6, 6-8, 8-20, 20-24."""

    DEEP_NIGHT = "deep_night"
    EARLY = "early"
    DAY = "day"
    EVENING = "evening"


@dataclass(frozen=True)
class Opening:
    """What the ARS has opened from a day on; it replaces whatever was opened before.

    The law opens the Saturday "following a holiday". `strict` reads: the day before must be the
    holiday. `long_weekend` reads: the Saturday after a Thursday holiday too, as is often done.
    """

    since: date
    saturday_afternoon_open: bool = False
    bridge_days_open: bool = False
    bridge_saturday: BridgeSaturday = "strict"


@dataclass(frozen=True)
class Territory:
    """A duty territory, named by the commune whose holidays and clocks it follows.

    `good_friday` overrules what is known of the commune's church (see `holidays`); `timezone`
    overrules the clocks of its département. Raises ValueError for an unknown commune or zone.
    """

    code_insee: str
    openings: tuple[Opening, ...] = ()
    good_friday: bool | None = None
    timezone: str | None = None

    def __post_init__(self) -> None:
        holidays.departement(self.code_insee)
        days = [opening.since for opening in self.openings]
        if any(before >= after for before, after in pairwise(days)):
            raise ValueError(f"openings of {self.code_insee}: two of one day, or not in order")
        try:
            _ = self.zone
        except (KeyError, ValueError, OSError) as error:
            raise ValueError(f"timezone {self.timezone!r} is not a known time zone") from error

    @property
    def zone(self) -> ZoneInfo:
        """The clocks of the territory."""
        place = holidays.departement(self.code_insee)
        return ZoneInfo(self.timezone or _ZONES.get(place, "Europe/Paris"))

    def opening(self, day: date) -> Opening:
        """What is open on a day; before the first opening, nothing is."""
        begun = [opening for opening in self.openings if opening.since <= day]
        return begun[-1] if begun else Opening(since=date.min)


@dataclass(frozen=True)
class Segment:
    """A part of a civil day, in minutes of the clock since midnight, the end excluded."""

    start_minute: int
    end_minute: int
    regime: Regime
    band: Band


@dataclass(frozen=True)
class Piece:
    """A part of a duty that lies in one segment of one civil day, the end excluded.

    `start` and `end` are in local time with their offset: subtract them in UTC, as `seconds` does.
    """

    start: datetime
    end: datetime
    regime: Regime
    band: Band
    holiday: str

    @property
    def seconds(self) -> float:
        """Elapsed seconds, also over the nights that are an hour longer or shorter."""
        return (self.end.astimezone(UTC) - self.start.astimezone(UTC)).total_seconds()


def regime(instant: datetime, territory: Territory) -> Regime:
    """The regime of an instant that knows its offset; raises ValueError if it does not."""
    local = _aware(instant).astimezone(territory.zone)
    return _regime(local.date(), local.hour, territory)


def band(instant: datetime, territory: Territory) -> Band:
    """The part of the day of an instant that knows its offset."""
    return _band(_aware(instant).astimezone(territory.zone).hour)


def holiday(day: date, territory: Territory) -> str:
    """The French name of the public holiday that this day is here; empty if it is none."""
    return holidays.name(day, territory.code_insee, good_friday=territory.good_friday)


def is_bridge_day(day: date, territory: Territory) -> bool:
    """Whether a day that is no holiday bridges one to a weekend, be it opened by the ARS or not.

    The rule is asymmetric: Monday before a holiday, Friday and Saturday after one.
    """
    long_weekend = territory.opening(day).bridge_saturday == "long_weekend"
    looked_at = {
        MONDAY: (1,),
        FRIDAY: (-1,),
        SATURDAY: (-1, -2) if long_weekend else (-1,),
    }.get(day.weekday(), ())
    beside = (holiday(day + timedelta(days=days), territory) for days in looked_at)
    return not holiday(day, territory) and any(beside)


def segments(day: date, territory: Territory) -> tuple[Segment, ...]:
    """The regimes of a civil day, one after the other from 00:00 to 24:00 of the clock."""
    return _layout(_regime(day, MORNING, territory), _regime(day, NOON, territory))


@cache
def _layout(morning: Regime, afternoon: Regime) -> tuple[Segment, ...]:
    """The segments of a day, which only its morning and its afternoon can change."""
    if morning is afternoon:
        daytime = [(MORNING, EVENING, morning, Band.DAY)]
    else:
        daytime = [(MORNING, NOON, morning, Band.DAY), (NOON, EVENING, afternoon, Band.DAY)]
    hours = [
        (0, DEEP_NIGHT_ENDS, Regime.PDSA, Band.DEEP_NIGHT),
        (DEEP_NIGHT_ENDS, MORNING, Regime.PDSA, Band.EARLY),
        *daytime,
        (EVENING, MIDNIGHT, Regime.PDSA, Band.EVENING),
    ]
    return tuple(Segment(start * 60, end * 60, law, part) for start, end, law, part in hours)


def cut(start: datetime, end: datetime, territory: Territory) -> tuple[Piece, ...]:
    """A duty cut at the borders of days, bands and regimes; it stays one duty for its doctor.

    The pieces touch and cover it exactly. Raises ValueError for an instant without offset or an
    end that is not after the start.
    """
    if _aware(end) <= _aware(start):
        raise ValueError(f"a duty from {start} to {end} does not end after it starts")
    return tuple(_pieces(start.astimezone(UTC), end.astimezone(UTC), territory))


def _pieces(start: datetime, end: datetime, territory: Territory) -> Iterator[Piece]:
    zone = territory.zone
    day, last = start.astimezone(zone).date(), end.astimezone(zone).date()
    while day <= last:
        for part in segments(day, territory):
            begin = max(start, civil(day, part.start_minute, zone))
            finish = min(end, civil(day, part.end_minute, zone))
            if begin < finish:
                local = (begin.astimezone(zone), finish.astimezone(zone))
                yield Piece(*local, part.regime, part.band, holiday(day, territory))
        day += timedelta(days=1)


def civil(day: date, minute: int, zone: ZoneInfo, *, last: bool = False) -> datetime:
    """The instant, in UTC, when the clocks of a day show a minute (0 to 1440, or beyond).

    A minute that comes twice is its first coming, or its last if asked; one that the clocks jump
    over is counted on from before the jump.
    """
    days, rest = divmod(minute, DAY_MINUTES)
    shown = datetime.combine(day + timedelta(days=days), time(*divmod(rest, 60)), zone)
    first, other = (shown.replace(fold=fold).astimezone(UTC) for fold in (0, 1))
    return max(first, other) if last else first


def _regime(day: date, hour: int, territory: Territory) -> Regime:
    opening = territory.opening(day)
    out_of_hours = (
        not MORNING <= hour < EVENING
        or day.weekday() == SUNDAY
        or bool(holiday(day, territory))
        or (opening.saturday_afternoon_open and day.weekday() == SATURDAY and hour >= NOON)
        or (opening.bridge_days_open and is_bridge_day(day, territory))
    )
    return Regime.PDSA if out_of_hours else Regime.SNP


def _band(hour: int) -> Band:
    if hour < DEEP_NIGHT_ENDS:
        return Band.DEEP_NIGHT
    if hour < MORNING:
        return Band.EARLY
    return Band.DAY if hour < EVENING else Band.EVENING


def _aware(instant: datetime) -> datetime:
    if instant.tzinfo is None:
        raise ValueError(f"{instant} has no offset from UTC")
    return instant
