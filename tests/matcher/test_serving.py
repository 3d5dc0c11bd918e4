import random
from collections import defaultdict

import numpy as np
import pytest

import matcher
from matcher import folding, households, nearby, serving
from tests.matcher import cramped, worlds
from tests.matcher.worlds import a_doctor, a_patient, north_by_km

Unit = tuple[int, ...]
NOBODY = np.zeros(0, np.int64)


def folded(problem: matcher.Problem) -> folding.Fold:
    return folding.fold(problem, nearby.nearby(problem, problem.doctors.places > 0))


def units_of(fold: folding.Fold, type_: int) -> list[Unit]:
    spans = range(fold.first_unit[type_], fold.first_unit[type_ + 1])
    return [tuple(fold.person[fold.unit_start[u] : fold.unit_start[u + 1]].tolist()) for u in spans]


def drawn_by_lot(fold: folding.Fold, rng: random.Random) -> households.Whole:
    """Some units of every type go to some doctors who serve them; who has room does not matter."""
    network = fold.network
    families: defaultdict[tuple[int, int], int] = defaultdict(int)
    persons: defaultdict[tuple[int, int], int] = defaultdict(int)
    left_out = []
    for type_, group in enumerate(network.group_of_type.tolist()):
        doctors = network.doctor[network.pairs(np.array([group]))[1]].tolist()
        units = len(units_of(fold, type_))
        going = rng.randint(0, units) if doctors else 0
        left_out.append(units - going)
        for _ in range(going):
            if network.type_size[type_] == 1:
                persons[group, rng.choice(doctors)] += 1
            else:
                families[type_, rng.choice(doctors)] += 1
    return households.Whole(
        *_columns(families, rng),
        *_columns(persons, rng),
        np.array(left_out, np.int64),
        proven=False,
    )


def _columns(parts: dict[tuple[int, int], int], rng: random.Random) -> list[np.ndarray]:
    rows = [(*key, number) for key, number in parts.items()]
    rng.shuffle(rows)
    return list(np.array(rows, dtype=np.int64).reshape(-1, 3).T)


class OneByOne:
    """The rules of turns, told slowly."""

    def __init__(self, problem: matcher.Problem, fold: folding.Fold, seed: int) -> None:
        self.problem, self.fold, people = problem, fold, problem.people.id.size
        self.ticket = np.random.default_rng(seed).permutation(people).tolist()
        self.doctor, self.drawn = [-1] * people, [False] * people

    def serve(self, whole: households.Whole) -> None:
        alone: defaultdict[int, list[Unit]] = defaultdict(list)
        for type_, group in enumerate(self.fold.network.group_of_type.tolist()):
            going = self.first(units_of(self.fold, type_), int(whole.left_out[type_]))
            if self.fold.network.type_size[type_] == 1:
                alone[group] += going
            else:
                self.give(going, _parts(whole.type_, whole.doctor, whole.units, type_))
        for group, units in alone.items():
            units.sort(key=lambda one: (self.problem.people.priority_class[one[0]], self.turn(one)))
            self.give(units, _parts(whole.group, whole.single_doctor, whole.persons, group))

    def first(self, units: list[Unit], left_out: int) -> list[Unit]:
        units.sort(key=self.turn)
        number = len(units) - left_out
        if 0 < number < len(units) and self.wait(units[number - 1]) == self.wait(units[number]):
            for unit in units:
                for member in unit:
                    self.drawn[member] = self.wait(unit) == self.wait(units[number])
        return units[:number]

    def wait(self, unit: Unit) -> int:
        return max(int(self.problem.people.waiting_days[member]) for member in unit)

    def turn(self, unit: Unit) -> tuple[int, int]:
        return -self.wait(unit), self.ticket[unit[0]]

    def give(self, units: list[Unit], parts: list[tuple[int, int]]) -> None:
        for to, number in sorted(parts, key=lambda part: self.how_good(units[0], part[0])):
            for unit in [units.pop(0) for _ in range(number)]:
                for member in unit:
                    self.doctor[member] = to
        assert not units

    def how_good(self, unit: Unit, to: int) -> tuple[int, int, int]:
        usual = [int(self.problem.people.usual_doctor[member]) for member in unit]
        ways = [self.way(member, to) for member in unit]
        return -usual.count(to), sum(ways), to

    def way(self, person: int, to: int) -> int:
        kilometres, terms = matcher.kilometres_between(self.problem, person, to), cramped.TERMS
        return round(kilometres * terms.detour / terms.speed_kmh * 3600)


def _parts(
    key: np.ndarray, doctor: np.ndarray, number: np.ndarray, wanted: int
) -> list[tuple[int, int]]:
    rows = zip(key.tolist(), doctor.tolist(), number.tolist(), strict=True)
    return [(to, units) for row, to, units in rows if row == wanted]


@pytest.mark.parametrize("seed", range(25))
def test_everybody_is_served_as_one_by_one(seed: int) -> None:
    patients, doctors = cramped.crowd(seed, people=[6, 40, 150][seed % 3], practices=5)
    problem = matcher.from_records(patients, doctors, terms=cramped.TERMS, classes=3)
    fold = folded(problem)
    whole = drawn_by_lot(fold, random.Random(seed))

    served = serving.serve(problem, fold, whole, seed=seed)

    slowly = OneByOne(problem, fold, seed)
    slowly.serve(whole)
    assert served.doctor.tolist() == slowly.doctor
    assert served.drawn.tolist() == slowly.drawn


def test_of_the_places_of_a_group_the_nearest_go_to_the_most_urgent_then_longest_waiting() -> None:
    patients = [
        a_patient("A", priority_class=2, waiting_days=900),
        a_patient("B", priority_class=1, waiting_days=5),
        a_patient("C", priority_class=1, waiting_days=6),
    ]
    doctors = [a_doctor("D", **north_by_km(4)), a_doctor("E"), a_doctor("F", **north_by_km(9))]
    problem = worlds.asked(patients, doctors)
    each_gives_one = [np.zeros(3, np.int64), np.arange(3), np.ones(3, np.int64)]
    everybody = households.Whole(*[NOBODY] * 3, *each_gives_one, np.zeros(2, np.int64), proven=True)

    served = serving.serve(problem, folded(problem), everybody, seed=1)

    assert served.doctor.tolist() == [2, 0, 1]


def test_who_was_promised_a_doctor_takes_the_household_there() -> None:
    patients = [
        a_patient("A", household="h", pinned="far"),
        a_patient("B", household="h"),
        a_patient("C", pinned="far"),
        a_patient("D"),
    ]
    doctors = [a_doctor("far", places=3, **north_by_km(4)), a_doctor("near", places=9)]
    problem = worlds.asked(patients, doctors)
    fold = folded(problem)
    nobody_else = households.Whole(*[NOBODY] * 6, np.ones(1, np.int64), proven=True)

    served = serving.serve(problem, fold, nobody_else, seed=1)

    assert served.doctor.tolist() == [0, 0, 0, -1]
    assert not served.drawn.any()


def test_nobody_to_serve_is_no_error() -> None:
    problem = worlds.asked([], [a_doctor("D")])
    nobody = households.Whole(*[NOBODY] * 7, proven=True)

    served = serving.serve(problem, folded(problem), nobody, seed=1)

    assert served.doctor.tolist() == []
