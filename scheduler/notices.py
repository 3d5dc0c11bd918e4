"""What people must be told beside the roster: data, not sentences."""

from collections import Counter
from dataclasses import dataclass

from scheduler.calendar import calendar
from scheduler.check import obstacles
from scheduler.problem import UNKNOWN, Problem
from scheduler.roster import Roster

NEAR_PERCENT = 90
"""From this part of the ceiling on, a doctor is told of his indemnities."""


@dataclass(frozen=True)
class Indemnity:
    """What a doctor (rpps) will have received in a civil year, near or above the ceiling."""

    rpps: str
    year: int
    cents: int
    ceiling_cents: int


@dataclass(frozen=True)
class Transfer:
    """A published duty of a doctor who is replaced on that day: it passes to the locum.

    `locum` is None if nobody knows him. `barred_by` names the rules that the locum would break
    with this duty beside the new roster; the duty is his to confirm, never given by itself.
    """

    slot_id: str
    rpps: str
    locum: str | None
    barred_by: tuple[str, ...] = ()


def indemnities(problem: Problem, given: Roster) -> list[Indemnity]:
    """Doctors at 90 % of the ceiling of a civil year, or more, by doctor and year.

    What was received so far counts in the civil year in which the first slot starts.
    """
    ceiling = problem.terms.indemnity_ceiling_cents
    if ceiling is None or not problem.slot_ids:
        return []
    years = (calendar(problem).month // 100).tolist()
    received = Counter(
        {
            (doctor, min(years)): cents
            for doctor, cents in enumerate(problem.indemnity_so_far_cents.tolist())
        }
    )
    for doctor, slot in given.duties():
        received[doctor, years[slot]] += int(problem.indemnity_cents[slot])
    return [
        Indemnity(problem.rpps[doctor], year, cents, ceiling)
        for (doctor, year), cents in sorted(received.items())
        if 100 * cents >= NEAR_PERCENT * ceiling
    ]


def transfers(problem: Problem, published: Roster, given: Roster) -> list[Transfer]:
    """Every published duty that touches a day on which its doctor is replaced, in their order."""
    days, away = calendar(problem), problem.replacements
    ranges = list(zip(away.doctor, away.locum, away.first_day, away.last_day, strict=True))
    return [
        _transfer(problem, given, (doctor, slot), int(locum))
        for doctor, slot in published.duties()
        for owner, locum, first, last in ranges
        if owner == doctor and days.last_day[slot] >= first and days.first_day[slot] <= last
    ]


def _transfer(problem: Problem, given: Roster, duty: tuple[int, int], locum: int) -> Transfer:
    doctor, slot = duty
    told = problem.slot_ids[slot], problem.rpps[doctor]
    if locum == UNKNOWN:
        return Transfer(*told, None)
    duties = given.duties()
    if (locum, slot) in duties:
        return Transfer(*told, problem.rpps[locum])
    barred = tuple(sorted(obstacles(problem, duties, locum, slot)))
    return Transfer(*told, problem.rpps[locum], barred)
