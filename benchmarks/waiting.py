"""Twenty-four monthly rounds under the published score: who waits, and how long.

An invented valley along one road: a town, two villages, a hamlet that one doctor alone can reach
and a farm that none can. As many people come each month; places are fewer than they for a year,
then more; doctors open, close, or offer places one month in three. Everybody who is proposed a
doctor accepts.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import date

import numpy as np
from numpy.random import Generator

import matcher
from api.services import matching as service
from benchmarks.measure import table
from matcher import scoring
from matcher.problem import UNKNOWN

DAY = date(2026, 11, 21)
ROUNDS, DAYS_A_MONTH, RADIUS_KM = 24, 30, 15.0
COMING, AT_FIRST, LONGEST_AT_FIRST = 20, 150, 36
"""People a month; people who wait already, and since how many months at most."""

HOMES_KM = {"town": 0.0, "village": 6.0, "valley head": 10.0, "hamlet": 22.0, "farm": 60.0}
LIVE_THERE = (0.60, 0.19, 0.14, 0.06, 0.01)
SHARES = {"ald": 0.12, "pregnant": 0.03, "handicap": 0.04, "ehpad": 0.02, "precarious": 0.15}
WHEELCHAIR = 0.03

COLUMNS = (
    "", "came in it", "longest months", "proposed in it", "longest months", "left in it",
    "longest months",
)  # fmt: skip
READING = (
    "20 patients a month for 15 places in the first year, 28 in the second. Months are full months "
    "without a doctor: at the proposal, or in the last round for who is left. Classes 1 and 2 are "
    "reached only by waiting; whom no practice can serve is not counted."
)


@dataclass(frozen=True)
class Patient:
    """Somebody without a doctor since a month; months before the first round are negative."""

    name: str
    since: int
    north_km: float
    age: int = 40
    factors: frozenset[str] = frozenset()
    needs_wheelchair: bool = False

    def months(self, month: int) -> int:
        """Full months without a doctor."""
        return month - self.since

    @property
    def months_at_first(self) -> int:
        """Full months without a doctor in the first round in which they ask."""
        return max(-self.since, 0)


@dataclass(frozen=True)
class Practice:
    """A doctor on the road, with the new patients accepted in each round."""

    name: str
    north_km: float
    places: tuple[int, ...]
    wheelchair: bool = True

    def serves(self, patient: Patient) -> bool:
        """The hard rules of this world, counted without the matcher."""
        near = abs(self.north_km - patient.north_km) <= RADIUS_KM
        return near and (self.wheelchair or not patient.needs_wheelchair)


@dataclass(frozen=True)
class Valley:
    """Everybody who waits at the first round or comes before the last, and every practice."""

    patients: tuple[Patient, ...]
    practices: tuple[Practice, ...]

    def reaches(self, patient: Patient) -> bool:
        """Whether some practice can serve the patient at all."""
        return any(practice.serves(patient) for practice in self.practices)


@dataclass(frozen=True)
class Round:
    """Who asked in a month, in which class, and who was proposed to whom (None: waits on)."""

    month: int
    asking: tuple[Patient, ...]
    priority_class: tuple[int, ...]
    practice: tuple[Practice | None, ...]


Counted = Callable[[Patient, int], int]
"""The months of waiting that count for the score of a patient in a round."""


def valley(seed: int) -> Valley:
    """A valley drawn with a seed: 20 people a month for 15 places, then 28."""
    draw = np.random.default_rng(seed)
    long_ago = -draw.integers(0, LONGEST_AT_FIRST, AT_FIRST, endpoint=True)
    months = [*long_ago.tolist(), *np.repeat(np.arange(1, ROUNDS), COMING).tolist()]
    return Valley(
        tuple(_somebody(draw, f"P{number:04}", since) for number, since in enumerate(months)),
        (
            Practice("centre", 0.0, (5,) * 12 + (12,) * 12),
            Practice("station", 0.5, (4,) * 12 + (7,) * 12, wheelchair=False),
            Practice("closes", 0.0, (3,) * 12 + (0,) * 12, wheelchair=False),
            Practice("opens", 6.0, (0,) * 12 + (6,) * 12),
            Practice("valley head", 10.0, (0, 0, 9) * 8),
        ),
    )


def _somebody(draw: Generator, name: str, since: int) -> Patient:
    return Patient(
        name,
        since,
        north_km=float(draw.choice(list(HOMES_KM.values()), p=LIVE_THERE)),
        age=int(draw.integers(0, 95, endpoint=True)),
        factors=frozenset(factor for factor, share in SHARES.items() if draw.random() < share),
        needs_wheelchair=bool(draw.random() < WHEELCHAIR),
    )


def simulate(
    where: Valley, rule: scoring.ScoreRule, *, counted: Counted = Patient.months
) -> Iterator[Round]:
    """Round after round; whoever is proposed a doctor asks no more."""
    gone: set[Patient] = set()
    for month in range(ROUNDS):
        asking = tuple(it for it in where.patients if it.since <= month and it not in gone)
        ranks = classes(rule, asking, [counted(it, month) for it in asking])
        proposed = _proposed(where, month, dict(zip(asking, ranks, strict=True)))
        practices = tuple(proposed.get(it.name) for it in asking)
        yield Round(month, asking, ranks, practices)
        gone |= {it for it in asking if it.name in proposed}


def classes(
    rule: scoring.ScoreRule, people: tuple[Patient, ...], months: list[int]
) -> tuple[int, ...]:
    """The priority class of each, after so many full months."""
    answers = {
        name: np.array([name in it.factors for it in people], np.int64) for name in rule.factors
    }
    age = np.array([it.age for it in people], np.int64)
    scored = scoring.score(rule, answers, age, np.array(months, np.int64))
    return tuple(scored.priority_class.tolist())


def _proposed(where: Valley, month: int, ranks: dict[Patient, int]) -> dict[str, Practice]:
    """The practice of each patient served, by the patient's name."""
    problem = matcher.from_records(
        [_asked(it, rank, month) for it, rank in ranks.items()],
        [_offered(it, month) for it in where.practices],
        terms=matcher.Terms(radius_km=RADIUS_KM),
        classes=max(ranks.values(), default=1),
    )
    answer = matcher.solve(problem, seed=month)
    practice = {it.name: it for it in where.practices}
    return {
        str(name): practice[str(problem.doctors.id[doctor])]
        for name, doctor in zip(problem.people.id, answer.doctor.tolist(), strict=True)
        if doctor != UNKNOWN
    }


def _asked(patient: Patient, rank: int, month: int) -> dict[str, object]:
    return _on_the_road(patient.north_km) | {
        "id": patient.name,
        "priority_class": rank,
        "waiting_days": DAYS_A_MONTH * patient.months(month),
        "age": patient.age,
        "needs_wheelchair": patient.needs_wheelchair,
    }


def _offered(practice: Practice, month: int) -> dict[str, object]:
    return _on_the_road(practice.north_km) | {
        "id": practice.name,
        "places": practice.places[month],
        "wheelchair": practice.wheelchair,
    }


def _on_the_road(north_km: float) -> dict[str, object]:
    return {"latitude": 48.0 + north_km / 111.195, "longitude": 6.2}


@dataclass(frozen=True)
class End:
    """How it ended for somebody: proposed a doctor, or left when the last round was over."""

    patient: Patient
    served: bool
    priority_class: int
    months: int


def ends(turns: Iterable[Round]) -> list[End]:
    """What the last round in which each patient asked said of them."""
    last: dict[Patient, End] = {}
    for turn in turns:
        told = zip(turn.asking, turn.priority_class, turn.practice, strict=True)
        for patient, rank, practice in told:
            last[patient] = End(patient, practice is not None, rank, patient.months(turn.month))
    return list(last.values())


def rows(seed: int = 1) -> list[tuple[str, ...]]:
    """A row for each class, under ``COLUMNS``: those who came in it, and those who ended in it.

    Months are full months without a doctor: at the proposal, or in the last round for who is left.
    Somebody whom no practice can serve is not counted.
    """
    where, rule = valley(seed), service.score_rule(DAY, "france")
    known = [it for it in ends(simulate(where, rule)) if where.reaches(it.patient)]
    people = tuple(it.patient for it in known)
    first = classes(rule, people, [it.months_at_first for it in people])
    parts = (
        [(rank, it.months) for rank, it in zip(first, known, strict=True)],
        [(it.priority_class, it.months) for it in known if it.served],
        [(it.priority_class, it.months) for it in known if not it.served],
    )
    told = [_by_class(part, len(rule.classes) + 1) for part in parts]
    return [
        (f"class {rank}", *(cell for cells in ranked for cell in cells))
        for rank, ranked in enumerate(zip(*told, strict=True), start=1)
    ]


def told() -> tuple[str, dict[str, str]]:
    """The table of the longest waits, and no picture."""
    return f"{table(COLUMNS, rows())}\n{READING}\n", {}


def _by_class(pairs: list[tuple[int, int]], classes: int) -> list[tuple[str, str]]:
    """People and longest wait in months, class after class."""
    ranks, months = np.array(pairs, np.int64).reshape(-1, 2).T
    people = np.bincount(ranks, minlength=classes + 1)[1:]
    longest = scoring.longest_wait(ranks, months, classes)
    return [
        (str(number), str(most) if number else "")
        for number, most in zip(people.tolist(), longest.tolist(), strict=True)
    ]
