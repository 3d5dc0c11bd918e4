"""The priority of a patient: a published sum of points, and the class it leads to.

Every component is kept, so that a coordinator can read the score aloud. Unknown is not no: an
unknown factor earns nothing and is counted among what to ask. Waiting earns without end.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from matcher.problem import UNKNOWN, Ints

AGE, WAITING = "age", "waiting"


@dataclass(frozen=True)
class AgeBand:
    """Points of an age, both ends included, in whole years."""

    first: int
    last: int
    points: int


@dataclass(frozen=True)
class WaitingStep:
    """Points of each full month waited, from ``month`` on until the next step."""

    month: int
    points: int


@dataclass(frozen=True)
class ScoreRule:
    """A version of the published score."""

    version: str
    factors: Mapping[str, int]
    ages: tuple[AgeBand, ...]
    waiting: tuple[WaitingStep, ...]
    """By ascending month."""
    classes: tuple[int, ...]
    """Lowest score of class 1, 2, ..., descending; below the last one comes one class more."""


@dataclass(frozen=True)
class Scores:
    """Points by component (one row per person), their sum, and the class (1 is served first)."""

    components: Mapping[str, Ints]
    total: Ints
    priority_class: Ints


def score(rule: ScoreRule, factors: Mapping[str, Ints], age: Ints, waiting_months: Ints) -> Scores:
    """Score people from answers (1 yes, 0 no, UNKNOWN), age in years and full months waited."""
    components = {name: (factors[name] == 1) * points for name, points in rule.factors.items()}
    components[AGE] = _age_points(rule, age)
    components[WAITING] = _waiting_points(rule, waiting_months)
    total = np.stack(list(components.values())).sum(axis=0)
    beaten = np.searchsorted(np.array(rule.classes[::-1]), total, side="right")
    return Scores(components, total, len(rule.classes) + 1 - beaten)


def _age_points(rule: ScoreRule, age: Ints) -> Ints:
    points = np.zeros(age.size, np.int64)
    for band in rule.ages:
        points[(age != UNKNOWN) & (band.first <= age) & (age <= band.last)] = band.points
    return points


def _waiting_points(rule: ScoreRule, months: Ints) -> Ints:
    points = np.zeros(months.size, np.int64)
    ends = [step.month for step in rule.waiting[1:]] + [None]
    for step, end in zip(rule.waiting, ends, strict=True):
        until = months if end is None else np.minimum(months, end)
        points += step.points * np.maximum(until - step.month, 0)
    return points
