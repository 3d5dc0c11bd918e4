from store import session as store_session
from tests.api.http.conftest import Build, Client


def test_a_migrated_store_is_ready(client: Client) -> None:
    assert client.get("/health/live").json() == {"status": "ok"}
    assert client.get("/health/ready").json() == {"status": "ok"}


def test_a_store_without_its_tables_lives_and_is_not_ready(
    build: Build, bare_database_url: str
) -> None:
    client = build(demo=True, database_url=bare_database_url)

    refused = client.get("/health/ready")

    assert client.get("/health/live").status_code == 200
    assert (refused.status_code, refused.json()["title"]) == (503, "Service indisponible")
    client.app.state.engine.dispose()


def test_the_store_becomes_ready_when_it_is_migrated(build: Build, bare_database_url: str) -> None:
    client = build(demo=True, database_url=bare_database_url)
    assert client.get("/health/ready").status_code == 503

    store_session.migrate(bare_database_url)

    assert client.get("/health/ready").status_code == 200
    client.app.state.engine.dispose()
