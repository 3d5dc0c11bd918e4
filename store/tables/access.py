"""Who may enter: accounts, the roles they have where, and the keys and links they enter with.

No password, key, link or session is kept as it is given, only a digest of it.
"""

from datetime import datetime

from sqlalchemy import CheckConstraint, Index, text
from sqlmodel import Field

from store.tables.row import Row, one_of

ROLES = (
    "desk",
    "coordinator",
    "doctor",
    "delegate",
    "cpam",
    "cdom",
    "ars",
    "admin",
    "dpo",
)
"""What somebody is to a territory."""


class Account(Row, table=True):
    """Somebody, or a regulator whom the national platform announced."""

    __table_args__ = (
        CheckConstraint("failures >= 0", name="failures_not_negative"),
        Index(
            "uq_account_issuer_subject",
            "issuer",
            "subject",
            unique=True,
            sqlite_where=text("subject IS NOT NULL"),
            postgresql_where=text("subject IS NOT NULL"),
        ),
    )

    id: str = Field(primary_key=True)
    login: str = Field(unique=True)
    """In small letters; what is typed to enter."""
    family_name: str
    given_name: str
    email: str | None = None
    phone: str | None = None
    rpps: str | None = Field(default=None, foreign_key="doctor.rpps", index=True)
    password: str | None = None
    """Digest (argon2id) with its salt and its parameters."""
    totp: bytes | None = None
    """The shared secret of the second factor, sealed for `account.totp:ID`."""
    totp_since: datetime | None = None
    """When the second factor was first shown; asked for from then on."""
    totp_last: int = 0
    """The half minute of the last code that was taken, so that none is taken twice."""
    issuer: str | None = None
    subject: str | None = None
    """How an OpenID provider knows the person."""
    active: bool = True
    failures: int = 0
    """Attempts with a wrong password since the last right one."""
    locked_until: datetime | None = None
    made_at: datetime
    terms_accepted_at: datetime | None = None


class AccountIdentifier(Row, table=True):
    """By what the national platform knows a regulator, now or formerly."""

    __tablename__ = "account_identifier"
    __table_args__ = (
        # One holder of an identifier at a time; who had it before is remembered.
        Index(
            "uq_account_identifier_system_value_current",
            "system",
            "value",
            unique=True,
            sqlite_where=text("until IS NULL"),
            postgresql_where=text("until IS NULL"),
        ),
    )

    id: int | None = Field(default=None, primary_key=True)
    account_id: str = Field(foreign_key="account.id", index=True)
    system: str
    value: str = Field(max_length=64)
    since: datetime
    until: datetime | None = None


class Role(Row, table=True):
    """What an account may do in a territory, or everywhere where none is named."""

    __table_args__ = (
        one_of("role", ROLES),
        CheckConstraint("ended_at >= given_at", name="ends_after_given"),
        Index(None, "account_id", "territory_id"),
        Index(None, "territory_id", "role"),
    )

    id: int | None = Field(default=None, primary_key=True)
    account_id: str = Field(foreign_key="account.id")
    territory_id: str | None = Field(default=None, foreign_key="territory.id")
    role: str
    given_at: datetime
    given_by: str
    ended_at: datetime | None = None


class Delegation(Row, table=True):
    """A doctor lets somebody answer for the practice: availability, places, proposals."""

    __table_args__ = (
        CheckConstraint("ended_at >= given_at", name="ends_after_given"),
        Index(None, "account_id", "rpps"),
    )

    id: int | None = Field(default=None, primary_key=True)
    rpps: str = Field(foreign_key="doctor.rpps", index=True)
    account_id: str = Field(foreign_key="account.id")
    given_at: datetime
    ended_at: datetime | None = None


class ApiKey(Row, table=True):
    """What a program enters with."""

    __tablename__ = "api_key"
    __table_args__ = (CheckConstraint("expires_at > made_at", name="expires_after_made"),)

    id: str = Field(primary_key=True)
    """Shown in lists and in the journal; opens nothing."""
    name: str
    digest: str = Field(unique=True)
    scopes: str
    """Separated by spaces."""
    territory_id: str | None = Field(default=None, foreign_key="territory.id", index=True)
    made_by: str
    made_at: datetime
    expires_at: datetime
    revoked_at: datetime | None = None
    last_used_at: datetime | None = None


class LoginSession(Row, table=True):
    """An account that has entered with a browser; outlives the process."""

    __tablename__ = "login_session"
    __table_args__ = (CheckConstraint("expires_at > made_at", name="expires_after_made"),)

    digest: str = Field(primary_key=True)
    account_id: str = Field(foreign_key="account.id", index=True)
    made_at: datetime
    seen_at: datetime
    expires_at: datetime = Field(index=True)
    second_factor_at: datetime | None = None
    from_sas: bool = False
    revoked_at: datetime | None = None


class SignedLink(Row, table=True):
    """A link that lets its holder do one thing, once."""

    __tablename__ = "signed_link"
    __table_args__ = (CheckConstraint("expires_at > made_at", name="expires_after_made"),)

    digest: str = Field(primary_key=True)
    act: str
    """What it lets do: `answer_proposal`, `confirm_places`, ..."""
    subject: str
    """To what, as in the journal."""
    actor: str
    """In whose name, as in the journal."""
    made_at: datetime
    expires_at: datetime = Field(index=True)
    used_at: datetime | None = None
