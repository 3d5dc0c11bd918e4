"""Civil days, ISO weeks and months of the slots, as columns for the model.

Only the `constrain` halves of the rules read this module; the `breaches` halves count again.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np

from scheduler.problem import Integers, Problem

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, eq=False)
class Calendar:
    """One row per slot, all in the local time of the territory.

    `first_day` and `last_day` are proleptic ordinals of the first and last civil day touched by
    the half-open range; `week` is ISO year * 100 + ISO week and `month` year * 100 + month, both
    of the local start.
    """

    first_day: Integers
    last_day: Integers
    week: Integers
    month: Integers


def calendar(problem: Problem) -> Calendar:
    """Read every slot in the local time of the territory."""
    zone = ZoneInfo(problem.terms.timezone)
    first = [_local_day(instant, zone) for instant in problem.slot_start_us]
    last = [_local_day(instant - 1, zone) for instant in problem.slot_end_us]
    return Calendar(
        first_day=np.array([day.toordinal() for day in first], np.int64),
        last_day=np.array([day.toordinal() for day in last], np.int64),
        week=np.array([_iso_week(day) for day in first], np.int64),
        month=np.array([day.year * 100 + day.month for day in first], np.int64),
    )


def joined(first: Integers, last: Integers) -> Iterator[tuple[int, int]]:
    """Ranges of days made as long as they can be."""
    order = np.argsort(first)
    begin, end = first[order], np.maximum.accumulate(last[order])
    alone = np.flatnonzero(begin[1:] > end[:-1] + 1) + 1
    starts = np.concatenate(([0], alone)), np.concatenate((alone, [len(begin)])) - 1
    yield from zip(begin[starts[0]].tolist(), end[starts[1]].tolist(), strict=True)


def _local_day(instant_us: int, zone: ZoneInfo) -> date:
    return (_EPOCH + timedelta(microseconds=int(instant_us))).astimezone(zone).date()


def _iso_week(day: date) -> int:
    year, week, _ = day.isocalendar()
    return year * 100 + week
