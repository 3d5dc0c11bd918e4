from datetime import UTC, datetime
from pathlib import Path

import pytest
from click.testing import Result

from api import cli
from api.services import credentials, entry
from api.services.entry import Door
from api.settings import Settings
from store import accounts
from store import session as stores
from tests.api import commands
from tests.store.rows import NOON

PASSWORD = "dix-huit heures à Metz"  # noqa: S105 (opens nothing but these tests)


@pytest.fixture
def url(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> str:
    address = f"sqlite:///{tmp_path / 'releve.sqlite3'}"
    monkeypatch.setenv("RELEVE_DATABASE_URL", address)
    monkeypatch.setenv("RELEVE_DEMO", "true")
    commands.run("migrate")
    return address


def add(login: str = "ines", password: str = PASSWORD, *more: str) -> Result:
    names = ("--family-name", "Lambert", "--given-name", "Inès", "--role", "admin")
    return commands.run("add-account", login, *names, "--password", password, *more)


def test_the_first_account_is_made_by_command_and_lets_in(url: str) -> None:
    made = add("Ines")

    assert (made.exit_code, made.stdout) == (0, "Le compte ines est créé (administration).\n")
    engine = stores.open_engine(url)
    with stores.writing_factory(engine)() as session:
        outcome = Door(session, Settings().vault, NOON).enter(login="ines", password=PASSWORD)
        assert isinstance(outcome, entry.Entered)
        given = accounts.roles(session, outcome.account_id, outcome.expires_at.replace(year=2100))
        assert [(it.role, it.territory_id) for it in given] == [("admin", None)]
    engine.dispose()


@pytest.mark.usefixtures("url")
@pytest.mark.parametrize(
    ("login", "password", "more", "why"),
    [
        ("ines", PASSWORD, (), "existe déjà"),
        ("other", "court", (), "12 caractères"),
        ("other", PASSWORD, ("--territory", "nowhere"), "pas de territoire « nowhere »"),
        ("other", PASSWORD, ("--role", "king"), "king"),
    ],
)
def test_what_cannot_be_is_refused_and_nothing_is_made(
    login: str, password: str, more: tuple[str, ...], why: str
) -> None:
    add()

    refused = add(login, password, *more)

    assert refused.exit_code == 2
    assert why in refused.stderr
    assert add("other").exit_code == 0


@pytest.mark.usefixtures("url")
def test_the_password_is_asked_for_twice_and_not_shown() -> None:
    words = ["add-account", "ines", "--family-name", "L", "--given-name", "I", "--role", "dpo"]

    made = commands.CliRunner().invoke(cli.app, words, input=f"{PASSWORD}\n{PASSWORD}\n")

    assert made.exit_code == 0
    assert PASSWORD not in made.output


def test_a_key_is_shown_once_and_revoked_by_its_number(url: str) -> None:
    made = commands.run("add-key", "agenda", "--role", "desk", "--days", "2")
    said, shown = made.stdout.splitlines()
    number = said.split()[1]
    engine = stores.open_engine(url)

    def opens() -> bool:
        with stores.session_factory(engine)() as session:
            digest = credentials.token_digest(shown)
            return accounts.live_key(session, digest, datetime.now(UTC)) is not None

    assert shown.startswith("releve_")
    assert opens()
    assert commands.run("revoke-key", number).exit_code == 0
    assert not opens()
    assert commands.run("revoke-key", "none").exit_code == 2
    engine.dispose()
