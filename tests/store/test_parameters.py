from datetime import date
from pathlib import Path

import pytest

from store import parameters

DAY = date(2026, 11, 21)

RADII = """
[[row]]
value = 20
from = 2020-01-01
territory = "france"
source = "a"

[[row]]
value = { first = 1, then = [2, 3] }
from = 2026-01-01
territory = "france"
source = "b"

[[row]]
value = 10
from = 2021-01-01
territory = "54"
source = "c"

[[row]]
value = 12
from = 2022-01-01
territory = "54"
source = "d"
"""


@pytest.fixture
def written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "radius.toml").write_text(RADII, encoding="utf-8")
    monkeypatch.setattr(parameters, "FOLDER", tmp_path)
    monkeypatch.setattr(parameters, "_rows", parameters._rows.__wrapped__)


@pytest.mark.usefixtures("written")
@pytest.mark.parametrize(
    ("day", "territory", "value"),
    [
        (date(2020, 1, 1), "france", 20),
        (date(2025, 12, 31), "france", 20),
        (date(2026, 1, 1), "france", {"first": 1, "then": [2, 3]}),
        (date(2020, 12, 31), "54", 20),
        (date(2021, 1, 1), "54", 10),
        (date(2021, 12, 31), "54", 10),
        (date(2022, 1, 1), "54", 12),
        (date(2026, 6, 1), "54", 12),
        (date(2021, 6, 1), "57", 20),
    ],
)
def test_the_territory_comes_first_then_the_latest_row_begun(
    day: date, territory: str, value: object
) -> None:
    assert parameters.at("radius", day, territory) == value


@pytest.mark.usefixtures("written")
def test_the_day_before_the_first_row_has_no_value_and_the_error_says_which_day() -> None:
    with pytest.raises(parameters.UnknownParameter, match="radius: no value on 2019-12-31 in 54"):
        parameters.at("radius", date(2019, 12, 31), "54")


@pytest.mark.parametrize("name", ["no_such_parameter", "../secrets", ""])
def test_a_parameter_that_nobody_wrote_is_unknown(name: str) -> None:
    with pytest.raises(parameters.UnknownParameter) as unknown:
        parameters.at(name, DAY)

    assert (unknown.value.name, unknown.value.day) == (name, DAY)


@pytest.mark.parametrize(
    ("territory", "radius_km", "enlarge_km"),
    [
        ("54", 10, 5),
        ("57", 10, 5),
        ("55", 50, 25),
        ("52", 50, 25),
        ("10", 40, 20),
        ("08", 30, 15),
        ("88", 30, 15),
        ("51", 20, 10),
        ("67", 10, 5),
        ("68", 10, 5),
        ("75", 20, 10),
    ],
)
def test_the_radii_are_those_of_the_national_search(
    territory: str, radius_km: int, enlarge_km: int
) -> None:
    assert parameters.at("search_radius_km", DAY, territory) == radius_km
    assert parameters.at("search_enlarge_km", DAY, territory) == enlarge_km


def test_the_thresholds_of_the_country_are_written() -> None:
    assert parameters.at("small_count_threshold", DAY, "54") == 11
    assert parameters.at("availability_window_hours", DAY, "54") == 72


def test_every_written_row_has_a_day_a_territory_and_a_source() -> None:
    names = [file.stem for file in Path(parameters.__file__).parent.glob("*.toml")]

    rows = [row for name in names for row in parameters._rows(name)]

    assert len(names) >= 4
    assert all(type(row.since) is date and row.territory and row.source for row in rows)
