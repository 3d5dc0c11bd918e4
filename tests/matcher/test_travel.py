import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from matcher import travel
from matcher.problem import Terms

Spot = tuple[float, float]
EDGES = (-90.0, -89.99, 0.0, 48.69, 89.99, 90.0)
SIDES = (-180.0, -179.9999, 0.0, 6.18, 179.9999, 180.0)
spots = st.tuples(
    st.floats(-90, 90) | st.sampled_from(EDGES), st.floats(-180, 180) | st.sampled_from(SIDES)
)


def test_a_quarter_of_the_meridian_is_a_quarter_of_the_circumference() -> None:
    kilometres = travel.great_circle_km(
        np.array([0.0]), np.array([6.18]), np.array([90.0]), np.array([6.18])
    )

    assert kilometres == pytest.approx(6371.0088 * np.pi / 2)


def test_seconds_round_halves_to_even_like_python() -> None:
    exact = np.array([0.5, 1.5, 2.5]) / 3600

    assert travel.seconds_for(exact, detour=1.0, speed_kmh=1.0).tolist() == [0, 2, 2]


def assert_same_as_trying_all(points: list[Spot], targets: list[Spot], terms: Terms) -> None:
    here = np.array(points, dtype=np.float64).reshape(-1, 2)
    there = np.array(targets, dtype=np.float64).reshape(-1, 2)

    start, target, seconds = travel.nearest(
        here[:, 0].copy(), here[:, 1].copy(), there[:, 0].copy(), there[:, 1].copy(), terms=terms
    )

    assert start.size == len(points) + 1
    for row, (latitude, longitude) in enumerate(points):
        far = travel.great_circle_km(
            np.full(len(targets), latitude),
            np.full(len(targets), longitude),
            there[:, 0],
            there[:, 1],
        )
        way = travel.seconds_for(far, detour=terms.detour, speed_kmh=terms.speed_kmh)
        near = sorted((int(way[it]), int(it)) for it in np.flatnonzero(far <= terms.radius_km))
        span = slice(int(start[row]), int(start[row + 1]))
        assert list(zip(seconds[span].tolist(), target[span].tolist(), strict=True)) == near


@given(
    points=st.lists(spots, max_size=6),
    targets=st.lists(spots, max_size=6),
    radius_km=st.sampled_from([0.001, 1.0, 15.0]) | st.floats(1, 25_000),
)
@example(points=[(90.0, 0.0)], targets=[(89.99, 180.0), (89.99, -180.0)], radius_km=2.0)
@example(points=[(10.0, 179.99)], targets=[(10.0, -179.99), (10.0, 180.0)], radius_km=15.0)
def test_the_search_finds_the_same_pairs_as_trying_all(
    points: list[Spot], targets: list[Spot], radius_km: float
) -> None:
    assert_same_as_trying_all(points, targets, Terms(radius_km=radius_km))


@given(seed=st.integers(0, 10_000), middle=spots, radius_km=st.floats(0.5, 40))
def test_the_search_finds_every_pair_of_a_crowd_around_any_spot(
    seed: int, middle: Spot, radius_km: float
) -> None:
    rng = np.random.default_rng(seed)
    crowd = np.array(middle) + rng.uniform(-0.4, 0.4, (60, 2)) * [1, 1 / 0.2]
    crowd[:, 0] = np.clip(crowd[:, 0], -90, 90)
    crowd[:, 1] = (crowd[:, 1] + 180) % 360 - 180
    people = [(float(latitude), float(longitude)) for latitude, longitude in crowd]

    assert_same_as_trying_all(people[:20], people[20:], Terms(radius_km=radius_km))


def test_a_target_exactly_at_the_radius_is_found() -> None:
    here, there = np.array([48.69, 6.18]), np.array([48.75, 6.30])
    exactly = float(travel.great_circle_km(here[:1], here[1:], there[:1], there[1:])[0])

    def found(radius_km: float) -> int:
        terms = Terms(radius_km=radius_km)
        return travel.nearest(here[:1], here[1:], there[:1], there[1:], terms=terms)[1].size

    assert found(exactly) == 1
    assert found(float(np.nextafter(exactly, 0))) == 0


def test_pieces_and_threads_do_not_change_what_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    rng = np.random.default_rng(3)
    crowd = rng.uniform([48.5, 6.0], [48.9, 6.4], (300, 2))
    monkeypatch.setattr(travel, "PIECE", 97)

    assert_same_as_trying_all(
        [(float(row[0]), float(row[1])) for row in crowd[:100]],
        [(float(row[0]), float(row[1])) for row in crowd[100:]],
        Terms(radius_km=12.0),
    )


def test_only_the_targets_asked_for_are_looked_at() -> None:
    zeros = np.zeros(4)

    _, target, _ = travel.nearest(
        zeros[:1], zeros[:1], zeros, zeros, terms=Terms(), among=np.array([1, 3])
    )

    assert target.tolist() == [1, 3]
