import re
from statistics import median, quantiles

import pytest

from tests.house import sources

LONGEST_FUNCTION, MEDIAN_FUNCTION, TENTH_LONGEST_FUNCTION = 60, 8, 30
MOST_POSITIONAL_ARGUMENTS = 5
SAYING_NOTHING = {"utils", "util", "helpers", "helper", "common", "misc", "base", "manager"}


@pytest.mark.parametrize(("folders", "most"), [(sources.PACKAGES, 400), (("tests",), 500)])
def test_no_file_is_longer_than_its_budget(folders: tuple[str, ...], most: int) -> None:
    assert [
        sources.name_of(path)
        for path in sources.python_files(*folders)
        if len(sources.text_of(path).splitlines()) > most
    ] == []


def test_functions_are_short() -> None:
    lengths = {
        f"{sources.name_of(path)}:{function.name}": sources.length(function)
        for path, function in sources.functions(*sources.PACKAGES)
    }

    assert {name: lines for name, lines in lengths.items() if lines > LONGEST_FUNCTION} == {}
    assert median(lengths.values()) <= MEDIAN_FUNCTION
    assert quantiles(lengths.values(), n=10)[-1] <= TENTH_LONGEST_FUNCTION


def test_no_function_takes_many_arguments_by_position() -> None:
    # The framework that calls a decorated function names its arguments.
    taken = {
        f"{sources.name_of(path)}:{function.name}": len(
            {it.arg for it in (*function.args.posonlyargs, *function.args.args)} - {"self", "cls"}
        )
        for path, function in sources.functions(*sources.PACKAGES)
        if not function.decorator_list
    }

    assert {name: n for name, n in taken.items() if n > MOST_POSITIONAL_ARGUMENTS} == {}


def test_no_file_has_a_name_that_says_nothing() -> None:
    named = {
        sources.name_of(path): set(re.split(r"[/_.]", sources.name_of(path)))
        for path in sources.written_by_us()
    }

    assert [name for name, words in named.items() if words & SAYING_NOTHING] == []
