import threading
from datetime import timedelta

import pytest
from sqlalchemy import Engine
from sqlmodel import Session, select

from api.services import links
from api.services.links import Link, State
from store import session as stores
from store import tables
from tests.store.rows import NOON

LENGTH = timedelta(days=5)
GOOD = Link(State.GOOD, "request:r", "doctor:1")


def made(session: Session) -> str:
    return links.make(
        session, NOON, LENGTH, act="answer_proposal", subject="request:r", actor="doctor:1"
    )


def test_a_link_does_one_thing_once_in_the_name_of_whom_it_was_sent_to(session: Session) -> None:
    token = made(session)

    assert links.look(session, token, "answer_proposal", NOON) == GOOD
    assert links.use(session, token, "answer_proposal", NOON) == GOOD
    assert links.use(session, token, "answer_proposal", NOON).state is State.USED
    assert links.look(session, token, "answer_proposal", NOON).state is State.USED


def test_looking_however_often_uses_nothing_up(session: Session) -> None:
    token = made(session)
    for _ in range(3):
        links.look(session, token, "answer_proposal", NOON)

    assert links.use(session, token, "answer_proposal", NOON) == GOOD


@pytest.mark.parametrize(
    ("after", "state"),
    [(LENGTH - timedelta(seconds=1), State.GOOD), (LENGTH, State.OVER)],
)
def test_a_link_is_good_until_before_its_end(
    session: Session, after: timedelta, state: State
) -> None:
    token = made(session)

    assert links.look(session, token, "answer_proposal", NOON + after).state is state
    assert links.use(session, token, "answer_proposal", NOON + after).state is state


@pytest.mark.parametrize(("extra", "act"), [("x", "answer_proposal"), ("", "confirm_places")])
def test_a_link_for_something_else_or_an_altered_one_is_unknown_and_stays_good(
    session: Session, extra: str, act: str
) -> None:
    token = made(session)

    assert links.use(session, token + extra, act, NOON) == Link(State.UNKNOWN)
    assert links.use(session, token, "answer_proposal", NOON) == GOOD


def test_the_store_knows_a_link_by_its_digest_only(session: Session) -> None:
    token = made(session)

    assert token not in str(session.exec(select(tables.SignedLink)).one().model_dump())


def test_of_many_who_use_it_at_once_it_is_good_for_one(engine: Engine) -> None:
    with stores.writing_factory(engine)() as session:
        token = made(session)
        session.commit()
    states = []

    def use() -> None:
        with stores.writing_factory(engine)() as session:
            states.append(links.use(session, token, "answer_proposal", NOON).state)
            session.commit()

    threads = [threading.Thread(target=use) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(states) == sorted([State.GOOD, *[State.USED] * 5])
