"""The priority of a patient: a published sum of points, and the class it leads to.

Every component is kept, so that a coordinator can read the score aloud. Unknown is not no: an
unknown factor earns nothing and is counted among what to ask.

Nobody is to wait for ever, so a rule is refused unless waiting dominates in the end: a month waited
earns ever more, without end, and class 1 is out of reach of need alone. Then whoever has waited so
much longer that waiting alone outweighs every need is never ranked behind a later comer, whatever
else either scores; for points that grow ever faster only ever widen the lead.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from matcher.problem import UNKNOWN, Ints, Refused

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
    """A version of the published score. Raises Refused where somebody could wait for ever."""

    version: str
    factors: Mapping[str, int]
    ages: tuple[AgeBand, ...]
    """By ascending age, without overlap."""
    waiting: tuple[WaitingStep, ...]
    """By ascending month, the first one 0."""
    classes: tuple[int, ...]
    """Lowest score of class 1, 2, ..., descending; below the last one comes one class more."""

    def __post_init__(self) -> None:
        faults = "; ".join(_faults(self))
        if faults:
            raise Refused(f"score {self.version}: {faults}")

    @property
    def most_need(self) -> int:
        """What somebody with every factor and the dearest age scores without having waited."""
        return sum(self.factors.values()) + max((band.points for band in self.ages), default=0)


def _faults(rule: ScoreRule) -> Iterator[str]:
    """What could rank somebody last for ever, or would be read in two ways."""
    monthly = [step.points for step in rule.waiting]
    if min([*rule.factors.values(), *(band.points for band in rule.ages)], default=0) < 0:
        yield "a need cannot cost points"
    if any(before.last >= after.first for before, after in pairwise(rule.ages)):
        yield "age bands overlap"
    if not rule.waiting or rule.waiting[0].month or not _ascending([s.month for s in rule.waiting]):
        yield "waiting steps go up from month 0"
    if min(monthly, default=0) < 0 or monthly != sorted(monthly) or not any(monthly):
        yield "a month of waiting earns no less than the one before, and something in the end"
    if not _ascending(rule.classes[::-1]):
        yield "the lowest scores of the classes go down from class 1"
    if rule.classes and rule.classes[0] <= rule.most_need:
        yield f"need alone scores {rule.most_need} and leads to class 1"


def _ascending(numbers: list[int] | tuple[int, ...]) -> bool:
    return all(before < after for before, after in pairwise(numbers))


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
    components[WAITING] = waiting_points(rule, waiting_months)
    total = np.zeros(age.size, np.int64)
    for points in components.values():
        total += points
    beaten = np.searchsorted(np.array(rule.classes[::-1]), total, side="right")
    return Scores(components, total, len(rule.classes) + 1 - beaten)


def _age_points(rule: ScoreRule, age: Ints) -> Ints:
    points = np.zeros(age.size, np.int64)
    for band in rule.ages:
        points[(age != UNKNOWN) & (band.first <= age) & (age <= band.last)] = band.points
    return points


def waiting_points(rule: ScoreRule, months: Ints) -> Ints:
    """What so many full months without a doctor earn."""
    points = np.zeros(months.size, np.int64)
    ends = [step.month for step in rule.waiting[1:]] + [None]
    for step, end in zip(rule.waiting, ends, strict=True):
        until = months if end is None else np.minimum(months, end)
        points += step.points * np.maximum(until - step.month, 0)
    return points


def longest_wait(priority_class: Ints, waiting_days: Ints, classes: int) -> Ints:
    """The most days in each class, class 1 first; UNKNOWN where nobody's wait is known."""
    longest = np.full(classes, UNKNOWN, np.int64)
    np.maximum.at(longest, priority_class - 1, waiting_days)
    return longest
