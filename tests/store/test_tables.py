import json
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import Engine, Executable, func
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import DatabaseError, IntegrityError
from sqlmodel import Session, col, select

from store import tables
from tests.store import rows, whole
from tests.store.rows import NOON
from tests.store.whole import LATER, LOCUM

BEFORE = NOON - timedelta(hours=1)


@pytest.fixture
def full(session: Session) -> Session:
    rows.keep(session, *whole.store())
    return session


def test_a_store_in_small_has_a_row_in_every_table(full: Session) -> None:
    empty = [
        table.name
        for table in tables.Row.metadata.sorted_tables
        if not full.execute(select(func.count()).select_from(table)).scalar_one()
    ]

    assert empty == ["journal_head", "journal_line"]


WRONG: list[tuple[type[tables.Row], dict[str, Any]]] = [
    (tables.Structure, {"id": "new"}),
    (tables.Capacity, {"id": None}),
    (tables.Capacity, {"id": None, "current": False, "places": -1}),
    (tables.Capacity, {"id": None, "current": False, "min_age": 19}),
    (tables.Capacity, {"id": None, "practice_id": 9}),
    (tables.Authorisation, {"id": None, "last_day": whole.DAY - timedelta(days=1)}),
    (tables.Replacement, {"id": None, "last_day": whole.DAY - timedelta(days=1)}),
    (tables.Replacement, {"id": None, "locum_rpps": "10990000017"}),
    (tables.Availability, {"rpps": LOCUM, "wish": 3}),
    (tables.RosterVersion, {}),
    (tables.RosterVersion, {"number": 0}),
    (tables.Patient, {"id": "new"}),
    (tables.Patient, {"id": "new", "file_number": "P2", "birth_year": 1879}),
    (tables.Patient, {"id": "new", "file_number": "P2", "max_minutes": -1.0}),
    (tables.Patient, {"id": "new", "file_number": "P2", "household_id": "none"}),
    (tables.Consent, {"id": None, "purpose": "advertising"}),
    (tables.Request, {"id": "new"}),
    (tables.Request, {"id": "new", "ended_at": LATER}),
    (tables.Request, {"id": "new", "state": "closed"}),
    (tables.Request, {"id": "new", "state": "lost", "ended_at": LATER}),
    (tables.Request, {"id": "new", "state": "closed", "ended_at": LATER, "declared_by": "us"}),
    (tables.RequestEvent, {"number": 0}),
    (tables.RequestEvent, {"number": 2, "to_state": "lost"}),
    (tables.Exclusion, {"rpps": "10990000017", "said_by": "nobody"}),
    (tables.Account, {"id": "new"}),
    (tables.Account, {"id": "new", "login": "other", "failures": -1}),
    (tables.AccountIdentifier, {"id": None}),
    (tables.Role, {"id": None, "role": "king"}),
    (tables.Role, {"id": None, "ended_at": BEFORE}),
    (tables.Delegation, {"id": None, "ended_at": BEFORE}),
    (tables.ApiKey, {"id": "new"}),
    (tables.ApiKey, {"id": "new", "digest": "other", "expires_at": NOON}),
    (tables.LoginSession, {"digest": "other", "expires_at": NOON}),
    (tables.SignedLink, {"digest": "other", "expires_at": NOON}),
    (tables.BookableSlot, {"id": "new", "ends_at": NOON}),
    (tables.BookableSlot, {"id": "new", "max_patients": 0, "taken": 0}),
    (tables.BookableSlot, {"id": "new", "taken": 7}),
    (tables.BookableSlot, {"id": "new", "taken": -1}),
    (tables.BookableSlot, {"id": "new", "for_community": False}),
    (tables.BookableSlot, {"id": "new", "at_office": False}),
    (tables.BookableSlot, {"id": "new", "source": "rumour"}),
    (tables.Unavailability, {"id": None, "ends_at": NOON}),
    (tables.Hold, {"id": "new", "expires_at": NOON}),
    (tables.Booking, {"id": "new", "state": "maybe"}),
    (tables.Booking, {"id": "new", "consultation": "XX"}),
    (tables.OutboxMessage, {"id": "new"}),
    (tables.OutboxMessage, {"id": "new", "cause": "other", "channel": "pigeon"}),
    (tables.OutboxMessage, {"id": "new", "cause": "other", "state": "lost"}),
    (tables.JobRun, {"id": None, "state": "lost"}),
    (tables.TravelTime, {}),
    (tables.TravelTime, {"destination": "891faa6b1a3ffff"}),
    (tables.TravelTime, {"source": "other", "seconds": -1}),
    (tables.DirectoryState, {"name": "osrm", "consecutive_failures": -1}),
    (tables.DirectoryState, {"name": "osrm", "consecutive_failures": 0}),
    (tables.DirectoryState, {"name": "osrm", "failing_since": None}),
]


def test_the_database_refuses_what_cannot_be(full: Session) -> None:
    accepted = []

    for table, change in WRONG:
        right = full.exec(select(table)).first()
        assert right is not None
        full.expunge_all()
        try:
            with full.begin_nested():
                full.add(table(**{**right.model_dump(), **change}))
        except IntegrityError:
            continue
        accepted.append((table.__name__, change))

    assert accepted == []


RIGHT: list[tuple[type[tables.Row], dict[str, Any]]] = [
    (tables.Structure, {"id": "new", "finess": None}),
    (tables.Structure, {"id": "newer", "finess": None}),
    (tables.Capacity, {"id": None, "current": False}),
    (tables.Capacity, {"id": None, "current": False, "min_age": None}),
    (tables.Patient, {"id": "new", "file_number": "P2"}),
    (tables.Request, {"id": "new", "state": "unreachable", "ended_at": LATER}),
    (
        tables.Request,
        {"id": "newer", "state": "closed", "ended_at": LATER, "declared_by": "insurer"},
    ),
    (tables.AccountIdentifier, {"id": None, "until": LATER}),
    (tables.BookableSlot, {"id": "new", "taken": 6}),
    (tables.BookableSlot, {"id": "newer", "taken": 7, "extra_allowed": True}),
    (tables.Unavailability, {"id": None}),
    (tables.RosterVersion, {"number": 2}),
    (tables.TravelTime, {"source": "other", "seconds": 0}),
    (tables.TravelTime, {"source": "another", "seconds": None}),
    (
        tables.DirectoryState,
        {"name": "osrm", "consecutive_failures": 0, "failing_since": None},
    ),
]


def test_what_stands_at_the_border_of_a_rule_is_kept(full: Session) -> None:
    for table, change in RIGHT:
        right = full.exec(select(table)).first()
        assert right is not None
        full.add(table(**{**right.model_dump(), **change}))
        full.flush()


@pytest.mark.parametrize(
    ("table", "column"), [(tables.RosterVersion, "state"), (tables.RequestEvent, "actor")]
)
def test_what_happened_is_never_changed(
    full: Session, table: type[tables.Row], column: str
) -> None:
    row = full.exec(select(table)).one()
    setattr(row, column, "other")

    with pytest.raises(DatabaseError, match="never changed"):
        full.flush()


def test_every_reference_can_be_followed_backwards_by_an_index() -> None:
    slow = []
    for table in tables.Row.metadata.sorted_tables:
        leading = {next(iter(index.columns)).name for index in table.indexes if index.columns}
        leading |= {next(iter(table.primary_key.columns)).name}
        leading |= {
            next(iter(it.columns)).name
            for it in table.constraints
            if getattr(it, "columns", None) and it.__class__.__name__ == "UniqueConstraint"
        }
        slow += [
            f"{table.name}.{column.name}"
            for column in table.columns
            if column.foreign_keys and column.name not in leading
        ]

    # Of these there are few rows, and nobody asks from the other side.
    assert set(slow) == {
        "commune_figure.code_insee",
        "dated_parameter.territory_id",
        "site.code_insee",
    }


request, bookable_slot, hold = tables.Request, tables.BookableSlot, tables.Hold
QUESTIONS: list[tuple[str, Executable]] = [
    (
        "ix_request_territory_id_state_state_since",
        select(request.id)
        .where(request.territory_id == "metz", request.state == "eligible")
        .order_by(col(request.state_since)),
    ),
    (
        "ix_request_state_expires_at",
        select(request.id).where(request.state == "proposed", col(request.expires_at) < NOON),
    ),
    (
        "uq_request_patient_id_open",
        select(request.state).where(request.patient_id == "p", col(request.ended_at).is_(None)),
    ),
    (
        "uq_patient_territory_id_file_number",
        select(tables.Patient.cell).where(
            tables.Patient.territory_id == "metz", tables.Patient.file_number == "P1"
        ),
    ),
    (
        "ix_patient_likeness_territory_id",
        select(tables.Patient.cell).where(
            tables.Patient.territory_id == "metz", tables.Patient.likeness == "l"
        ),
    ),
    (
        "ix_bookable_slot_ends_at_starts_at",
        select(bookable_slot.taken).where(
            col(bookable_slot.ends_at) > NOON, col(bookable_slot.starts_at) < LATER
        ),
    ),
    (
        "ix_bookable_slot_rpps_ends_at_starts_at",
        select(bookable_slot.taken).where(
            col(bookable_slot.rpps).in_(["1", "2"]),
            col(bookable_slot.ends_at) > NOON,
            col(bookable_slot.starts_at) < LATER,
        ),
    ),
    ("ix_hold_expires_at", select(hold.bookable_slot_id).where(col(hold.expires_at) <= NOON)),
    (
        "ix_booking_rpps_starts_at",
        select(tables.Booking.state).where(
            tables.Booking.rpps == "1", col(tables.Booking.starts_at) >= NOON
        ),
    ),
    (
        "ix_outbox_message_state_next_at",
        select(tables.OutboxMessage.id).where(
            tables.OutboxMessage.state == "waiting", col(tables.OutboxMessage.next_at) <= NOON
        ),
    ),
    (
        "ix_journal_line_subject_number",
        select(tables.JournalLine.actor).where(tables.JournalLine.subject == "patient:p"),
    ),
    (
        "ix_job_run_job_started_at",
        select(tables.JobRun.state)
        .where(tables.JobRun.job == "purge")
        .order_by(col(tables.JobRun.started_at).desc())
        .limit(1),
    ),
    (
        "ix_role_account_id_territory_id",
        select(tables.Role.role).where(tables.Role.account_id == "a"),
    ),
    ("uq_api_key_digest", select(tables.ApiKey.scopes).where(tables.ApiKey.digest == "d")),
    ("uq_account_login", select(tables.Account.id).where(tables.Account.login == "ines")),
    (
        "uq_capacity_practice_id_current",
        select(tables.Capacity.places).where(
            tables.Capacity.practice_id == 1, col(tables.Capacity.current)
        ),
    ),
]


@pytest.mark.parametrize(("index", "question"), QUESTIONS, ids=[index for index, _ in QUESTIONS])
def test_what_is_asked_often_is_found_by_an_index(
    engine: Engine, index: str, question: Executable
) -> None:
    on_sqlite = engine.dialect.name == "sqlite"
    dialect = sqlite.dialect() if on_sqlite else postgresql.dialect()  # type: ignore[no-untyped-call]
    asked = str(question.compile(dialect=dialect, compile_kwargs={"literal_binds": True}))  # type: ignore[attr-defined]
    with engine.connect() as connection:
        if on_sqlite:
            plan = list(connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {asked}"))
        else:
            # A table of few rows is read whole, whatever indices it has.
            connection.exec_driver_sql("SET enable_seqscan = off")
            plan = list(connection.exec_driver_sql(f"EXPLAIN (FORMAT JSON) {asked}"))

    used = sqlite_index(index) if on_sqlite else index
    assert used in json.dumps([str(tuple(row)) for row in plan])


def sqlite_index(name: str) -> str:
    """SQLite gives the indices of unique constraints names of its own."""
    unique = {"uq_patient_territory_id_file_number", "uq_api_key_digest", "uq_account_login"}
    return f"sqlite_autoindex_{name.removeprefix('uq_').split('_')[0]}" if name in unique else name
