"""Finished computations."""

from sqlmodel import Session, col, select

from store import tables


def latest(session: Session, kind: str) -> tables.Run | None:
    """The last finished run of a kind (`matching` or `roster`), if there is one."""
    run = tables.Run
    return session.exec(
        select(run)
        .where(col(run.kind) == kind)
        .order_by(col(run.finished_at).desc(), col(run.id).desc())
        .limit(1)
    ).first()
