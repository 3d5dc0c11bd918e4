"""Who alone may do something for a while: an entry in the database that runs out by itself.

A process that is killed cannot give anything back, so a lease ends unless its holder says in time
that it still lives. All functions want a session that writes.
"""

from datetime import datetime, timedelta

from sqlmodel import Session

from store import tables


def take(session: Session, name: str, holder: str, now: datetime, length: timedelta) -> bool:
    """Take the lease, or hold it longer; False if somebody else holds it still."""
    lease = session.get(tables.Lease, name, populate_existing=True)
    if lease is None:
        lease = tables.Lease(name=name, holder=holder, until=now)
    elif lease.holder != holder and lease.until > now:
        return False
    lease.holder, lease.until = holder, now + length
    session.add(lease)
    session.flush()
    return True


def give_back(session: Session, name: str, holder: str) -> None:
    """End the lease before its time, if it is still that of this holder."""
    lease = session.get(tables.Lease, name, populate_existing=True)
    if lease is not None and lease.holder == holder:
        session.delete(lease)
        session.flush()
