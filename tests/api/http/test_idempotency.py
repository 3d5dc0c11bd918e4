"""What is sent twice is done once, whoever is killed, and whoever comes at the same time."""

import asyncio
import json
import signal
import subprocess
import sys
import time
from typing import Any

import httpx
import pytest
from fastapi.routing import iter_route_contexts
from sqlmodel import Session, select
from starlette.routing import Mount

from api.http import audience, idempotency
from api.services import errors
from store import job_runs, tables
from tests.api.http import keyed
from tests.api.http.conftest import KEYS, TOKEN, Build, Client
from tests.api.http.keyed import ASKED, KEY, PATH
from tests.house.sources import ROOT

OTHER_KEYS = "0123456789abcdef" * 4


@pytest.fixture(autouse=True)
def _open(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(audience, "RULES", keyed.open_to_all(PATH))
    monkeypatch.setattr(idempotency, "KEYED", frozenset({PATH}))


@pytest.fixture
def client(build: Build) -> Client:
    return recording(build)


def recording(build: Build, during: keyed.During = lambda _: None, **said: Any) -> Client:
    built = build(**({"demo": True} | said))
    built.app.include_router(keyed.router(during))
    return built


def post(client: Client, key: str | None = KEY, **said: Any) -> httpx.Response:
    headers = {} if key is None else {"idempotency-key": key}
    asked = {"json": ASKED} | said
    return client.request("POST", PATH, **asked | {"headers": headers | said.get("headers", {})})


def records(session: Session, job: str = ASKED["job"]) -> int:
    session.rollback()
    return len(job_runs.latest(session, job, 10))


def kept(session: Session) -> list[tables.IdempotentAnswer]:
    session.rollback()
    return list(session.exec(select(tables.IdempotentAnswer)).all())


def test_the_same_request_has_the_same_answer_and_is_done_once(
    client: Client, session: Session
) -> None:
    first, again, third = post(client), post(client), post(client)

    assert (first.status_code, first.json()) == (201, {"number": 1, "job": ASKED["job"]})
    for answer in (again, third):
        assert (answer.status_code, answer.content) == (201, first.content)
        assert answer.headers["content-type"] == first.headers["content-type"]
        assert answer.headers["idempotent-replayed"] == "true"
    assert "idempotent-replayed" not in first.headers
    assert records(session) == 1


def test_another_key_is_another_change(client: Client, session: Session) -> None:
    assert post(client).json()["number"] == 1
    assert post(client, key=KEY.upper()).json()["number"] == 2
    assert records(session) == 2


def test_the_key_of_another_body_or_address_is_refused(client: Client, session: Session) -> None:
    post(client)

    for refused in (post(client, json={"job": "another"}), post(client, params={"a": "1"})):
        assert refused.status_code == 422
        assert refused.headers["content-type"] == "application/problem+json"
        assert refused.json()["type"] == "urn:releve:idempotency-key-reused"
    assert (records(session), records(session, "another")) == (1, 0)


@pytest.mark.parametrize("key", [None, "", "a b", "a" * 256, b"cl\xc3\xa9", "a\tb"], ids=str)
def test_without_a_well_formed_key_nothing_is_done(
    client: Client, session: Session, key: Any
) -> None:
    refused = post(client, key=key)

    assert (refused.status_code, refused.json()["type"]) == (400, "urn:releve:idempotency-key")
    assert "Idempotency-Key" in refused.json()["detail"]
    assert (records(session), kept(session)) == (0, [])


def test_two_keys_are_no_key(client: Client, session: Session) -> None:
    twice = [("idempotency-key", "one"), ("idempotency-key", "two")]

    assert client.request("POST", PATH, json=ASKED, headers=twice).status_code == 400
    assert records(session) == 0


@pytest.mark.parametrize("key", ["~", "!" * 255])
def test_every_visible_sign_may_stand_in_a_key(client: Client, key: str) -> None:
    assert post(client, key=key).status_code == 201


def test_keys_of_two_actors_never_meet(build: Build, session: Session) -> None:
    client = recording(build, demo=False, desk_token=TOKEN)

    desk = post(client, headers={"authorization": f"Bearer {TOKEN}"})
    public = post(client, json={"job": "another"})

    assert (desk.status_code, public.status_code) == (201, 201)
    assert len({row.actor for row in kept(session)}) == 2


def test_of_many_at_the_same_time_one_does_the_work_and_all_have_its_answer(
    build: Build, session: Session
) -> None:
    client = recording(build, lambda _reached: time.sleep(0.2))

    async def all_at_once() -> list[httpx.Response]:
        headers = {"idempotency-key": KEY}
        asked = [client._request("POST", PATH, json=ASKED, headers=headers) for _ in range(6)]
        return list(await asyncio.gather(*asked))

    answers = client.runner.run(all_at_once())

    assert {(answer.status_code, answer.content) for answer in answers} == {
        (201, b'{"number":1,"job":"Zwicklambert"}')
    }
    assert sum("idempotent-replayed" in answer.headers for answer in answers) == 5
    assert records(session) == 1


def test_two_requests_at_the_same_time_with_one_key_and_two_bodies(
    build: Build, session: Session
) -> None:
    client = recording(build, lambda _reached: time.sleep(0.2))

    async def both() -> list[httpx.Response]:
        headers = {"idempotency-key": KEY}
        bodies = (ASKED, {"job": "another"})
        asked = [client._request("POST", PATH, json=it, headers=headers) for it in bodies]
        return list(await asyncio.gather(*asked))

    assert sorted(answer.status_code for answer in client.runner.run(both())) == [201, 422]
    assert records(session) + records(session, "another") == 1


def test_a_refusal_changes_nothing_and_may_be_tried_again(build: Build, session: Session) -> None:
    refusals = iter([errors.UnknownCommune("57999")])

    def refuse_once(reached: str) -> None:
        for refusal in refusals if reached == "changed" else ():
            raise refusal

    client = recording(build, refuse_once)

    assert post(client).status_code == 422
    assert (records(session), kept(session)) == (0, [])
    assert post(client).status_code == 201
    assert records(session) == 1


def test_an_answer_that_cannot_be_kept_undoes_the_change(
    client: Client, session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(idempotency, "LONGEST_BODY", 10)

    assert post(client).status_code == 500
    assert (records(session), kept(session)) == (0, [])


def test_a_route_that_nobody_listed_does_nothing(
    client: Client, session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(idempotency, "KEYED", frozenset())

    assert post(client).status_code == 500
    assert records(session) == 0


def test_what_was_asked_and_answered_lies_sealed(client: Client, session: Session) -> None:
    post(client)

    (row,) = kept(session)
    said = json.dumps([row.actor, row.key, row.request_digest, row.status, row.body.hex()])
    assert ASKED["job"] not in said
    assert ASKED["job"].encode() not in row.body


def test_after_a_change_of_keys_the_answer_is_still_found(build: Build, session: Session) -> None:
    first = post(recording(build))
    again = post(recording(build, secret_keys=f"{OTHER_KEYS},{KEYS}"))

    assert again.content == first.content
    assert records(session) == 1


# Asks in a process of its own, which stops for ever at a stage.
STOPPING = """
import sys, time
from tests.api.http import keyed

def stop(reached):
    if reached == sys.argv[2]:
        print("reached", flush=True)
        time.sleep(3600)

keyed.ask_once(sys.argv[1], stop)
"""


def killed_at(stage: str, url: str) -> None:
    process = subprocess.Popen(  # noqa: S603 - nothing here comes from outside
        [sys.executable, "-c", STOPPING, url, stage], cwd=ROOT, stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "reached\n"
    process.send_signal(signal.SIGKILL)
    process.wait()
    process.stdout.close()


@pytest.mark.parametrize("stage", ["changed", "keeping", "kept"])
def test_killed_between_the_change_and_its_answer_neither_is_there(
    client: Client, database_url: str, session: Session, stage: str
) -> None:
    killed_at(stage, database_url)

    assert (records(session), kept(session)) == (0, [])
    again = post(client)
    assert (again.status_code, "idempotent-replayed" in again.headers) == (201, False)
    assert records(session) == 1


def test_killed_after_the_commit_the_answer_is_given_again(
    client: Client, database_url: str, session: Session
) -> None:
    killed_at("committed", database_url)

    again = post(client)
    assert (again.status_code, again.headers["idempotent-replayed"]) == (201, "true")
    assert again.json() == {"number": 1, "job": ASKED["job"]}
    assert records(session) == 1


def test_every_change_for_programs_wants_a_key(
    build: Build, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.undo()
    served = [route for route in build(demo=True).app.routes if not isinstance(route, Mount)]
    changing = [
        route
        for route in iter_route_contexts(served)
        if str(route.path).startswith("/api/") and "POST" in (route.methods or ())
    ]

    assert {route.path for route in changing} == idempotency.KEYED
    for route in changing:
        taken = [needed.call for needed in route.dependant.dependencies]
        assert idempotency.once in taken, route.path
