from fastapi import APIRouter
from fastapi.routing import iter_route_contexts
from starlette.routing import Mount

from api.http import audience
from tests.api.http.conftest import TOKEN, Build, Client


def _paths(client: Client) -> set[str]:
    served = [route for route in client.app.routes if not isinstance(route, Mount)]
    return {str(route.path) for route in iter_route_contexts(served)}


def test_every_route_has_exactly_one_audience_and_every_audience_has_its_routes(
    client: Client,
) -> None:
    sets = (*audience.RULES, audience.METRICS)
    listed = [path for paths in sets for path in paths]

    assert len(listed) == len(set(listed))
    assert _paths(client) == set(listed)


def test_every_mounted_folder_is_named(client: Client) -> None:
    mounted = {route.path for route in client.app.routes if isinstance(route, Mount)}

    assert mounted == audience.MOUNTS


def test_every_route_that_is_not_public_refuses_the_public_by_every_method(build: Build) -> None:
    client = build(desk_token=TOKEN)
    closed = [path for paths in audience.RULES if paths != audience.PUBLIC for path in paths]

    answers = {client.request(how, path).status_code for path in closed for how in ("GET", "POST")}

    assert answers <= {401, 405}


def test_every_public_route_lets_the_public_in(build: Build) -> None:
    client = build(desk_token=TOKEN)

    answered = {path: client.get(path).status_code for path in audience.PUBLIC}

    assert answered == dict.fromkeys(audience.PUBLIC, 200) | {"/deconnexion": 405}


def test_a_route_that_nobody_listed_is_closed_even_to_the_desk(client: Client) -> None:
    forgotten = APIRouter()

    @forgotten.get("/api/v1/patients")
    def tell_everything() -> str:
        return "everything"

    client.app.include_router(forgotten)

    response = client.get("/api/v1/patients")

    assert (response.status_code, response.json()["title"]) == (403, "Accès refusé")


def test_the_description_of_the_interface_comes_with_examples_and_from_nowhere_else(
    client: Client,
) -> None:
    described = client.get("/openapi.json")

    assert "2026-11-21T10:00:00+01:00" in described.text
    assert "cdn" not in described.text.lower()
    answers = described.json()["paths"]["/api/v1/availability"]["get"]["responses"]
    assert {"200", "401", "422", "503"} <= set(answers)


def test_every_answer_of_the_interface_is_described_field_by_field(client: Client) -> None:
    paths = client.get("/openapi.json").json()["paths"]

    for path, operations in paths.items():
        for operation in operations.values():
            answer = operation["responses"]["200"]["content"]["application/json"]["schema"]
            assert answer["$ref"].startswith("#/components/schemas/"), path
    assert {path for path in paths if path.startswith("/api/")} == {
        path for path in audience.PUBLIC | audience.DESK if path.startswith("/api/")
    }
