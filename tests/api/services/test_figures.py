"""The attack below is a linear programme over everything published; it shares nothing with
the network of the module."""

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import optimize

from api.services import figures
from api.services.figures import COLUMNS, CommuneCounts, Figures


def a_commune(code: str, proposed: int, waiting: int) -> CommuneCounts:
    return CommuneCounts(code, proposed + waiting, proposed, waiting)


def intervals(published: Figures) -> dict[tuple[int, int], tuple[float, float]]:
    rows = [*published.communes, published.totals]
    table = [[getattr(row, column) for column in COLUMNS] for row in rows]
    size = len(rows) * 3
    sums, results = [], []
    for index in range(len(rows)):
        line = np.zeros(size)
        line[3 * index : 3 * index + 3] = (1, -1, -1)
        sums.append(line)
        results.append(0.0)
    for column in range(3):
        line = np.zeros(size)
        line[column::3] = 1
        line[size - 3 + column] = -1
        sums.append(line)
        results.append(0.0)
    bounds = [(0, None) if value is None else (value, value) for row in table for value in row]
    found = {}
    for position, (low, high) in enumerate(bounds):
        if low == 0 and high is None:
            found[divmod(position, 3)] = extremes(position, np.array(sums), results, bounds)
    return found


def extremes(position, sums, results, bounds) -> tuple[float, float]:
    aim = np.zeros(sums.shape[1])
    aim[position] = 1
    least = optimize.linprog(aim, A_eq=sums, b_eq=results, bounds=bounds)
    most = optimize.linprog(-aim, A_eq=sums, b_eq=results, bounds=bounds)
    assert least.status == 0
    # Status 3 is "unbounded", 4 what HiGHS says when it cannot tell it from infeasible.
    return least.fun, np.inf if most.status in {3, 4} else -most.fun


def attack(counts: list[CommuneCounts], threshold: int = 11) -> Figures:
    published = figures.suppress(counts, threshold)
    rows = [*sorted(counts, key=lambda row: row.code_insee), total_of(counts)]
    found = intervals(published)
    for index, row in enumerate(rows):
        for position, column in enumerate(COLUMNS):
            value = getattr(row, column)
            if (index, position) not in found:
                assert value >= threshold
                continue
            least, most = found[index, position]
            assert most - least > 0.5, f"{row.code_insee} {column} can be worked out"
            if value < threshold:
                assert most >= threshold - 1e-6, f"{row.code_insee} {column} is known small"
    return published


def total_of(counts: list[CommuneCounts]) -> CommuneCounts:
    return a_commune("total", sum(c.proposed for c in counts), sum(c.waiting for c in counts))


def test_a_table_of_large_counts_is_published_whole():
    counts = [a_commune("54001", 20, 30), a_commune("54002", 40, 50)]

    published = attack(counts)

    assert published.communes[0].patients == 50
    assert published.totals.waiting == 80


def test_eleven_people_are_published_and_ten_are_not():
    counts = [a_commune(f"5400{n}", 200, 300) for n in range(3)]
    eleven = figures.suppress([*counts, a_commune("54009", 11, 500)])
    ten = figures.suppress([*counts, a_commune("54009", 10, 500)])

    assert eleven.communes[-1].proposed == 11
    assert ten.communes[-1].proposed is None


def test_zero_is_hidden_like_any_small_count():
    published = attack([a_commune("54001", 0, 40), a_commune("54002", 300, 90)])

    assert published.communes[0].proposed is None


def test_a_commune_of_six_people_cannot_be_found_from_the_totals():
    published = attack([a_commune("54001", 2, 4), *(a_commune(f"5401{n}", 90, 60) for n in "123")])

    first = published.communes[0]
    assert (first.patients, first.proposed, first.waiting) == (None, None, None)
    assert published.totals.patients is not None


def test_two_empty_communes_are_not_given_away_by_a_total_that_leaves_nothing():
    attack([a_commune("54001", 0, 0), a_commune("54002", 0, 0), a_commune("54003", 70, 80)])


def test_the_smallest_cell_that_protects_is_the_one_hidden():
    published = attack(
        [
            a_commune("54001", 5, 400),
            a_commune("54002", 900, 800),
            a_commune("54003", 60, 50),
        ]
    )

    assert published.communes[0].patients == 405
    assert published.communes[2] == figures.CommuneFigure("54003", 110, None, None, 0, 0)
    assert published.communes[1].proposed == 900


def test_a_single_small_commune_hides_its_totals_too():
    published = attack([a_commune("54001", 3, 4)])

    assert published.totals.patients is None


def test_an_empty_table_says_nothing():
    assert figures.suppress([]).communes == ()


def test_a_row_that_does_not_add_up_is_refused():
    with pytest.raises(ValueError, match="add up"):
        figures.suppress([CommuneCounts("54001", 5, 1, 1)])


def test_a_commune_given_twice_is_refused():
    with pytest.raises(ValueError, match="twice"):
        figures.suppress([a_commune("54001", 50, 50), a_commune("54001", 50, 50)])


def test_the_order_of_the_rows_changes_nothing():
    counts = [a_commune("54003", 4, 40), a_commune("54001", 30, 20), a_commune("54002", 25, 9)]

    assert figures.suppress(counts) == figures.suppress(counts[::-1])


small_or_large = st.one_of(st.integers(0, 14), st.integers(0, 60))
tables = st.lists(st.tuples(small_or_large, small_or_large), min_size=1, max_size=6).map(
    lambda rows: [a_commune(f"{54000 + n}", *row) for n, row in enumerate(rows)]
)


@settings(max_examples=80, deadline=None, derandomize=True)
@given(tables)
def test_no_hidden_figure_can_be_worked_out_from_the_published_ones(counts):
    attack(counts)


CENTRES = pl.DataFrame(
    {"code_insee": ["54395", "54547"], "latitude": [48.69, 48.65], "longitude": [6.18, 6.19]}
)
DOCTORS = pl.DataFrame(
    {
        "code_insee": ["54395", None, "54395", "54547"],
        "latitude": [48.69, 48.651, 48.69, 48.65],
        "longitude": [6.18, 6.191, 6.18, 6.19],
        "places": [100, 40, 0, 60],
        "status": ["installed", None, "installed", "locum"],
    }
)


def test_people_and_places_are_counted_by_commune_and_locums_are_not():
    patients = pl.DataFrame(
        {
            "patient_id": ["P1", "P2", "P3"],
            "code_insee": ["54395", "54395", None],
            "latitude": [None, None, 48.652],
            "longitude": [None, None, 6.189],
        }
    )

    counted = figures.by_commune(patients, {"P1", "P3"}, DOCTORS, CENTRES)

    assert counted == (
        CommuneCounts("54395", 2, 1, 1, 1, 100),
        CommuneCounts("54547", 1, 1, 0, 1, 40),
    )
