"""The question as a model that any engine can read: every hard rule, before any goal."""

from scheduler.model import Draft, begun
from scheduler.problem import Problem
from scheduler.rules import RULES


def drafted(problem: Problem) -> Draft:
    """Write down every hard rule."""
    draft = begun(problem)
    for rule in RULES:
        rule.constrain(draft)
    return draft
