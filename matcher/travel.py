"""Distances and travel times: pure arithmetic on WGS 84 coordinates.

Kilometres along the great circle; seconds are whole. The formula is the published one of the
command line, so that anybody can recompute a line of the result with a pocket calculator.

A country has thirty million pairs within reach: they are found ring of latitude by ring of
latitude, and the formula alone decides, in pieces that fit in a processor's cache.
"""

import math
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np

from matcher.network import Small
from matcher.numbering import spread, starts
from matcher.problem import Floats, Ints, Terms

EARTH_RADIUS_KM = 6371.0088
"""Mean radius of the Earth (IUGG), the one the published formula uses."""

PIECE = 40_000
"""Candidates examined at once."""

THREADS = 2

HAIR = 1e-8
"""Degrees by which every bound of the search is too wide, so that rounding never loses a pair."""

WHOLE = 179.9
"""Degrees of longitude on either side from which on a ring is looked at from end to end."""


def great_circle_km(
    latitude_a: Floats, longitude_a: Floats, latitude_b: Floats, longitude_b: Floats
) -> Floats:
    """Great-circle distance in kilometres between points in degrees, elementwise (haversine)."""
    return _kilometres(_spots(latitude_a, longitude_a), _spots(latitude_b, longitude_b))


def seconds_for(kilometres: Floats, *, detour: float, speed_kmh: float) -> Ints:
    """Whole seconds to travel ``kilometres`` as the crow flies, times ``detour``, at ``speed_kmh``.

    Halves go to the even second, as Python's ``round`` does.
    """
    return np.rint(kilometres * detour / speed_kmh * 3600).astype(np.int64)


def to_the_radius(terms: Terms) -> int:
    """Seconds of the longest way that the radius and the Earth allow."""
    farthest = np.array([min(terms.radius_km, math.pi * EARTH_RADIUS_KM)])
    return int(seconds_for(farthest, detour=terms.detour, speed_kmh=terms.speed_kmh)[0])


@dataclass(frozen=True)
class _Spots:
    """Points in radians, with what the formula asks of each."""

    latitude: Floats
    longitude: Floats
    cosine: Floats

    def at(self, rows: Ints) -> "_Spots":
        return _Spots(self.latitude[rows], self.longitude[rows], self.cosine[rows])


def _spots(latitude: Floats, longitude: Floats) -> _Spots:
    radians = np.radians(np.asarray(latitude, dtype=np.float64))
    return _Spots(radians, np.radians(np.asarray(longitude, dtype=np.float64)), np.cos(radians))


def _kilometres(a: _Spots, b: _Spots) -> Floats:
    half_chord = (
        np.sin((b.latitude - a.latitude) / 2) ** 2
        + a.cosine * b.cosine * np.sin((b.longitude - a.longitude) / 2) ** 2
    )
    kilometres: Floats = 2 * EARTH_RADIUS_KM * np.arcsin(np.sqrt(np.minimum(half_chord, 1.0)))
    return kilometres


@dataclass(frozen=True)
class _Search:
    """A radius search, ready to be done piece by piece."""

    here: _Spots
    there: _Spots
    """In the order of ``target``."""
    target: Ints
    first: Ints
    size: Ints
    """``[point, window]``: the targets to examine are ``first:first + size``."""
    terms: Terms


def nearest(
    latitude: Floats,
    longitude: Floats,
    to_latitude: Floats,
    to_longitude: Floats,
    *,
    terms: Terms,
    among: Ints | None = None,
) -> tuple[Ints, Small, Small]:
    """Every pair of a point and a target within the radius, ``among`` some rows of the targets.

    Returns ``(start, target, seconds)``: the targets of point ``i`` are
    ``target[start[i]:start[i + 1]]``, nearest first and then by number, with the seconds of travel
    alongside.
    """
    among = np.arange(to_latitude.size) if among is None else among
    order, first, size = _windows(
        latitude, longitude, to_latitude[among], to_longitude[among], terms.radius_km
    )
    target = among[order]
    search = _Search(
        here=_spots(latitude, longitude),
        there=_spots(to_latitude[target], to_longitude[target]),
        target=target,
        first=first,
        size=size,
        terms=terms,
    )
    return _gathered(search)


def _windows(
    latitude: Floats,
    longitude: Floats,
    to_latitude: Floats,
    to_longitude: Floats,
    radius_km: float,
) -> tuple[Ints, Ints, Ints]:
    """Where to look: targets in the order of their rings of latitude and, within, their longitude;
    and of each point, per ring, the span that may be within the radius.
    """
    angle = min(radius_km / EARTH_RADIUS_KM, np.pi)
    reach = np.degrees(angle) + HAIR
    height = max(reach / 3, 0.01)
    to_ring = np.floor((to_latitude + 90) / height)
    key = to_ring * 512 + (to_longitude + 180)
    order = np.argsort(key, kind="stable")
    key = key[order]
    lowest = np.floor((latitude - reach + 90) / height)
    ring = lowest[:, None] + np.arange(int(2 * reach / height) + 2)
    width = _half_width(latitude[:, None], ring * height - 90, height, angle) + HAIR
    spans = [
        _span(key, ring, longitude[:, None] + 180 + turn, width, turn) for turn in (0, -360, 360)
    ]
    first, size = (np.concatenate(part, axis=1) for part in zip(*spans, strict=True))
    return order, first, size


def _half_width(latitude: Floats, south: Floats, height: float, angle: float) -> Floats:
    """Degrees of longitude within which a ring may hold targets at most ``angle`` radians away."""
    north = south + height
    apart = np.maximum(np.maximum(south - latitude, latitude - north) - HAIR, 0.0)
    polar = np.minimum(np.maximum(np.abs(south), np.abs(north)), 90.0)
    left = np.sin(angle / 2) ** 2 * (1 + 1e-9) - np.sin(np.radians(apart) / 2) ** 2
    shrink = np.cos(np.radians(latitude)) * np.cos(np.radians(polar))
    chord = np.clip(left / np.maximum(shrink, 1e-300), 0.0, 1.0)
    width: Floats = np.degrees(2 * np.arcsin(np.sqrt(chord)))
    return width


def _span(key: Floats, ring: Floats, east: Floats, width: Floats, turn: int) -> tuple[Ints, Ints]:
    """Positions of the targets of a ring between ``east - width`` and ``east + width`` (0 to 360),
    a turn of the globe away. A ring that is seen whole is seen once, without turning."""
    whole = width > WHOLE
    west_end = np.where(whole, 0.0 if turn == 0 else 720.0, np.maximum(east - width, 0.0))
    east_end = np.where(whole, 360.0, np.minimum(east + width, 360.0))
    first = np.searchsorted(key, ring * 512 + west_end)
    last = np.searchsorted(key, ring * 512 + east_end, side="right")
    return first, np.maximum(last - first, 0)


def _gathered(search: _Search) -> tuple[Ints, Small, Small]:
    """Examine every piece, in threads, and put the answers one after the other."""
    ahead = starts(search.size.sum(axis=1))
    # Room for all candidates: the system lends memory only where something is written.
    target, seconds = (np.empty(ahead[-1], np.int32) for _ in range(2))
    count = np.zeros(ahead.size - 1, np.int64)
    filled = 0
    pieces = list(_pieces(ahead))
    with ThreadPoolExecutor(THREADS) as threads:
        examined = threads.map(lambda piece: _examined(search, piece), pieces)
        for piece, (kept, near, way) in zip(pieces, examined, strict=True):
            count[piece] = kept
            target[filled : filled + near.size], seconds[filled : filled + near.size] = near, way
            filled += near.size
    return starts(count), target[:filled], seconds[:filled]


def _pieces(ahead: Ints) -> Iterator[slice]:
    """Consecutive points with about ``PIECE`` candidates together."""
    cuts = np.searchsorted(ahead, np.arange(PIECE, ahead[-1], PIECE)).tolist()
    for begin, end in zip([0, *cuts], [*cuts, ahead.size - 1], strict=True):
        if begin < end:
            yield slice(begin, end)


def _examined(search: _Search, piece: slice) -> tuple[Ints, Small, Small]:
    """Targets kept per point, then all of them nearest first, and their seconds."""
    size, terms = search.size[piece], search.terms
    candidate = spread(search.first[piece].ravel(), size.ravel())
    point = np.repeat(np.arange(piece.start, piece.stop), size.sum(axis=1))
    kilometres = _kilometres(search.here.at(point), search.there.at(candidate))
    near = np.flatnonzero(kilometres <= terms.radius_km)
    seconds = seconds_for(kilometres[near], detour=terms.detour, speed_kmh=terms.speed_kmh)
    row, target = point[near] - piece.start, search.target[candidate[near]]
    # One number holds row, seconds and target: sorting it sorts by all three.
    bits, more = (int(number.max(initial=0)).bit_length() for number in (target, seconds))
    code = np.sort((row << more | seconds) << bits | target)
    kept = np.bincount(row, minlength=size.shape[0])
    way, target = code >> bits & (1 << more) - 1, code & (1 << bits) - 1
    return kept, target.astype(np.int32), way.astype(np.int32)
