"""Doctors and their practices."""

from collections.abc import Sequence

from sqlalchemy import ColumnElement, or_
from sqlmodel import Session, col, select

from store import tables

Accepting = tuple[tables.Practice, tables.Capacity, tables.Doctor, tables.Commune | None]


def accepting(session: Session, code_insee: str | None = None) -> Sequence[Accepting]:
    """Practices of installed doctors with places for new patients, by commune then name.

    Only an installed doctor builds a panel: a locum or an assistant is left out. An unknown status
    is not a no. `code_insee` keeps one commune.
    """
    practice, doctor, commune = tables.Practice, tables.Doctor, tables.Commune
    capacity = tables.Capacity
    asked = (
        select(practice, capacity, doctor, commune)
        .join(capacity, col(capacity.practice_id) == col(practice.id))
        .join(doctor, col(doctor.rpps) == col(practice.rpps))
        .outerjoin(commune, col(commune.code_insee) == col(practice.code_insee))
        .where(col(capacity.current), col(capacity.places) > 0, _may_build_a_panel())
    )
    if code_insee is not None:
        asked = asked.where(col(practice.code_insee) == code_insee)
    found = session.exec(asked).all()
    return sorted(found, key=_by_place_and_name)


def _may_build_a_panel() -> ColumnElement[bool]:
    status = col(tables.Practice.status)
    return or_(status.is_(None), status == "installed")


def _by_place_and_name(row: Accepting) -> tuple[bool, str, str, str, str, int]:
    practice, _, doctor, commune = row
    # Sorted here, not by the database: the order of accents depends on its collation.
    return (
        commune is None,
        commune.name if commune else "",
        doctor.family_name or "",
        doctor.given_name or "",
        practice.rpps,
        practice.id or 0,
    )
