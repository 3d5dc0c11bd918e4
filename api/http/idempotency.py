"""Asking twice, doing once: the key of a request that changes something.

Whoever asks draws a key for each change (`Idempotency-Key`), and sends the same request with the
same key again when no answer came. The first answer is kept, sealed, in the transaction of the
change, so there is no moment at which one of them is there without the other, whatever ends the
process. A change that is refused leaves nothing, the answer neither: it may be tried again.

A route opts in by standing in `KEYED`, with a handler that takes `CurrentOnce`:

    @router.post("/api/v1/bookings")
    def book(asked: schemas.Booking, once: idempotency.CurrentOnce) -> Response:
        return once.answer(lambda session: idempotency.said(bookings.take(session, ...), 201))
"""

import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated

from fastapi import Depends, Header, Request, Response
from pydantic import BaseModel

from api import gate
from api.services import access
from store import answers, vault
from store import session as stores

KEYED: frozenset[str] = frozenset()
"""Templates of the routes whose `POST` wants a key: all that change something for programs."""

HEADER = "idempotency-key"

WELL_FORMED = re.compile(r"[!-~]{1,255}")
"""Visible ASCII; mostly a UUID."""

REPLAYED = {"idempotent-replayed": "true"}
"""With an answer that was given before."""

LONGEST_BODY = 65_536
"""Characters of an answer: what a change tells is short."""


class NoKey(Exception):
    """The request has no key, several, or one that is not well formed."""


class Unlisted(Exception):
    """A handler takes `CurrentOnce` and its route does not stand in `KEYED`: a bug of ours."""


class TooLong(Exception):
    """A handler answers more than can be kept: a bug of ours, and nothing was changed."""


@dataclass(frozen=True)
class Once:
    """Does what a request asks for once, however often it is sent."""

    asked: answers.Asked
    open_session: Callable[[], stores.Session]
    """Opens a session that writes."""
    vault: vault.Vault
    now: datetime

    def answer(self, change: Callable[[stores.Session], answers.Answer]) -> Response:
        """The answer of before, or the one of `change`, which is done and kept in one commit.

        What `change` raises is raised, with nothing changed and nothing kept. Raises
        `answers.OtherRequest` if the key belongs to another request.
        """
        with self.open_session() as session:
            former = answers.recall(session, self.vault, self.asked)
            if former is not None:
                return _response(former, REPLAYED)
            made = change(session)
            if len(made.body) > LONGEST_BODY:
                raise TooLong
            answers.keep(session, self.vault, self.asked, made, self.now)
            session.commit()
        return _response(made, {})


def said(content: BaseModel, status: int = 200) -> answers.Answer:
    """The answer that tells `content`, one of our schemas, as JSON."""
    return answers.Answer(status, "application/json", content.model_dump_json())


async def once(
    request: Request,
    viewer: gate.CurrentViewer,
    settings: gate.CurrentSettings,
    now: gate.Now,
    key: Annotated[
        str, Header(alias="Idempotency-Key", description="Tirée au hasard pour chaque changement")
    ] = "",
) -> Once:
    """What a handler of `KEYED` takes. Raises NoKey, or Unlisted."""
    if getattr(request.scope.get("route"), "path", "") not in KEYED:
        raise Unlisted
    if not WELL_FORMED.fullmatch(key) or len(request.headers.getlist(HEADER)) > 1:
        raise NoKey
    asked = answers.Asked(actor(viewer), key, await _whole(request))
    opened = stores.writing_factory(request.app.state.engine)
    return Once(asked, opened, settings.vault, now)


def actor(viewer: access.Viewer) -> str:
    """In whose name a key stands: two actors may draw the same one."""
    return viewer.actor


async def _whole(request: Request) -> bytes:
    """All that makes the request what it is: method, address, kind and content of its body."""
    kind = request.headers.get("content-type", "")
    around = [request.method, request.url.path, request.url.query, kind]
    return json.dumps(around).encode() + await request.body()


def _response(answer: answers.Answer, headers: dict[str, str]) -> Response:
    return Response(
        answer.body,
        answer.status,
        headers | {"cache-control": "no-store"},
        media_type=answer.media_type,
    )


CurrentOnce = Annotated[Once, Depends(once)]
