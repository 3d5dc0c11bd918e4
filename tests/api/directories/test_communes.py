from typing import Any

import pytest

from api.directories import communes, errors
from tests.api.directories.conftest import Open
from tests.api.directories.server import Local, Reply, Request, said

SQUARE = [[[6.13, 49.06], [6.25, 49.06], [6.25, 49.15], [6.13, 49.06]]]
METZ = {
    "nom": "Metz",
    "code": "57463",
    "codesPostaux": ["57000", "57050", "57070"],
    "population": 120874,
    "centre": {"type": "Point", "coordinates": [6.1757, 49.1193]},
    "epci": {"code": "200039865", "nom": "Metz Métropole"},
    "contour": {"type": "Polygon", "coordinates": SQUARE},
}
ISLES = {
    "nom": "Ars-sur-Moselle",
    "code": "57032",
    "codesPostaux": [],
    "centre": {"type": "Point", "coordinates": [6.07, 49.08]},
    "contour": {"type": "MultiPolygon", "coordinates": [SQUARE, SQUARE]},
}


def code(request: Request) -> Reply:
    """The official geographic code: only the fields that are asked for."""
    assert request.query["format"] == "json"
    fields = set(request.query["fields"].split(","))
    told = [{key: it for key, it in one.items() if key in fields} for one in (METZ, ISLES)]
    if request.path == "/departements/57/communes":
        return said(told)
    found = [it for it in told if request.path == f"/communes/{it['code']}"]
    return said(found[0]) if found else said({"code": 404, "message": "Not Found"}, 404)


@pytest.fixture
def asked(server: Local, opened: Open) -> communes.Communes:
    server.answers = code
    return communes.Communes(opened("communes"))


def test_a_commune_by_its_code(asked: communes.Communes) -> None:
    assert asked.one("57463") == communes.Commune(
        code_insee="57463",
        name="Metz",
        postal_codes=("57000", "57050", "57070"),
        population=120874,
        latitude=49.1193,
        longitude=6.1757,
        epci_name="Metz Métropole",
    )


def test_a_contour_comes_when_it_is_asked_for(asked: communes.Communes) -> None:
    found = asked.one("57463", contour=True)

    assert found is not None
    assert found.contour == METZ["contour"]


def test_a_commune_whose_contour_nobody_drew_has_none(
    asked: communes.Communes, server: Local
) -> None:
    server.replies(said([METZ, {key: it for key, it in ISLES.items() if key != "contour"}]))

    assert [it.contour is None for it in asked.of("57", contours=True)] == [True, False]


def test_the_communes_of_a_departement_in_the_order_of_their_codes(
    asked: communes.Communes,
) -> None:
    found = asked.of("57", contours=True)

    assert [it.code_insee for it in found] == ["57032", "57463"]
    assert [it.contour for it in found] == [ISLES["contour"], METZ["contour"]]
    assert (found[0].population, found[0].epci_name, found[0].postal_codes) == (None, None, ())
    assert [it.contour for it in asked.of("57")] == [None, None]


def test_what_does_not_exist_is_nothing(asked: communes.Communes) -> None:
    assert asked.one("57999") is None
    assert asked.of("96") == []


@pytest.mark.parametrize("wrong", ["", "5", "57463?", "../57", "5746", "574633"])
def test_what_has_not_the_form_of_a_code_is_not_sent(
    asked: communes.Communes, server: Local, wrong: str
) -> None:
    with pytest.raises(ValueError, match="a commune"):
        asked.one(wrong)
    with pytest.raises(ValueError, match="a département"):
        asked.of(wrong)

    assert server.requests == []


@pytest.mark.parametrize("departement", ["57", "2A", "2B", "974"])
def test_corsica_and_overseas_have_codes_of_their_own(
    asked: communes.Communes, server: Local, departement: str
) -> None:
    asked.of(departement)

    assert server.requests[0].path == f"/departements/{departement}/communes"


def test_other_refusals_are_raised(asked: communes.Communes, server: Local) -> None:
    server.replies(Reply(400))

    with pytest.raises(errors.Refused):
        asked.one("57463")
    with pytest.raises(errors.Refused):
        asked.of("57")


@pytest.mark.parametrize(
    "change",
    [
        {"code": "Metz"},
        {"nom": " "},
        {"centre": None},
        {"centre": {"coordinates": [6.1, "x"]}},
        {"population": "many"},
        {"contour": {"type": "Point", "coordinates": [6.1, 49.1]}},
        {"contour": {"type": "Polygon", "coordinates": []}},
        {"contour": {"type": "MultiPolygon", "coordinates": SQUARE}},
        {"codesPostaux": [57000]},
    ],
    ids=lambda change: next(iter(change)),
)
def test_a_commune_that_is_none_is_unreadable(
    asked: communes.Communes, server: Local, change: dict[str, Any]
) -> None:
    server.replies(said(METZ | change))

    with pytest.raises(errors.Unreadable):
        asked.one("57463", contour=True)


def test_a_departement_that_is_no_list_is_unreadable(
    asked: communes.Communes, server: Local
) -> None:
    server.replies(said({"communes": []}))

    with pytest.raises(errors.Unreadable):
        asked.of("57")
