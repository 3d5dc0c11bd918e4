"""Communes and their contours, from the official geographic code (geo.api.gouv.fr)."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from api.directories import errors, reading
from api.directories.calling import Asked, Caller, as_json

NAME = "communes"

FIELDS = "nom,code,codesPostaux,population,centre,epci"

NOT_FOUND = 404

WHOLE_DEPARTEMENT_SECONDS = 20.0
"""Hundreds of contours are put together before the answer begins."""


@dataclass(frozen=True)
class Commune:
    """A commune as the code has it today."""

    code_insee: str
    name: str
    postal_codes: tuple[str, ...]
    population: int | None
    """None where nobody is counted."""
    latitude: float
    longitude: float
    """Its centre in degrees (WGS 84)."""
    epci_name: str | None
    contour: Mapping[str, Any] | None = None
    """A geometry of GeoJSON, `Polygon` or `MultiPolygon`, if it was asked for and is known."""


class Communes:
    """The official geographic code. Every method raises `errors.DirectoryError`."""

    def __init__(self, caller: Caller) -> None:
        self._caller = caller

    def one(self, code_insee: str, *, contour: bool = False) -> Commune | None:
        """A commune by its code; None if there is none of that code today.

        Raises ValueError if it has not the form of a code.
        """
        code = reading.given(code_insee, reading.COMMUNE, "a commune")
        asked = Asked(f"/communes/{code}", _fields(contour))
        try:
            return self._caller.ask(asked, lambda body: _commune(as_json(body), contour))
        except errors.Refused as refused:
            if refused.status != NOT_FOUND:
                raise
            return None

    def of(self, departement: str, *, contours: bool = False) -> list[Commune]:
        """The communes of a département, in the order of their codes; none if there is no such.

        Raises ValueError if it has not the form of a code of a département.
        """
        code = reading.given(departement, reading.DEPARTEMENT, "a département")
        asked = Asked(
            f"/departements/{code}/communes",
            _fields(contours),
            read_seconds=WHOLE_DEPARTEMENT_SECONDS,
        )
        try:
            return self._caller.ask(asked, lambda body: _communes(as_json(body), contours))
        except errors.Refused as refused:
            if refused.status != NOT_FOUND:
                raise
            return []


def _fields(contour: bool) -> dict[str, str | int]:
    return {"fields": f"{FIELDS},contour" if contour else FIELDS, "format": "json"}


def _communes(said: Any, contours: bool) -> list[Commune]:
    if not isinstance(said, list):
        raise ValueError("not a list")
    return sorted((_commune(it, contours) for it in said), key=lambda it: it.code_insee)


def _commune(said: Mapping[str, Any], contour: bool) -> Commune:
    longitude, latitude, *_ = said["centre"]["coordinates"]
    north, east = reading.point(longitude, latitude)
    counted = said.get("population")
    return Commune(
        code_insee=reading.given(said["code"], reading.COMMUNE, "a commune"),
        name=reading.text(said["nom"]),
        postal_codes=tuple(reading.text(code) for code in said.get("codesPostaux") or ()),
        population=None if counted is None else int(reading.number(counted)),
        latitude=north,
        longitude=east,
        epci_name=reading.text_or_none((said.get("epci") or {}).get("nom")),
        contour=_geometry(said["contour"]) if contour and said.get("contour") else None,
    )


def _geometry(said: Mapping[str, Any]) -> Mapping[str, Any]:
    depth = {"Polygon": 2, "MultiPolygon": 3}[said["type"]]
    first = said["coordinates"]
    for _ in range(depth):
        first = first[0]
    reading.point(*first[:2])
    return {"type": said["type"], "coordinates": said["coordinates"]}
