"""Who treats whom: patients without médecin traitant and the doctors who accept some, exactly."""

from matcher.check import Disagreement, broken, check, kilometres_between, recount
from matcher.explain import Explanation, Reason, Wait, explain
from matcher.flow import Overflow
from matcher.matching import Matching, Status, Values
from matcher.problem import Doctors, People, Problem, Refused, Terms, from_records
from matcher.programme import Effort
from matcher.scoring import AgeBand, ScoreRule, Scores, WaitingStep, score
from matcher.solve import solve

__all__ = [
    "AgeBand",
    "Disagreement",
    "Doctors",
    "Effort",
    "Explanation",
    "Matching",
    "Overflow",
    "People",
    "Problem",
    "Reason",
    "Refused",
    "ScoreRule",
    "Scores",
    "Status",
    "Terms",
    "Values",
    "Wait",
    "WaitingStep",
    "broken",
    "check",
    "explain",
    "from_records",
    "kilometres_between",
    "recount",
    "score",
    "solve",
]
