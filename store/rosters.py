"""The published roster: sites, slots, and who holds them.

Intervals are half-open: a slot that ends at an instant is over at that instant, one that starts
then has begun.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, func
from sqlmodel import Session, col, select

from store import tables

Held = tuple[tables.Duty, tables.Slot, tables.Doctor]


@dataclass(frozen=True)
class Period:
    """From the start of the first published slot until the end of the last."""

    starts_at: datetime
    ends_at: datetime


def sites(session: Session) -> Sequence[tables.Site]:
    """All sites, by name then identifier."""
    site = tables.Site
    return session.exec(select(site).order_by(col(site.name), col(site.id))).all()


def published_period(session: Session) -> Period | None:
    """What the published slots span, or None when nothing is published."""
    slot = tables.Slot
    first, last = session.exec(
        select(func.min(col(slot.starts_at)), func.max(col(slot.ends_at)))
    ).one()
    return None if first is None or last is None else Period(first, last)


def slots_between(
    session: Session, begin: datetime, end: datetime
) -> Sequence[tuple[tables.Slot, tables.Site]]:
    """Slots that overlap [begin, end), with their sites, by start, site and identifier."""
    slot, site = tables.Slot, tables.Site
    return session.exec(
        select(slot, site)
        .join(site, col(site.id) == col(slot.site_id))
        .where(*_overlap(begin, end))
        .order_by(col(slot.starts_at), col(slot.site_id), col(slot.id))
    ).all()


def duties_between(
    session: Session,
    begin: datetime,
    end: datetime,
    site_ids: Collection[str] | None = None,
) -> Sequence[Held]:
    """Duties of slots that overlap [begin, end), at some sites or all, by start, slot, doctor."""
    duty, slot, doctor = tables.Duty, tables.Slot, tables.Doctor
    asked = (
        select(duty, slot, doctor)
        .join(slot, col(slot.id) == col(duty.slot_id))
        .join(doctor, col(doctor.rpps) == col(duty.rpps))
        .where(*_overlap(begin, end))
        .order_by(col(slot.starts_at), col(slot.id), col(duty.rpps))
    )
    if site_ids is not None:
        asked = asked.where(col(slot.site_id).in_(sorted(site_ids)))
    return session.exec(asked).all()


def held_sites_between(session: Session, begin: datetime, end: datetime) -> set[str]:
    """Identifiers of the sites where somebody is on duty at some instant of [begin, end)."""
    duty, slot = tables.Duty, tables.Slot
    return set(
        session.exec(
            select(slot.site_id)
            .join(duty, col(duty.slot_id) == col(slot.id))
            .where(*_overlap(begin, end))
            .distinct()
        )
    )


def has_slot_between(session: Session, begin: datetime, end: datetime) -> bool:
    """Whether a slot is published for some instant of [begin, end), held or not."""
    found = session.exec(select(tables.Slot.id).where(*_overlap(begin, end)).limit(1)).first()
    return found is not None


def _overlap(begin: datetime, end: datetime) -> tuple[ColumnElement[bool], ColumnElement[bool]]:
    slot = tables.Slot
    return col(slot.ends_at) > begin, col(slot.starts_at) < end
