from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.api import commands
from tests.api.directories.server import Local, Reply, Request, running, said

NAMES = ("BAN", "geo.api", "Annuaire Santé", "OSRM")


@pytest.fixture
def server() -> Iterator[Local]:
    yield from running()


@pytest.fixture(autouse=True)
def _a_store(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in ("BAN_URL", "GEO_URL", "ANNUAIRE_URL", "ANNUAIRE_KEY", "OSRM_URL"):
        monkeypatch.delenv(f"RELEVE_{name}", raising=False)
    monkeypatch.setenv("NO_PROXY", "*")
    monkeypatch.setenv("RELEVE_DATABASE_URL", f"sqlite:///{tmp_path / 'releve.sqlite3'}")
    monkeypatch.setenv("RELEVE_DEMO", "true")
    assert commands.run("migrate").exit_code == 0


def told(*words: str) -> list[str]:
    """The lines of the answer, in the order of `NAMES`."""
    done = commands.run("directories", *words)
    assert done.exit_code == 0, done.stderr
    lines = [next(it for it in done.stdout.splitlines() if name in it) for name in NAMES]
    assert [it for it in done.stdout.splitlines() if "Traceback" in it] == []
    return lines


def annuaires(request: Request) -> Reply:
    """Every directory at one address: one answers, one refuses our key, one is not as promised."""
    if request.path == "/search":
        return said({"features": []})
    if request.path == "/communes/57463":
        return said({"nom": "Metz"})
    return Reply(401)


def test_without_addresses_everything_is_off_even_when_tried() -> None:
    for words in ((), ("--try",)):
        assert all("éteint : rien n'est envoyé" in line for line in told(*words))


def test_what_was_never_asked_says_so(server: Local, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RELEVE_BAN_URL", server.url)

    assert "jamais interrogé" in told()[0]
    assert server.requests == []


def test_each_that_is_on_is_tried_and_its_state_told(
    server: Local, monkeypatch: pytest.MonkeyPatch
) -> None:
    server.answers = annuaires
    for name in ("BAN_URL", "GEO_URL", "ANNUAIRE_URL"):
        monkeypatch.setenv(f"RELEVE_{name}", server.url)
    monkeypatch.setenv("RELEVE_ANNUAIRE_KEY", "old")

    ban, geo, annuaire, osrm = told("--try")

    assert "à jour, dernière réponse le" in ban
    assert "en panne depuis le" in geo
    assert "en panne depuis le" in annuaire
    assert "éteint" in osrm
    assert told() == [ban, geo, annuaire, osrm]


def test_a_wrong_address_is_refused_in_a_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RELEVE_OSRM_URL", "ftp://me:hidden@roads.example")

    refused = commands.run("directories")

    assert refused.exit_code == 2
    assert refused.stderr.startswith("RELEVE_OSRM_URL n'est pas une adresse http(s)")
    assert "hidden" not in refused.stderr
