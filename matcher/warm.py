"""Compiles the hot loops on a toy round, once after an installation, so that no real one waits."""

import compilation
from matcher import engine, folding, levels, nearby
from matcher.explanation.chains import chains, settle
from matcher.matching import Proof
from matcher.progress import Progress, silent
from matcher.records import from_records
from matcher.rematch import carried_over, find

TOY = {"id": "toy", "latitude": 0.0, "longitude": 0.0}


def prepare(progress: Progress = silent) -> bool:
    """Compile what nothing on disk spares us, under half a minute; whether there was anything."""
    missing = engine.pending() or compilation.pending(settle) or compilation.pending(find)
    if missing:
        progress("compile", 0.0, None)
        _up()
    return missing


def _up() -> None:
    problem = from_records([{**TOY, "priority_class": 1}], [{**TOY, "places": 1}])
    near = nearby.nearby(problem, problem.doctors.builds_panel)
    fold = folding.fold(problem, near)
    goals = levels.levels(fold.network)
    costs = levels.costs(fold.network, goals)
    flow = engine.solve(fold.network, goals, costs)
    proof = Proof(problem, near, fold, goals, costs, flow)
    chains(proof)
    carried_over(proof, problem, fold)
