"""Accounts, their roles, and what they enter with."""

from collections.abc import Sequence
from datetime import datetime

from sqlmodel import Session, col, func, or_, select, update

from store import tables


def by_login(session: Session, login: str) -> tables.Account | None:
    """The account that is entered under this name, if there is one."""
    return session.exec(select(tables.Account).where(tables.Account.login == login)).first()


def roles(session: Session, account_id: str, now: datetime) -> Sequence[tables.Role]:
    """What an account is now, and to which territories."""
    role = tables.Role
    return session.exec(
        select(role)
        .where(
            role.account_id == account_id,
            col(role.given_at) <= now,
            or_(col(role.ended_at).is_(None), col(role.ended_at) > now),
        )
        .order_by(col(role.id))
    ).all()


def live_session(session: Session, digest: str, now: datetime) -> tables.LoginSession | None:
    """The session of this digest, unless it is over or was ended."""
    found = session.get(tables.LoginSession, digest)
    over = found is None or found.revoked_at is not None or found.expires_at <= now
    return None if over else found


def end_sessions(session: Session, account_id: str, now: datetime) -> int:
    """End every session of an account; returns how many there were."""
    entered = tables.LoginSession
    ended = session.exec(
        update(entered)
        .where(
            col(entered.account_id) == account_id,
            col(entered.revoked_at).is_(None),
            col(entered.expires_at) > now,
        )
        .values(revoked_at=now)
    )
    return int(ended.rowcount)


def live_key(session: Session, digest: str, now: datetime) -> tables.ApiKey | None:
    """The key of this digest, unless it is over or was revoked."""
    key = session.exec(select(tables.ApiKey).where(tables.ApiKey.digest == digest)).first()
    over = key is None or key.revoked_at is not None or key.expires_at <= now
    return None if over else key


def open_sessions(session: Session, account_id: str, now: datetime) -> int:
    """How many sessions of an account are neither over nor ended."""
    entered = tables.LoginSession
    asked = select(func.count()).where(
        entered.account_id == account_id,
        col(entered.revoked_at).is_(None),
        col(entered.expires_at) > now,
    )
    return session.exec(asked).one()


def territory_name(session: Session, territory_id: str | None) -> str | None:
    """How a territory is called; None for everywhere."""
    return None if territory_id is None else session.get_one(tables.Territory, territory_id).name
