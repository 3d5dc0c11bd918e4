"""What a file of patients does to the store.

A patient is found again by the file's number within the territory. **An empty cell says nothing**:
what is known stays, because it may have been learnt by telephone since. The exact coordinates
become a cell of the H3 grid and a commune, and go no further. A household of the file is one of
the territory: the same number elsewhere is another household.
"""

import hashlib
import json
import secrets
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime

import polars as pl
from sqlmodel import Session

from api.directories import cells
from api.services.imports import plan
from api.services.imports.places import Communes, has_point
from api.services.imports.plan import Conflict, Edit, Fault, File, Row, Step
from store import imports as rows
from store import tables

ID_BYTES = 16

AS_THEY_ARE = (
    "birth_year",
    *tables.people.FACTORS,
    "unattached_since",
    "usual_doctor_rpps",
    "needs_wheelchair",
    "needs_home_visit",
    "max_minutes",
)
"""Columns that the file and the store have alike."""


def household_id(territory_id: str, number: str) -> str:
    """Which household of the store a number of a territory's file is, always the same."""
    said = json.dumps(["household", territory_id, number]).encode()
    return hashlib.blake2b(said, digest_size=ID_BYTES).hexdigest()


def conflicts(session: Session, file: File) -> list[Conflict]:
    """Rows that cannot be recorded, and why."""
    found = plan.repeated(file.frame, "patient_id")
    found += Communes(session).conflicts(file.frame)
    return found + _households_elsewhere(session, file)


def standing(session: Session, file: File) -> int:
    """How many patients the territory has, those aside whom no file changes any more."""
    return rows.living_patients(session, file.territory_id)


def steps(session: Session, file: File, now: datetime) -> Iterator[Step]:
    """What the file comes to, some rows after others; each is written before the next is asked."""
    planner = _Planner(session, file.territory_id, now, Communes(session))
    for part in file.frame.iter_slices(rows.ROWS_AT_ONCE):
        yield planner.step(part.to_dicts())


def _households_elsewhere(session: Session, file: File) -> list[Conflict]:
    numbers = file.frame["household_id"]
    ids = {household_id(file.territory_id, it): it for it in numbers.drop_nulls().unique()}
    elsewhere = {
        ids[it["id"]]
        for portion in rows.in_portions(ids)
        for it in rows.all_of(session, "household", "id", portion)
        if it["territory_id"] != file.territory_id
    }
    at_fault = numbers.is_in(list(elsewhere)).arg_true() if elsewhere else pl.Series(dtype=pl.Int64)
    return [Conflict(int(row), "household_id", Fault.HOUSEHOLD_ELSEWHERE) for row in at_fault]


@dataclass
class _Planner:
    """Goes through a file, part after part."""

    session: Session
    territory_id: str
    now: datetime
    communes: Communes
    households: dict[str, str] = field(default_factory=dict)
    """Of the part at hand: which household of the store each of the file is."""

    def step(self, part: Sequence[Row]) -> Step:
        known = rows.patients(self.session, self.territory_id, [it["patient_id"] for it in part])
        numbers = {it["household_id"] for it in part} - {None}
        self.households = {it: household_id(self.territory_id, it) for it in numbers}
        step = Step(self._new_households())
        for row, code_insee in zip(part, self.communes.of(part), strict=True):
            self._patient(step, row, known.get(row["patient_id"]), code_insee)
        return step

    def _patient(
        self, step: Step, row: Row, known: rows.Values | None, code_insee: str | None
    ) -> None:
        if known is not None and (known["opposed_at"] or known["anonymised_at"]):
            step.counts["withheld"] += 1
            return
        said = self._said(row, known) | {"code_insee": code_insee}
        edit = plan.an_edit("patient", known, said) if known else self._new(row, said)
        step.count(added=known is None, columns=edit.now if edit else ())
        step.counts["met"] += known is not None
        step.counts["without_commune"] += code_insee is None
        if edit is not None:
            step.edits.append(edit)

    def _said(self, row: Row, known: rows.Values | None) -> rows.Values:
        """What a row says of a patient, but for the commune; nothing where it says nothing."""
        said = {name: row[name] for name in AS_THEY_ARE if row[name] is not None}
        if row["languages"]:
            said["languages"] = " ".join(row["languages"])
        if row["household_id"] is not None:
            said["household_id"] = self.households[row["household_id"]]
        if has_point(row):
            said["cell"] = cells.cell_of(row["latitude"], row["longitude"])
        elif known is not None and known["code_insee"] != row["code_insee"]:
            said["cell"] = None  # It was a cell of the former commune.
        return said

    def _new(self, row: Row, said: rows.Values) -> Edit:
        """A patient of whom nothing was known."""
        empty = dict.fromkeys(tables.Patient.model_fields)
        identity = {
            "id": secrets.token_hex(ID_BYTES),
            "territory_id": self.territory_id,
            "file_number": row["patient_id"],
            "recorded_at": self.now,
        }
        return Edit("patient", empty | {"languages": ""} | said | identity, str(identity["id"]))

    def _new_households(self) -> list[Edit]:
        """The households of the part that the store does not have."""
        ids = set(self.households.values())
        missing = sorted(ids - set(rows.found(self.session, "household", ids)))
        return [
            Edit("household", {"id": it, "territory_id": self.territory_id}, it) for it in missing
        ]
