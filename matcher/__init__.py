"""Who treats whom: patients without médecin traitant and the doctors who accept some, exactly."""

from matcher.check import Disagreement, broken, check, kilometres_between, recount
from matcher.explanation.explain import Explanation, Reason, Wait, explain
from matcher.households.programme import Effort
from matcher.levels import Overflow
from matcher.matching import Matching, Proof, Status, Values
from matcher.problem import Doctors, Homes, People, Problem, Refusals, Refused, Terms
from matcher.progress import Cancelled, Progress
from matcher.records import from_records
from matcher.scoring import AgeBand, ScoreRule, Scores, WaitingStep, score
from matcher.solve import Unproven, complete, prove, rematch, solve
from matcher.warm import prepare

__all__ = [
    "AgeBand",
    "Cancelled",
    "Disagreement",
    "Doctors",
    "Effort",
    "Explanation",
    "Homes",
    "Matching",
    "Overflow",
    "People",
    "Problem",
    "Progress",
    "Proof",
    "Reason",
    "Refusals",
    "Refused",
    "ScoreRule",
    "Scores",
    "Status",
    "Terms",
    "Unproven",
    "Values",
    "Wait",
    "WaitingStep",
    "broken",
    "check",
    "complete",
    "explain",
    "from_records",
    "kilometres_between",
    "prepare",
    "prove",
    "recount",
    "rematch",
    "score",
    "solve",
]
