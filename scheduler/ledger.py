"""The ledger: who carried which duty, roster after roster, as planned and as really worked.

Credits move with the work. The points of a duty are those of whoever worked it and, until somebody
has said so, of whoever holds it today. What was planned stays written, so that plan and work can be
told apart.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from fractions import Fraction
from itertools import pairwise
from zoneinfo import ZoneInfo

import numpy as np

from scheduler.problem import Problem
from scheduler.roster import Roster


@dataclass(frozen=True)
class Entry:
    """One doctor (rpps) on one slot; `day` is the civil day on which the slot starts.

    `planned`: the doctor stood in the roster as it was first published. `held`: stands in it today.
    `worked`: None until somebody has said so. Names of slots may come back in another roster, but
    not on the same day.
    """

    day: date
    slot_id: str
    rpps: str
    points: int
    planned: bool = True
    held: bool = True
    worked: bool | None = None

    @property
    def counts(self) -> bool:
        """Whether the points are this doctor's."""
        return self.held if self.worked is None else self.worked

    @property
    def slot(self) -> tuple[date, str]:
        return self.day, self.slot_id

    @property
    def duty(self) -> tuple[date, str, str]:
        return self.day, self.slot_id, self.rpps


Ledger = tuple[Entry, ...]
"""Entries in the order of day, slot and doctor, one for each doctor on a slot."""


class NoSuchDuty(LookupError):
    """A duty is given away by a doctor who does not hold it, or to one who already does."""


def ledger(entries: Iterable[Entry]) -> Ledger:
    """Entries in their order. Raises ValueError where two are about the same duty."""
    made = tuple(sorted(entries, key=lambda it: it.duty))
    for one, other in pairwise(made):
        if one.duty == other.duty:
            raise ValueError(f"ledger: doctor {one.rpps!r} twice on slot {one.slot_id!r}")
    return made


def planned(problem: Problem, roster: Roster) -> Ledger:
    """What a roster adds to the ledger when it is published."""
    days = _first_days(problem)
    return ledger(
        Entry(days[slot], problem.slot_ids[slot], problem.rpps[doctor], int(problem.points[slot]))
        for doctor, slot in roster.duties()
    )


def amended(before: Ledger, now: Ledger) -> Ledger:
    """A published roster after changes: `now` plans all the duties held today, changed or not."""
    held, known = {it.duty for it in now}, {it.duty for it in before}
    return ledger(
        [
            *(replace(it, held=it.duty in held) for it in before),
            *(replace(it, planned=False) for it in now if it.duty not in known),
        ]
    )


def passed_on(entries: Ledger, day: date, slot_id: str, *, giver: str, taker: str) -> Ledger:
    """One duty goes from a doctor to another, and its credit with it; a swap is two of these.

    Raises NoSuchDuty unless `giver` holds it and `taker` does not.
    """
    rows = {it.duty: it for it in entries}
    given, taken = rows.get((day, slot_id, giver)), rows.get((day, slot_id, taker))
    if given is None or not given.held or (taken is not None and taken.held):
        raise NoSuchDuty(f"{slot_id!r} on {day}: {giver!r} cannot give it to {taker!r}")
    received = replace(taken or replace(given, rpps=taker, planned=False), held=True)
    changed = {it.duty: it for it in (replace(given, held=False), received)}
    return ledger((rows | changed).values())


def attested(entries: Ledger, worked: Mapping[tuple[date, str, str], bool]) -> Ledger:
    """Who really worked, by day, slot and doctor; a duty that nobody speaks of stays as it is.

    Raises NoSuchDuty on a duty that is not in the ledger: somebody who came instead of another took
    it over first (`passed_on`).
    """
    for duty in worked.keys() - {it.duty for it in entries}:
        raise NoSuchDuty(f"{duty} was never planned nor passed on")
    return ledger(replace(it, worked=worked.get(it.duty, it.worked)) for it in entries)


def joined(
    former: Ledger, roster: Ledger, slots: set[tuple[date, str]], published: Ledger | None = None
) -> Ledger:
    """The ledger with a roster made for these slots (day, slot_id).

    Without a roster already published it takes the place of former plans for these slots. Otherwise
    it amends what the ledger says of them, or the published roster if it says nothing. What is
    attested stays, and prevails.
    """
    about = tuple(it for it in former if it.slot in slots)
    fresh = roster if published is None else amended(about or published, roster)
    kept = [it for it in former if it.slot not in slots or it.worked is not None]
    known = {it.duty for it in kept}
    return ledger([*kept, *(it for it in fresh if it.duty not in known)])


def slots_of(problem: Problem) -> set[tuple[date, str]]:
    """The slots a problem is about, as the ledger names them."""
    return set(zip(_first_days(problem), problem.slot_ids, strict=True))


def history(entries: Iterable[Entry]) -> dict[str, tuple[tuple[int, int], ...]]:
    """Points that count, by doctor: (year, points), as `records.Doctor.ledger` takes them."""
    points: defaultdict[str, defaultdict[int, int]] = defaultdict(lambda: defaultdict(int))
    for it in entries:
        if it.counts:
            points[it.rpps][it.day.year] += it.points
    return {rpps: tuple(sorted(years.items())) for rpps, years in sorted(points.items())}


@dataclass(frozen=True)
class Standing:
    """What one doctor has carried, to be read by that doctor: `others` names nobody.

    `planned_points` and `worked_points` are those planned at publication, and those known to have
    been worked; `points` those that count. `burden` is `points` for a full participation, `others`
    the burdens of everybody else, least first.
    """

    rpps: str
    duties: int
    planned_points: int
    worked_points: int
    points: int
    burden: float
    others: tuple[float, ...]


def standings(entries: Ledger, participation: Mapping[str, float]) -> list[Standing]:
    """One row for each doctor of the group, in the order of rpps; nothing fades here."""
    own: defaultdict[str, list[Entry]] = defaultdict(list)
    for it in entries:
        own[it.rpps].append(it)
    points = {rpps: sum(it.points for it in own[rpps] if it.counts) for rpps in participation}
    burden = {rpps: points[rpps] / part for rpps, part in participation.items()}
    return [
        Standing(
            rpps=rpps,
            duties=sum(it.counts for it in own[rpps]),
            planned_points=sum(it.points for it in own[rpps] if it.planned),
            worked_points=sum(it.points for it in own[rpps] if it.worked),
            points=points[rpps],
            burden=burden[rpps],
            others=tuple(sorted(it for other, it in burden.items() if other != rpps)),
        )
        for rpps in sorted(participation)
    ]


def call_order(
    points: Mapping[str, int], participation: Mapping[str, float], seed: int
) -> list[str]:
    """Whom to ask first when a duty is vacated: the lowest burden for the participation.

    Burdens are compared exactly, and equals are drawn: the same seed draws the same order, whatever
    the order in which doctors are named. Who has no points carries none.
    """
    names = sorted(participation)
    draw = np.random.default_rng(seed).permutation(len(names)).tolist()
    turn = dict(zip(names, draw, strict=True))
    return sorted(
        names,
        key=lambda rpps: (points.get(rpps, 0) / Fraction(participation[rpps]), turn[rpps]),
    )


def _first_days(problem: Problem) -> list[date]:
    """The civil day on which each slot starts."""
    zone = ZoneInfo(problem.terms.timezone)
    starts = (datetime.fromtimestamp(us // 1_000_000, UTC) for us in problem.slot_start_us.tolist())
    return [start.astimezone(zone).date() for start in starts]
