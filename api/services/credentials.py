"""Passwords, codes and tokens: drawn at random, kept as digests only.

Passwords are digested with argon2id, on the parameters that its library recommends (RFC 9106,
low memory). Tokens hold 256 random bits, so a plain digest of them is enough.
"""

import hashlib
import secrets
from datetime import datetime
from enum import StrEnum

import pyotp
from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

SHORTEST_PASSWORD = 12
"""Characters. Length is what counts; nothing is asked about kinds of characters (ANSSI, 2021)."""

FEWEST_CHARACTERS = 5
"""Distinct ones in a password."""

STEP_SECONDS = 30
"""How long a code of the second factor stands (RFC 6238)."""

TOKEN_BYTES = 32

_hasher = PasswordHasher()


class Fault(StrEnum):
    """Why a password is not taken."""

    TOO_SHORT = "too_short"
    TOO_SIMPLE = "too_simple"
    HOLDS_THE_LOGIN = "holds_the_login"


def fault(password: str, login: str) -> Fault | None:
    """What speaks against a password, if anything does."""
    if len(password) < SHORTEST_PASSWORD:
        return Fault.TOO_SHORT
    if len(set(password)) < FEWEST_CHARACTERS:
        return Fault.TOO_SIMPLE
    return Fault.HOLDS_THE_LOGIN if login.lower() in password.lower() else None


def digest(password: str) -> str:
    """What is kept of a password."""
    return _hasher.hash(password)


def matches(password: str, kept: str | None) -> bool:
    """Whether it is the password that was kept; takes as long where none was."""
    try:
        return _hasher.verify(kept or _nobodys(), password) and kept is not None
    except (VerificationError, InvalidHashError):
        return False


def is_old(kept: str) -> bool:
    """Whether the digest was made on parameters that are no longer used."""
    return _hasher.check_needs_rehash(kept)


def _nobodys() -> str:
    """A digest that no password has, on the parameters of the others."""
    salt, tail = "c2FsdHNhbHRzYWx0c2FsdA", "A" * 43
    of = _hasher
    return f"$argon2id$v=19$m={of.memory_cost},t={of.time_cost},p={of.parallelism}${salt}${tail}"


def draw() -> str:
    """A new token, for whoever is to hold it."""
    return secrets.token_urlsafe(TOKEN_BYTES)


def draw_id() -> str:
    """A new identifier, short enough to be read in a journal; it opens nothing."""
    return secrets.token_hex(8)


def token_digest(token: str) -> str:
    """What is kept of a token."""
    return hashlib.sha256(token.encode()).hexdigest()


def draw_shared() -> str:
    """A new secret to share with the telephone that shows the codes."""
    return pyotp.random_base32()


def shared_address(shared: str, login: str) -> str:
    """The `otpauth` address that a telephone reads from a picture."""
    return pyotp.TOTP(shared).provisioning_uri(name=login, issuer_name="Relève")


def step_of(code: str, shared: str, now: datetime, last: int) -> int | None:
    """The half minute, after the last one taken, that a code is of; None if it is of none.

    A clock may be wrong by one step, either way.
    """
    present = int(now.timestamp()) // STEP_SECONDS
    for step in (present - 1, present, present + 1):
        right = pyotp.TOTP(shared).at(step * STEP_SECONDS)
        if step > last and secrets.compare_digest(right.encode(), code.strip().encode()):
            return step
    return None
