from collections.abc import Iterator
from datetime import timedelta

import pytest
from sqlalchemy import Engine
from sqlmodel import Session, select

from api.services import credentials, entry, errors
from api.services.access import Role, Viewer
from api.services.keys import PREFIX, Keys
from store import journal, tables
from store import session as stores
from store.vault import Vault
from tests.store import rows
from tests.store.rows import NOON

DAY = timedelta(days=1)


@pytest.fixture
def keys(engine: Engine) -> Iterator[Keys]:
    with stores.writing_factory(engine)() as session:
        rows.keep(session, tables.Territory(id="metz", name="Metz"))
    with stores.writing_factory(engine)() as session:
        yield Keys(session, Vault([bytes(range(32))]), "account:a", NOON)


def viewer(session: Session, shown: str, days: float = 0) -> Viewer | None:
    return entry.program(session, credentials.token_digest(shown), NOON + days * DAY)


def test_a_program_sees_what_the_roles_of_its_key_see_until_the_key_is_over(keys: Keys) -> None:
    made = keys.make("agenda", [Role.DESK, Role.CPAM], "metz", 2 * DAY)

    assert made.shown.startswith(PREFIX)
    found = viewer(keys.session, made.shown, 1.99)
    assert found == Viewer(
        f"key:{made.key_id}", frozenset({(Role.DESK, "metz"), (Role.CPAM, "metz")})
    )
    assert viewer(keys.session, made.shown, 2) is None
    assert viewer(keys.session, made.shown + "x") is None


def test_a_revoked_key_opens_nothing_and_both_acts_are_written_down(keys: Keys) -> None:
    made = keys.make("agenda", [Role.DESK], None, DAY)

    for _ in range(2):
        keys.revoke(made.key_id)

    assert viewer(keys.session, made.shown) is None
    lines = journal.about(keys.session, f"key:{made.key_id}")
    assert [(line.actor, line.act) for line in lines] == [
        ("account:a", "created"),
        ("account:a", "revoked"),
    ]
    kept = str(keys.session.exec(select(tables.ApiKey)).one().model_dump())
    assert made.shown not in kept


def test_what_cannot_be_is_refused(keys: Keys) -> None:
    with pytest.raises(errors.UnknownTerritory):
        keys.make("agenda", [Role.DESK], "nowhere", DAY)
    with pytest.raises(errors.UnknownKey):
        keys.revoke("none")
    for roles, length in (([], DAY), ([Role.DESK], timedelta())):
        with pytest.raises(ValueError, match="a key has"):
            keys.make("agenda", roles, None, length)
