"""Looking for what should not be in a store: damage, orphan rows, a journal somebody altered."""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from sqlalchemy import ColumnElement, ForeignKeyConstraint, and_, exists, func, not_, select, text
from sqlmodel import Session

from store import journal, tables
from store.vault import Vault


class Kind(StrEnum):
    """What kind of thing was found."""

    DAMAGE = "damage"
    """The database says of itself that it is damaged."""
    ORPHANS = "orphans"
    """Rows that refer to rows which do not exist."""
    JOURNAL = "journal"
    """The journal is not as it was written."""


@dataclass(frozen=True)
class Finding:
    """Something that should not be: `where` is a table, a constraint or a line of the journal."""

    kind: Kind
    where: str
    detail: str


def findings(session: Session, vault: Vault) -> Iterator[Finding]:
    """Everything that is wrong with the store, of one moment; nothing if all is well."""
    yield from _damage(session)
    yield from _orphans(session)
    for breach in journal.breaches(session, vault):
        yield Finding(Kind.JOURNAL, str(breach.number), breach.fault)


def _damage(session: Session) -> Iterator[Finding]:
    if session.get_bind().dialect.name == "sqlite":
        for said in session.execute(text("PRAGMA integrity_check")).scalars():
            if said != "ok":
                yield Finding(Kind.DAMAGE, "sqlite", said)


def _orphans(session: Session) -> Iterator[Finding]:
    """Asked of both databases alike: a restored or a hand-mended one may have slipped through."""
    for table in tables.Row.metadata.sorted_tables:
        for constraint in table.foreign_key_constraints:
            rows = session.execute(select(func.count()).where(_is_orphan(constraint))).scalar_one()
            if rows:
                yield Finding(Kind.ORPHANS, str(constraint.name), str(rows))


def _is_orphan(constraint: ForeignKeyConstraint) -> ColumnElement[bool]:
    referred = constraint.referred_table.alias()
    pairs = [(it.parent, referred.columns[it.column.name]) for it in constraint.elements]
    met = exists(select(1).select_from(referred).where(and_(*(a == b for a, b in pairs))))
    return and_(*(child.is_not(None) for child, _ in pairs), not_(met))
