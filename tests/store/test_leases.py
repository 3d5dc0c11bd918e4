import threading
from datetime import timedelta

import pytest
from sqlalchemy import Engine
from sqlmodel import Session

from store import leases
from store import session as stores
from tests.store.rows import NOON

MINUTE = timedelta(minutes=1)


def test_a_lease_is_of_one_holder_until_it_runs_out(session: Session) -> None:
    def take(holder: str, minutes: float) -> bool:
        return leases.take(session, "jobs", holder, NOON + minutes * MINUTE, MINUTE)

    assert take("one", 0)
    assert not take("two", 0.5)
    assert take("one", 0.9)
    assert not take("two", 1.5)
    assert take("two", 1.9)
    assert not take("one", 2)


def test_leases_of_other_names_are_other_leases(session: Session) -> None:
    assert leases.take(session, "jobs", "one", NOON, MINUTE)
    assert leases.take(session, "import", "two", NOON, MINUTE)


@pytest.mark.parametrize(("gives", "takes"), [("one", True), ("two", False)])
def test_only_its_holder_can_give_a_lease_back(session: Session, gives: str, takes: bool) -> None:
    leases.take(session, "jobs", "one", NOON, MINUTE)

    leases.give_back(session, "jobs", gives)

    assert leases.take(session, "jobs", "three", NOON, MINUTE) is takes


def test_of_many_who_want_it_at_once_one_has_it(engine: Engine) -> None:
    took: list[str] = []

    def want(holder: str) -> None:
        with stores.writing_factory(engine)() as session:
            if leases.take(session, "jobs", holder, NOON, MINUTE):
                took.append(holder)
            session.commit()

    threads = [threading.Thread(target=want, args=(str(number),)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len(took) == 1
