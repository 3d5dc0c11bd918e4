"""Small worlds named for what matters in them; everything else is plain."""

from collections.abc import Iterable
from typing import Any

import matcher

Record = dict[str, Any]
HERE = {"latitude": 48.69, "longitude": 6.18}


def a_patient(name: str, **what_matters: Any) -> Record:
    return {"id": name, "priority_class": 1, "waiting_days": 10, **HERE, **what_matters}


def a_doctor(name: str, **what_matters: Any) -> Record:
    return {"id": name, "places": 1, **HERE, **what_matters}


def north_by_km(kilometres: float) -> Record:
    degrees = kilometres / (6371.0088 * 3.141592653589793 / 180)
    return {"latitude": 48.69 + degrees, "longitude": 6.18}


def asked(
    patients: list[Record],
    doctors: list[Record],
    *,
    refused: Iterable[tuple[str, str]] = (),
    **terms: float,
) -> matcher.Problem:
    return matcher.from_records(
        patients, doctors, terms=matcher.Terms(**terms), classes=6, refused=refused
    )


def matched(
    patients: list[Record], doctors: list[Record], *, seed: int = 1, **terms: float
) -> dict[str, str]:
    problem = asked(patients, doctors, **terms)
    answer = matcher.solve(problem, seed=seed)
    return {
        str(problem.people.id[person]): str(problem.doctors.id[doctor])
        for person, doctor in enumerate(answer.doctor.tolist())
        if doctor >= 0
    }
