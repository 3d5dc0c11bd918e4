"""The matching once more, as a CP-SAT model of units and doctors, level after level."""

from typing import Any

from ortools.sat.python import cp_model

from tests.matcher.cramped import possible, way

Record = dict[str, Any]
Unit = list[Record]


def best(patients: list[Record], doctors: list[Record], classes: int) -> tuple[int, ...]:
    """The best rank (see ``matcher.Values.rank``), each level proven before the next."""
    model = cp_model.CpModel()
    takes = _decisions(model, _units(patients), doctors)
    loads = _loads(model, takes, doctors)
    levels = [
        *(
            _sum(takes, lambda m, _d, rank=rank: -(m["priority_class"] == rank))
            for rank in range(1, classes + 1)
        ),
        _sum(takes, lambda m, d: -(m["usual_doctor"] == d["id"])),
        _sum(takes, lambda m, d: way(m, d)[1] // 300),
        sum(loads),
        _sum(takes, lambda m, d: way(m, d)[1]),
    ]
    values = []
    for level in levels:
        model.minimize(level)
        solver = cp_model.CpSolver()
        solver.parameters.num_workers = 1
        assert solver.solve(model) == cp_model.OPTIMAL
        values.append(round(solver.objective_value))
        model.add(level == values[-1])
    return tuple(values)


def _units(patients: list[Record]) -> list[Unit]:
    homes: dict[Any, Unit] = {}
    for patient in patients:
        home = patient["household"]
        homes.setdefault(patient["id"] if home is None else ("home", home), []).append(patient)
    return list(homes.values())


def _decisions(
    model: cp_model.CpModel, units: list[Unit], doctors: list[Record]
) -> list[tuple[Unit, Record, cp_model.IntVar]]:
    takes = []
    for unit in units:
        own = [
            (unit, doctor, model.new_bool_var(""))
            for doctor in doctors
            if all(possible(member, doctor) for member in unit)
        ]
        model.add(sum(taken for _, _, taken in own) <= 1)
        takes += own
    return takes


def _loads(
    model: cp_model.CpModel,
    takes: list[tuple[Unit, Record, cp_model.IntVar]],
    doctors: list[Record],
) -> list[Any]:
    costs: list[Any] = []
    for doctor in doctors:
        load = sum(len(unit) * taken for unit, other, taken in takes if other is doctor)
        places = doctor["places"]
        steps = [
            model.new_int_var(0, places * s // 10 - places * (s - 1) // 10, "")
            for s in range(1, 11)
        ]
        model.add(load == sum(steps))
        costs.append(sum((2 * s - 1) * step for s, step in enumerate(steps, start=1)))
    return costs


def _sum(takes: list[tuple[Unit, Record, cp_model.IntVar]], cost: Any) -> Any:
    return sum(int(sum(cost(m, doctor) for m in unit)) * taken for unit, doctor, taken in takes)
