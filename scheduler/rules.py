"""The hard rules of a roster, each written twice.

`constrain` tells the solver, in arrays; `breaches` tells a person, in plain Python, from the
finished roster alone. Neither half calls the other, nor shares a line with it: they are each
other's proof.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from itertools import combinations
from zoneinfo import ZoneInfo

import numpy as np

from scheduler.calendar import joined
from scheduler.model import Draft
from scheduler.problem import UNKNOWN, Problem
from scheduler.roster import Roster


@dataclass(frozen=True)
class Breach:
    """A rule broken by a doctor (row number) on a slot (row number)."""

    rule: str
    doctor: int
    slot: int


@dataclass(frozen=True)
class Rule:
    """A hard rule: its name, the text it comes from, and its two halves.

    A rule that `limits` can be broken by a duty too many, never by one too few, whatever was
    offered: it is asked of duties one by one, and of pinned ones before anything is solved.
    """

    name: str
    source: str
    constrain: Callable[[Draft], None]
    breaches: Callable[[Problem, Roster], Iterator[Breach]]
    limits: bool = True


def decide_on_offers_only(draft: Draft) -> None:
    """A doctor is only asked for slots he offered or is pinned to: no other pair is decided."""
    draft.offer()


def duties_not_offered(problem: Problem, roster: Roster) -> Iterator[Breach]:
    """Each duty given to a doctor who did not say he was available."""
    offered = set(zip(problem.pair_doctor.tolist(), problem.pair_slot.tolist(), strict=True))
    for doctor, slot in roster.duties():
        if (doctor, slot) not in offered:
            yield Breach("availability", doctor, slot)


def keep_pinned_duties(draft: Draft) -> None:
    """A pinned duty stays, whatever it costs."""
    draft.keep(draft.problem.pair_pinned)


def pins_dropped(problem: Problem, roster: Roster) -> Iterator[Breach]:
    """Each pinned duty that the roster lacks."""
    held = set(roster.duties())
    for doctor, slot in problem.pins():
        if (doctor, slot) not in held:
            yield Breach("pinned", doctor, slot)


def never_give_forbidden_duties(draft: Draft) -> None:
    """A forbidden duty is never given, even if it was offered."""
    draft.close(draft.among(draft.problem.forbidden))


def forbidden_duties(problem: Problem, roster: Roster) -> Iterator[Breach]:
    """Each duty that was forbidden."""
    forbidden = set(
        zip(problem.forbidden.doctor.tolist(), problem.forbidden.slot.tolist(), strict=True)
    )
    for doctor, slot in roster.duties():
        if (doctor, slot) in forbidden:
            yield Breach("forbidden", doctor, slot)


def require_licence(draft: Draft) -> None:
    """The last civil day a duty touches is a day of the licence, its last one included."""
    until = draft.problem.licence_until[draft.problem.pair_doctor]
    last = draft.calendar.last_day[draft.problem.pair_slot]
    draft.close((until != UNKNOWN) & (last > until))


def licences_ended(problem: Problem, roster: Roster) -> Iterator[Breach]:
    """Each duty that touches a day after the end of the licence."""
    for doctor, slot in roster.duties():
        until = int(problem.licence_until[doctor])
        if until != UNKNOWN and _last_day(problem, slot).toordinal() > until:
            yield Breach("licence", doctor, slot)


def require_authorisation(draft: Draft) -> None:
    """Every civil day of a duty is authorised in its département.

    Ranges that meet or follow each other without a day between are one.
    """
    problem, held = draft.problem, draft.problem.authorisations
    owner, slot = problem.pair_doctor, problem.pair_slot
    place = problem.slot_departement[slot]
    covered = ~problem.needs_authorisation[owner]
    for doctor in np.unique(held.doctor):
        for departement in (UNKNOWN, *np.unique(held.departement[held.doctor == doctor])):
            own = (held.doctor == doctor) & ((held.departement == departement) | (departement < 0))
            for first, last in joined(held.first_day[own], held.last_day[own]):
                within = (draft.calendar.first_day >= first) & (draft.calendar.last_day <= last)
                covered |= (owner == doctor) & (place == departement) & within[slot]
    draft.close(~covered)


def duties_without_authorisation(problem: Problem, roster: Roster) -> Iterator[Breach]:
    """Each duty with a day that no authorisation for its département covers."""
    held = problem.authorisations
    for doctor, slot in roster.duties():
        days = [day.toordinal() for day in _days(problem, slot)]
        place = problem.slot_departement[slot]
        ranges = [
            range(int(first), int(last) + 1)
            for owner, where, first, last in zip(
                held.doctor, held.departement, held.first_day, held.last_day, strict=True
            )
            if owner == doctor and place in (where, UNKNOWN)
        ]
        covered = all(any(day in it for it in ranges) for day in days)
        if problem.needs_authorisation[doctor] and not covered:
            yield Breach("authorisation", doctor, slot)


def keep_replaced_doctors_off(draft: Draft) -> None:
    """A doctor who is replaced holds no duty that touches a day of the replacement."""
    problem, days = draft.problem, draft.calendar
    away = problem.replacements
    for doctor, first, last in zip(away.doctor, away.first_day, away.last_day, strict=True):
        touched = (days.last_day >= first) & (days.first_day <= last)
        draft.close((problem.pair_doctor == doctor) & touched[problem.pair_slot])


def duties_of_replaced_doctors(problem: Problem, roster: Roster) -> Iterator[Breach]:
    """Each duty of a doctor on a day when another one replaces him."""
    away = problem.replacements
    ranges = list(zip(away.doctor, away.first_day, away.last_day, strict=True))
    for doctor, slot in roster.duties():
        days = [day.toordinal() for day in _days(problem, slot)]
        if any(
            owner == doctor and first <= day <= last
            for owner, first, last in ranges
            for day in days
        ):
            yield Breach("replaced", doctor, slot)


def seat_no_more_than_needed(draft: Draft) -> None:
    """A slot never gets more doctors than it needs; fewer is a shortage, counted elsewhere."""
    slot = draft.problem.pair_slot
    draft.at_most(slot, np.arange(len(slot)), draft.problem.doctors_needed[slot])


def crowded_slots(problem: Problem, roster: Roster) -> Iterator[Breach]:
    """Each duty beyond the seats of its slot, and each seat taken twice by one doctor."""
    seated: defaultdict[int, list[int]] = defaultdict(list)
    for doctor, slot in roster.duties():
        if doctor in seated[slot] or len(seated[slot]) >= problem.doctors_needed[slot]:
            yield Breach("seats", doctor, slot)
        seated[slot].append(doctor)


def hold_one_duty_at_a_time(draft: Draft) -> None:
    """At any instant a doctor holds one duty at most."""
    draft.one_at_most(draft.problem.slot_start_us, draft.problem.slot_end_us - 1)


def overlapping_duties(problem: Problem, roster: Roster) -> Iterator[Breach]:
    """Each duty of a doctor that begins before another one of his, begun earlier, has ended."""
    for doctor, before, after in _successive(problem, roster):
        if problem.slot_start_us[after] < problem.slot_end_us[before]:
            yield Breach("overlap", doctor, after)


def leave_time_to_travel(draft: Draft) -> None:
    """Between two duties of a doctor lies at least the way from one site to the other.

    Who is early enough for the longest way is early enough for each: only duties nearer than that
    are compared, two by two.
    """
    problem = draft.problem
    way_us = problem.travel_seconds * 1_000_000
    if not way_us.any():
        return
    start, end = problem.slot_start_us, problem.slot_end_us
    before, after = draft.followers(start, end + way_us.max() - 1)
    one, other = problem.pair_slot[before], problem.pair_slot[after]
    gap_us, way_us = (
        start[other] - end[one],
        way_us[problem.slot_site[one], problem.slot_site[other]],
    )
    late = (gap_us >= 0) & (gap_us < way_us)
    draft.not_both(before[late], after[late])


def doctors_on_the_way(problem: Problem, roster: Roster) -> Iterator[Breach]:
    """Each duty that begins before its doctor can have come from the site of an earlier one."""
    for doctor, before, after in _successive(problem, roster):
        way = problem.travel_seconds[problem.slot_site[before], problem.slot_site[after]]
        gap_us = int(problem.slot_start_us[after]) - int(problem.slot_end_us[before])
        if 0 <= gap_us < int(way) * 1_000_000:
            yield Breach("travel", doctor, after)


def give_rest(draft: Draft) -> None:
    """The rest of the territory between two duties of a doctor.

    In civil days, a duty makes its doctor busy from its first day to `rest_days` after its last;
    in seconds, from its start to `min_gap_seconds` after its end. Two duties are too close exactly
    if these ranges meet, unless it was waived for one of them.
    """
    problem, days, terms = draft.problem, draft.calendar, draft.problem.terms
    tires = ~draft.among(problem.waived)
    if terms.min_gap_seconds is None:
        draft.one_at_most(days.first_day, days.last_day + terms.rest_days, tires)
    else:
        tired_us = terms.min_gap_seconds * 1_000_000
        draft.one_at_most(problem.slot_start_us, problem.slot_end_us + tired_us - 1, tires)


def tired_doctors(problem: Problem, roster: Roster) -> Iterator[Breach]:
    """Each duty that leaves too few wholly free civil days, or seconds, after an earlier one."""
    least = problem.terms.min_gap_seconds
    days = {slot: _days(problem, slot) for _, slot in roster.duties()}
    waived = set(zip(problem.waived.doctor.tolist(), problem.waived.slot.tolist(), strict=True))
    for doctor, before, after in _successive(problem, roster):
        free = (days[after][0] - days[before][-1]).days - 1
        gap_us = int(problem.slot_start_us[after]) - int(problem.slot_end_us[before])
        rested = free >= problem.terms.rest_days if least is None else gap_us >= least * 1_000_000
        if not rested and not waived & {(doctor, before), (doctor, after)}:
            yield Breach("rest", doctor, after)


def cap_weeks(draft: Draft) -> None:
    """A doctor takes no more duties than he said in an ISO week, by their local start."""
    draft.cap(draft.problem.max_per_week, draft.calendar.week)


def full_weeks(problem: Problem, roster: Roster) -> Iterator[Breach]:
    """Each duty beyond the doctor's cap of its ISO week."""
    yield from _beyond_cap("max_per_week", problem, roster, _iso_week)


def cap_months(draft: Draft) -> None:
    """A doctor takes no more duties than he said in a calendar month, by their local start."""
    draft.cap(draft.problem.max_per_month, draft.calendar.month)


def full_months(problem: Problem, roster: Roster) -> Iterator[Breach]:
    """Each duty beyond the doctor's cap of its calendar month."""
    yield from _beyond_cap("max_per_month", problem, roster, lambda day: (day.year, day.month))


def cap_period(draft: Draft) -> None:
    """A doctor takes no more duties than he said over the whole period."""
    draft.cap(draft.problem.max_per_period, np.zeros_like(draft.problem.slot_start_us))


def full_period(problem: Problem, roster: Roster) -> Iterator[Breach]:
    """Each duty beyond the doctor's cap of the whole period."""
    yield from _beyond_cap("max_per_period", problem, roster, lambda _: ())


def stop_at_the_ceiling(draft: Draft) -> None:
    """If the territory says so, the indemnities of a civil year stay within the ceiling.

    What was received so far counts in the year of the first slot; somebody already above the
    ceiling takes no duty that is paid.
    """
    problem, ceiling = draft.problem, draft.problem.terms.indemnity_ceiling_cents
    if ceiling is None or not problem.terms.ceiling_refuses:
        return
    doctor, year = problem.pair_doctor, draft.calendar.month[problem.pair_slot] // 100
    first_year = draft.calendar.month.min(initial=9999_99) // 100
    so_far = np.where(year == first_year, problem.indemnity_so_far_cents[doctor], 0)
    draft.at_most(
        doctor * 10_000 + year,
        np.arange(len(doctor)),
        np.maximum(ceiling - so_far, 0),
        problem.indemnity_cents[problem.pair_slot],
    )


def duties_above_the_ceiling(problem: Problem, roster: Roster) -> Iterator[Breach]:
    """Each paid duty that brings its doctor above the ceiling, if the territory refuses that."""
    ceiling = problem.terms.indemnity_ceiling_cents
    if ceiling is None or not problem.terms.ceiling_refuses:
        return
    first_year = _first_day(problem, int(np.argmin(problem.slot_start_us))).year
    for doctor, slots in _duties_by_doctor(problem, roster).items():
        received = Counter({first_year: int(problem.indemnity_so_far_cents[doctor])})
        for slot in slots:
            cents, year = int(problem.indemnity_cents[slot]), _first_day(problem, slot).year
            received[year] += cents
            if cents and received[year] > ceiling:
                yield Breach("indemnity", doctor, slot)


VOLUNTEERS = "Code de la santé publique, art. R6315-4: taking duty is voluntary"
LOCUMS = "Code de la santé publique, art. L4131-2 and D4131-2: licence and authorisation of locums"
REPLACED = "Code de la santé publique, art. R4127-65: who is replaced stops all liberal activity"
OWN_CAPS = "The doctor's own answer to the call for availability"
COORDINATOR = "The coordinator's decision, written before the roster is made"
CEILING = "The ceiling of indemnities of the civil year, where the territory refuses more"

RULES = (
    Rule("availability", VOLUNTEERS, decide_on_offers_only, duties_not_offered, limits=False),
    Rule("pinned", COORDINATOR, keep_pinned_duties, pins_dropped, limits=False),
    Rule("forbidden", COORDINATOR, never_give_forbidden_duties, forbidden_duties),
    Rule("licence", LOCUMS, require_licence, licences_ended),
    Rule("authorisation", LOCUMS, require_authorisation, duties_without_authorisation),
    Rule("replaced", REPLACED, keep_replaced_doctors_off, duties_of_replaced_doctors),
    Rule("seats", "The territory's duty plan", seat_no_more_than_needed, crowded_slots),
    Rule("overlap", "Nobody is in two places", hold_one_duty_at_a_time, overlapping_duties),
    Rule("travel", "Nobody is in two places", leave_time_to_travel, doctors_on_the_way),
    Rule("rest", "The territory's charter, 1 day by default", give_rest, tired_doctors),
    Rule("max_per_week", OWN_CAPS, cap_weeks, full_weeks),
    Rule("max_per_month", OWN_CAPS, cap_months, full_months),
    Rule("max_per_period", OWN_CAPS, cap_period, full_period),
    Rule("indemnity", CEILING, stop_at_the_ceiling, duties_above_the_ceiling),
)


def _duties_by_doctor(problem: Problem, roster: Roster) -> dict[int, list[int]]:
    """The slots of each doctor, in the order of their start."""
    held: defaultdict[int, list[int]] = defaultdict(list)
    for doctor, slot in roster.duties():
        held[doctor].append(slot)
    return {
        doctor: sorted(slots, key=lambda slot: int(problem.slot_start_us[slot]))
        for doctor, slots in held.items()
    }


def _successive(problem: Problem, roster: Roster) -> Iterator[tuple[int, int, int]]:
    """Each doctor with any two of his slots, the one that starts first before the other."""
    for doctor, slots in _duties_by_doctor(problem, roster).items():
        for before, after in combinations(slots, 2):
            yield doctor, before, after


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


def _days(problem: Problem, slot: int) -> list[date]:
    """The civil days that a duty touches."""
    first, last = _first_day(problem, slot), _last_day(problem, slot)
    return [first + timedelta(days=ahead) for ahead in range((last - first).days + 1)]


def _local(problem: Problem, instant_us: int) -> datetime:
    seconds, rest = divmod(int(instant_us), 1_000_000)
    moment = datetime.fromtimestamp(seconds, UTC) + timedelta(microseconds=rest)
    return moment.astimezone(ZoneInfo(problem.terms.timezone))
