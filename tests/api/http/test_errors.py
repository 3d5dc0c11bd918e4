from pathlib import Path

import pytest

from api.http import errors as http_errors
from api.http import headers
from api.services import access, errors, instants
from tests.api.http.conftest import TOKEN, Build, Client


def _every(kind: type[Exception]) -> set[type[Exception]]:
    return {kind}.union(*(_every(below) for below in kind.__subclasses__()))


def test_every_refusal_of_a_service_has_an_answer() -> None:
    refusals = _every(errors.ServiceError) - {errors.ServiceError}

    assert refusals <= set(http_errors.ANSWERS)


def test_every_reason_and_every_fault_has_a_status_or_a_sentence() -> None:
    assert set(http_errors.FORBIDDEN) == set(access.Reason) - {access.Reason.OPEN_TO_ALL}
    assert set(http_errors.INSTANTS) == set(instants.Fault)
    assert {status for status, _ in http_errors.FORBIDDEN.values()} <= set(http_errors.SAID)


@pytest.mark.parametrize(
    ("method", "path", "status", "title"),
    [
        ("GET", "/api/v1/nothing", 404, "Introuvable"),
        ("POST", "/api/v1/listing", 405, "Méthode refusée"),
        ("GET", "/docs", 404, "Introuvable"),
        ("GET", "/redoc", 404, "Introuvable"),
        ("GET", "/static/leaflet/../../settings.py", 404, "Introuvable"),
    ],
)
def test_the_errors_of_the_framework_are_problems_in_french(
    client: Client, method: str, path: str, status: int, title: str
) -> None:
    response = client.request(method, path)

    assert response.status_code == status
    assert response.headers["content-type"] == "application/problem+json"
    assert (response.json()["title"], response.json()["type"]) == (title, "about:blank")
    assert response.json()["detail"]


def test_a_refused_method_says_which_one_is_allowed(client: Client) -> None:
    assert client.request("POST", "/api/v1/listing").headers["allow"] == "GET"


def test_an_unexpected_error_says_nothing_of_itself_and_keeps_the_headers(
    client: Client, caplog: pytest.LogCaptureFixture
) -> None:
    def fail() -> None:
        raise ZeroDivisionError("a secret of ours")

    client.app.state.open_session = fail

    response = client.get("/api/v1/listing")

    assert (response.status_code, response.json()["title"]) == (500, "Erreur du service")
    assert "secret" not in response.text
    assert "ZeroDivisionError" in caplog.text
    assert headers.EVERY_RESPONSE.items() <= dict(response.headers).items()


def test_a_database_that_cannot_be_reached_makes_a_503(build: Build, tmp_path: Path) -> None:
    client = build(demo=True, database_url=f"sqlite:///{tmp_path}/nowhere/releve.sqlite3")

    assert client.get("/api/v1/listing").status_code == 503
    assert client.get("/health/ready").status_code == 503
    assert client.get("/health/live").status_code == 200


@pytest.mark.parametrize("path", ["/health/live", "/api/v1/availability", "/nothing"])
def test_every_answer_keeps_the_browser_on_a_short_leash(client: Client, path: str) -> None:
    said = client.get(path).headers

    policy = said["content-security-policy"]
    assert "frame-ancestors 'none'" in policy
    assert "unsafe" not in policy
    assert said["x-content-type-options"] == "nosniff"
    assert said["referrer-policy"] == "no-referrer"


def test_a_browser_gets_a_page_and_a_program_a_problem(build: Build) -> None:
    client = build(desk_token=TOKEN)
    browser = {"accept": "text/html,application/xhtml+xml"}

    page = client.get("/nothing", headers=browser)
    problem = client.get("/api/nothing", headers=browser)

    assert (page.status_code, page.headers["content-type"]) == (404, "text/html; charset=utf-8")
    assert "Introuvable" in page.text
    assert problem.headers["content-type"] == "application/problem+json"


def test_a_browser_is_asked_by_our_page_and_not_by_a_window_of_its_own(build: Build) -> None:
    client = build(desk_token=TOKEN)

    refused = client.get("/regulation", headers={"accept": "text/html"})

    assert refused.status_code == 401
    assert refused.headers["www-authenticate"].startswith("Cookie ")
    assert 'action="/connexion"' in refused.text
