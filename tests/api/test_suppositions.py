"""How suppositions are read from the command line."""

import pytest

from api import suppositions
from api.services import what_if

KNOWN = {"54395": (48.69, 6.18), "2A004": (41.92, 8.74)}


def read(rank: str | None = None, **given: list[str]) -> list[what_if.Event]:
    return suppositions.events(given, KNOWN, rank=rank)


@pytest.mark.parametrize(
    ("option", "text", "event"),
    [
        ("leaves", "10001234565", what_if.Leaves("10001234565")),
        ("places", "10001234565=+20", what_if.Places("10001234565", 20)),
        ("places", "10001234565=-5", what_if.Places("10001234565", -5)),
        ("practice", "54395=800", what_if.Practice(48.69, 6.18, 800)),
        ("practice", "2a004=1", what_if.Practice(41.92, 8.74, 1)),
        ("practice", "48.7,-6.2=30", what_if.Practice(48.7, -6.2, 30)),
        ("capacity", "54395=x2", what_if.Multiplied("54395", 2)),
        ("capacity", "2a004=x1,5", what_if.Multiplied("2A004", 1.5)),
    ],
)
def test_every_option_says_what_happens(option: str, text: str, event: what_if.Event) -> None:
    assert read(**{option: [text]}) == [event]


@pytest.mark.parametrize(
    ("option", "text"),
    [
        ("places", "10001234565=20"),
        ("places", "1=+20"),
        ("places", "10001234565=+1000000"),
        ("practice", "99999=800"),
        ("practice", "54395=x2"),
        ("practice", "54395"),
        ("practice", "54395=200000"),
        ("practice", "91,6=800"),
        ("practice", "nan,6=800"),
        ("capacity", "54395=2"),
        ("capacity", "54395=x101"),
    ],
)
def test_what_cannot_be_read_is_refused_with_the_name_of_the_option(option: str, text: str) -> None:
    with pytest.raises(suppositions.Unreadable, match=f"--{option} : "):
        read(**{option: [text]})


def test_suppositions_may_be_repeated_and_mixed() -> None:
    assert len(read(leaves=["10001234565", "10001234573"], capacity=["54395=x2"])) == 3


@pytest.mark.parametrize(
    "given", [{}, {"rank": "communes", "leaves": ["10001234565"]}, {"rank": "villes"}]
)
def test_one_supposes_or_ranks(given: dict[str, object]) -> None:
    with pytest.raises(suppositions.Unreadable):
        read(**given)  # type: ignore[arg-type]


def test_a_ranking_needs_no_supposition_and_knows_the_communes_that_come_with_us() -> None:
    assert read(rank="communes") == []
    assert len({it.code_insee for it in suppositions.communes()}) == 78
