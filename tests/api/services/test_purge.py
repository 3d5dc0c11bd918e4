"""PRV-03: the simulation counts by rule and changes nothing; indicators stay the same."""

from collections import Counter
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import Engine
from sqlmodel import Session, col, func, select

from api.services import purge
from store import journal, retention, tables
from store import session as stores
from store.vault import Vault
from tests.store import rows, whole
from tests.store.rows import NOON

VAULT = Vault([bytes(range(32))])
DAY = timedelta(days=1)


@pytest.fixture
def session(engine: Engine) -> Iterator[Session]:
    with stores.writing_factory(engine)() as opened:
        rows.keep(opened, *whole.store())
    with stores.writing_factory(engine)() as opened:
        yield opened


def patient(session: Session, name: str, *requests: tuple[str, datetime | None]) -> None:
    """A patient with a name and requests in some states, each ended at an instant or open."""
    rows.keep(
        session,
        tables.Patient(
            id=name,
            territory_id="metz",
            file_number=name,
            family_name=b"sealed",
            birth_year=1950,
            code_insee="57463",
            cell="891faa6b1a3ffff",
            ald=True,
            recorded_at=NOON,
        ),
    )
    for number, (state, ended_at) in enumerate(requests):
        rows.keep(
            session,
            tables.Request(
                id=f"{name}-{number}",
                patient_id=name,
                territory_id="metz",
                state=state,
                state_since=NOON,
                opened_at=NOON,
                ended_at=ended_at,
            ),
        )


def indicators(session: Session) -> dict[str, Any]:
    """What is reported: requests by state, how long they took, and by commune and factor."""
    request, someone = tables.Request, tables.Patient
    states = Counter(session.exec(select(request.state)))
    ended = sorted(str(it) for it in session.exec(select(request.ended_at)))
    where = session.exec(
        select(someone.code_insee, someone.ald, func.count())
        .join(request, col(request.patient_id) == col(someone.id))
        .group_by(col(someone.code_insee), col(someone.ald))
    ).all()
    return {"states": states, "ended": ended, "where": [tuple(row) for row in where]}


def named(session: Session) -> set[str]:
    asked = select(tables.Patient.id).where(col(tables.Patient.family_name).is_not(None))
    return set(session.exec(asked))


def test_the_simulation_counts_by_rule_and_changes_nothing(session: Session) -> None:
    old = NOON - 400 * DAY
    patient(session, "closed", ("closed", old))
    patient(session, "lost", ("unreachable", old))
    before = {row: [it.model_dump() for it in session.exec(select(row))] for row in whole_rows()}

    counted = purge.simulate(session, NOON)

    assert counted["ended_request_kept_days"] == counted["unreachable_kept_days"] == 1
    assert set(counted) == {rule.name for rule in retention.RULES}
    assert before == {
        row: [it.model_dump() for it in session.exec(select(row))] for row in whole_rows()
    }


def whole_rows() -> list[type[tables.Row]]:
    return tables.Row.__subclasses__()


def test_the_real_purge_does_what_was_told_and_the_indicators_are_the_same(
    session: Session,
) -> None:
    old = NOON - 400 * DAY
    patient(session, "closed", ("closed", old), ("moved_away", old))
    patient(session, "lost", ("unreachable", NOON - 200 * DAY))
    patient(session, "recent", ("closed", NOON - 300 * DAY))
    counted, before = purge.simulate(session, NOON), indicators(session)

    done = purge.carry_out(session, VAULT, "job:purge", NOON)
    session.commit()

    assert done == counted
    assert named(session) == {"p", "recent"}
    assert indicators(session) == before
    kept = session.get_one(tables.Patient, "closed")
    assert (kept.code_insee, kept.ald, kept.cell, kept.birth_year) == ("57463", True, None, None)
    assert kept.anonymised_at == NOON
    (line,) = journal.about(session, "store")
    assert line.detail == {"ended_request_kept_days": 1, "unreachable_kept_days": 1}
    assert purge.simulate(session, NOON) == dict.fromkeys(counted, 0)


@pytest.mark.parametrize(
    ("state", "days", "purged"),
    [
        ("closed", 364, False),
        ("closed", 365, True),
        ("unreachable", 182, False),
        ("unreachable", 183, True),
        ("out_of_territory", 365, True),
    ],
)
def test_a_file_is_kept_to_the_day(session: Session, state: str, days: int, purged: bool) -> None:
    patient(session, "somebody", (state, NOON - days * DAY))

    purge.carry_out(session, VAULT, "job:purge", NOON)

    assert ("somebody" not in named(session)) is purged


def test_whoever_has_an_open_request_is_kept_however_old_another_one_is(session: Session) -> None:
    patient(session, "again", ("closed", NOON - 900 * DAY), ("eligible", None))
    patient(session, "never")

    purge.carry_out(session, VAULT, "job:purge", NOON)

    assert {"again", "never"} <= named(session)


def test_whoever_objected_is_emptied_at_once(session: Session) -> None:
    patient(session, "somebody", ("opposed", NOON))
    session.get_one(tables.Patient, "somebody").opposed_at = NOON

    purge.carry_out(session, VAULT, "job:purge", NOON)

    assert "somebody" not in named(session)


def test_contacts_messages_sessions_links_and_records_go_after_their_time(
    session: Session,
) -> None:
    session.exec(select(tables.Booking)).one().contact = b"sealed"
    session.exec(select(tables.OutboxMessage)).one().state = "sent"
    session.exec(select(tables.JobRun)).one().state = "done"
    session.flush()
    others = [rule for rule in retention.RULES if rule.table is not tables.Patient]

    soon = purge.simulate(session, NOON + 29 * DAY)
    late = purge.carry_out(session, VAULT, "job:purge", NOON + 366 * DAY)

    assert {rule.name: soon[rule.name] for rule in others} == {rule.name: 0 for rule in others}
    assert {rule.name: late[rule.name] for rule in others} == {rule.name: 1 for rule in others}
    assert session.exec(select(tables.Booking)).one().contact is None
    assert session.exec(select(tables.LoginSession)).all() == []


def test_what_still_waits_or_runs_is_kept(session: Session) -> None:
    purge.carry_out(session, VAULT, "job:purge", NOON + 999 * DAY)

    assert session.exec(select(tables.OutboxMessage)).one().state == "waiting"
    assert session.exec(select(tables.JobRun)).one().state == "running"
