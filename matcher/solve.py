"""From a problem to a checked answer."""

import numpy as np

from matcher import certificate, changes, engine, folding, households, levels, nearby, serving, warm
from matcher.check import check
from matcher.folding import promises
from matcher.households.programme import Effort
from matcher.matching import Matching, Proof, Status, Values
from matcher.problem import UNKNOWN, Integers, Ints, Problem
from matcher.progress import Progress, silent, within
from matcher.rematch import carried_over


class Unproven(AssertionError):
    """The prices do not prove the flow optimal: a bug of ours, never shown as a result."""

    def __init__(self, breaches: list[str], problem: Problem) -> None:
        super().__init__("; ".join(breaches[:5]))
        self.breaches, self.problem = breaches, problem


def solve(
    problem: Problem,
    *,
    seed: int = 0,
    effort: Effort | None = None,
    before: Matching | None = None,
    progress: Progress = silent,
) -> Matching:
    """The best matching in the strict order of the levels, recounted before it is returned.

    Households go together; where that leaves a gap to what is proven possible, the status is
    ``feasible`` and the bound says how large the gap is at most. The same problem and seed give
    the same answer. ``before``, an answer to a like problem, saves time: doctors and patients may
    have come, gone or changed since.

    Raises ``levels.Overflow`` if the costs do not fit in 64-bit integers; ``Unproven`` or
    ``check.Disagreement`` if the recount contradicts the solver; and whatever ``progress`` raises.
    """
    proof = prove(problem, start=None if before is None else before.proof, progress=progress)
    return complete(proof, seed=seed, effort=effort, progress=progress)


def rematch(
    before: Matching,
    *events: changes.Event,
    seed: int = 0,
    effort: Effort | None = None,
    progress: Progress = silent,
) -> Matching:
    """The best matching after some events, found from the one before them."""
    problem = changes.after(before.proof.problem, events)
    return solve(problem, seed=seed, effort=effort, before=before, progress=progress)


def prove(
    problem: Problem,
    *,
    start: Proof | None = None,
    progress: Progress = silent,
) -> Proof:
    """The optimum in places, which may split a household, proven by its prices.

    ``start`` is a former proof of a like problem; it saves time.
    """
    warm.prepare(progress)
    progress("pairs", 0.0, None)
    near = nearby.nearby(
        problem, problem.doctors.builds_panel, None if start is None else start.nearby
    )
    progress("fold", 0.05, None)
    folded = folding.fold(problem, near)
    network = folded.network
    goals = levels.levels(network)
    costs = levels.costs(network, goals)
    watch = within(progress, "flow", 0.15, 0.45)
    watch(0.0)
    basis = None if start is None else carried_over(start, problem, folded)
    flow = engine.solve(network, goals, costs, start=basis, watch=watch)
    progress("prove", 0.45, None)
    breaches = list(certificate.breaches(network, costs, flow))
    if breaches:
        raise Unproven(breaches, problem)
    return Proof(problem, near, folded, goals, costs, flow)


def complete(
    proof: Proof,
    *,
    seed: int,
    effort: Effort | None = None,
    progress: Progress = silent,
) -> Matching:
    """Keep households together, say who of the interchangeable is served, and recount."""
    problem, network = proof.problem, proof.fold.network
    bound = in_places(proof)
    progress("households", 0.5, bound)
    whole = households.keep_together(
        network, proof.goals, proof.costs, proof.flow, effort or Effort()
    )
    progress("serve", 0.85, bound)
    served = serving.serve(problem, proof.fold, whole, seed=seed)
    way = proof.nearby.seconds_to(served.doctor)
    values = _values(problem, served.doctor, way)
    matching = Matching(
        doctor=served.doctor,
        travel_seconds=way,
        drawn=served.drawn,
        status=Status.OPTIMAL if whole.proven else Status.FEASIBLE,
        values=values,
        bound=values if whole.proven else bound,
        proof=proof,
    )
    progress("check", 0.9, bound)
    check(problem, matching)
    progress("done", 1.0, matching.bound)
    return matching


def _values(problem: Problem, doctor: Ints, way: Ints) -> Values:
    people, places = problem.people, problem.doctors.places
    served = doctor != UNKNOWN
    load = np.bincount(doctor[served], minlength=places.size)
    matched = np.bincount(people.priority_class[served], minlength=problem.classes + 1)
    return Values(
        tuple(matched[1:].tolist()),
        int((doctor[served] == people.usual_doctor[served]).sum()),
        int((way[served] // folding.BAND_SECONDS).sum()),
        _imbalance(places, load),
        int(way[served].sum()),
    )


def _imbalance(places: Integers, load: Ints) -> int:
    tenths = places.astype(np.int64)[:, None] * np.arange(11)[None, :] // 10
    filled = np.clip(load[:, None] - tenths[:, :-1], 0, np.diff(tenths, axis=1))
    return int((filled * (2 * np.arange(10) + 1)).sum())


def in_places(proof: Proof) -> Values:
    """The flow's values, rounded to the side on which no answer lies, and what was promised."""
    problem, network = proof.problem, proof.fold.network
    people = problem.people
    promised = promises.per_person(problem)
    kept = _values(problem, promised, proof.nearby.seconds_to(promised))
    free = people.priority_class[promised == UNKNOWN]
    in_class = np.bincount(free, minlength=problem.classes + 1)[1:]
    value, scale = levels.values(network, proof.goals, proof.flow), network.scale
    left_out = [-(-value[f"matched_{rank + 1}"] // scale) for rank in range(problem.classes)]
    return Values(
        tuple(
            served + int(total) - out
            for served, total, out in zip(kept.matched, in_class, left_out, strict=True)
        ),
        kept.usual_doctor + -value["usual_doctor"] // scale,
        kept.travel_bands + -(-value["travel_bands"] // scale),
        kept.imbalance + value["imbalance"],
        kept.travel_seconds + -(-value["travel_seconds"] // scale),
    )
