"""What somebody should worry about: seats of the coming hours that nobody holds."""

from collections import Counter
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlmodel import Session

from store import rosters


@dataclass(frozen=True)
class Hole:
    """A slot to come with empty seats."""

    slot_id: str
    site_id: str
    starts_at: datetime
    missing: int


def coming_holes(session: Session, now: datetime, hours: int) -> list[Hole]:
    """The slots not over at `now` and begun within `hours` whose seats are not all held."""
    until = now + timedelta(hours=hours)
    held = Counter(slot.id for _, slot, _ in rosters.duties_between(session, now, until))
    return [
        Hole(slot.id, slot.site_id, slot.starts_at, slot.doctors_needed - held[slot.id])
        for slot, _ in rosters.slots_between(session, now, until)
        if slot.doctors_needed > held[slot.id]
    ]
