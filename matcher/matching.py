"""What is answered: who is proposed to whom, how good that is, and how well it is proven."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from matcher.folding import Fold
from matcher.levels import Level
from matcher.nearby import Nearby
from matcher.network import Costs, Flow
from matcher.problem import Flags, Ints, Problem


class Status(StrEnum):
    """How much is proven. An empty round is optimal; a shortage is not a failure."""

    OPTIMAL = "optimal"
    """No answer is better on any level, in their order."""
    FEASIBLE = "feasible"
    """Every rule holds; the bound says how much better an answer could possibly be."""


@dataclass(frozen=True)
class Values:
    """One number per level, in their order of importance."""

    matched: tuple[int, ...]
    """People with a proposal, class 1 first."""
    usual_doctor: int
    """People proposed to the doctor they already consult."""
    travel_bands: int
    """Sum of ``travel_seconds // 300``."""
    imbalance: int
    """Sum over doctors of 1, 3, ... 19 per patient, tenth of their places after tenth."""
    travel_seconds: int

    def rank(self) -> tuple[int, ...]:
        """A key that is smaller for a better answer."""
        gained = (*self.matched, self.usual_doctor)
        spent = (self.travel_bands, self.imbalance, self.travel_seconds)
        return (*(-number for number in gained), *spent)


@dataclass(frozen=True)
class Proof:
    """The optimum in places with its prices: what makes an answer verifiable, what one more place
    would be worth, and where a later solve starts from."""

    problem: Problem
    nearby: Nearby
    fold: Fold
    goals: Sequence[Level]
    costs: Costs
    flow: Flow


@dataclass(frozen=True)
class Matching:
    """A round of proposals. Rows follow the people of the problem."""

    doctor: Ints
    """Row of the doctor proposed to each person, UNKNOWN for who waits on."""
    travel_seconds: Ints
    """Way to that doctor, UNKNOWN for who waits on."""
    drawn: Flags
    """The seeded draw decided between this person and an equal who waited just as long."""
    status: Status
    values: Values
    bound: Values
    """No answer can rank before it; equal to ``values`` when the status is optimal."""
    proof: Proof
