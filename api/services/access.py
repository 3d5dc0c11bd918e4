"""Who may see what. Every function answers with a reason, so that a refusal can be explained."""

from dataclasses import dataclass
from enum import StrEnum

from api.services import errors


class Role(StrEnum):
    """What somebody is to a territory."""

    DESK = "desk"
    """The desk of the emergency call centre (centre 15)."""
    COORDINATOR = "coordinator"
    DOCTOR = "doctor"
    DELEGATE = "delegate"
    """Answers for the practice of a doctor."""
    CPAM = "cpam"
    """The insurance fund."""
    CDOM = "cdom"
    """The council of the Ordre of the département."""
    ARS = "ars"
    """The regional health agency."""
    ADMIN = "admin"
    DPO = "dpo"
    """The data-protection officer."""


EVERYWHERE = None
"""The territory of a role that is not bound to one."""


@dataclass(frozen=True)
class Viewer:
    """On whose behalf a question is asked."""

    actor: str
    """As in the journal: `public`, `account:...`, `key:...`, `token:desk`, `demo`."""
    roles: frozenset[tuple[Role, str | None]] = frozenset()
    """Each with its territory, or EVERYWHERE."""
    account_id: str | None = None

    @property
    def known(self) -> bool:
        """Whether somebody has shown who they are."""
        return bool(self.roles) or self.account_id is not None

    def has(self, *roles: Role) -> bool:
        """Whether the viewer has one of these roles, in whatever territory."""
        return any(role in roles for role, _ in self.roles)


PUBLIC = Viewer("public")
DESK = Viewer("token:desk", frozenset({(Role.DESK, EVERYWHERE)}))
DEMO = Viewer("demo", frozenset((role, EVERYWHERE) for role in Role))
"""Anybody in demonstration mode, where there is nobody real to protect."""


class Reason(StrEnum):
    """Why something is allowed or refused."""

    OPEN_TO_ALL = "open_to_all"
    FOR_THE_DESK = "for_the_desk"
    FOR_THE_DPO = "for_the_dpo"
    FOR_AN_ACCOUNT = "for_an_account"
    FOREIGN_ORIGIN = "foreign_origin"
    """A page of somebody else may have sent it."""
    NO_AUDIENCE = "no_audience"
    FOR_METRICS = "for_metrics"
    SWITCHED_OFF = "switched_off"


@dataclass(frozen=True)
class Answer:
    """Allowed or not, by which rule, and whether somebody has shown who they are."""

    allowed: bool
    reason: Reason
    known: bool = False


def may_search_duty(viewer: Viewer) -> Answer:
    """Names and hours of the doctors on duty near a caller: the desk, and who makes the roster."""
    return _for(viewer, Reason.FOR_THE_DESK, Role.DESK, Role.COORDINATOR)


def may_see_duty_names(viewer: Viewer) -> Answer:
    """Who holds a duty by name; the public roster shows sites and hours only."""
    return may_search_duty(viewer)


def may_read_listing(_viewer: Viewer) -> Answer:
    """Doctors who accept patients, and suppressed figures by commune: public information."""
    return Answer(True, Reason.OPEN_TO_ALL)


def may_read_journal(viewer: Viewer) -> Answer:
    """Who saw and changed what: the data-protection officer."""
    return _for(viewer, Reason.FOR_THE_DPO, Role.DPO)


def may_see_own_account(viewer: Viewer) -> Answer:
    """One's own account: whoever has entered with one."""
    return Answer(viewer.account_id is not None, Reason.FOR_AN_ACCOUNT)


def require(answer: Answer) -> None:
    """Go on if the answer is yes. Raises `errors.Forbidden` with the reason otherwise."""
    if not answer.allowed:
        raise errors.Forbidden(answer.reason, known=answer.known)


def _for(viewer: Viewer, reason: Reason, *roles: Role) -> Answer:
    return Answer(viewer.has(*roles), reason, viewer.known)
