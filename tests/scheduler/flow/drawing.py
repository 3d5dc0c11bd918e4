"""From a problem to its question, its sets and its graph, step by step."""

from scheduler.drafting import drafted
from scheduler.flow.graph import Graph, graph
from scheduler.flow.laminar import family
from scheduler.flow.rows import Question, question
from scheduler.problem import Problem


def questioned(problem: Problem) -> Question:
    asked = question(drafted(problem))
    assert asked is not None
    return asked


def drawn(problem: Problem) -> Graph:
    asked = questioned(problem)
    return graph(asked, family(asked))
