"""Where somebody lives, as far as anybody is told: a cell of the H3 grid, never the house."""

import h3

RESOLUTION = 9
"""Cells of some three hundred metres across (decision 11)."""


def cell_of(latitude: float, longitude: float) -> str:
    """The cell that holds a place given in degrees (WGS 84)."""
    return str(h3.latlng_to_cell(latitude, longitude, RESOLUTION))


def centre_of(cell: str) -> tuple[float, float]:
    """Latitude and longitude of the middle of a cell, in degrees.

    Raises ValueError if it is no cell of this resolution.
    """
    if not h3.is_valid_cell(cell) or h3.get_resolution(cell) != RESOLUTION:
        raise ValueError("not a cell of resolution 9")
    latitude, longitude = h3.cell_to_latlng(cell)
    return float(latitude), float(longitude)
