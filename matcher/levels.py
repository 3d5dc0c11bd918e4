"""What is optimised, in which order, as integer costs on the arcs of the folded flow.

Every level is minimised, the first one first. Strict order becomes one sum of weighted costs
where 64-bit integers allow, successive *stages* otherwise. The weights are computed, not chosen:
an optimal flow is one without an improving simple cycle, such a cycle passes each doctor and the
sink at most once, so a level changes along it by no more than its ``swing``, and a weight
above twice the swing of everything below makes the order strict.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from matcher.folding import Fold
from matcher.problem import Ints

SEGMENTS = 10
"""Filling a doctor's places costs 1, 3, 5, ... 19 per patient, tenth after tenth (balance)."""


@dataclass(frozen=True)
class Level:
    """One goal: its cost on the three kinds of arcs, and how far one cycle can change it."""

    name: str
    pair: Ints
    """Per place, on the arc from a group to a doctor."""
    unmatched: Ints
    """Per place, on the arc from a type to the sink: staying without doctor."""
    segment: Ints
    """Per place, on the arc from a segment of a doctor's places to the sink."""
    swing: int

    @property
    def most(self) -> int:
        """The largest cost of one arc, in absolute value."""
        return max(
            (
                int(np.abs(costs).max(initial=0))
                for costs in (self.pair, self.unmatched, self.segment)
            ),
            default=0,
        )


@dataclass(frozen=True)
class Stage:
    """Consecutive levels solved at once: their exact weights, greatest first."""

    levels: tuple[Level, ...]
    weights: tuple[int, ...]

    def costs(self) -> tuple[Ints, Ints, Ints]:
        """Weighted costs on pair, unmatched and segment arcs."""
        weighted = list(zip(self.weights, self.levels, strict=True))
        return (
            np.sum([weight * level.pair for weight, level in weighted], axis=0),
            np.sum([weight * level.unmatched for weight, level in weighted], axis=0),
            np.sum([weight * level.segment for weight, level in weighted], axis=0),
        )


def segment_capacity(places: Ints) -> Ints:
    """``[doctor, s]``: the places between ``floor(p s / 10)`` and ``floor(p (s + 1) / 10)``."""
    steps = places[:, None] * np.arange(SEGMENTS + 1)[None, :] // SEGMENTS
    return np.diff(steps, axis=1)


def levels(fold: Fold, segments: int) -> list[Level]:
    """The levels of the matching, for ``segments`` doctors' segments laid out doctor by doctor."""
    no_pair, no_type = np.zeros(fold.doctor.size, np.int64), np.zeros(len(fold.types), np.int64)
    no_segment = np.zeros(segments, np.int64)
    doctors = int(np.unique(fold.doctor).size) + 1
    goals = [
        _level(f"matched_{rank + 1}", no_pair, _left_out(fold, rank), no_segment, doctors)
        for rank in range(fold.classes)
    ]
    slopes = np.tile(2 * np.arange(SEGMENTS, dtype=np.int64) + 1, segments // SEGMENTS)
    return [
        *goals,
        _level("usual_doctor", -fold.usual, no_type, no_segment, doctors),
        _level("travel_bands", fold.bands, no_type, no_segment, doctors),
        _level("imbalance", no_pair, no_type, slopes, doctors),
        _level("travel_seconds", fold.seconds, no_type, no_segment, doctors),
    ]


def _left_out(fold: Fold, rank: int) -> Ints:
    """``scale`` times the persons of a class that one place not given leaves without doctor."""
    shares = [fold.scale // each.size * each.class_counts[rank] for each in fold.types]
    return np.array(shares, dtype=np.int64)


def _level(name: str, pair: Ints, unmatched: Ints, segment: Ints, doctors: int) -> Level:
    """A level with the furthest that one simple cycle can move it.

    A cycle enters and leaves each doctor once, which costs at most the range of the pair costs;
    and it uses two arcs of the sink, which cost at most the largest and save at most another.
    """
    spread = int(pair.max(initial=0)) - int(pair.min(initial=0))
    sink = max(int(unmatched.max(initial=0)), int(segment.max(initial=0)))
    edge = int(np.abs(pair).max(initial=0))
    return Level(name, pair, unmatched, segment, doctors * spread + edge + sink)


def stages(goals: Sequence[Level], largest: int) -> list[Stage]:
    """Group levels from the last backwards while no weighted cost exceeds ``largest``."""
    grouped: list[Stage] = []
    members: list[Level] = []
    weights: list[int] = []
    swing = highest = 0
    for level in reversed(goals):
        weight = 2 * swing + 1
        if members and max(highest, weight * level.swing) + weight * level.most > largest:
            grouped.append(Stage(tuple(reversed(members)), tuple(reversed(weights))))
            members, weights, swing, highest, weight = [], [], 0, 0, 1
        members.append(level)
        weights.append(weight)
        swing += weight * level.swing
        highest += weight * level.most
    grouped.append(Stage(tuple(reversed(members)), tuple(reversed(weights))))
    return list(reversed(grouped))
