"""What is kept for a time only, rule by rule: which rows it concerns, and how they are emptied.

A patient's file loses what identifies somebody and where the person lives more closely than by
commune; the request and its steps stay, so that what is counted before and after is the same.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, Delete, Update, and_, delete, exists, func, update
from sqlmodel import Session, SQLModel, col, select

from store import tables

EMPTIED = dict.fromkeys(
    (
        "family_name",
        "given_name",
        "birth_date",
        "phone",
        "email",
        "likeness",
        "cell",
        "household_id",
        "usual_doctor_rpps",
        "birth_year",
        "max_minutes",
    )
)
"""The columns of a patient that are emptied."""


@dataclass(frozen=True)
class Rule:
    """Rows of a table that are older than they may be kept."""

    name: str
    """Also the name of the parameter that says for how many days they are kept."""
    table: type[SQLModel]
    concerns: Callable[[datetime], ColumnElement[bool]]
    """Which rows, from the last instant that is too old."""
    change: Callable[[datetime], Update | Delete]
    """What is done to them; the argument is the present."""


def counts(session: Session, now: datetime, kept_days: Mapping[str, int]) -> dict[str, int]:
    """How many rows each rule concerns now; changes nothing."""
    return {
        rule.name: session.exec(
            select(func.count())
            .select_from(rule.table)
            .where(rule.concerns(_before(rule, now, kept_days)))
        ).one()
        for rule in RULES
    }


def purge(session: Session, now: datetime, kept_days: Mapping[str, int]) -> dict[str, int]:
    """Empty or remove the rows that each rule concerns; how many. The session must write."""
    done = {}
    for rule in RULES:
        changed = rule.change(now).where(rule.concerns(_before(rule, now, kept_days)))
        done[rule.name] = int(session.exec(changed).rowcount)
    return done


def _before(rule: Rule, now: datetime, kept_days: Mapping[str, int]) -> datetime:
    return now - timedelta(days=kept_days[rule.name])


def _requests_ended(before: datetime, *, unreachable: bool) -> ColumnElement[bool]:
    """Patients of whom every request ended before an instant, and one of them in this way."""
    request, patient = tables.Request, tables.Patient
    own = col(request.patient_id) == col(patient.id)
    still = exists().where(own, col(request.ended_at).is_(None) | (col(request.ended_at) > before))
    how = col(request.state) == "unreachable"
    ended = exists().where(own, how if unreachable else ~how)
    return and_(col(patient.anonymised_at).is_(None), ended, ~still)


def _opposed(before: datetime) -> ColumnElement[bool]:
    patient = tables.Patient
    return and_(col(patient.anonymised_at).is_(None), col(patient.opposed_at) <= before)


def _anonymise(now: datetime) -> Update:
    return update(tables.Patient).values(anonymised_at=now, **EMPTIED)


RULES = (
    Rule(
        "ended_request_kept_days",
        tables.Patient,
        lambda before: _requests_ended(before, unreachable=False),
        _anonymise,
    ),
    Rule(
        "unreachable_kept_days",
        tables.Patient,
        lambda before: _requests_ended(before, unreachable=True),
        _anonymise,
    ),
    Rule("opposition_kept_days", tables.Patient, _opposed, _anonymise),
    Rule(
        "booking_kept_days",
        tables.Booking,
        lambda before: and_(
            col(tables.Booking.ends_at) <= before, col(tables.Booking.contact).is_not(None)
        ),
        lambda _now: update(tables.Booking).values(contact=None),
    ),
    Rule(
        "message_kept_days",
        tables.OutboxMessage,
        lambda before: and_(
            col(tables.OutboxMessage.state) != "waiting",
            col(tables.OutboxMessage.made_at) <= before,
        ),
        lambda _now: delete(tables.OutboxMessage),
    ),
    Rule(
        "login_session_kept_days",
        tables.LoginSession,
        lambda before: col(tables.LoginSession.expires_at) <= before,
        lambda _now: delete(tables.LoginSession),
    ),
    Rule(
        "signed_link_kept_days",
        tables.SignedLink,
        lambda before: col(tables.SignedLink.expires_at) <= before,
        lambda _now: delete(tables.SignedLink),
    ),
    Rule(
        "job_run_kept_days",
        tables.JobRun,
        lambda before: and_(
            col(tables.JobRun.state) != "running", col(tables.JobRun.started_at) <= before
        ),
        lambda _now: delete(tables.JobRun),
    ),
)
"""Every rule, in the order in which they are applied."""
