from datetime import timedelta

import pytest
from sqlmodel import Session

from store import answers, tables
from store.answers import Answer, Asked
from store.vault import Unreadable, Vault
from tests.store.rows import NOON

VAULT = Vault([b"k" * 32])
ASKED = Asked("account:a", "key", b"POST /api/v1/bookings {}")
ANSWER = Answer(201, "application/json", '{"booking": "Inès"}')


def test_an_answer_is_recalled_by_the_same_request_alone(session: Session) -> None:
    answers.keep(session, VAULT, ASKED, ANSWER, NOON)

    assert answers.recall(session, VAULT, ASKED) == ANSWER
    with pytest.raises(answers.OtherRequest):
        answers.recall(session, VAULT, Asked("account:a", "key", b"another"))


@pytest.mark.parametrize(
    "other", [Asked("account:b", "key", ASKED.request), Asked("account:a", "Key", ASKED.request)]
)
def test_another_actor_and_another_key_know_nothing_of_it(session: Session, other: Asked) -> None:
    answers.keep(session, VAULT, ASKED, ANSWER, NOON)

    assert answers.recall(session, VAULT, other) is None


def test_an_answer_moved_to_another_actor_cannot_be_read(session: Session) -> None:
    answers.keep(session, VAULT, ASKED, ANSWER, NOON)
    row = session.get_one(tables.IdempotentAnswer, ("account:a", "key"))
    row.actor = "account:b"
    session.add(row)
    session.flush()

    with pytest.raises(Unreadable):
        answers.recall(session, VAULT, Asked("account:b", "key", ASKED.request))


def test_without_the_keys_an_answer_is_not_taken_for_that_of_this_request(
    session: Session,
) -> None:
    answers.keep(session, VAULT, ASKED, ANSWER, NOON)

    with pytest.raises(answers.OtherRequest):
        answers.recall(session, Vault([b"l" * 32]), ASKED)


def test_old_answers_are_forgotten_and_their_keys_are_new(session: Session) -> None:
    for hours in (25, 24, 23):
        asked = Asked("account:a", str(hours), b"")
        answers.keep(session, VAULT, asked, ANSWER, NOON - timedelta(hours=hours))

    assert answers.forget(session, NOON - timedelta(hours=24)) == 1

    found = [answers.recall(session, VAULT, Asked("account:a", it, b"")) for it in ("25", "24")]
    assert found == [None, ANSWER]
