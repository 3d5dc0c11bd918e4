import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from matcher import numbering

numbers = st.lists(st.integers(0, 9), max_size=12)


@given(numbers, st.sampled_from([1, 10**12]))
def test_distinct_values_come_in_order_whether_dense_or_not(values: list[int], step: int) -> None:
    code = np.array(values, dtype=np.int64) * step

    seen, number = numbering.distinct(code)

    assert seen.tolist() == sorted(set(code.tolist()))
    assert seen[number].tolist() == code.tolist()
    assert number.dtype == np.int32


@given(st.lists(numbers, max_size=8))
def test_rows_share_a_number_if_they_hold_the_same_words_in_the_same_order(
    rows: list[list[int]],
) -> None:
    start = numbering.starts(np.array([len(row) for row in rows], dtype=np.int64))

    number = numbering.alike(
        start, np.array([word for row in rows for word in row], dtype=np.int64)
    ).tolist()

    for one, first in zip(rows, number, strict=True):
        for other, second in zip(rows, number, strict=True):
            assert (one == other) == (first == second)
        assert (first == 0) == (not one)


@given(numbers)
def test_a_counting_sort_keeps_the_order_of_equals(values: list[int]) -> None:
    start, rows = numbering.in_order(np.array(values, dtype=np.int32), 10)

    assert rows.tolist() == sorted(range(len(values)), key=lambda row: values[row])
    assert np.diff(start).tolist() == [values.count(number) for number in range(10)]


def test_spans_are_spread_one_after_the_other() -> None:
    assert numbering.spread(np.array([5, 0, 9]), np.array([2, 0, 3])).tolist() == [5, 6, 9, 10, 11]


@pytest.mark.parametrize("values", [[2, 0, 1, 0], []])
def test_an_example_has_the_number_that_it_stands_for(values: list[int]) -> None:
    number = np.array(values, dtype=np.int32)

    example = numbering.examples(number, len(set(values)))

    assert number[example].tolist() == sorted(set(values))
