"""Entering and leaving: accounts with a password and a second factor, and their sessions.

Nothing here raises for a wrong password: a refusal counts and is written down, so the edge commits
it as it commits an entry.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from sqlmodel import Session

from api.services import access, credentials, errors, territories
from store import accounts, journal, tables
from store.vault import Vault

FREE_TRIES = 5
"""Wrong attempts before an account is locked for a while."""

FIRST_LOCK = timedelta(seconds=30)
LONGEST_LOCK = timedelta(hours=1)
"""Each wrong attempt after the free ones doubles the time."""

SESSION_LENGTH = timedelta(hours=12)
"""A day of work; nobody stays longer without showing who they are."""

IDLE = timedelta(hours=1)
"""A session that nobody used for so long is over."""

STIR = timedelta(minutes=5)
"""How often at most it is written down that a session is used."""

DEMO_PREFIX = "demo-"
"""How the identifiers of accounts begin that are of use in demonstration mode only."""

PURPOSE = "access"
"""In the journal."""


class Reason(StrEnum):
    """Why somebody is not let in."""

    WRONG = "wrong"
    """No such account, a wrong password, a wrong code, or an account that is not active."""
    LOCKED = "locked"
    CODE_NEEDED = "code_needed"


@dataclass(frozen=True)
class Entered:
    """Somebody is in: the token goes to the browser, and nowhere else."""

    account_id: str
    token: str
    expires_at: datetime


@dataclass(frozen=True)
class Refused:
    """Somebody is not let in; if locked, until when."""

    reason: Reason
    until: datetime | None = None


@dataclass(frozen=True)
class Door:
    """Where people enter and leave: a session that writes, the keys of the service, the present."""

    session: Session
    vault: Vault
    now: datetime
    demo: bool = False
    """Whether the accounts of the demonstration are let in."""

    def enter(self, *, login: str, password: str, code: str = "") -> Entered | Refused:
        """Let somebody in who knows the password, and the code if there is a second factor."""
        account = accounts.by_login(self.session, login.strip().lower())
        right = credentials.matches(password, account.password if account else None)
        if account is None or not account.active or self._is_closed(account):
            return Refused(Reason.WRONG)
        if account.locked_until is not None and account.locked_until > self.now:
            return Refused(Reason.LOCKED, account.locked_until)
        if not right:
            return self._failed(account)
        if account.totp_since is not None:
            if not code:
                return Refused(Reason.CODE_NEEDED)
            if not self._takes(account, code):
                return self._failed(account)
        if credentials.is_old(account.password or ""):
            account.password = credentials.digest(password)
        return self._let_in(account)

    def confirm(self, account: tables.Account, password: str) -> bool:
        """Whether somebody who is in knows the password; a wrong one counts as at the door."""
        locked = account.locked_until is not None and account.locked_until > self.now
        if locked or credentials.matches(password, account.password):
            return not locked
        self._failed(account)
        return False

    def leave(self, token: str) -> None:
        """End a session."""
        entered = accounts.live_session(self.session, credentials.token_digest(token), self.now)
        if entered is not None:
            entered.revoked_at = self.now
            self.session.add(entered)
            self.session.flush()

    def set_password(self, account: tables.Account, password: str) -> credentials.Fault | None:
        """Give an account another password, which ends its sessions; or what speaks against it."""
        fault = credentials.fault(password, account.login)
        if fault is None:
            account.password = credentials.digest(password)
            account.failures, account.locked_until = 0, None
            self.session.add(account)
            accounts.end_sessions(self.session, account.id, self.now)
            self._write(account, "changed", "password")
        return fault

    def offer_second_factor(self, account: tables.Account) -> str:
        """A new shared secret for an account; it counts once a code of it was shown.

        Returns the `otpauth` address for the telephone.
        """
        shared = credentials.draw_shared()
        account.totp, account.totp_since = self.vault.seal(shared, _place(account)), None
        account.totp_last = 0
        self.session.add(account)
        self.session.flush()
        return credentials.shared_address(shared, account.login)

    def confirm_second_factor(self, account: tables.Account, code: str) -> bool:
        """Ask for the second factor from now on, if this code is one of it."""
        if account.totp is None or not self._takes(account, code):
            return False
        account.totp_since = self.now
        self.session.add(account)
        self._write(account, "changed", "totp")
        return True

    def register(
        self, *, login: str, family_name: str, given_name: str, account_id: str = ""
    ) -> tables.Account:
        """A new account, which nobody can enter before it has a password.

        Its identifier is drawn if none is given. Raises `errors.TakenLogin`.
        """
        name = login.strip().lower()
        if accounts.by_login(self.session, name) is not None:
            raise errors.TakenLogin(name)
        account = tables.Account(
            id=account_id or credentials.draw_id(),
            login=name,
            family_name=family_name,
            given_name=given_name,
            made_at=self.now,
        )
        self.session.add(account)
        self.session.flush()
        self._write(account, "created")
        return account

    def give(
        self, account: tables.Account, role: access.Role, territory_id: str | None, by: str
    ) -> None:
        """Give an account a role in a territory, or everywhere.

        Raises `errors.UnknownTerritory`.
        """
        territories.demand(self.session, territory_id)
        self.session.add(
            tables.Role(
                account_id=account.id,
                territory_id=territory_id,
                role=role,
                given_at=self.now,
                given_by=by,
            )
        )
        self._write(account, "changed", "roles")

    def end_sessions(self, account_id: str) -> None:
        """End every session of an account."""
        accounts.end_sessions(self.session, account_id, self.now)
        self._write(account(self.session, account_id), "changed", "sessions")

    def _is_closed(self, account: tables.Account) -> bool:
        return account.id.startswith(DEMO_PREFIX) and not self.demo

    def _takes(self, account: tables.Account, code: str) -> bool:
        shared = self.vault.open(account.totp or b"", _place(account))
        step = credentials.step_of(code, shared, self.now, account.totp_last)
        if step is not None:
            account.totp_last = step
        return step is not None

    def _failed(self, account: tables.Account) -> Refused:
        account.failures += 1
        beyond = account.failures - FREE_TRIES
        if beyond >= 0:
            account.locked_until = self.now + min(LONGEST_LOCK, FIRST_LOCK * 2 ** min(beyond, 10))
        self.session.add(account)
        self._write(account, "refused")
        return Refused(Reason.WRONG)

    def _let_in(self, account: tables.Account) -> Entered:
        account.failures, account.locked_until = 0, None
        token = credentials.draw()
        entered = tables.LoginSession(
            digest=credentials.token_digest(token),
            account_id=account.id,
            made_at=self.now,
            seen_at=self.now,
            expires_at=self.now + SESSION_LENGTH,
            second_factor_at=self.now if account.totp_since else None,
        )
        self.session.add_all((account, entered))
        self._write(account, "entered")
        return Entered(account.id, token, entered.expires_at)

    def _write(self, account: tables.Account, act: str, *fields: str) -> None:
        actor = f"account:{account.id}"
        entry = journal.Entry(self.now, actor, act, actor, PURPOSE, fields)
        journal.append(self.session, self.vault, entry)


@dataclass(frozen=True)
class Own:
    """What somebody may know of the own account: role and territory, sessions that are open."""

    login: str
    family_name: str
    given_name: str
    roles: tuple[tuple[access.Role, str | None], ...]
    second_factor: bool
    sessions: int


def account(session: Session, account_id: str) -> tables.Account:
    """An account that is known to exist."""
    return session.get_one(tables.Account, account_id)


def own(session: Session, account_id: str, now: datetime) -> Own:
    """What an account is here."""
    mine = account(session, account_id)
    return Own(
        mine.login,
        mine.family_name,
        mine.given_name,
        tuple(
            (access.Role(role.role), accounts.territory_name(session, role.territory_id))
            for role in accounts.roles(session, account_id, now)
        ),
        mine.totp_since is not None,
        accounts.open_sessions(session, account_id, now),
    )


@dataclass(frozen=True)
class Seen:
    """Who uses a session, and whether that should be written down by now."""

    viewer: access.Viewer
    stirs: bool

    @property
    def of_the_demo(self) -> bool:
        """Whether it is somebody invented, of use in demonstration mode only."""
        return (self.viewer.account_id or "").startswith(DEMO_PREFIX)


def viewer(session: Session, token: str, now: datetime) -> Seen | None:
    """On whose behalf a browser asks that shows this token; None if the session is over."""
    account = who(session, token, now)
    if account is None:
        return None
    entered = session.get_one(tables.LoginSession, credentials.token_digest(token))
    roles = accounts.roles(session, account.id, now)
    found = access.Viewer(
        f"account:{account.id}",
        frozenset((access.Role(it.role), it.territory_id) for it in roles),
        account.id,
    )
    return Seen(found, entered.seen_at + STIR <= now)


def program(session: Session, digest: str, now: datetime) -> access.Viewer | None:
    """On whose behalf a program asks whose key has this digest; None if it is no key, or over."""
    key = accounts.live_key(session, digest, now)
    if key is None:
        return None
    roles = (access.Role(scope) for scope in key.scopes.split())
    return access.Viewer(f"key:{key.id}", frozenset((role, key.territory_id) for role in roles))


def seen(session: Session, token: str, now: datetime) -> None:
    """Somebody uses a session: it does not end for being idle."""
    entered = accounts.live_session(session, credentials.token_digest(token), now)
    if entered is not None:
        entered.seen_at = now
        session.add(entered)
        session.flush()


def who(session: Session, token: str, now: datetime) -> tables.Account | None:
    """Whose session this token is of, if it is not over."""
    entered = accounts.live_session(session, credentials.token_digest(token), now)
    if entered is None or entered.seen_at + IDLE <= now:
        return None
    account = session.get_one(tables.Account, entered.account_id)
    return account if account.active else None


def _place(account: tables.Account) -> str:
    return f"account.totp:{account.id}"
