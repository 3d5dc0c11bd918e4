from datetime import timedelta
from typing import Any

import pytest
from sqlmodel import Session

from store import tables
from tests.api.http.conftest import TOKEN, Build, Client
from tests.store import rows
from tests.store.rows import METZ, NOON

HERE = {"lat": METZ[0], "lon": METZ[1]}
URL = "/api/v1/availability"


def _fields(client: Client, **asked: Any) -> list[str]:
    response = client.get(URL, params=asked)
    assert response.status_code == 422
    assert response.headers["content-type"] == "application/problem+json"
    return [error["field"] for error in response.json()["errors"]]


def test_the_doctor_on_duty_is_told_field_by_field(client: Client, session: Session) -> None:
    slot_id = rows.a_duty_at(session, rows.a_site(), NOON - timedelta(hours=1))

    response = client.get(URL, params=HERE)

    assert response.status_code == 200
    assert response.headers["cache-control"] == "no-store"
    said = response.json()
    assert said["doctors"] == [
        {
            "rpps": "10990000017",
            "family_name": "Lambert",
            "given_name": "Inès",
            "on_duty": True,
            "slot_id": slot_id,
            "starts_at": "2026-11-21T11:00:00Z",
            "ends_at": "2026-11-21T13:00:00Z",
            "site": {
                "site_id": "A",
                "name": "Maison médicale A",
                "address": "1 rue de la Gare",
                "code_insee": "57463",
                "coordinates": {"latitude": METZ[0], "longitude": METZ[1]},
                "phone": "03 53 01 00 00",
            },
            "distance_km": 0.0,
        }
    ]
    assert (said["radius_km"], said["enlarged_radius_km"], said["why_none"]) == (10, 15, None)
    assert (said["at"], said["until"]) == ("2026-11-21T12:00:00Z", "2026-11-24T12:00:00Z")


def test_reg_07_the_radius_is_shown_and_the_enlarged_one_finds(
    client: Client, session: Session
) -> None:
    rows.a_duty_at(session, rows.a_site(latitude=METZ[0] + 0.11), NOON)

    first = client.get(URL, params={"code_insee": "57463"}).json()
    wider = {"code_insee": "57463", "within_km": first["enlarged_radius_km"]}
    enlarged = client.get(URL, params=wider).json()

    assert (first["radius_km"], first["enlarged_radius_km"], first["doctors"]) == (10, 15, [])
    assert first["why_none"] == "none_within_radius"
    assert 12 < first["nearest_km"] < 13
    assert (enlarged["radius_km"], len(enlarged["doctors"])) == (15, 1)


def test_an_empty_store_answers_that_no_roster_is_published(client: Client) -> None:
    said = client.get(URL, params=HERE).json()

    assert (said["doctors"], said["why_none"], said["nearest_km"]) == ([], "no_roster", None)
    assert said["place"]["code_insee"] is None


@pytest.mark.parametrize(
    ("at", "instant"),
    [
        ("2026-11-21T18:30:00Z", "2026-11-21T18:30:00Z"),
        ("2026-11-21T18:30:00%2B01:00", "2026-11-21T17:30:00Z"),
        ("2026-11-21T18:30:00+01:00", "2026-11-21T17:30:00Z"),
        ("2026-11-21T18:30", "2026-11-21T17:30:00Z"),
    ],
    ids=["UTC", "an encoded plus", "a raw plus", "civil time"],
)
def test_an_instant_is_understood_however_it_is_written(
    client: Client, at: str, instant: str
) -> None:
    response = client.get(f"{URL}?lat=49&lon=6&at={at}")

    assert response.json()["at"] == instant


@pytest.mark.parametrize("at", ["demain", "", "1999-01-01T00:00Z", "2026-03-29T02:30"])
def test_an_instant_that_is_none_is_refused_by_name(client: Client, at: str) -> None:
    assert _fields(client, **HERE, at=at) == ["at"]


@pytest.mark.parametrize(
    ("asked", "fields"),
    [
        ({"lat": 90.1, "lon": 6}, ["lat"]),
        ({"lat": -90.1, "lon": 6}, ["lat"]),
        ({"lat": 49, "lon": 180.1}, ["lon"]),
        ({"lat": "nan", "lon": "inf"}, ["lat", "lon"]),
        ({"lat": "quarante", "lon": 6}, ["lat"]),
        ({**HERE, "within_km": 0}, ["within_km"]),
        ({**HERE, "within_km": -5}, ["within_km"]),
        ({**HERE, "within_km": "inf"}, ["within_km"]),
        ({**HERE, "radius": 5}, ["radius"]),
        ({"code_insee": "5746"}, ["code_insee"]),
        ({"code_insee": "99999"}, ["code_insee"]),
        ({}, ["lat", "lon", "code_insee"]),
        ({"lat": 49}, ["lat", "lon", "code_insee"]),
        ({**HERE, "code_insee": "57463"}, ["lat", "lon", "code_insee"]),
    ],
)
def test_a_question_that_makes_no_sense_is_refused_with_its_fields(
    client: Client, asked: dict[str, Any], fields: list[str]
) -> None:
    assert _fields(client, **asked) == fields


@pytest.mark.parametrize("place", [(90, 180), (-90, -180), (0, 0)])
def test_the_borders_of_the_earth_are_places(client: Client, place: tuple[int, int]) -> None:
    assert client.get(URL, params={"lat": place[0], "lon": place[1]}).status_code == 200


def test_a_refusal_is_in_french_and_never_repeats_what_was_sent(client: Client) -> None:
    said = client.get(URL, params={"lat": 4912.345, "lon": 6}).json()

    assert said == {
        "type": "urn:releve:invalid-request",
        "title": "Demande invalide",
        "status": 422,
        "detail": "« lat » doit être inférieur ou égal à 90.",
        "errors": [{"field": "lat", "detail": "doit être inférieur ou égal à 90"}],
    }


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"authorization": "Bearer wrong"},
        {"authorization": "Bearer "},
        {"authorization": f"Digest {TOKEN}"},
        {"authorization": "Basic not-base64!"},
        {"authorization": "Basic ZGVzazo="},
    ],
)
def test_without_the_token_the_search_is_refused_whatever_is_asked(
    build: Build, headers: dict[str, str]
) -> None:
    client = build(desk_token=TOKEN)

    for asked in (HERE, {}, {"lat": "nonsense"}):
        response = client.get(URL, params=asked, headers=headers)
        assert response.status_code == 401
        assert response.headers["www-authenticate"].startswith("Bearer ")
        assert response.json()["type"] == "urn:releve:forbidden"


def test_the_token_of_the_desk_opens_the_search_in_both_ways(
    build: Build, session: Session
) -> None:
    rows.a_duty_at(session, rows.a_site(), NOON)
    client = build(desk_token=TOKEN)

    bearer = client.get(URL, params=HERE, headers={"authorization": f"Bearer {TOKEN}"})
    basic = client.get(URL, params=HERE, auth=("desk", TOKEN))

    assert [len(answer.json()["doctors"]) for answer in (bearer, basic)] == [1, 1]


def test_the_listing_is_public_and_can_be_kept_to_a_commune(build: Build, session: Session) -> None:
    client = build(desk_token=TOKEN)
    rows.keep(session, rows.a_commune(), rows.a_doctor())
    rows.keep_offer(session)

    (doctor,) = client.get("/api/v1/listing").json()["doctors"]
    elsewhere = client.get("/api/v1/listing", params={"code_insee": "54395"}).json()
    nonsense = client.get("/api/v1/listing", params={"commune": "Metz"})

    assert (doctor["rpps"], doctor["commune_name"], doctor["languages"]) == (
        "10990000017",
        "Metz",
        [],
    )
    assert (doctor["confirmed_on"], doctor["freshness"]) == ("2026-11-01", "recent")
    assert elsewhere == {"doctors": []}
    assert nonsense.status_code == 422


def test_the_figures_are_public_and_hidden_ones_are_null(build: Build, session: Session) -> None:
    client = build(desk_token=TOKEN)
    assert client.get("/api/v1/communes").json() == {"day": None, "status": None, "communes": []}

    run = rows.a_run()
    rows.keep(session, rows.a_commune(), run)
    figure = {"run_id": run.id, "code_insee": "57463", "accepting_doctors": 2, "places_open": 9}
    rows.keep(session, tables.CommuneFigure(**figure))

    said = client.get("/api/v1/communes").json()
    assert (said["day"], said["status"]) == ("2026-11-21", "optimal")
    assert said["communes"][0]["patients"] is None
    assert said["communes"][0]["places_open"] == 9
