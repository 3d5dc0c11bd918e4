"""Who may see what. Every function answers with a reason, so that a refusal can be explained."""

from dataclasses import dataclass
from enum import StrEnum

from api.services import errors


class Kind(StrEnum):
    """For whom a request is made."""

    PUBLIC = "public"
    DESK = "desk"
    """The desk of the emergency call centre (centre 15), or anybody in demonstration mode."""


@dataclass(frozen=True)
class Viewer:
    """On whose behalf a question is asked."""

    kind: Kind


PUBLIC = Viewer(Kind.PUBLIC)
DESK = Viewer(Kind.DESK)


class Reason(StrEnum):
    """Why something is allowed or refused."""

    OPEN_TO_ALL = "open_to_all"
    FOR_THE_DESK = "for_the_desk"
    NO_AUDIENCE = "no_audience"


@dataclass(frozen=True)
class Answer:
    """Allowed or not, and by which rule."""

    allowed: bool
    reason: Reason


def may_search_duty(viewer: Viewer) -> Answer:
    """Names and hours of the doctors on duty near a caller: the desk of centre 15 only."""
    return _desk_only(viewer)


def may_see_duty_names(viewer: Viewer) -> Answer:
    """Who holds a duty by name; the public roster shows sites and hours only."""
    return _desk_only(viewer)


def may_read_listing(_viewer: Viewer) -> Answer:
    """Doctors who accept patients, and suppressed figures by commune: public information."""
    return Answer(True, Reason.OPEN_TO_ALL)


def require(answer: Answer) -> None:
    """Go on if the answer is yes. Raises `errors.Forbidden` with the reason otherwise."""
    if not answer.allowed:
        raise errors.Forbidden(answer.reason)


def _desk_only(viewer: Viewer) -> Answer:
    return Answer(viewer.kind is Kind.DESK, Reason.FOR_THE_DESK)
