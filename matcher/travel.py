"""Distances and travel times: pure arithmetic on WGS 84 coordinates.

Kilometres along the great circle; seconds are whole. The formula is the published one of the
command line, so that anybody can recompute a line of the result with a pocket calculator.
"""

import numpy as np
from numpy.typing import NDArray
from scipy.spatial import cKDTree

EARTH_RADIUS_KM = 6371.0088
"""Mean radius of the Earth (IUGG), the one the published formula uses."""

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


def great_circle_km(
    latitude_a: Floats, longitude_a: Floats, latitude_b: Floats, longitude_b: Floats
) -> Floats:
    """Great-circle distance in kilometres between points in degrees, elementwise (haversine)."""
    lat_a, lon_a, lat_b, lon_b = (
        np.radians(np.asarray(angle, dtype=np.float64))
        for angle in (latitude_a, longitude_a, latitude_b, longitude_b)
    )
    half_chord = (
        np.sin((lat_b - lat_a) / 2) ** 2
        + np.cos(lat_a) * np.cos(lat_b) * np.sin((lon_b - lon_a) / 2) ** 2
    )
    kilometres: Floats = 2 * EARTH_RADIUS_KM * np.arcsin(np.sqrt(np.minimum(half_chord, 1.0)))
    return kilometres


def seconds_for(kilometres: Floats, *, detour: float, speed_kmh: float) -> Ints:
    """Whole seconds to travel ``kilometres`` as the crow flies, times ``detour``, at ``speed_kmh``.

    Halves go to the even second, as Python's ``round`` does.
    """
    return np.rint(kilometres * detour / speed_kmh * 3600).astype(np.int64)


def on_the_sphere(latitude: Floats, longitude: Floats) -> Floats:
    """Unit vectors, shape (n, 3), of points in degrees."""
    lat, lon = np.radians(latitude), np.radians(longitude)
    return np.stack([np.cos(lat) * np.cos(lon), np.cos(lat) * np.sin(lon), np.sin(lat)], axis=1)


def within(
    latitude: Floats,
    longitude: Floats,
    to_latitude: Floats,
    to_longitude: Floats,
    *,
    radius_km: float,
) -> tuple[Ints, Ints, Floats]:
    """Every pair of a point and a target at most ``radius_km`` apart.

    Returns ``(start, target, kilometres)``: the targets of point ``i`` are
    ``target[start[i]:start[i + 1]]``, in ascending order, with their distances alongside.
    """
    if not latitude.size or not to_latitude.size:
        return np.zeros(latitude.size + 1, np.int64), np.zeros(0, np.int64), np.zeros(0)
    # A chord a hair longer than the radius, so that rounding in the tree never loses a pair
    # that the exact distance below would keep.
    chord = 2 * np.sin(min(radius_km / (2 * EARTH_RADIUS_KM), np.pi / 2)) * (1 + 1e-9) + 1e-12
    points = cKDTree(on_the_sphere(latitude, longitude))
    targets = cKDTree(on_the_sphere(to_latitude, to_longitude))
    near = points.sparse_distance_matrix(targets, chord, output_type="coo_matrix")
    order = np.lexsort((near.col, near.row))
    point, target = near.row[order].astype(np.int64), near.col[order].astype(np.int64)
    kilometres = great_circle_km(
        latitude[point], longitude[point], to_latitude[target], to_longitude[target]
    )
    kept = kilometres <= radius_km
    start = np.concatenate([[0], np.cumsum(np.bincount(point[kept], minlength=latitude.size))])
    return start.astype(np.int64), target[kept], kilometres[kept]
