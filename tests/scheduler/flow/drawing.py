"""From a problem to its question, its sets and its graph, step by step."""

from scheduler.flow.graph import Graph, graph
from scheduler.flow.laminar import family
from scheduler.flow.rows import Question, question
from scheduler.model import begun
from scheduler.problem import Problem
from scheduler.rules import RULES


def questioned(problem: Problem) -> Question:
    draft = begun(problem)
    for rule in RULES:
        rule.constrain(draft)
    asked = question(draft)
    assert asked is not None
    return asked


def drawn(problem: Problem) -> Graph:
    asked = questioned(problem)
    made = graph(asked, family(asked))
    assert made is not None
    return made
