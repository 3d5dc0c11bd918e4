"""What happens to a roster once it is out, and what it leaves of it.

An event takes duties away, or gives them to somebody by law or by consent; what is to be done about
it is for `scheduler.repair`. Days are civil days of the territory, both ends included. Duties that
began before `now` are history: no event touches them.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from typing import Any, TypeAlias

import numpy as np

from scheduler.calendar import calendar
from scheduler.check import obstacles
from scheduler.problem import UNKNOWN, Integers, Problem
from scheduler.records import Named

Duty: TypeAlias = tuple[int, int]
"""Row numbers of a doctor and of a slot."""

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class Absence:
    """A doctor takes no duty that touches one of these days."""

    rpps: str
    first_day: date
    last_day: date


@dataclass(frozen=True)
class Replacement:
    """A locum, if he is known, replaces a doctor: duties of these days pass to him if no rule bars.

    Code de la santé publique, art. R6315-4: the obligations of the doctor on duty pass to the locum
    who replaces him.
    """

    rpps: str
    locum: str | None
    first_day: date
    last_day: date


@dataclass(frozen=True)
class Swap:
    """Two doctors exchange a duty; both have consented."""

    one: Named
    other: Named


@dataclass(frozen=True)
class Move:
    """A slot takes place at another time; whoever holds it is asked to come then."""

    slot_id: str
    start: datetime
    end: datetime


@dataclass(frozen=True)
class Withdrawal:
    """A slot no longer takes place."""

    slot_id: str


Event: TypeAlias = Withdrawal | Move | Absence | Replacement | Swap

ORDER = (Withdrawal, Move, Absence, Replacement, Swap)
"""Events are taken in this order, however they are given: a swap is of what the others leave."""


class CannotApply(ValueError):
    """An event that cannot be: the `reason` is a word below or the name of a rule, and `named` the
    doctor (rpps) or the slot it is about."""

    def __init__(self, event: Event, reason: str, named: str) -> None:
        super().__init__(f"{event}: {reason} ({named})")
        self.event, self.reason, self.named = event, reason, named


UNKNOWN_NAME, PAST, PINNED, NOT_HELD = "unknown", "past", "pinned", "not_held"
ABSENT, REPLACED, SWAPPED, WITHDRAWN, TRANSFERRED = (
    "absent",
    "replaced",
    "swapped",
    "withdrawn",
    "transferred",
)


@dataclass(eq=False)
class Standing:
    """A published roster while events are applied to it.

    `duties` still stand; `taken` and `given` say why a duty was lost or gained by an event.
    `forbidden` pairs may not come back; `pinned` ones must stay.
    """

    problem: Problem
    now_us: int
    duties: set[Duty]
    pinned: set[Duty]
    forbidden: set[Duty] = field(default_factory=set)
    taken: dict[Duty, str] = field(default_factory=dict)
    given: dict[Duty, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.doctor_row = {rpps: row for row, rpps in enumerate(self.problem.rpps)}
        self.slot_row = {slot_id: row for row, slot_id in enumerate(self.problem.slot_ids)}

    def past(self, slot: int) -> bool:
        """Whether a slot has begun."""
        return int(self.problem.slot_start_us[slot]) < self.now_us

    def apply(self, events: Iterable[Event]) -> None:
        """Take what the events take, give what they give. Raises CannotApply."""
        for event in sorted(events, key=lambda it: ORDER.index(type(it))):
            match event:
                case Withdrawal():
                    self._withdraw(event)
                case Move():
                    self._move(event)
                case Absence():
                    self._absent(event)
                case Replacement():
                    self._replace(event)
                case Swap():
                    self._swap(event)

    def _withdraw(self, event: Withdrawal) -> None:
        slot = self._coming(event, event.slot_id)
        for duty in [duty for duty in self.duties if duty[1] == slot]:
            self._take(event, duty, WITHDRAWN)
        self._set(slot, doctors_needed=0)

    def _move(self, event: Move) -> None:
        slot = self._coming(event, event.slot_id)
        start, end = instant_us(event.start), instant_us(event.end)
        if start < self.now_us:
            raise CannotApply(event, PAST, event.slot_id)
        self._set(slot, slot_start_us=start, slot_end_us=end)

    def _absent(self, event: Absence) -> None:
        doctor = self._doctor(event, event.rpps)
        for slot in self._slots(event):
            self._take(event, (doctor, slot), ABSENT)

    def _replace(self, event: Replacement) -> None:
        doctor = self._doctor(event, event.rpps)
        for slot in self._slots(event):
            held = (doctor, slot) in self.duties
            self._take(event, (doctor, slot), REPLACED)
            if held and event.locum is not None:
                self._transfer(self._doctor(event, event.locum), slot)

    def _transfer(self, locum: int, slot: int) -> None:
        if not obstacles(self.problem, sorted(self.duties), locum, slot):
            self._give((locum, slot), TRANSFERRED)

    def _swap(self, event: Swap) -> None:
        (one, his), (other, hers) = self._held(event, event.one), self._held(event, event.other)
        self._take(event, (one, his), SWAPPED)
        self._take(event, (other, hers), SWAPPED)
        for duty in ((one, hers), (other, his)):
            for rule in sorted(obstacles(self.problem, sorted(self.duties), *duty)):
                raise CannotApply(event, rule, self.problem.rpps[duty[0]])
            self._give(duty, SWAPPED)
            self.pinned.add(duty)

    def _take(self, event: Event, duty: Duty, why: str) -> None:
        """A duty, held or not, is no longer for this doctor."""
        if duty in self.pinned:
            raise CannotApply(event, PINNED, self.problem.slot_ids[duty[1]])
        if duty in self.duties:
            self.duties.remove(duty)
            self.taken[duty] = why
        self.forbidden.add(duty)

    def _give(self, duty: Duty, why: str) -> None:
        self.duties.add(duty)
        self.forbidden.discard(duty)
        self.given[duty] = why

    def _doctor(self, event: Event, rpps: str) -> int:
        if rpps not in self.doctor_row:
            raise CannotApply(event, UNKNOWN_NAME, rpps)
        return self.doctor_row[rpps]

    def _coming(self, event: Event, slot_id: str) -> int:
        """The row of a slot that has not begun."""
        if slot_id not in self.slot_row:
            raise CannotApply(event, UNKNOWN_NAME, slot_id)
        if self.past(self.slot_row[slot_id]):
            raise CannotApply(event, PAST, slot_id)
        return self.slot_row[slot_id]

    def _held(self, event: Swap, named: Named) -> Duty:
        """The duty of a swap, which must be held and to come."""
        duty = self._doctor(event, named[0]), self._coming(event, named[1])
        if duty not in self.duties:
            raise CannotApply(event, NOT_HELD, named[1])
        return duty

    def _slots(self, event: Absence | Replacement) -> list[int]:
        """The slots to come that touch a day of the event."""
        first, last = event.first_day.toordinal(), event.last_day.toordinal()
        days = calendar(self.problem)
        touched = np.flatnonzero((days.last_day >= first) & (days.first_day <= last))
        return [slot for slot in touched.tolist() if not self.past(slot)]

    def _set(self, row: int, **values: int) -> None:
        """Change some columns of the problem in one row."""
        made: dict[str, Any] = {name: getattr(self.problem, name).copy() for name in values}
        for name, value in values.items():
            made[name][row] = value
        self.problem = replace(self.problem, **made)


def announced(problem: Problem) -> list[Replacement]:
    """The replacements that the problem already tells, as events."""
    away = problem.replacements
    return [
        Replacement(
            problem.rpps[doctor],
            None if locum == UNKNOWN else problem.rpps[locum],
            date.fromordinal(int(first)),
            date.fromordinal(int(last)),
        )
        for doctor, locum, first, last in zip(
            away.doctor, away.locum, away.first_day, away.last_day, strict=True
        )
    ]


def instant_us(moment: datetime) -> int:
    """Microseconds since 1970 in UTC of a moment that knows its offset."""
    return (moment - _EPOCH) // timedelta(microseconds=1)


def columns(records: Iterable[tuple[int, ...]], width: int) -> list[Integers]:
    """The columns of the distinct records, sorted."""
    table = np.array(sorted(set(records)), np.int64).reshape(-1, width)
    return [column.copy() for column in table.T]
