"""What all tables have in common."""

from collections.abc import Iterable
from typing import ClassVar

from sqlalchemy import CheckConstraint, MetaData
from sqlmodel import SQLModel

NAMING = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}


class Row(SQLModel):
    """The common ground of the tables: one catalogue whose constraints all have a name."""

    metadata: ClassVar[MetaData] = MetaData(naming_convention=NAMING)


def one_of(column: str, words: Iterable[str]) -> CheckConstraint:
    """The column holds one of these words, or nothing where that is allowed."""
    return CheckConstraint(among(column, words), name=f"{column}_known")


def among(column: str, words: Iterable[str]) -> str:
    """The same as a condition."""
    quoted = ", ".join(f"'{word}'" for word in words)
    return f"{column} IN ({quoted})"
