"""Figures for whoever supervises the service, and for nobody else."""

import re
from datetime import timedelta
from pathlib import Path

import pytest
from pydantic import ValidationError
from sqlmodel import Session

from api.settings import Settings
from store import job_runs
from tests.api.http.conftest import KEYS, TOKEN, Build, Client
from tests.store import rows
from tests.store.rows import NOON

METRICS_TOKEN = "v8Qk2mZt6Lw4Rj9Xs1Bf7Hd3Np5Gc0Ya"  # noqa: S105 (opens nothing but these tests)
SHOWN = {"authorization": f"Bearer {METRICS_TOKEN}"}
MARKS = ("Zwicklambert", "0698754321", "48.693217", "6.183456")


@pytest.fixture
def supervised(build: Build) -> Client:
    return build(desk_token=TOKEN, metrics_token=METRICS_TOKEN)


def figures(client: Client) -> dict[str, float]:
    """Every line of `/metrics`: name with its labels, and value."""
    answer = client.get("/metrics", headers=SHOWN)
    assert answer.status_code == 200
    lines = [line for line in answer.text.splitlines() if not line.startswith("#")]
    return {name: float(value) for name, value in (line.rsplit(" ", 1) for line in lines)}


def requests(client: Client) -> dict[str, float]:
    found = figures(client)
    return {name: it for name, it in found.items() if name.startswith("releve_requests_total{")}


def test_without_a_token_of_its_own_the_address_does_not_exist(build: Build) -> None:
    for client in (build(demo=True), build(desk_token=TOKEN)):
        refused = client.get("/metrics", headers={"authorization": f"Bearer {TOKEN}"})
        nothing = client.get("/nothing")

        assert (refused.status_code, refused.json()) == (404, nothing.json())


@pytest.mark.parametrize(
    "shown",
    [
        {},
        {"authorization": ""},
        {"authorization": f"Bearer {TOKEN}"},
        {"authorization": f"Bearer {METRICS_TOKEN}x"},
        {"authorization": f"Basic {METRICS_TOKEN}"},
        {"authorization": METRICS_TOKEN},
    ],
)
def test_only_the_token_of_the_metrics_opens_them(
    supervised: Client, shown: dict[str, str]
) -> None:
    refused = supervised.get("/metrics", headers=shown)

    assert (refused.status_code, refused.headers["www-authenticate"][:6]) == (401, "Bearer")
    assert "supervision" in refused.json()["detail"]


def test_the_token_of_the_metrics_opens_nothing_else(supervised: Client) -> None:
    assert supervised.get("/regulation", headers=SHOWN).status_code == 401


def test_requests_are_counted_by_route_method_and_class(supervised: Client) -> None:
    for _ in range(3):
        supervised.get("/api/v1/listing")
    supervised.get("/api/v1/listing", params={"code_insee": "x"})
    supervised.request("POST", "/api/v1/listing")

    counted = requests(supervised)

    def of(method: str, status: str) -> float:
        labels = f'method="{method}",route="/api/v1/listing",status="{status}"'
        return counted[f"releve_requests_total{{{labels}}}"]

    assert (of("GET", "2xx"), of("GET", "4xx"), of("POST", "4xx")) == (3, 1, 1)
    timed = 'releve_request_duration_seconds_count{method="GET",route="/api/v1/listing"}'
    assert figures(supervised)[timed] == 4
    assert figures(supervised)["releve_requests_in_progress"] == 1


def test_failures_are_counted_too(supervised: Client) -> None:
    def fail() -> None:
        raise ZeroDivisionError

    working = supervised.app.state.open_session
    supervised.app.state.open_session = fail
    supervised.get("/api/v1/listing")
    supervised.app.state.open_session = working

    name = 'releve_requests_total{method="GET",route="/api/v1/listing",status="5xx"}'
    assert requests(supervised)[name] == 1


def test_whatever_is_asked_the_labels_stay_few_and_hold_nothing_of_it(supervised: Client) -> None:
    before = len(requests(supervised))
    for number in range(20):
        for mark in MARKS:
            supervised.get(f"/{mark}/{number}", params={"lieu": mark}, headers={"x-name": mark})
            supervised.get(f"/static/{mark}-{number}.js")
            supervised.request(f"{mark.upper()}{number}", "/regulation")
    after = requests(supervised)

    # The look before, unknown addresses, files that are not there, unusual methods.
    assert len(after) - before == 4
    text = supervised.get("/metrics", headers=SHOWN).text
    assert [mark for mark in MARKS if mark.lower() in text.lower()] == []


def test_each_application_counts_for_itself(build: Build) -> None:
    one = build(desk_token=TOKEN, metrics_token=METRICS_TOKEN)
    two = build(desk_token=TOKEN, metrics_token=METRICS_TOKEN)
    one.get("/api/v1/listing")

    assert any("/api/v1/listing" in name for name in requests(one))
    assert not any("/api/v1/listing" in name for name in requests(two))


def test_ages_are_told_of_what_ended_well(supervised: Client, session: Session) -> None:
    for job, minutes, state in (
        ("watch-the-roster", 50, "done"),
        ("watch-the-roster", 10, "done"),
        ("watch-the-roster", 5, "failed"),
        ("never-well", 5, "failed"),
    ):
        at = NOON - timedelta(minutes=minutes)
        job_runs.end(session, job_runs.begin(session, job, at), at, state, {})
    rows.keep(session, rows.a_run("matching", finished_at=NOON - timedelta(hours=1)))

    found = figures(supervised)

    ages = {name: seconds for name, seconds in found.items() if "_age_seconds" in name}
    assert ages == {
        'releve_job_last_success_age_seconds{job="watch-the-roster"}': 600,
        'releve_run_last_age_seconds{kind="matching"}': 3600,
    }
    assert found["releve_database_up"] == 1


def test_connections_and_version_are_told(supervised: Client) -> None:
    found = figures(supervised)

    in_use = found['releve_database_connections{state="in_use"}']
    idle = found['releve_database_connections{state="idle"}']
    assert 0 <= in_use + idle <= found["releve_database_pool_size"]
    (built,) = [name for name in found if name.startswith("releve_build_info")]
    assert re.search(r'version="\d+\.\d+', built)


def test_without_a_database_the_figures_still_come(build: Build, tmp_path: Path) -> None:
    client = build(
        desk_token=TOKEN,
        metrics_token=METRICS_TOKEN,
        database_url=f"sqlite:///{tmp_path}/nowhere/releve.sqlite3",
    )

    found = figures(client)

    assert found["releve_database_up"] == 0
    assert not any("_age_seconds" in name for name in found)


@pytest.mark.parametrize("token", ["", "short", "a" * 40, TOKEN])
def test_a_simple_or_shared_token_refuses_to_start(token: str) -> None:
    with pytest.raises(ValidationError, match="RELEVE_METRICS_TOKEN"):
        Settings(desk_token=TOKEN, secret_keys=KEYS, metrics_token=token)  # type: ignore[arg-type]
