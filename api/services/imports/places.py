"""Where rows of a file are: the commune of a point, and whether the store knows a commune."""

from collections.abc import Sequence

import numpy as np
import polars as pl
from numpy.typing import NDArray
from scipy.spatial import KDTree
from sqlmodel import Session

from api.services.imports.plan import Conflict, Fault, Row
from store import communes

EARTH_RADIUS_KM = 6371.0088

FARTHEST_CENTRE_KM = 20
"""A point farther from every centre is in none of the communes known: the widest are smaller."""


class Communes:
    """The communes of the store, found by code or by point."""

    def __init__(self, session: Session) -> None:
        self._known = {it.code_insee: it for it in communes.everywhere(session)}
        self._codes = list(self._known)
        points = [(it.latitude, it.longitude) for it in self._known.values()]
        self._tree = KDTree(_on_sphere(np.array(points))) if points else None

    def centre(self, code_insee: str) -> tuple[float, float]:
        """Latitude and longitude (degrees) of the centre of a known commune."""
        commune = self._known[code_insee]
        return commune.latitude, commune.longitude

    def of(self, read: Sequence[Row]) -> list[str | None]:
        """The commune of each row: the one it names if that is known; without a name, the one
        whose centre is nearest to its point. None if neither is known."""
        found = [row["code_insee"] if row["code_insee"] in self._known else None for row in read]
        unnamed = [at for at, row in enumerate(read) if row["code_insee"] is None]
        points = [(read[at]["latitude"], read[at]["longitude"]) for at in unnamed]
        for at, code_insee in zip(unnamed, self._nearest(points), strict=True):
            found[at] = code_insee
        return found

    def conflicts(self, frame: pl.DataFrame) -> list[Conflict]:
        """Rows without any place, and rows placed by nothing but a commune that is not known."""
        without_point = pl.any_horizontal(pl.col("latitude", "longitude").is_null())
        rows = frame.select("code_insee", here=pl.int_range(pl.len()), bare=without_point)
        placed = rows.filter("bare")
        nowhere = placed.filter(pl.col("code_insee").is_null())
        unknown = placed.filter(~pl.col("code_insee").is_in(self._codes))
        return [
            Conflict(int(row), "code_insee", fault)
            for found, fault in ((nowhere, Fault.NO_PLACE), (unknown, Fault.UNKNOWN_COMMUNE))
            for row in found["here"]
        ]

    def _nearest(self, points: Sequence[tuple[float, float]]) -> list[str | None]:
        if self._tree is None or not points:
            return [None] * len(points)
        chords, places = map(np.asarray, self._tree.query(_on_sphere(np.array(points))))
        near = 2 * np.arcsin(chords / 2) * EARTH_RADIUS_KM <= FARTHEST_CENTRE_KM
        return [self._codes[at] if it else None for at, it in zip(places, near, strict=True)]


def has_point(row: Row) -> bool:
    """Whether a row has coordinates."""
    return row["latitude"] is not None and row["longitude"] is not None


def _on_sphere(points: NDArray[np.float64]) -> NDArray[np.float64]:
    """Degrees as points of the unit sphere, between which the nearest is the nearest on Earth."""
    latitude, longitude = np.radians(points).T
    across = np.cos(latitude)
    return np.stack(
        [across * np.cos(longitude), across * np.sin(longitude), np.sin(latitude)], axis=1
    )
