"""How each directory fares: when it answered last, and since when it does not.

Both functions that write want a session that writes.
"""

from collections.abc import Mapping
from datetime import datetime

from sqlmodel import Session, select

from store import tables


def answered(session: Session, name: str, now: datetime) -> None:
    """A directory gave a usable answer: whatever failed before is over."""
    state = _state(session, name)
    state.last_success = now
    state.consecutive_failures, state.failing_since = 0, None
    session.add(state)
    session.flush()


def failed(session: Session, name: str, now: datetime) -> None:
    """A directory gave no usable answer, whatever was tried."""
    state = _state(session, name)
    state.last_failure = now
    state.consecutive_failures += 1
    state.failing_since = state.failing_since or now
    session.add(state)
    session.flush()


def states(session: Session) -> Mapping[str, tables.DirectoryState]:
    """Every directory that was ever asked, by name."""
    return {state.name: state for state in session.exec(select(tables.DirectoryState)).all()}


def _state(session: Session, name: str) -> tables.DirectoryState:
    found = session.get(tables.DirectoryState, name, populate_existing=True)
    return found or tables.DirectoryState(name=name)
