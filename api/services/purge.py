"""Removing what is no longer to be kept: told beforehand, done alike, written down."""

from datetime import datetime

from sqlmodel import Session

from store import journal, parameters, retention
from store.vault import Vault

PURPOSE = "retention"
"""In the journal."""


def simulate(session: Session, now: datetime) -> dict[str, int]:
    """How many rows each rule would empty or remove; changes nothing."""
    return retention.counts(session, now, _kept_days(now))


def carry_out(session: Session, vault: Vault, actor: str, now: datetime) -> dict[str, int]:
    """Empty or remove them, in a session that writes; how many, rule by rule."""
    done = retention.purge(session, now, _kept_days(now))
    if any(done.values()):
        detail = {name: rows for name, rows in done.items() if rows}
        entry = journal.Entry(now, actor, "purged", "store", PURPOSE, (), detail)
        journal.append(session, vault, entry)
    return done


def _kept_days(now: datetime) -> dict[str, int]:
    names = [rule.name for rule in retention.RULES]
    return {name: int(parameters.at(name, now.date())) for name in names}
