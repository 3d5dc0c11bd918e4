"""A first roster by hand, so that there is something to show however short the time is."""

from dataclasses import dataclass

import numpy as np

from scheduler.model import Draft
from scheduler.problem import Integers
from scheduler.roster import Roster


def completed(draft: Draft, begun: Roster | None = None) -> Roster:
    """Give every seat left that somebody can still take, hardest slots first.

    `begun` keeps every rule; without it only the pinned duties are given. Among the doctors no
    rule stops, the one who carries least for his participation is asked. Afterwards no single duty
    can be added: each hole is blocked by a rule.
    """
    problem, room = draft.problem, _room(draft)
    owner, slot = problem.pair_doctor, problem.pair_slot
    burden = problem.history_points / problem.participation
    added = problem.points[slot] / problem.participation[owner]
    held = draft.least > 0 if begun is None else _held(draft, begun)
    for pair in np.flatnonzero(held).tolist():
        room.take(pair)
        burden[owner[pair]] += added[pair]
    by_slot = np.argsort(slot, kind="stable")
    ends = np.searchsorted(slot[by_slot], np.arange(len(problem.slot_ids) + 1))
    for hole in np.argsort(problem.hardness, kind="stable").tolist():
        candidates = by_slot[ends[hole] : ends[hole + 1]]
        for pair in candidates[np.argsort(burden[owner[candidates]], kind="stable")].tolist():
            if draft.most[pair] and not held[pair] and room.has(pair):
                room.take(pair)
                held[pair] = True
                burden[owner[pair]] += added[pair]
    return Roster(owner[held], slot[held])


def _held(draft: Draft, begun: Roster) -> np.ndarray:
    slots, problem = max(len(draft.problem.slot_ids), 1), draft.problem
    pairs = problem.pair_doctor * slots + problem.pair_slot
    return np.isin(pairs, begun.doctor * slots + begun.slot)


@dataclass(frozen=True, eq=False)
class _Room:
    """What the limits still leave. Entries `begin[p]` to `begin[p + 1]` name the limits of pair p
    and what it weighs in them."""

    begin: Integers
    row: Integers
    weight: Integers
    left: Integers

    def has(self, pair: int) -> bool:
        """Whether one more duty keeps every limit."""
        own = slice(self.begin[pair], self.begin[pair + 1])
        return bool((self.weight[own] <= self.left[self.row[own]]).all())

    def take(self, pair: int) -> None:
        """Give the duty."""
        own = slice(self.begin[pair], self.begin[pair + 1])
        self.left[self.row[own]] -= self.weight[own]


def _room(draft: Draft) -> _Room:
    limit = draft.every_limit()
    order = np.argsort(limit.pair, kind="stable")
    begin = np.searchsorted(limit.pair[order], np.arange(len(draft.most) + 1))
    return _Room(begin, limit.row[order], limit.weight[order], limit.most.copy())
