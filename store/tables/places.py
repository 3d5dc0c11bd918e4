"""Where people live and where duty is done."""

from datetime import date

from sqlmodel import Field

from store.tables.row import Row


class Territory(Row, table=True):
    """A group of communes that organises its care together, with its civil time."""

    id: str = Field(primary_key=True)
    name: str
    timezone: str = "Europe/Paris"
    finess: str | None = None
    """National number of the community as a structure, 9 digits."""
    phone: str | None = None
    contract_from: date | None = None
    """From when its contract with the insurer counts years (ACI)."""


class TerritoryCommune(Row, table=True):
    """A commune that belongs to a territory; it may belong to several."""

    __tablename__ = "territory_commune"

    territory_id: str = Field(primary_key=True, foreign_key="territory.id")
    code_insee: str = Field(primary_key=True, foreign_key="commune.code_insee", index=True)


class Commune(Row, table=True):
    """A commune of the official geographic code, and its centre in degrees (WGS 84)."""

    code_insee: str = Field(primary_key=True)
    name: str = Field(index=True)
    postal_codes: str
    """Separated by spaces."""
    population: int
    latitude: float
    longitude: float
    epci_name: str


class Structure(Row, table=True):
    """A house or centre of health by its national numbers: what places belong to."""

    id: str = Field(primary_key=True)
    name: str
    finess: str | None = Field(default=None, unique=True)
    """Of the place, 9 digits."""
    siret: str | None = Field(default=None, unique=True)
    """Of the establishment, 14 digits."""


class Site(Row, table=True):
    """A place where duty is done."""

    id: str = Field(primary_key=True)
    structure_id: str | None = Field(default=None, foreign_key="structure.id", index=True)
    territory_id: str | None = Field(default=None, foreign_key="territory.id", index=True)
    name: str
    address: str
    code_insee: str = Field(foreign_key="commune.code_insee")
    latitude: float
    longitude: float
    phone: str | None = None
