"""From the files of patients and doctors to a round of proposals and back: the only place where
the vocabulary of the files and that of the matcher meet.

Frames in have the columns of the file formats; frames out are `proposals.csv`, `waiting.csv` and
`doctors.csv`.
"""

import hashlib
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from importlib import metadata
from typing import Any, TypeVar

import numpy as np
import polars as pl

import matcher
from api.services.stopwatch import Clock, Progress, Stopwatch
from matcher import problem as columns
from matcher import records, scoring
from matcher.explanation import worth
from matcher.explanation.chains import chains
from matcher.explanation.explain import REASONS
from store import parameters

Ints = columns.Ints

FACTORS = ("ald", "pregnant", "handicap", "ehpad", "precarious")
NEEDS = ("needs_wheelchair", "needs_home_visit")
WORTH_A_CALL = (*FACTORS, *NEEDS, "birth_year", "unattached_since")
"""Answers that may change the priority or reveal a need."""

NO_PANEL = ("locum", "assistant")


@dataclass(frozen=True)
class MatchOptions:
    """What the coordinator chooses: the day of the round, the seed of the draws, the terms."""

    day: date
    seed: int = 1
    terms: matcher.Terms = field(default_factory=matcher.Terms)
    territory: str = parameters.EVERYWHERE
    effort: matcher.Effort = field(default_factory=matcher.Effort)


@dataclass(frozen=True, eq=False)
class MatchRun:
    """A round told in tables.

    `proposals`: patient_id, rpps, travel_seconds, priority_class, score, reasons. `waiting`:
    patient_id, priority_class, reason, detail. `doctors`: rpps, places, proposed, shadow_price.
    `summary` is ready for JSON; `digest` names the problem that was solved.
    """

    proposals: pl.DataFrame
    waiting: pl.DataFrame
    doctors: pl.DataFrame
    summary: dict[str, Any]
    digest: str


@dataclass(frozen=True, eq=False)
class Asked:
    """What a round is asked: the files in the order of the problem, scored, and the problem."""

    options: MatchOptions
    patients: pl.DataFrame
    doctors: pl.DataFrame
    scores: scoring.Scores
    problem: matcher.Problem


def run(
    patients: pl.DataFrame,
    doctors: pl.DataFrame,
    options: MatchOptions,
    *,
    progress: Progress | None = None,
    clock: Clock = time.perf_counter,
) -> MatchRun:
    """Match; `progress(phase, share)` is told each phase as it begins.

    Raises what the matcher raises: `matcher.Refused`, `matcher.Overflow`, `matcher.Unproven`,
    `matcher.Disagreement`.
    """
    watch = Stopwatch(clock, progress)
    asked = ask(patients, doctors, options)
    answer = solve(asked, watch.tell)
    watch.tell("worth", 0.9)
    prices = worth.of_doctors(chains(answer.proof))
    watch.tell("explain", 0.95)
    explained = matcher.explain(asked.problem, answer)
    sheet = _Sheet(asked, answer, explained)
    return MatchRun(
        proposals=_proposals(sheet),
        waiting=_waiting(sheet),
        doctors=_doctors(sheet, prices),
        summary=_summary(sheet) | {"seconds": watch.seconds()},
        digest=_digest(asked.problem),
    )


def ask(patients: pl.DataFrame, doctors: pl.DataFrame, options: MatchOptions) -> Asked:
    """Score the patients and put the round as a problem. Raises `matcher.Refused`."""
    people, offered = patients.sort("patient_id"), doctors.sort("rpps")
    scores = _scores(people, options)
    return Asked(options, people, offered, scores, _problem(people, offered, scores, options))


def solve(asked: Asked, progress: Progress) -> matcher.Matching:
    """The answer to a round; the progress told stops at nine tenths, there is more to do."""
    options = asked.options
    return matcher.solve(
        asked.problem,
        seed=options.seed,
        effort=options.effort,
        progress=lambda phase, share, _bound: progress(phase, 0.9 * share),
    )


@dataclass(frozen=True)
class _Sheet:
    """A round, its answer and what is said of it."""

    asked: Asked
    answer: matcher.Matching
    explained: matcher.Explanation

    @property
    def problem(self) -> matcher.Problem:
        return self.asked.problem

    @property
    def scores(self) -> scoring.Scores:
        return self.asked.scores


def prepare(progress: Progress) -> None:
    """Compile the engine if nothing on disk spares us, as after an installation."""
    matcher.prepare(lambda phase, share, _bound: progress(phase, share))


def score_rule(day: date, territory: str) -> scoring.ScoreRule:
    """The published score that holds on a day in a territory."""
    value = parameters.at("priority_score", day, territory)
    return scoring.ScoreRule(
        version=value["version"],
        factors=value["factors"],
        ages=tuple(scoring.AgeBand(it["from"], it["to"], it["points"]) for it in value["ages"]),
        waiting=tuple(
            scoring.WaitingStep(it["from_month"], it["points"]) for it in value["waiting"]
        ),
        classes=tuple(value["classes"]),
    )


def _scores(patients: pl.DataFrame, options: MatchOptions) -> scoring.Scores:
    return scoring.score(
        score_rule(options.day, options.territory),
        {name: _answers(patients[name]) for name in FACTORS},
        _age(patients, options.day),
        _months_waited(patients["unattached_since"], options.day),
    )


def _answers(column: pl.Series) -> Ints:
    """1 yes, 0 no, UNKNOWN."""
    return _whole(column.cast(pl.Int64), columns.UNKNOWN)


def _whole(column: pl.Series, absent: int) -> Ints:
    return column.cast(pl.Int64).fill_null(absent).to_numpy().copy()


def _age(patients: pl.DataFrame, day: date) -> Ints:
    return _whole(day.year - patients["birth_year"].cast(pl.Int64), columns.UNKNOWN)


def _months_waited(since: pl.Series, day: date) -> Ints:
    """Full calendar months from `since` to `day`; unknown and later dates count none."""
    months = (day.year - since.dt.year().cast(pl.Int64)) * 12 + (day.month - since.dt.month())
    unfinished = (since.dt.day() > day.day).cast(pl.Int64)
    return np.maximum(_whole(months - unfinished, 0), 0)


def _days_waited(since: pl.Series, day: date) -> Ints:
    waited = _whole((pl.Series([day]) - since).dt.total_days(), columns.UNKNOWN)
    return np.where(since.is_null().to_numpy(), columns.UNKNOWN, np.maximum(waited, 0))


def _problem(
    patients: pl.DataFrame, doctors: pl.DataFrame, scores: scoring.Scores, options: MatchOptions
) -> matcher.Problem:
    spoken, person_set = records.language_sets(patients["languages"].to_list())
    understood, doctor_set = records.language_sets(doctors["languages"].to_list())
    homes, home = records.settled(patients["latitude"].to_numpy(), patients["longitude"].to_numpy())
    row_of_doctor = {rpps: row for row, rpps in enumerate(doctors["rpps"])}
    usual = [row_of_doctor.get(rpps, columns.UNKNOWN) for rpps in patients["usual_doctor_rpps"]]
    people = matcher.People(
        id=np.array(patients["patient_id"].to_list(), dtype=np.str_),
        home=home,
        priority_class=scores.priority_class,
        waiting_days=_days_waited(patients["unattached_since"], options.day),
        household=records.numbered(patients["household_id"]),
        usual_doctor=np.array(usual, dtype=np.int64),
        age=_age(patients, options.day),
        needs_wheelchair=_answers(patients["needs_wheelchair"]) == 1,
        needs_home_visit=_answers(patients["needs_home_visit"]) == 1,
        language_set=person_set,
        max_seconds=records.whole_seconds(patients["max_minutes"], columns.NO_LIMIT),
        pinned=np.full(patients.height, columns.UNKNOWN),
    )
    offered = matcher.Doctors(
        id=np.array(doctors["rpps"].to_list(), dtype=np.str_),
        latitude=doctors["latitude"].to_numpy().copy(),
        longitude=doctors["longitude"].to_numpy().copy(),
        places=_whole(doctors["places"], 0),
        min_age=_whole(doctors["min_age"], 0),
        max_age=_whole(doctors["max_age"], columns.NO_LIMIT),
        wheelchair=_answers(doctors["wheelchair"]) == 1,
        home_visit_seconds=records.whole_seconds(doctors["home_visit_minutes"], columns.UNKNOWN),
        language_set=doctor_set,
        builds_panel=may_build_a_panel(doctors).to_numpy(),
    )
    classes = len(score_rule(options.day, options.territory).classes) + 1
    shared = records.shared_languages(spoken, understood)
    return matcher.Problem(people, homes, offered, shared, options.terms, classes)


def may_build_a_panel(doctors: pl.DataFrame) -> pl.Series:
    """Of each doctor of a file: not known to be a locum or an assistant; unknown is not a no."""
    return ~doctors["status"].is_in(NO_PANEL).fill_null(False)


def _proposals(sheet: _Sheet) -> pl.DataFrame:
    served = np.flatnonzero(sheet.answer.doctor != columns.UNKNOWN)
    reasons = _Reasons(sheet)
    return pl.DataFrame(
        {
            "patient_id": sheet.problem.people.id[served].tolist(),
            "rpps": sheet.problem.doctors.id[sheet.answer.doctor[served]].tolist(),
            "travel_seconds": sheet.answer.travel_seconds[served],
            "priority_class": sheet.scores.priority_class[served],
            "score": sheet.scores.total[served],
            "reasons": [reasons.of(person) for person in served.tolist()],
        },
        schema_overrides={"patient_id": pl.String, "rpps": pl.String, "reasons": pl.String},
    )


class _Reasons:
    """Why this priority and why this doctor, as words separated by spaces.

    `ald+40 age+20 waiting+36`: the components of the score; `usual_doctor`, `nearest`: the doctor;
    `household`: goes with others; `drawn`: a seeded draw between equals; `call_back:ald,age`: what
    is unknown and worth a call.
    """

    def __init__(self, sheet: _Sheet) -> None:
        self._answer, self._people = sheet.answer, sheet.problem.people
        self._nearest = sheet.explained.nearest
        self._components = {name: it.tolist() for name, it in sheet.scores.components.items()}
        patients = sheet.asked.patients
        self._unknown = {name: patients[name].is_null().to_list() for name in WORTH_A_CALL}

    def of(self, person: int) -> str:
        words = [f"{name}+{it[person]}" for name, it in self._components.items() if it[person]]
        doctor, usual = self._answer.doctor[person], self._people.usual_doctor[person]
        tags = {
            "usual_doctor": doctor == usual,
            "nearest": self._nearest[person],
            "household": self._people.household[person] != columns.UNKNOWN,
            "drawn": self._answer.drawn[person],
        }
        words += [tag for tag, holds in tags.items() if holds]
        unknown = [name for name, missing in self._unknown.items() if missing[person]]
        return " ".join([*words, *([f"call_back:{','.join(unknown)}"] if unknown else [])])


def _waiting(sheet: _Sheet) -> pl.DataFrame:
    told = sheet.explained
    figures = zip(told.doctors.tolist(), told.places.tolist(), told.free.tolist(), strict=True)
    return pl.DataFrame(
        {
            "patient_id": sheet.problem.people.id[told.person].tolist(),
            "priority_class": sheet.scores.priority_class[told.person],
            "reason": [REASONS[code].value for code in told.reason.tolist()],
            "detail": [f"doctors={it[0]} places={it[1]} free={it[2]}" for it in figures],
        },
        schema_overrides=dict.fromkeys(("patient_id", "reason", "detail"), pl.String),
    )


def _doctors(sheet: _Sheet, prices: Sequence[worth.Change]) -> pl.DataFrame:
    doctors = sheet.problem.doctors
    served = sheet.answer.doctor[sheet.answer.doctor != columns.UNKNOWN]
    return pl.DataFrame(
        {
            "rpps": doctors.id.tolist(),
            "places": doctors.places,
            "proposed": np.bincount(served, minlength=doctors.id.size),
            "shadow_price": [price(change) for change in prices],
        },
        schema_overrides={"rpps": pl.String, "shadow_price": pl.String},
    )


def price(change: Mapping[str, float]) -> str:
    """What one more place would change, level by level: `matched_6+1 travel_bands-2`."""
    return " ".join(f"{level}{round(amount, 4):+.12g}" for level, amount in change.items()) or "0"


def _summary(sheet: _Sheet) -> dict[str, Any]:
    answer, options, classes = sheet.answer, sheet.asked.options, sheet.scores.priority_class
    eligible = np.bincount(classes[sheet.explained.eligible], minlength=sheet.problem.classes + 1)
    values, bound = told(answer.values), told(answer.bound)
    gap = {name: _difference(value, bound[name]) for name, value in values.items()}
    return {
        "status": answer.status.value,
        "date": options.day.isoformat(),
        "patients": int(sheet.problem.people.id.size),
        "doctors": int(sheet.problem.doctors.id.size),
        "eligible": _by_class(eligible[1:].tolist()),
        "longest_wait_days": _by_class(_longest_waits(sheet)),
        **values,
        "bound": bound,
        "gap": gap,
        "seed": options.seed,
        "terms": vars(options.terms),
        "score": score_rule(options.day, options.territory).version,
        "versions": {name: metadata.version(name) for name in ("releve", "ortools", "scipy")},
    }


def _longest_waits(sheet: _Sheet) -> list[int | None]:
    """By class, of those left waiting; None where nobody's wait is known."""
    people, left = sheet.problem.people, sheet.answer.doctor == columns.UNKNOWN
    longest = scoring.longest_wait(
        people.priority_class[left], people.waiting_days[left], sheet.problem.classes
    )
    return [None if days == columns.UNKNOWN else days for days in longest.tolist()]


def told(values: matcher.Values) -> dict[str, Any]:
    """The levels in their order, names as in the file formats."""
    return {
        "matched": _by_class(list(values.matched)),
        "usual_doctor": values.usual_doctor,
        "travel_bands": values.travel_bands,
        "imbalance": values.imbalance,
        "travel_seconds": values.travel_seconds,
    }


Told = TypeVar("Told")


def _by_class(told: Sequence[Told]) -> dict[str, Told]:
    return {str(rank): it for rank, it in enumerate(told, start=1)}


def _difference(value: Any, bound: Any) -> Any:
    """How far a level is from its bound. A gap on one level makes the later ones incomparable."""
    if isinstance(value, dict):
        return {key: abs(bound[key] - value[key]) for key in value}
    return abs(bound - value)


def _digest(problem: matcher.Problem) -> str:
    """SHA-256 of every array of the problem and its terms: names what was solved."""
    content = hashlib.sha256(repr((problem.terms, problem.classes)).encode())
    content.update(problem.common_language.tobytes())
    for table in (problem.people, problem.homes, problem.doctors, problem.refused):
        for column in vars(table).values():
            content.update(column.tobytes())
    return content.hexdigest()
