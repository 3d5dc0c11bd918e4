"""The territories that the store knows."""

from sqlmodel import Session

from api.services import errors
from store import tables


def demand(session: Session, territory_id: str | None) -> None:
    """Go on if the territory is recorded, or if none is named: everywhere.

    Raises `errors.UnknownTerritory` otherwise.
    """
    if territory_id is not None and session.get(tables.Territory, territory_id) is None:
        raise errors.UnknownTerritory(territory_id)
