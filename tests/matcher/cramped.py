"""Tiny worlds where everything collides, and a brute force that shares nothing with the solver."""

import itertools
import math
import random
from typing import Any

from hypothesis import strategies as st

import matcher

Record = dict[str, Any]
TERMS = matcher.Terms(radius_km=6.0, speed_kmh=20.0, detour=1.3)
SPOTS = [(48.69, 6.18), (48.70, 6.20), (48.69, 6.18), (48.73, 6.18), (48.66, 6.25)]
LANGUAGES = [(), ("fr",), ("ar",), ("fr", "ar")]


def patients(most: int) -> st.SearchStrategy[list[Record]]:
    return st.lists(_patient(), min_size=0, max_size=most).map(
        lambda records: [{**record, "id": f"P{row:02}"} for row, record in enumerate(records)]
    )


@st.composite
def _patient(draw: st.DrawFn) -> Record:
    latitude, longitude = draw(st.sampled_from(SPOTS))
    return {
        "latitude": latitude,
        "longitude": longitude,
        "priority_class": draw(st.integers(1, 3)),
        "waiting_days": draw(st.sampled_from([None, 0, 30, 400])),
        "household": draw(st.sampled_from([None, None, None, "a", "b", "c"])),
        "usual_doctor": draw(st.sampled_from([None, None, "D0", "D1", "gone"])),
        "age": draw(st.sampled_from([None, 4, 15, 16, 80])),
        "needs_wheelchair": draw(st.sampled_from([None, False, False, True])),
        "needs_home_visit": draw(st.sampled_from([None, False, False, True])),
        "languages": draw(st.sampled_from(LANGUAGES)),
        "max_minutes": draw(st.sampled_from([None, None, None, 5, 12])),
    }


def doctors(most: int) -> st.SearchStrategy[list[Record]]:
    return st.lists(_doctor(), min_size=0, max_size=most).map(
        lambda records: [{**record, "id": f"D{row}"} for row, record in enumerate(records)]
    )


@st.composite
def _doctor(draw: st.DrawFn) -> Record:
    latitude, longitude = draw(st.sampled_from(SPOTS))
    return {
        "latitude": latitude,
        "longitude": longitude,
        "places": draw(st.sampled_from([0, 1, 2, 2, 3, 12])),
        "min_age": draw(st.sampled_from([None, None, 15, 16])),
        "max_age": draw(st.sampled_from([None, None, 15, 79])),
        "wheelchair": draw(st.sampled_from([None, False, True])),
        "home_visit_minutes": draw(st.sampled_from([None, 0, 8, 30])),
        "languages": draw(st.sampled_from(LANGUAGES)),
        "builds_panel": draw(st.sampled_from([True, True, True, False])),
    }


def crowd(seed: int, people: int, practices: int) -> tuple[list[Record], list[Record]]:
    """A larger world, as cramped: families of one to four share 80 % of the places they need."""
    rng = random.Random(seed)
    patients: list[Record] = []
    while len(patients) < people:
        size, spot = rng.choice([1, 1, 1, 2, 3, 4]), rng.choice(SPOTS)
        for _ in range(size):
            patients.append(_drawn_patient(rng, spot, size, len(patients)))
    doctors = [
        {
            **_drawn_place(rng.choice(SPOTS)),
            "id": f"D{row}",
            "places": rng.randint(0, 2 * len(patients) * 8 // (10 * practices)),
            "min_age": rng.choice([None, None, None, 16]),
            "max_age": None,
            "wheelchair": rng.random() < 0.7,
            "home_visit_minutes": rng.choice([None, 30]),
            "languages": rng.choice(LANGUAGES),
            "builds_panel": True,
        }
        for row in range(practices)
    ]
    return patients, doctors


def _drawn_place(spot: tuple[float, float]) -> Record:
    return {"latitude": spot[0], "longitude": spot[1]}


def _drawn_patient(rng: random.Random, spot: tuple[float, float], size: int, number: int) -> Record:
    return {
        **_drawn_place(spot),
        "id": f"P{number:03}",
        "priority_class": rng.randint(1, 3),
        "waiting_days": rng.choice([None, 0, 30, 400]),
        "household": None if size == 1 else f"{spot}{number // size}",
        "usual_doctor": rng.choice([None, None, "D0", "D1"]),
        "age": rng.choice([None, 4, 40]),
        "needs_wheelchair": rng.random() < 0.1,
        "needs_home_visit": rng.random() < 0.1,
        "languages": rng.choice([(), (), ("fr", "ar")]),
        "max_minutes": None,
    }


def way(patient: Record, doctor: Record) -> tuple[float, int]:
    """Kilometres and seconds, by the spherical law of cosines on the chord."""
    lat_a, lat_b = math.radians(patient["latitude"]), math.radians(doctor["latitude"])
    lon = math.radians(doctor["longitude"] - patient["longitude"])
    a = math.sin((lat_b - lat_a) / 2) ** 2
    a += math.cos(lat_a) * math.cos(lat_b) * math.sin(lon / 2) ** 2
    kilometres = 2 * 6371.0088 * math.asin(math.sqrt(a))
    return kilometres, round(kilometres * TERMS.detour / TERMS.speed_kmh * 3600)


def possible(patient: Record, doctor: Record) -> bool:
    kilometres, seconds = way(patient, doctor)
    age = patient["age"]
    lowest, highest = doctor["min_age"], doctor["max_age"]
    return all(
        [
            doctor["builds_panel"],
            kilometres <= TERMS.radius_km,
            patient["max_minutes"] is None or seconds <= 60 * patient["max_minutes"],
            not patient["needs_wheelchair"] or doctor["wheelchair"] is True,
            not patient["needs_home_visit"]
            or (
                doctor["home_visit_minutes"] is not None
                and seconds <= 60 * doctor["home_visit_minutes"]
            ),
            set(patient["languages"] or ["fr"]) & set(doctor["languages"] or ["fr"]),
            age is None or lowest is None or age >= lowest,
            age is None or highest is None or age <= highest,
        ]
    )


def best(patients: list[Record], doctors: list[Record], classes: int) -> tuple[int, ...]:
    """The best rank (see ``matcher.Values.rank``) over every way to place whole units."""
    units = _units(patients)
    choices = [
        [None, *(d for d in doctors if all(possible(member, d) for member in unit))]
        for unit in units
    ]
    ranks = [
        rank
        for choice in itertools.product(*choices)
        if (rank := _rank(units, choice, doctors, classes)) is not None
    ]
    return min(ranks)


def rank_of(
    patients: list[Record], doctors: list[Record], given: list[int], classes: int
) -> tuple[int, ...] | None:
    """The rank of one answer (a row of doctors or -1 for each patient), None if a rule breaks."""
    doctor_of = {
        patient["id"]: None if row < 0 else doctors[row]
        for patient, row in zip(patients, given, strict=True)
    }
    units = _units(patients)
    choice = [doctor_of[unit[0]["id"]] for unit in units]
    for unit, doctor in zip(units, choice, strict=True):
        for member in unit:
            if doctor_of[member["id"]] is not doctor:
                return None
            if doctor is not None and not possible(member, doctor):
                return None
    return _rank(units, tuple(choice), doctors, classes)


def _units(patients: list[Record]) -> list[list[Record]]:
    units: list[list[Record]] = [[p] for p in patients if p["household"] is None]
    for name in {p["household"] for p in patients} - {None}:
        units.append([p for p in patients if p["household"] == name])
    return units


def _rank(
    units: list[list[Record]],
    choice: tuple[Record | None, ...],
    doctors: list[Record],
    classes: int,
) -> tuple[int, ...] | None:
    load = {doctor["id"]: 0 for doctor in doctors}
    matched = [0] * classes
    usual = bands = seconds = 0
    for unit, doctor in zip(units, choice, strict=True):
        if doctor is None:
            continue
        load[doctor["id"]] += len(unit)
        for member in unit:
            matched[member["priority_class"] - 1] += 1
            usual += member["usual_doctor"] == doctor["id"]
            bands += way(member, doctor)[1] // 300
            seconds += way(member, doctor)[1]
    if any(load[doctor["id"]] > doctor["places"] for doctor in doctors):
        return None
    imbalance = sum(_imbalance(load[doctor["id"]], doctor["places"]) for doctor in doctors)
    return (*(-count for count in matched), -usual, bands, imbalance, seconds)


def _imbalance(load: int, places: int) -> int:
    cost = 0
    for step in range(1, 11):
        low, high = places * (step - 1) // 10, places * step // 10
        cost += (2 * step - 1) * max(0, min(load, high) - low)
    return cost
