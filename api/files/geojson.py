"""The communes as GeoJSON (RFC 7946), with the figures already cleared for publication."""

import json
from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class CommunePoint:
    """A commune on the map: its centre in degrees (WGS 84) and what may be said of it.

    None is a figure withheld, never a zero.
    """

    code_insee: str
    name: str
    latitude: float
    longitude: float
    patients: int | None
    proposed: int | None
    waiting: int | None
    accepting_doctors: int
    places_open: int


def communes(points: Sequence[CommunePoint]) -> str:
    """A FeatureCollection of one point a commune, in the order of the codes.

    A withheld figure is `null`, as in the table. The same points give the same bytes.
    """
    ordered = sorted(points, key=lambda point: point.code_insee)
    collection = {"type": "FeatureCollection", "features": [_feature(point) for point in ordered]}
    return json.dumps(collection, ensure_ascii=False, separators=(",", ":")) + "\n"


def _feature(point: CommunePoint) -> dict[str, object]:
    return {
        "type": "Feature",
        "id": point.code_insee,
        "geometry": {
            "type": "Point",
            # Longitude first: RFC 7946, section 3.1.1.
            "coordinates": [round(point.longitude, 5), round(point.latitude, 5)],
        },
        "properties": {
            "code_insee": point.code_insee,
            "name": point.name,
            "patients": point.patients,
            "proposed": point.proposed,
            "waiting": point.waiting,
            "accepting_doctors": point.accepting_doctors,
            "places_open": point.places_open,
        },
    }
