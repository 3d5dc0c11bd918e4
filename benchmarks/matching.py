"""Matching the demo territory without its households, where a flow alone is exact.

Ours solves every level in its strict order and recounts the answer. The others are given the two
levels that fit in one cost everywhere: people by class, then seconds.
"""

from datetime import date

import numpy as np
from ortools.graph.python import min_cost_flow
from scipy import sparse
from scipy.optimize import linprog

import matcher
from api.services import matching as service
from benchmarks.measure import Contender
from fixtures import communes, nancy, rows
from matcher import folding, pairs
from matcher.problem import UNKNOWN, Ints, Problem

DAY = date(2026, 11, 21)
COLUMNS = ("matched", "class 1 to 5 left out", "travel seconds")
LEFT_OUT = 3_000_000
"""Above what all the seconds of an exchange can change; each class weighs three times the next."""


def territory() -> Problem:
    """13,000 patients without households and 250 doctors, as the demo has them."""
    made = nancy.generate(1, DAY)
    centres = {it.code_insee: (it.latitude, it.longitude) for it in communes.load()}
    scored = _scores(made.patients)
    patients = [
        vars(it)
        | _place(it, centres)
        | {
            "id": it.patient_id,
            "priority_class": rank,
            "waiting_days": (DAY - it.unattached_since).days if it.unattached_since else None,
            "usual_doctor": it.usual_doctor_rpps,
            "age": None if it.birth_year is None else DAY.year - it.birth_year,
        }
        for it, rank in zip(made.patients, scored.priority_class.tolist(), strict=True)
    ]
    doctors = [
        vars(it)
        | _place(it, centres)
        | {"id": it.rpps, "builds_panel": it.status not in service.NO_PANEL}
        for it in made.doctors
    ]
    return matcher.from_records(patients, doctors, classes=6)


def _place(
    row: rows.Patient | rows.Doctor, centres: dict[str, tuple[float, float]]
) -> dict[str, float]:
    if row.latitude is None or row.longitude is None:
        latitude, longitude = centres[row.code_insee]
        return {"latitude": latitude, "longitude": longitude}
    return {"latitude": row.latitude, "longitude": row.longitude}


def _scores(patients: tuple[rows.Patient, ...]) -> matcher.Scores:
    def answers(name: str) -> Ints:
        said = [getattr(it, name) for it in patients]
        return np.array([UNKNOWN if value is None else int(value) for value in said])

    age = [UNKNOWN if it.birth_year is None else DAY.year - it.birth_year for it in patients]
    since = [it.unattached_since or DAY for it in patients]
    months = [(DAY.year - it.year) * 12 + DAY.month - it.month - (it.day > DAY.day) for it in since]
    return matcher.score(
        service.score_rule(DAY, "54"),
        {name: answers(name) for name in service.FACTORS},
        np.array(age),
        np.maximum(np.array(months), 0),
    )


def _found(problem: Problem, matched: Ints, seconds: int) -> tuple[str, ...]:
    people = np.bincount(problem.people.priority_class, minlength=7)[1:]
    left_out = int((people - matched)[:5].sum())
    return f"{int(matched.sum()):,}", str(left_out), f"{seconds:,}"


def ours(problem: Problem) -> tuple[str, ...]:
    """`matcher.solve`: ten levels, folded flow, recounted."""
    answer = matcher.solve(problem)
    return _found(problem, np.array(answer.values.matched), answer.values.travel_seconds)


def _pairs(problem: Problem) -> pairs.Pairs:
    return pairs.eligible(problem, problem.doctors.places > 0)


def _weights(classes: Ints) -> Ints:
    return LEFT_OUT * 3 ** (6 - classes)


def flow_of_patients(problem: Problem) -> tuple[str, ...]:
    """SimpleMinCostFlow with a node for every patient."""
    table = _pairs(problem)
    people, doctors = problem.people.id.size, problem.doctors.id.size
    spans = [np.arange(*_ends(table, row)) for row in table.row_of.tolist()]
    arc = np.concatenate(spans)
    person = np.repeat(np.arange(people), [span.size for span in spans])
    everybody, offices, sink = np.arange(people), people + np.arange(doctors), people + doctors
    tails = np.concatenate([person, everybody, offices])
    heads = np.concatenate([people + table.doctor[arc], np.full(people + doctors, sink)])
    costs = np.concatenate(
        [table.seconds[arc], _weights(problem.people.priority_class), np.zeros(doctors, np.int64)]
    )
    room = np.concatenate([np.ones(arc.size + people, np.int64), problem.doctors.places])
    supply = np.concatenate([np.ones(people, np.int64), np.zeros(doctors, np.int64), [-people]])
    flows = _flow(tails, heads, room, costs, supply)
    stays = flows[arc.size : arc.size + people] > 0
    matched = np.bincount(problem.people.priority_class[~stays], minlength=7)[1:]
    return _found(problem, matched, int(flows[: arc.size] @ costs[: arc.size]))


def _ends(table: pairs.Pairs, row: int) -> tuple[int, int]:
    span = table.of(row)
    return span.start, span.stop


def _flow(tails: Ints, heads: Ints, room: Ints, costs: Ints, supply: Ints) -> Ints:
    network = min_cost_flow.SimpleMinCostFlow()
    arcs = network.add_arcs_with_capacity_and_unit_cost(
        tails.astype(np.int32), heads.astype(np.int32), room, costs
    )
    network.set_nodes_supplies(np.arange(supply.size, dtype=np.int32), supply)
    if network.solve() != network.OPTIMAL:
        raise ArithmeticError("the flow was not solved")
    return np.asarray(network.flows(arcs), dtype=np.int64)


def _kinds(fold: folding.Fold) -> tuple[Ints, Ints, Ints]:
    """Of each type of persons alone: its group, its class, how many they are."""
    told = [(it.group, it.class_counts.index(1) + 1, len(it.units)) for it in fold.types]
    group, rank, size = np.array(told, np.int64).T
    return group, rank, size


def flow_of_groups(problem: Problem) -> tuple[str, ...]:
    """SimpleMinCostFlow with a node for every group of alike patients."""
    fold = folding.fold(problem, _pairs(problem))
    group, rank, size = _kinds(fold)
    groups, doctors = fold.supply.size, problem.doctors.id.size
    offices, sink = groups + np.arange(doctors), groups + doctors
    tails = np.concatenate([fold.group_of_arc, group, offices])
    heads = np.concatenate([groups + fold.doctor, np.full(group.size + doctors, sink)])
    costs = np.concatenate([fold.seconds, _weights(rank), np.zeros(doctors, np.int64)])
    room = np.concatenate([fold.supply[fold.group_of_arc], size, problem.doctors.places])
    supply = np.concatenate([fold.supply, np.zeros(doctors, np.int64), [-fold.supply.sum()]])
    flows = _flow(tails, heads, room, costs, supply)
    return _folded(problem, fold, flows[: fold.doctor.size], flows[fold.doctor.size : -doctors])


def _folded(problem: Problem, fold: folding.Fold, given: Ints, stays: Ints) -> tuple[str, ...]:
    _, rank, size = _kinds(fold)
    matched = np.bincount(rank, size - stays, minlength=7)[1:].astype(np.int64)
    return _found(problem, matched, int(given @ fold.seconds))


def programme_of_groups(problem: Problem) -> tuple[str, ...]:
    """HiGHS on the linear programme of the same groups."""
    fold = folding.fold(problem, _pairs(problem))
    group, rank, size = _kinds(fold)
    arcs, groups, doctors = fold.doctor.size, fold.supply.size, problem.doctors.id.size
    row = np.concatenate([fold.group_of_arc, group])
    equal = sparse.csr_array((np.ones(row.size), (row, np.arange(row.size))), (groups, row.size))
    most = sparse.csr_array((np.ones(arcs), (fold.doctor, np.arange(arcs))), (doctors, row.size))
    solved = linprog(  # type: ignore[call-overload]  # rows may be sparse
        np.concatenate([fold.seconds, _weights(rank)]),
        A_ub=most,
        b_ub=problem.doctors.places,
        A_eq=equal,
        b_eq=fold.supply,
        bounds=[(0, None)] * arcs + [(0, it) for it in size.tolist()],
        method="highs-ds",
    )
    x = np.rint(solved.x).astype(np.int64)
    return _folded(problem, fold, x[:arcs], x[arcs:])


def by_hand(problem: Problem) -> tuple[str, ...]:
    """Class after class, longest waiting first, each to the nearest doctor with room."""
    table, people = _pairs(problem), problem.people
    room = problem.doctors.places.copy()
    matched, seconds = np.zeros(6, np.int64), 0
    for person in np.lexsort((-people.waiting_days, people.priority_class)).tolist():
        span = table.of(int(table.row_of[person]))
        doctor, way = table.doctor[span], table.seconds[span]
        way = way[room[doctor] > 0]
        doctor = doctor[room[doctor] > 0]
        if doctor.size:
            nearest = int(way.argmin())
            room[doctor[nearest]] -= 1
            matched[people.priority_class[person] - 1] += 1
            seconds += int(way[nearest])
    return _found(problem, matched, seconds)


CONTENDERS = (
    Contender("Relève, all ten levels, recounted", territory, ours),
    Contender("min-cost flow, a node a group", territory, flow_of_groups),
    Contender("min-cost flow, a node a patient", territory, flow_of_patients),
    Contender("HiGHS linear programme, groups", territory, programme_of_groups),
    Contender("by hand: class order, nearest with room", territory, by_hand),
)
