"""Finding the commune a person typed: by name, postal code or official code."""

import re
import unicodedata
from collections.abc import Sequence

from sqlmodel import Session

from store import communes, tables

MOST = 12
"""Candidates shown when a text fits several communes: more would not be read on the phone."""


def names(session: Session) -> tuple[str, ...]:
    """The names of all communes, to help with typing."""
    return tuple(commune.name for commune in communes.everywhere(session))


def find(session: Session, text: str) -> tuple[tables.Commune, ...]:
    """The communes `text` may mean, by name; one alone if it is certain, none if unknown.

    A code counts first, then the whole name, its beginning, then a part of it; accents, case,
    hyphens and "St" for "Saint" do not matter.
    """
    wanted = plain(text)
    if not wanted:
        return ()
    everywhere = communes.everywhere(session)
    for fits in (_has_code, _is_called, _begins, _contains):
        found = [commune for commune in everywhere if fits(commune, wanted)]
        if found:
            return tuple(found[:MOST])
    return ()


def plain(text: str) -> str:
    """What stays of a name when accents, case and punctuation are put away."""
    whole = text.lower().replace("œ", "oe")
    letters = unicodedata.normalize("NFKD", whole).encode("ascii", "ignore").decode()
    words: Sequence[str] = re.findall(r"[a-z0-9]+", letters)
    return " ".join({"st": "saint", "ste": "sainte"}.get(word, word) for word in words)


def _has_code(commune: tables.Commune, wanted: str) -> bool:
    return wanted.upper() == commune.code_insee or wanted in commune.postal_codes.split()


def _is_called(commune: tables.Commune, wanted: str) -> bool:
    return plain(commune.name) == wanted


def _begins(commune: tables.Commune, wanted: str) -> bool:
    return plain(commune.name).startswith(wanted)


def _contains(commune: tables.Commune, wanted: str) -> bool:
    return wanted in plain(commune.name)
