import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from matcher import travel

angles = st.tuples(st.floats(-90, 90), st.floats(-180, 180))


def test_a_quarter_of_the_meridian_is_a_quarter_of_the_circumference() -> None:
    kilometres = travel.great_circle_km(
        np.array([0.0]), np.array([6.18]), np.array([90.0]), np.array([6.18])
    )

    assert kilometres == pytest.approx(6371.0088 * np.pi / 2)


def test_seconds_round_halves_to_even_like_python() -> None:
    exact = np.array([0.5, 1.5, 2.5]) / 3600

    assert travel.seconds_for(exact, detour=1.0, speed_kmh=1.0).tolist() == [0, 2, 2]


@given(
    points=st.lists(angles, max_size=6),
    targets=st.lists(angles, max_size=6),
    radius=st.floats(1, 25_000),
)
def test_the_index_finds_the_same_pairs_as_trying_all(
    points: list[tuple[float, float]], targets: list[tuple[float, float]], radius: float
) -> None:
    here = np.array(points, dtype=np.float64).reshape(-1, 2)
    there = np.array(targets, dtype=np.float64).reshape(-1, 2)

    start, target, kilometres = travel.within(
        here[:, 0].copy(),
        here[:, 1].copy(),
        there[:, 0].copy(),
        there[:, 1].copy(),
        radius_km=radius,
    )

    for row, (latitude, longitude) in enumerate(points):
        far = travel.great_circle_km(
            np.full(len(targets), latitude),
            np.full(len(targets), longitude),
            there[:, 0],
            there[:, 1],
        )
        found = target[start[row] : start[row + 1]]
        assert found.tolist() == np.flatnonzero(far <= radius).tolist()
        assert kilometres[start[row] : start[row + 1]].tolist() == far[found].tolist()
