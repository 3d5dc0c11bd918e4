"""Requests that change something come from our own pages, or from programs without a cookie.

A browser says by itself where a form was sent from (Fetch Metadata, or the `Origin` of older
ones), and no page of somebody else can make it say otherwise. A program shows a key in a header,
which no foreign page can do either. So no token has to stand in every form.
"""

from urllib.parse import urlsplit

from fastapi import Request

from api import gate
from api.services import access

SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
OURS = frozenset({"same-origin", "none"})
"""Sent by a page of ours, or by the person directly."""


def guard(request: Request) -> None:
    """Let the request in, or raise `errors.Forbidden` if a foreign page may have sent it."""
    if request.method in SAFE:
        return
    site, origin = request.headers.get("sec-fetch-site"), request.headers.get("origin")
    if site is not None:
        ours = site in OURS
    elif origin is not None:
        ours = urlsplit(origin).netloc == request.headers.get("host", "")
    else:
        ours = not gate.token(request)
    access.require(access.Answer(ours, access.Reason.FOREIGN_ORIGIN, known=True))
