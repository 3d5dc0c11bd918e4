"""Invented territories of every size, drawn column by column: nobody in them exists.

Towns of Zipf-like sizes lie at random on a square as large as their people need, at most the size
of France. A town is a round of cells 300 m apart, denser in the middle; people live at the centre
of a cell, doctors practise somewhere inside one. Larger towns have more people per cell.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.spatial import KDTree

import matcher
from matcher.problem import NO_LIMIT, UNKNOWN, Doctors, Floats, Homes, Ints, People

CELL_KM = 0.3
DEGREE_KM = 111.195
"""A degree of latitude, and of longitude at the equator."""
MIDDLE = (46.5, 2.5)
"""Latitude and longitude of the middle of the map."""

ZIPF = 1.08
"""The town of rank ``r`` has people as ``r ** -ZIPF``..."""
CROWDING = 0.9
"""... and cells as the people to this power."""
SPRAWL = 0.6
"""Cells of a town scatter around its centre by so many times the square root of their number."""
EVENNESS = 0.8
"""Standard deviation of the logarithm of people per cell, and of places per doctor half of it."""

CLASS_SHARES = (0.05, 0.11, 0.03, 0.15, 0.20, 0.46)
WHEELCHAIR, HOME_VISIT = 0.03, 0.02
ACCESSIBLE, VISITS = 0.7, 0.4
"""Shares of the doctors."""
WAITING_DAYS = 300.0
HOUSEHOLD_SIZES = (2, 2, 2, 2, 2, 3, 3, 3, 4, 4)
"""Equally likely; people outside households are households of one."""
ACQUAINTED = 8
"""A usual doctor is one of so many nearest."""

Columns = dict[str, NDArray[np.generic]]


@dataclass(frozen=True)
class Size:
    """How large a territory is. ``side_km`` is the side of its map."""

    name: str
    people: int
    doctors: int
    cells: int
    towns: int
    side_km: float


NANCY = Size("nancy", 13_000, 100, 378, 20, 20.0)
DEPARTEMENT = Size("departement", 100_000, 700, 2_870, 60, 70.0)
REGION = Size("region", 600_000, 5_000, 11_600, 300, 175.0)
NATIONAL = Size("national", 6_000_000, 50_000, 49_250, 3_000, 742.0)
SIZES = (NANCY, DEPARTEMENT, REGION, NATIONAL)


def territory(
    size: Size,
    places_share: float,
    *,
    together: float = 0.0,
    acquainted: float = 0.0,
    seed: int = 1,
) -> matcher.Problem:
    """A round of matching in which doctors offer ``places_share`` of the places people need.

    ``together`` is the share of people who live in households of two to four, ``acquainted`` the
    share who have a usual doctor. The columns are as narrow as they can be.
    """
    rng = np.random.default_rng(seed)
    cells, weight = _cells(rng, size)
    home, household = _settle(rng, size.people, weight, together)
    practice = _practices(rng, size.doctors, cells, weight)
    usual = _usual(rng, practice, cells, home, share=acquainted)
    return matcher.Problem(
        people=_people(rng, home, household, usual),
        homes=Homes(*_degrees(cells, size.side_km)),
        doctors=_doctors(rng, _degrees(practice, size.side_km), round(places_share * size.people)),
        common_language=np.ones((1, 1), np.bool_),
        terms=matcher.Terms(),
        classes=len(CLASS_SHARES),
    )


def _cells(rng: np.random.Generator, size: Size) -> tuple[Floats, Floats]:
    """Kilometres east and north of each cell along a Z-curve, and how many people it attracts."""
    rank = np.arange(1, size.towns + 1, dtype=np.float64)
    people_share = _share(rank**-ZIPF)
    cell_share = _share(people_share**CROWDING)
    centre = rng.uniform(0, size.side_km, (size.towns, 2))
    town = rng.choice(size.towns, 3 * size.cells, p=cell_share)
    spread = SPRAWL * np.sqrt(cell_share * size.cells)
    scatter = rng.standard_normal((town.size, 2)) * spread[town, None]
    lattice = np.rint(centre[town] / CELL_KM + scatter).astype(np.int64)
    lattice -= lattice.min(axis=0)
    _, first = np.unique(lattice, axis=0, return_index=True)
    chosen = np.sort(first)[: size.cells]
    chosen = chosen[np.argsort(_z_curve(lattice[chosen]))]
    crowd = rng.lognormal(0, EVENNESS, chosen.size) * (people_share / cell_share)[town[chosen]]
    kilometres: Floats = lattice[chosen].astype(np.float64) * CELL_KM
    return kilometres, _share(crowd)


def _share(weight: Floats) -> Floats:
    share: Floats = weight / weight.sum()
    return share


def _z_curve(lattice: Ints) -> Ints:
    """Bits of both coordinates in turn: cells that follow each other are near each other."""
    bits = [((lattice >> bit) & 1) << bit for bit in range(16)]
    return sum(
        ((row[:, 0] << bit) | (row[:, 1] << (bit + 1)) for bit, row in enumerate(bits)),
        start=np.zeros(len(lattice), np.int64),
    )


def _degrees(kilometres: Floats, side_km: float) -> tuple[Floats, Floats]:
    """Latitude and longitude (sinusoidal projection around the middle of the map)."""
    east, north = (kilometres - side_km / 2).T / DEGREE_KM
    latitude: Floats = MIDDLE[0] + north
    longitude: Floats = MIDDLE[1] + east / np.cos(np.radians(latitude))
    return latitude, longitude


def _settle(
    rng: np.random.Generator, people: int, weight: Floats, together: float
) -> tuple[NDArray[np.int32], NDArray[np.int32]]:
    """The home and the household of each person, in no order."""
    many = round(together * people)
    size = rng.choice(HOUSEHOLD_SIZES, many // min(HOUSEHOLD_SIZES) + 1)
    size = size[np.cumsum(size) <= many]
    alone = people - int(size.sum())
    addresses = np.searchsorted(np.cumsum(weight)[:-1], rng.random(size.size + alone))
    size = np.concatenate([size, np.ones(alone, np.int64)])
    home = np.repeat(addresses.astype(np.int32), size)
    number = np.where(size > 1, np.arange(size.size), UNKNOWN).astype(np.int32)
    order = rng.permutation(people) if together else slice(None)
    return home[order], np.repeat(number, size)[order]


def _practices(rng: np.random.Generator, doctors: int, cells: Floats, weight: Floats) -> Floats:
    cell = rng.choice(weight.size, doctors, p=weight)
    where: Floats = cells[cell] + rng.uniform(-CELL_KM / 2, CELL_KM / 2, (doctors, 2))
    return where


def _usual(
    rng: np.random.Generator,
    practice: Floats,
    cells: Floats,
    home: NDArray[np.int32],
    *,
    share: float,
) -> NDArray[np.int32]:
    if not share:
        return _always(UNKNOWN, home.size)
    nearest = np.asarray(KDTree(practice).query(cells, ACQUAINTED)[1], dtype=np.int32)
    known = nearest[home, rng.integers(0, ACQUAINTED, home.size)]
    return np.where(rng.random(home.size) < share, known, np.int32(UNKNOWN))


def _always(value: int, rows: int) -> NDArray[np.int32]:
    """A column of one value, which takes no memory."""
    return np.broadcast_to(np.int32(value), rows)


def _people(
    rng: np.random.Generator,
    home: NDArray[np.int32],
    household: NDArray[np.int32],
    usual_doctor: NDArray[np.int32],
) -> People:
    many = home.size
    rank = np.searchsorted(np.cumsum(CLASS_SHARES)[:-1], rng.random(many, np.float32))
    return People(
        id=np.arange(many, dtype=np.int32),
        home=home,
        priority_class=(rank + 1).astype(np.int8),
        waiting_days=(WAITING_DAYS * rng.standard_exponential(many, np.float32)).astype(np.int16),
        household=household,
        usual_doctor=usual_doctor,
        age=rng.integers(0, 100, many, np.int8),
        needs_wheelchair=rng.random(many, np.float32) < WHEELCHAIR,
        needs_home_visit=rng.random(many, np.float32) < HOME_VISIT,
        language_set=_always(0, many),
        max_seconds=_always(NO_LIMIT, many),
        pinned=_always(UNKNOWN, many),
    )


def _doctors(rng: np.random.Generator, where: tuple[Floats, Floats], places: int) -> Doctors:
    many = where[0].size
    filled = np.rint(places * np.cumsum(_share(rng.lognormal(0, EVENNESS / 2, many))))
    minutes = rng.integers(5, 31, many)
    return Doctors(
        id=np.arange(many, dtype=np.int32),
        latitude=where[0],
        longitude=where[1],
        places=np.diff(filled, prepend=0.0).astype(np.int64),
        min_age=_always(0, many),
        max_age=_always(NO_LIMIT, many),
        wheelchair=rng.random(many) < ACCESSIBLE,
        home_visit_seconds=np.where(rng.random(many) < VISITS, 60 * minutes, UNKNOWN),
        language_set=_always(0, many),
        builds_panel=np.ones(many, np.bool_),
    )
