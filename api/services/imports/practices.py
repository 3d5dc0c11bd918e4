"""What a file of doctors does to the store.

As `record.record_doctors` does, but for one territory: a practice that was known stays the same
one, another number of places is a declaration after the former ones, saying the same again only
confirms it; and whoever is not in the file stays. A territory whose communes are not recorded
counts every practice as its own. **An empty cell says nothing**, but that the ages belong to the
declaration: places without ages are places for everybody.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session

from api.services.imports import plan
from api.services.imports.places import Communes, has_point
from api.services.imports.plan import Conflict, Edit, Fault, File, Row, Step
from store import imports as rows
from store import tables

NAMES = ("family_name", "given_name")
OFFERS = ("wheelchair", "home_visit_minutes", "status")
CONDITIONS = ("places", "min_age", "max_age")


def conflicts(session: Session, file: File) -> list[Conflict]:
    """Rows that cannot be recorded, and why."""
    communes = Communes(session)
    found = plan.repeated(file.frame, "rpps") + communes.conflicts(file.frame)
    at, astray = 0, list[Conflict]()
    for part in file.frame.iter_slices(rows.ROWS_AT_ONCE):
        read = part.to_dicts()
        known = _Known(session, file.territory_id, read)
        astray += [
            Conflict(at + here, "rpps", Fault.SEVERAL_PRACTICES)
            for here, row in enumerate(read)
            if known.practice(row) is None and len(known.of_territory(row)) > 1
        ]
        at += len(read)
    return found + astray


def standing(session: Session, file: File) -> int:
    """How many doctors practise in the territory."""
    own = rows.communes_of(session, file.territory_id)
    practices = rows.all_of(session, "practice", "code_insee", own or None)
    return len({it["rpps"] for it in practices})


def steps(session: Session, file: File, _now: datetime) -> Iterator[Step]:
    """What the file comes to, some rows after others; each is written before the next is asked."""
    communes = Communes(session)
    for part in file.frame.iter_slices(rows.ROWS_AT_ONCE):
        read = part.to_dicts()
        known, step = _Known(session, file.territory_id, read), Step()
        for row, code_insee in zip(read, communes.of(read), strict=True):
            _plan(row, known, _Where(code_insee, communes), step)
        yield step


class _Known:
    """What the store knows of the doctors of some rows."""

    def __init__(self, session: Session, territory_id: str, read: Sequence[Row]) -> None:
        self._own = rows.communes_of(session, territory_id)
        numbers = [row["rpps"] for row in read]
        self.doctors = rows.found(session, "doctor", numbers)
        self._practices = defaultdict[str, list[rows.Values]](list)
        for practice in rows.all_of(session, "practice", "rpps", numbers):
            self._practices[practice["rpps"]].append(practice)
        ids = [it["id"] for mine in self._practices.values() for it in mine]
        declared = rows.all_of(session, "capacity", "practice_id", ids)
        self.declared = {it["practice_id"]: it for it in declared if it["current"]}

    def of_territory(self, row: Row) -> list[rows.Values]:
        """The practices of a doctor in the territory."""
        mine = self._practices[row["rpps"]]
        return [it for it in mine if not self._own or it["code_insee"] in self._own]

    def practice(self, row: Row) -> rows.Values | None:
        """The practice a row speaks of: the one where it says, or the only one, which has moved.

        A doctor who is no longer in the territory's communes has a new practice there.
        """
        here = [it for it in self._practices[row["rpps"]] if _is_there(it, row)]
        mine = self.of_territory(row)
        if here:
            return here[-1]
        return mine[0] if len(mine) == 1 else None


def _is_there(practice: rows.Values, row: Row) -> bool:
    if not has_point(row):
        return bool(practice["code_insee"] == row["code_insee"])
    names = ("latitude", "longitude")
    return all(practice[name] == row[name] for name in names)


@dataclass(frozen=True)
class _Where:
    """The commune of a row, among all the others."""

    code_insee: str | None
    communes: Communes


def _plan(row: Row, known: _Known, where: _Where, step: Step) -> None:
    """One row: the doctor's name, the practice, the places."""
    practice = known.practice(row)
    former = None if practice is None else known.declared.get(practice["id"])
    offer = _practice(row, practice, where)
    said = [_doctor(row, known.doctors.get(row["rpps"])), offer]
    edits = [*filter(None, said), *_declared(row, practice, former, offer)]
    step.edits += edits
    changed = {name for it in edits if it.was is not None for name in it.now} - {"current"}
    step.count(added=practice is None, columns=changed | _renewed(row, former))
    step.counts["met"] += bool(known.of_territory(row))


def _doctor(row: Row, known: rows.Values | None) -> Edit | None:
    said = {name: row[name] for name in NAMES if row[name]}
    if known is not None:
        return plan.an_edit("doctor", known, said)
    empty = dict.fromkeys(tables.Doctor.model_fields)
    return Edit("doctor", empty | said | {"rpps": row["rpps"]}, row["rpps"])


def _practice(row: Row, known: rows.Values | None, where: _Where) -> Edit | None:
    said = {name: row[name] for name in OFFERS if row[name] is not None}
    if row["languages"]:
        said["languages"] = " ".join(row["languages"])
    said |= _place(row, known, where)
    if known is not None:
        return plan.an_edit("practice", known, said)
    columns = [name for name in tables.Practice.model_fields if name != "id"]
    empty = dict.fromkeys(columns) | {"languages": ""}
    return Edit("practice", empty | said | {"rpps": row["rpps"]})


def _place(row: Row, known: rows.Values | None, where: _Where) -> Mapping[str, object]:
    """Where the practice is; a commune alone does not move one that is in it already."""
    code_insee = where.code_insee
    if has_point(row):
        place = {"latitude": row["latitude"], "longitude": row["longitude"]}
    elif known is not None and known["code_insee"] == code_insee:
        place = {}
    else:
        latitude, longitude = where.communes.centre(str(code_insee))
        place = {"latitude": latitude, "longitude": longitude}
    return {"code_insee": code_insee, **place}


def _declared(
    row: Row, practice: rows.Values | None, former: rows.Values | None, offer: Edit | None
) -> list[Edit]:
    """The places: confirmed if they are the same, declared after the former ones otherwise."""
    day = row["confirmed_on"]
    if former is not None and not _renewed(row, former):
        confirmed = plan.an_edit("capacity", former, {"confirmed_on": day} if day else {})
        return [confirmed] if confirmed else []
    over = None if former is None else plan.an_edit("capacity", former, {"current": False})
    new = {name: row[name] for name in CONDITIONS} | {"declared_on": day, "confirmed_on": day}
    of_practice = {"practice_id": None if practice is None else practice["id"], "current": True}
    declared = Edit("capacity", of_practice | new, of=offer if practice is None else None)
    return [*filter(None, [over]), declared]


def _renewed(row: Row, former: rows.Values | None) -> set[str]:
    """The conditions that are not those declared before."""
    return {name for name in CONDITIONS if former is None or former[name] != row[name]}
