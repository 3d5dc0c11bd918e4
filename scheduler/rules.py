"""The hard rules of a roster, each written twice.

`constrain` tells the solver; `breaches` tells a person, in plain Python, from the finished roster
alone. Neither half calls the other, nor shares a line with it: they are each other's proof.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from itertools import combinations
from zoneinfo import ZoneInfo

import numpy as np

from scheduler.model import Draft
from scheduler.problem import Integers, Problem
from scheduler.roster import Roster


@dataclass(frozen=True)
class Breach:
    """A rule broken by a doctor (row number) on a slot (row number)."""

    rule: str
    doctor: int
    slot: int


@dataclass(frozen=True)
class Rule:
    """A hard rule: its name, the text it comes from, and its two halves."""

    name: str
    source: str
    constrain: Callable[[Draft], None]
    breaches: Callable[[Problem, Roster], Iterator[Breach]]


def seat_no_more_than_needed(draft: Draft) -> None:
    """A slot never gets more doctors than it needs; fewer is a shortage, counted elsewhere."""
    for slot, needed in enumerate(draft.problem.doctors_needed):
        rows = np.flatnonzero(draft.problem.pair_slot == slot)
        draft.at_most(int(needed), rows)


def crowded_slots(problem: Problem, roster: Roster) -> Iterator[Breach]:
    """Each duty beyond the seats of its slot, and each seat taken twice by one doctor."""
    seated: defaultdict[int, list[int]] = defaultdict(list)
    for doctor, slot in roster.duties():
        if doctor in seated[slot] or len(seated[slot]) >= problem.doctors_needed[slot]:
            yield Breach("seats", doctor, slot)
        seated[slot].append(doctor)


def decide_on_offers_only(draft: Draft) -> None:
    """A doctor is only asked for slots he offered: there is no decision about any other."""
    draft.decide(len(draft.problem.pair_doctor))


def duties_not_offered(problem: Problem, roster: Roster) -> Iterator[Breach]:
    """Each duty given to a doctor who did not say he was available."""
    offered = set(zip(problem.pair_doctor.tolist(), problem.pair_slot.tolist(), strict=True))
    for doctor, slot in roster.duties():
        if (doctor, slot) not in offered:
            yield Breach("availability", doctor, slot)


def hold_one_duty_at_a_time(draft: Draft) -> None:
    """At any instant a doctor holds one duty at most."""
    problem = draft.problem
    _one_at_most(draft, problem.slot_start_us, problem.slot_end_us - 1)


def overlapping_duties(problem: Problem, roster: Roster) -> Iterator[Breach]:
    """Each duty of a doctor that begins before another one of his, begun earlier, has ended."""
    for doctor, slots in _duties_by_doctor(problem, roster).items():
        for before, after in combinations(slots, 2):
            if problem.slot_start_us[after] < problem.slot_end_us[before]:
                yield Breach("overlap", doctor, after)


def give_rest(draft: Draft) -> None:
    """One duty a civil day, and the asked number of wholly free days between two duties.

    A duty makes its doctor busy from its first civil day to `rest_days` after its last; two
    duties are too close exactly if these ranges meet.
    """
    days = draft.calendar
    _one_at_most(draft, days.first_day, days.last_day + draft.problem.rest_days)


def tired_doctors(problem: Problem, roster: Roster) -> Iterator[Breach]:
    """Each duty that leaves too few wholly free civil days after an earlier one."""
    for doctor, slots in _duties_by_doctor(problem, roster).items():
        for before, after in combinations(slots, 2):
            free = (_first_day(problem, after) - _last_day(problem, before)).days - 1
            if free < problem.rest_days:
                yield Breach("rest", doctor, after)


def cap_weeks(draft: Draft) -> None:
    """A doctor takes no more duties than he said in an ISO week, by their local start."""
    _cap(draft, draft.problem.max_per_week, draft.calendar.week)


def full_weeks(problem: Problem, roster: Roster) -> Iterator[Breach]:
    """Each duty beyond the doctor's cap of its ISO week."""
    yield from _beyond_cap("max_per_week", problem, roster, _iso_week)


def cap_months(draft: Draft) -> None:
    """A doctor takes no more duties than he said in a calendar month, by their local start."""
    _cap(draft, draft.problem.max_per_month, draft.calendar.month)


def full_months(problem: Problem, roster: Roster) -> Iterator[Breach]:
    """Each duty beyond the doctor's cap of its calendar month."""
    yield from _beyond_cap("max_per_month", problem, roster, lambda day: (day.year, day.month))


def cap_period(draft: Draft) -> None:
    """A doctor takes no more duties than he said over the whole period."""
    _cap(draft, draft.problem.max_per_period, np.zeros_like(draft.problem.slot_start_us))


def full_period(problem: Problem, roster: Roster) -> Iterator[Breach]:
    """Each duty beyond the doctor's cap of the whole period."""
    yield from _beyond_cap("max_per_period", problem, roster, lambda _: ())


VOLUNTEERS = "Code de la santé publique, art. R6315-4: taking duty is voluntary"
OWN_CAPS = "The doctor's own answer to the call for availability"

RULES = (
    Rule("availability", VOLUNTEERS, decide_on_offers_only, duties_not_offered),
    Rule("seats", "The territory's duty plan", seat_no_more_than_needed, crowded_slots),
    Rule("overlap", "Nobody is in two places", hold_one_duty_at_a_time, overlapping_duties),
    Rule("rest", "The territory's charter, 1 day by default", give_rest, tired_doctors),
    Rule("max_per_week", OWN_CAPS, cap_weeks, full_weeks),
    Rule("max_per_month", OWN_CAPS, cap_months, full_months),
    Rule("max_per_period", OWN_CAPS, cap_period, full_period),
)


def _one_at_most(draft: Draft, first: Integers, last: Integers) -> None:
    # Closed ranges on a line: the largest sets that all meet begin where some range begins.
    for _, rows in draft.pairs_by_doctor():
        slots = draft.problem.pair_slot[rows]
        meeting = {
            tuple(rows[(first[slots] <= point) & (point <= last[slots])].tolist())
            for point in first[slots]
        }
        for group in sorted(meeting):
            draft.at_most(1, np.array(group, np.int64))


def _cap(draft: Draft, caps: Integers, period: Integers) -> None:
    for doctor, rows in draft.pairs_by_doctor():
        periods = period[draft.problem.pair_slot[rows]]
        for one in np.unique(periods) if caps[doctor] >= 0 else ():
            draft.at_most(int(caps[doctor]), rows[periods == one])


def _duties_by_doctor(problem: Problem, roster: Roster) -> dict[int, list[int]]:
    """The slots of each doctor, in the order of their start."""
    held: defaultdict[int, list[int]] = defaultdict(list)
    for doctor, slot in roster.duties():
        held[doctor].append(slot)
    return {
        doctor: sorted(slots, key=lambda slot: int(problem.slot_start_us[slot]))
        for doctor, slots in held.items()
    }


def _beyond_cap(
    rule: str, problem: Problem, roster: Roster, period_of: Callable[[date], Iterable[int]]
) -> Iterator[Breach]:
    caps: Sequence[int] = getattr(problem, rule)
    for doctor, slots in _duties_by_doctor(problem, roster).items():
        taken: Counter[Iterable[int]] = Counter()
        for slot in slots:
            period = period_of(_first_day(problem, slot))
            taken[period] += 1
            if 0 <= caps[doctor] < taken[period]:
                yield Breach(rule, doctor, slot)


def _iso_week(day: date) -> tuple[int, int]:
    return day.isocalendar()[:2]


def _first_day(problem: Problem, slot: int) -> date:
    return _local(problem, problem.slot_start_us[slot]).date()


def _last_day(problem: Problem, slot: int) -> date:
    # Half open: a duty that ends at midnight does not touch the day that begins there.
    return _local(problem, problem.slot_end_us[slot] - 1).date()


def _local(problem: Problem, instant_us: int) -> datetime:
    seconds, rest = divmod(int(instant_us), 1_000_000)
    moment = datetime.fromtimestamp(seconds, UTC) + timedelta(microseconds=rest)
    return moment.astimezone(ZoneInfo(problem.timezone))
