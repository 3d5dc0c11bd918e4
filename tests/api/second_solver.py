"""The matching of two input files once more: linear programmes, from a reading of our own.

Nothing of the matcher is used. A unit (a person alone, or a household) takes one place for each
member; units with the same way to the same doctors are folded by a dictionary, and HiGHS solves the
levels one after the other. After a level, whatever costs something is nailed down by its reduced
cost. These are whole numbers, since a flow of places is all there is, so the values are exact.

Without households the values are the optimum. With them, places of a household may go to several
doctors here, so the values are bounds.
"""

import csv
import math
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import numpy as np
from scipy import sparse
from scipy.optimize import linprog

from fixtures import communes

Row = dict[str, str]
Offers = tuple[tuple[int, int], ...]
"""Doctors that one person may be proposed to, with the seconds to get there."""

SHARES = 60
"""Every household size up to six divides it: costs of one place stay whole numbers."""
OUTWEIGHS = 2 * SHARES + 1
RADIUS_KM, SPEED_KMH, DETOUR = 15, 40, 1.3
CENTRES = {it.code_insee: (it.latitude, it.longitude) for it in communes.load()}


@dataclass(frozen=True)
class Person:
    """What the levels look at."""

    household: str
    priority_class: int
    usual: int
    offers: Offers


@dataclass(frozen=True)
class Programme:
    """Variables: places given on each arc, places left out of each kind, places of each tenth."""

    rows: sparse.csr_array
    right: np.ndarray
    upper: np.ndarray
    levels: dict[str, np.ndarray]


def read(path: Path) -> list[Row]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def place(row: Row) -> tuple[float, float]:
    if not row["latitude"]:
        return CENTRES[row["code_insee"]]
    return float(row["latitude"]), float(row["longitude"])


def kilometres(here: tuple[float, float], there: tuple[float, float]) -> float:
    """The angle between two directions from the middle of the Earth."""
    (lat_a, lon_a), (lat_b, lon_b) = (map(math.radians, point) for point in (here, there))
    lon = lon_b - lon_a
    across = math.hypot(
        math.cos(lat_b) * math.sin(lon),
        math.cos(lat_a) * math.sin(lat_b) - math.sin(lat_a) * math.cos(lat_b) * math.cos(lon),
    )
    along = math.sin(lat_a) * math.sin(lat_b)
    along += math.cos(lat_a) * math.cos(lat_b) * math.cos(lon)
    return 6371.0088 * math.atan2(across, along)


def seconds(distance_km: float) -> int:
    return round(distance_km * DETOUR / SPEED_KMH * 3600)


def accepts(patient: Row, doctor: Row, distance_km: float, day: date) -> bool:
    """Every hard rule of a pair, as the file formats tell them."""
    way = seconds(distance_km)
    age = day.year - int(patient["birth_year"]) if patient["birth_year"] else None
    spoken = set(patient["languages"].split() or ["fr"])
    visits = float(doctor["home_visit_minutes"] or -1)
    return (
        distance_km <= RADIUS_KM
        and doctor["status"] not in {"locum", "assistant"}
        and (not patient["max_minutes"] or way <= 60 * float(patient["max_minutes"]))
        and (patient["needs_home_visit"] != "yes" or way <= 60 * visits)
        and (patient["needs_wheelchair"] != "yes" or doctor["wheelchair"] == "yes")
        and not spoken.isdisjoint(doctor["languages"].split() or ["fr"])
        and (age is None or not doctor["min_age"] or age >= int(doctor["min_age"]))
        and (age is None or not doctor["max_age"] or age <= int(doctor["max_age"]))
    )


CONDITIONS = (
    "latitude", "longitude", "code_insee", "birth_year", "needs_home_visit", "needs_wheelchair",
    "languages", "max_minutes",
)  # fmt: skip


def people(
    patients: list[Row], doctors: list[Row], classes: dict[str, int], day: date
) -> list[Person]:
    """Everybody, with the class that the result files say and the offers found here."""
    rows = {doctor["rpps"]: row for row, doctor in enumerate(doctors)}
    known: dict[tuple[str, ...], Offers] = {}
    ways: dict[tuple[float, float], list[float]] = {}
    found = []
    for patient in patients:
        key = tuple(patient[name] for name in CONDITIONS)
        if key not in known:
            here = place(patient)
            if here not in ways:
                ways[here] = [kilometres(here, place(doctor)) for doctor in doctors]
            known[key] = tuple(
                (row, seconds(way))
                for row, (doctor, way) in enumerate(zip(doctors, ways[here], strict=True))
                if accepts(patient, doctor, way, day)
            )
        offers = known[key]
        usual = rows.get(patient["usual_doctor_rpps"], -1)
        usual = usual if any(doctor == usual for doctor, _ in offers) else -1
        alone = f"alone {patient['patient_id']}"
        household = patient["household_id"] or alone
        found.append(Person(household, classes[patient["patient_id"]], usual, offers))
    return found


def without_households(everybody: list[Person]) -> list[Person]:
    return [
        Person(str(row), person.priority_class, person.usual, person.offers)
        for row, person in enumerate(everybody)
    ]


def programme(everybody: list[Person], places: list[int], classes: int) -> Programme:
    """The flow of places, its costs in sixtieths of a person."""
    units: defaultdict[str, list[Person]] = defaultdict(list)
    for person in everybody:
        units[person.household].append(person)
    kinds = Counter(tuple(sorted((p.offers, p.usual) for p in unit)) for unit in units.values())
    left_out: Counter[tuple[object, tuple[int, ...]]] = Counter()
    for unit in units.values():
        key = tuple(sorted((p.offers, p.usual) for p in unit))
        ranks = tuple(sorted(p.priority_class for p in unit))
        left_out[key, ranks] += len(unit)
    number = {key: row for row, key in enumerate(kinds)}
    arcs = [
        (number[key], doctor, *costs)
        for key in kinds
        for doctor, costs in _costs(key, places).items()
    ]
    return _assembled(np.array(arcs, np.int64).reshape(-1, 5), number, left_out, places, classes)


def _costs(key: tuple, places: list[int]) -> dict[int, tuple[int, int, int]]:
    """By doctor open to every member: usual, bands and seconds of one place."""
    share = SHARES // len(key)
    ways = [dict(offers) for offers, _ in key]
    shared = set.intersection(*map(set, ways))
    return {
        doctor: (
            -share * sum(usual == doctor for _, usual in key),
            share * sum(way[doctor] // 300 for way in ways),
            share * sum(way[doctor] for way in ways),
        )
        for doctor in sorted(shared)
        if places[doctor] > 0
    }


def _assembled(
    arcs: np.ndarray, number: dict, left_out: Counter, places: list[int], classes: int
) -> Programme:
    group, doctor = arcs[:, 0], arcs[:, 1]
    stays = np.array([number[key] for key, _ in left_out], np.int64)
    room = np.array(list(left_out.values()), np.int64)
    supply = np.bincount(stays, room, len(number)).astype(np.int64)
    steps = np.array([[p * s // 10 for s in range(11)] for p in places], np.int64)
    tenths = np.diff(steps, axis=1).reshape(-1)
    row = [group, stays, len(number) + doctor, len(number) + np.arange(tenths.size) // 10]
    value = [np.ones(group.size), np.ones(stays.size), np.ones(doctor.size), -np.ones(tenths.size)]
    at = np.arange(group.size)
    given = group.size + stays.size
    column = [at, group.size + np.arange(stays.size), at, given + np.arange(tenths.size)]
    total = given + tenths.size
    rows = sparse.csr_array(
        (np.concatenate(value), (np.concatenate(row), np.concatenate(column))),
        shape=(len(number) + len(places), total),
    )
    return Programme(
        rows,
        np.concatenate([supply, np.zeros(len(places), np.int64)]),
        np.concatenate([supply[group], room, tenths]),
        _levels(arcs, list(left_out), tenths.size, classes),
    )


def _levels(
    arcs: np.ndarray, kinds: list[tuple], tenths: int, classes: int
) -> dict[str, np.ndarray]:
    no_arc, no_stay = np.zeros(len(arcs), np.int64), np.zeros(len(kinds), np.int64)
    no_tenth = np.zeros(tenths, np.int64)
    stays = {
        f"left_out_{rank}": np.array(
            [SHARES // len(ranks) * ranks.count(rank) for _, ranks in kinds], np.int64
        )
        for rank in range(1, classes + 1)
    }
    slopes = SHARES * np.tile(np.arange(1, 20, 2), tenths // 10)
    return {
        **{name: np.concatenate([no_arc, costs, no_tenth]) for name, costs in stays.items()},
        "usual_doctor": np.concatenate([arcs[:, 2], no_stay, no_tenth]),
        "travel_bands": np.concatenate([arcs[:, 3], no_stay, no_tenth]),
        "imbalance": np.concatenate([no_arc, no_stay, slopes]),
        "travel_seconds": np.concatenate([arcs[:, 4], no_stay, no_tenth]),
    }


def solve(asked: Programme) -> dict[str, int]:
    """The least value of each level with the earlier ones at theirs, in sixtieths."""
    low, high = np.zeros(asked.upper.size), asked.upper.astype(float)
    values: dict[str, int] = {}
    for names, method in _steps(asked.levels):
        cost = sum(
            OUTWEIGHS ** (len(names) - at) * asked.levels[n] for at, n in enumerate(names, 1)
        )
        solved = linprog(
            cost, A_eq=asked.rows, b_eq=asked.right, bounds=np.stack([low, high], 1), method=method
        )
        assert solved.status == 0, solved.message
        assert np.abs(solved.x - np.rint(solved.x)).max(initial=0) < 1e-6
        values |= {name: round(asked.levels[name] @ np.rint(solved.x)) for name in names}
        dearer, cheaper = solved.lower.marginals > 0.5, solved.upper.marginals < -0.5
        high, low = np.where(dearer, low, high), np.where(cheaper, high, low)
    return values


def _steps(levels: dict[str, np.ndarray]) -> Iterator[tuple[list[str], str]]:
    """Levels solved at once, and how: an exchange of a place moves `left_out` by 60 at most."""
    stays = [name for name in levels if name.startswith("left_out")]
    yield from ((stays[at : at + 3], "highs-ds") for at in range(0, len(stays), 3))
    for name in list(levels)[len(stays) :]:
        # The simplex method loses its way among the equal costs of the balance.
        yield [name], "highs-ipm" if name == "imbalance" else "highs-ds"
