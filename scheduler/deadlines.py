"""The legal clock of a roster of out-of-hours duty (R6315-2 of the public health code), as days.

Days are counted on the calendar, never in hours; a deadline on a Sunday stays on that Sunday,
since the text moves none of them.
"""

from calendar import monthrange
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

DAYS_TO_SUBMIT = 45
DAYS_TO_PUBLISH = 10
LEAST_MONTHS = 3


class Step(StrEnum):
    """What has to be done."""

    SUBMIT = "submit"
    """Send the roster to the departmental council of the Ordre, 45 days before it starts."""
    PUBLISH = "publish"
    """The council sends it on to the ARS, prefect, SAMU, doctors and funds, 10 days before."""
    REPORT = "report"
    """The association says who really worked, within a month after the end."""


@dataclass(frozen=True)
class Deadline:
    """The last day on which a step is in time."""

    step: Step
    day: date

    def days_left(self, today: date) -> int:
        """0 on the last day, negative once it has passed."""
        return (self.day - today).days

    def passed(self, today: date) -> bool:
        """Whether what is sent today is late; it is sent all the same, and marked so."""
        return self.days_left(today) < 0


def deadlines(first_day: date, last_day: date) -> tuple[Deadline, ...]:
    """The deadlines of a roster from its first to its last civil day, in the order of steps.

    Raises ValueError if it ends before it begins.
    """
    if last_day < first_day:
        raise ValueError(f"a roster from {first_day} to {last_day} ends before it begins")
    return (
        Deadline(Step.SUBMIT, first_day - timedelta(days=DAYS_TO_SUBMIT)),
        Deadline(Step.PUBLISH, first_day - timedelta(days=DAYS_TO_PUBLISH)),
        Deadline(Step.REPORT, months_later(last_day, 1)),
    )


def is_long_enough(first_day: date, last_day: date) -> bool:
    """Whether a roster covers the three months that the law asks for at least."""
    return last_day + timedelta(days=1) >= months_later(first_day, LEAST_MONTHS)


def months_later(day: date, months: int) -> date:
    """The same day of a later month, or its last day where it has no such day."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))
