"""A route that changes something under a key, for the tests of keys: it records a job."""

import asyncio
from collections.abc import Callable
from itertools import count

from fastapi import APIRouter, Response
from pydantic import BaseModel
from sqlalchemy import event

from api.app import create_app
from api.http import audience, idempotency
from api.services import access
from api.settings import Settings
from store import answers, job_runs, tables
from store import session as stores
from tests.api.http.conftest import KEYS, Client
from tests.store.rows import NOON

PATH = "/api/v1/records"

KEY = "6f1c2f0e-1a52-4f0f-9a35-0d2b6a1c7e11"
ASKED = {"job": "Zwicklambert"}

During = Callable[[str], object]
"""Told `changed` before the answer is kept, and `committed` after both are; in a process of its own
also `keeping` and `kept`, around the row of the answer, before the commit."""


class Asked(BaseModel):
    job: str


class Made(BaseModel):
    number: int
    """Of this answer: no two are alike."""
    job: str


def router(during: During = lambda _reached: None, path: str = PATH) -> APIRouter:
    made, numbers = APIRouter(), count(1)

    @made.post(path, response_model=Made, status_code=201)
    def record(asked: Asked, once: idempotency.CurrentOnce) -> Response:
        def change(session: stores.Session) -> answers.Answer:
            job_runs.begin(session, asked.job, NOON)
            during("changed")
            return idempotency.said(Made(number=next(numbers), job=asked.job), 201)

        answer = once.answer(change)
        during("committed")
        return answer

    return made


def open_to_all(path: str) -> dict[frozenset[str], Callable[[access.Viewer], access.Answer]]:
    """The audiences of the application, and one more route for everybody."""
    return {**audience.RULES, frozenset({path}): audience.RULES[audience.PUBLIC]}


def ask_once(url: str, during: During) -> None:
    """Ask in this process, on a store, with the route open to everybody."""
    audience.RULES = open_to_all(PATH)
    idempotency.KEYED |= {PATH}
    event.listen(tables.IdempotentAnswer, "before_insert", lambda *_: during("keeping"))
    event.listen(tables.IdempotentAnswer, "after_insert", lambda *_: during("kept"))
    app = create_app(Settings(database_url=url, demo=True, secret_keys=KEYS))  # type: ignore[arg-type]
    app.include_router(router(during))
    with asyncio.Runner() as runner:
        asked = Client(app, runner)
        asked.request("POST", PATH, json=ASKED, headers={"idempotency-key": KEY})
