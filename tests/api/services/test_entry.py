from datetime import datetime, timedelta

import pyotp
import pytest
from sqlalchemy import Engine
from sqlmodel import Session, select

from api.services import credentials, entry
from api.services.entry import Door, Entered, Reason, Refused
from store import accounts, journal, tables
from store import session as stores
from store.vault import Vault
from tests.store import rows
from tests.store.rows import NOON

VAULT = Vault([bytes(range(32))])
PASSWORD = "dix-huit heures à Metz"  # noqa: S105 (opens nothing but these tests)
WRONG = Refused(Reason.WRONG)
SECOND = timedelta(seconds=1)


@pytest.fixture
def session(engine: Engine) -> Session:
    with stores.writing_factory(engine)() as opened:
        account = tables.Account(
            id="a", login="ines", family_name="Lambert", given_name="Inès", made_at=NOON
        )
        account.password = credentials.digest(PASSWORD)
        rows.keep(opened, account)
    with stores.writing_factory(engine)() as opened:
        yield opened


def door(session: Session, now: datetime = NOON) -> Door:
    return Door(session, VAULT, now)


def entered(session: Session, now: datetime = NOON, **said: str) -> Entered | Refused:
    return door(session, now).enter(**({"login": "ines", "password": PASSWORD} | said))


def let_in(session: Session, now: datetime = NOON, **said: str) -> str:
    outcome = entered(session, now, **said)
    assert isinstance(outcome, Entered)
    return outcome.token


def account_of(session: Session) -> tables.Account:
    return session.get_one(tables.Account, "a")


def acts(session: Session) -> list[str]:
    return [line.act for line in journal.about(session, "account:a")]


def test_whoever_knows_the_password_enters_and_is_known_by_the_token(session: Session) -> None:
    token = let_in(session, login=" Ines ")

    account = entry.who(session, token, NOON)
    assert account is not None
    assert account.login == "ines"
    assert acts(session) == ["entered"]
    assert token not in str([it.model_dump() for it in session.exec(select(tables.LoginSession))])


@pytest.mark.parametrize(
    "said", [{"password": "other"}, {"password": ""}, {"login": "nobody"}, {"login": ""}]
)
def test_a_wrong_password_and_an_unknown_name_are_refused_alike(
    session: Session, said: dict[str, str]
) -> None:
    assert entered(session, **said) == WRONG


def test_an_account_that_is_not_active_or_has_no_password_is_not_entered(session: Session) -> None:
    token = let_in(session)
    account_of(session).active = False

    assert entered(session) == WRONG
    assert entry.who(session, token, NOON) is None

    account_of(session).active = True
    account_of(session).password = None
    assert entered(session) == WRONG
    assert entered(session, password="") == WRONG


def test_after_five_wrong_attempts_even_the_right_password_waits_and_ever_longer(
    session: Session,
) -> None:
    for _ in range(4):
        assert entered(session, password="wrong") == WRONG
    let_in(session)
    for _ in range(5):
        assert entered(session, password="wrong") == WRONG

    until = NOON + entry.FIRST_LOCK
    assert entered(session) == Refused(Reason.LOCKED, until)
    assert entered(session, until - SECOND) == Refused(Reason.LOCKED, until)
    assert entered(session, until, password="wrong") == WRONG
    assert entered(session, until) == Refused(Reason.LOCKED, until + 2 * entry.FIRST_LOCK)
    let_in(session, until + 2 * entry.FIRST_LOCK)
    assert account_of(session).failures == 0


def test_nobody_is_locked_out_for_more_than_an_hour(session: Session) -> None:
    now = NOON
    for _ in range(30):
        entered(session, now, password="wrong")
        now = account_of(session).locked_until or now

    assert now - NOON <= 30 * entry.LONGEST_LOCK
    until = account_of(session).locked_until
    assert until is not None
    entered(session, until, password="wrong")
    assert account_of(session).locked_until == until + entry.LONGEST_LOCK


def test_attempts_are_written_down_and_the_password_is_not(session: Session) -> None:
    entered(session, password="my other password")
    let_in(session)

    assert acts(session) == ["refused", "entered"]
    lines = str([line.model_dump() for line in journal.about(session, "account:a")])
    assert "my other password" not in lines
    assert PASSWORD not in lines


def test_a_session_ends_after_a_day_of_work_or_an_hour_of_silence(session: Session) -> None:
    token = let_in(session)

    def known(now: datetime) -> bool:
        return entry.who(session, token, now) is not None

    assert known(NOON + entry.IDLE - SECOND)
    assert not known(NOON + entry.IDLE)
    now = NOON
    while now + timedelta(minutes=50) < NOON + entry.SESSION_LENGTH:
        now += timedelta(minutes=50)
        entry.seen(session, token, now)
    assert known(NOON + entry.SESSION_LENGTH - SECOND)
    assert not known(NOON + entry.SESSION_LENGTH)


def test_whoever_leaves_is_no_longer_known_and_others_stay(session: Session) -> None:
    left, stays = let_in(session), let_in(session)

    door(session).leave(left)

    assert entry.who(session, left, NOON) is None
    assert entry.who(session, stays, NOON) is not None
    assert entry.who(session, "nonsense", NOON) is None


def test_sessions_survive_the_process_and_can_all_be_ended(
    session: Session, engine: Engine
) -> None:
    tokens = [let_in(session), let_in(session)]
    session.commit()

    with stores.session_factory(engine)() as other:
        assert all(entry.who(other, token, NOON) for token in tokens)
    assert accounts.end_sessions(session, "a", NOON) == 2
    assert not any(entry.who(session, token, NOON) for token in tokens)


def test_another_password_ends_the_sessions_and_the_old_one(session: Session) -> None:
    token, account = let_in(session), account_of(session)

    assert door(session).set_password(account, "short") is credentials.Fault.TOO_SHORT
    assert entry.who(session, token, NOON) is not None
    assert door(session).set_password(account, "samedi matin à Metz") is None

    assert entry.who(session, token, NOON) is None
    assert entered(session) == WRONG
    let_in(session, password="samedi matin à Metz")
    assert acts(session)[1] == "changed"


def second_factor(session: Session, now: datetime = NOON) -> str:
    address = door(session, now).offer_second_factor(account_of(session))
    return pyotp.parse_uri(address).secret  # type: ignore[union-attr]


def test_the_second_factor_counts_from_its_first_code_on(session: Session) -> None:
    shared = second_factor(session)
    let_in(session)
    assert not door(session).confirm_second_factor(account_of(session), "000000")

    code = pyotp.TOTP(shared).at(NOON)
    assert door(session).confirm_second_factor(account_of(session), code)

    assert entered(session) == Refused(Reason.CODE_NEEDED)
    assert entered(session, code=code) == WRONG  # it was taken before
    later = NOON + timedelta(minutes=1)
    let_in(session, later, code=pyotp.TOTP(shared).at(later))
    assert shared.encode() not in (account_of(session).totp or b"")


def test_wrong_codes_lock_like_wrong_passwords(session: Session) -> None:
    shared = second_factor(session)
    door(session).confirm_second_factor(account_of(session), pyotp.TOTP(shared).at(NOON))
    for _ in range(5):
        assert entered(session, code="000000") == WRONG

    outcome = entered(session, code=pyotp.TOTP(shared).at(NOON + timedelta(seconds=30)))

    assert outcome == Refused(Reason.LOCKED, NOON + entry.FIRST_LOCK)


def test_an_old_digest_is_made_anew_when_somebody_enters(session: Session) -> None:
    weaker = credentials.PasswordHasher(time_cost=1, memory_cost=64).hash(PASSWORD)
    account_of(session).password = weaker

    let_in(session)

    assert not credentials.is_old(account_of(session).password or "")


def test_what_somebody_is_is_what_was_given_and_not_ended(session: Session) -> None:
    rows.keep(session, tables.Territory(id="metz", name="Metz"))
    given = {"account_id": "a", "territory_id": "metz", "given_by": "account:b"}
    rows.keep(
        session,
        tables.Role(role="desk", given_at=NOON, **given),
        tables.Role(role="dpo", given_at=NOON, ended_at=NOON + SECOND, **given),
        tables.Role(role="admin", given_at=NOON + SECOND, **given),
    )

    assert [it.role for it in accounts.roles(session, "a", NOON)] == ["desk", "dpo"]
    assert [it.role for it in accounts.roles(session, "a", NOON + SECOND)] == ["desk", "admin"]
