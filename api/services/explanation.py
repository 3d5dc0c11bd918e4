"""The story of one patient in the words of the files, as data: for the terminal and for pages.

Nothing here is worded; the names of reasons, rules and levels are those of the result files.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import polars as pl

import matcher
from api.services import matching
from api.services.stopwatch import Progress
from matcher import problem as columns
from matcher.explanation import story

AGAIN = 0.9
"""The share of the work that is done when the round is matched and its story begins."""


class UnknownPatient(LookupError):
    """The file has no such patient."""

    def __init__(self, patient_id: str) -> None:
        super().__init__(patient_id)
        self.patient_id = patient_id


@dataclass(frozen=True)
class Standing:
    """Where a patient stands in the order of priority."""

    priority_class: int
    score: int
    components: Mapping[str, int]
    """Points by component of the score, those without points left out."""
    unknown: tuple[str, ...]
    """Answers that are missing and worth a call."""
    waiting_days: int | None
    version: str
    """Of the published score."""


@dataclass(frozen=True)
class Doctor:
    """A doctor, by number and by the name that the file may have."""

    rpps: str
    given_name: str | None
    family_name: str | None


@dataclass(frozen=True)
class Possible:
    """A doctor whom every rule allows for the patient and the household."""

    doctor: Doctor
    travel_seconds: int
    kilometres: float
    places: int
    free: int
    """Places that nobody is proposed."""
    usual: bool
    proposed: bool
    last_class: int
    """Class of the least urgent patient proposed there, 0 if none."""


@dataclass(frozen=True)
class Insisted:
    """What it would cost to give the patient that doctor, in places: all together, and the others
    alone.

    `price` None: too few places there.
    """

    doctor: Doctor
    price: Mapping[str, int] | None
    others: Mapping[str, int]


@dataclass(frozen=True)
class Opened:
    """What more places with that doctor would change, in places, and whether the patient would
    have a turn then."""

    doctor: Doctor
    places: int
    serves: bool
    gain: Mapping[str, int]


@dataclass(frozen=True)
class Barrier:
    """The doctors whom one rule alone keeps away, and the nearest of them."""

    rule: str
    doctors: int
    free: int
    nearest: Doctor
    travel_seconds: int
    kilometres: float


@dataclass(frozen=True)
class Explanation:
    """Everything that can be said to a patient about a round."""

    patient_id: str
    date: str
    status: str
    standing: Standing
    household: tuple[str, ...]
    """The patients who go along."""
    proposed: Doctor | None
    because: tuple[str, ...]
    """Why this doctor: `usual_doctor`, `nearest`, `only_doctor`, `promised`, `drawn`."""
    possible: tuple[Possible, ...]
    """Nearest first."""
    insisted: tuple[Insisted, ...]
    reason: str | None
    """Why nobody, as in `waiting.csv`."""
    opened: tuple[Opened, ...]
    barriers: tuple[Barrier, ...]


def explain(
    patients: pl.DataFrame,
    doctors: pl.DataFrame,
    options: matching.MatchOptions,
    patient_id: str,
    *,
    progress: Progress,
) -> Explanation:
    """Match, and tell the story of one patient.

    Raises UnknownPatient, and what the matcher raises (see `matching.run`).
    """
    asked = matching.ask(patients, doctors, options)
    _row(asked, patient_id)  # a stranger is refused before anything is solved
    answer = matching.solve(asked, lambda phase, share: progress(phase, AGAIN * share))
    return of_answer(asked, answer, patient_id, progress=progress)


def of_answer(
    asked: matching.Asked, answer: matcher.Matching, patient_id: str, *, progress: Progress
) -> Explanation:
    """The story of one patient in a round that is matched already.

    Raises UnknownPatient, and what the matcher raises.
    """
    told = story.story(
        answer,
        _row(asked, patient_id),
        seed=asked.options.seed,
        effort=asked.options.effort,
        progress=lambda _phase, _share, _bound: progress("again", AGAIN),
    )
    return _Told(asked, answer, told).whole()


def _row(asked: matching.Asked, patient_id: str) -> int:
    found = np.flatnonzero(asked.problem.people.id == patient_id)
    if not found.size:
        raise UnknownPatient(patient_id)
    return int(found[0])


@dataclass(frozen=True)
class _Told:
    """A story, and the round it speaks of."""

    asked: matching.Asked
    answer: matcher.Matching
    told: story.Story

    def whole(self) -> Explanation:
        told, ids = self.told, self.asked.problem.people.id
        waits = told.doctor == columns.UNKNOWN
        return Explanation(
            patient_id=str(ids[told.person]),
            date=self.asked.options.day.isoformat(),
            status=self.answer.status.value,
            standing=self._standing(),
            household=tuple(str(ids[it]) for it in told.members if it != told.person),
            proposed=None if waits else self._doctor(told.doctor),
            because=() if waits else self._because(),
            possible=tuple(self._possible(it) for it in told.options),
            insisted=tuple(
                Insisted(self._doctor(it.doctor), it.price, it.others) for it in told.insistences
            ),
            reason=None if told.wait is None else told.wait.reason.value,
            opened=tuple(
                Opened(self._doctor(it.doctor), it.places, it.serves, it.gain)
                for it in told.openings
            ),
            barriers=tuple(self._barrier(it) for it in told.barriers),
        )

    def _standing(self) -> Standing:
        asked, person = self.asked, self.told.person
        points = {name: int(it[person]) for name, it in asked.scores.components.items()}
        days = int(asked.problem.people.waiting_days[person])
        rule = matching.score_rule(asked.options.day, asked.options.territory)
        return Standing(
            priority_class=int(asked.scores.priority_class[person]),
            score=int(asked.scores.total[person]),
            components={name: it for name, it in points.items() if it},
            unknown=tuple(it for it in matching.WORTH_A_CALL if asked.patients[it][person] is None),
            waiting_days=None if days == columns.UNKNOWN else days,
            version=rule.version,
        )

    def _doctor(self, row: int) -> Doctor:
        return Doctor(*self.asked.doctors.select("rpps", "given_name", "family_name").row(row))

    def _because(self) -> tuple[str, ...]:
        told = self.told
        chosen = next((it for it in told.options if it.doctor == told.doctor), None)
        holds = {
            "promised": told.promised,
            "usual_doctor": chosen is not None and chosen.usual,
            "only_doctor": len(told.options) == 1,
            "nearest": told.nearest,
            "drawn": told.drawn,
        }
        return tuple(word for word, it_holds in holds.items() if it_holds)

    def _possible(self, option: story.Option) -> Possible:
        return Possible(
            doctor=self._doctor(option.doctor),
            travel_seconds=option.seconds,
            kilometres=round(option.kilometres, 2),
            places=option.places,
            free=option.free,
            usual=option.usual,
            proposed=option.doctor == self.told.doctor,
            last_class=option.last_class,
        )

    def _barrier(self, it: story.Barrier) -> Barrier:
        nearest, kilometres = self._doctor(it.nearest), round(it.kilometres, 2)
        return Barrier(it.rule, it.doctors, it.free, nearest, it.seconds, kilometres)
