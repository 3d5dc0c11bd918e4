from datetime import timedelta

import pytest
from sqlalchemy import Engine, event
from sqlmodel import Session

from store import communes, doctors, rosters, runs, session, tables
from tests.store import rows
from tests.store.rows import NOON

HOUR = timedelta(hours=1)


@pytest.mark.parametrize(
    ("code_insee", "departement"),
    [("54395", "54"), ("2A004", "2A"), ("97411", "974"), ("98818", "988"), ("08105", "08")],
)
def test_the_departement_of_a_commune_is_read_from_its_code(
    code_insee: str, departement: str
) -> None:
    assert communes.departement(code_insee) == departement


@pytest.mark.parametrize(
    ("begin", "end", "found"),
    [
        (-1, 0, False),
        (-1, 0.001, True),
        (0, 1, True),
        (1.999, 3, True),
        (2, 3, False),
    ],
)
def test_a_slot_counts_from_its_start_until_before_its_end(
    session: Session, begin: float, end: float, found: bool
) -> None:
    rows.a_duty_at(session, rows.a_site(), NOON, hours=2)
    window = (NOON + begin * HOUR, NOON + end * HOUR)

    assert bool(rosters.duties_between(session, *window)) is found
    assert bool(rosters.slots_between(session, *window)) is found
    assert rosters.has_slot_between(session, *window) is found
    assert rosters.held_sites_between(session, *window) == ({"A"} if found else set())


def test_duties_can_be_asked_for_some_sites_only(session: Session) -> None:
    rows.a_duty_at(session, rows.a_site("A"), NOON)
    rows.a_duty_at(session, rows.a_site("B"), NOON)

    def sites_of(asked: set[str] | None) -> list[str]:
        found = rosters.duties_between(session, NOON, NOON + HOUR, asked)
        return [slot.site_id for _, slot, _ in found]

    assert sites_of(None) == ["A", "B"]
    assert sites_of({"B"}) == ["B"]
    assert sites_of(set()) == []


def test_the_published_period_goes_from_the_first_start_to_the_last_end(session: Session) -> None:
    assert rosters.published_period(session) is None

    rows.a_duty_at(session, rows.a_site(), NOON, hours=5)
    rows.a_duty_at(session, rows.a_site(), NOON + HOUR, hours=1)

    assert rosters.published_period(session) == rosters.Period(NOON, NOON + 5 * HOUR)


def test_the_latest_run_of_a_kind_is_the_last_finished_then_the_last_written(
    session: Session,
) -> None:
    rows.keep(
        session,
        rows.a_run("matching", seed=1, finished_at=NOON + HOUR),
        rows.a_run("matching", seed=2, finished_at=NOON),
        rows.a_run("roster", seed=3, finished_at=NOON + 2 * HOUR),
        rows.a_run("matching", seed=4, finished_at=NOON + HOUR),
    )

    latest = runs.latest(session, "matching")

    assert latest is not None
    assert latest.seed == 4


def test_accepting_doctors_are_sorted_by_commune_then_name_with_unknown_communes_last(
    session: Session,
) -> None:
    rows.keep(session, rows.a_commune("57463"), rows.a_commune("54395"))
    for rpps, code_insee, name in (
        ("1", None, "Abel"),
        ("2", "54395", "Zola"),
        ("3", "57463", "Abel"),
        ("4", "54395", "Abel"),
    ):
        rows.keep(session, rows.a_doctor(rpps, family_name=name))
        rows.keep_offer(session, rpps, code_insee=code_insee)

    assert [practice.rpps for practice, *_ in doctors.accepting(session)] == ["3", "4", "2", "1"]


def test_the_search_by_time_reads_an_index_and_never_the_whole_table(
    sqlite_engine: Engine,
) -> None:
    asked: list[tuple[str, object]] = []
    event.listen(
        sqlite_engine,
        "before_cursor_execute",
        lambda _c, _cursor, statement, values, _context, _many: asked.append((statement, values)),
    )
    with session.session_factory(sqlite_engine)() as opened:
        _fill(opened)
        asked.clear()
        rosters.duties_between(opened, NOON, NOON + 72 * HOUR, {"A", "B"})
        rosters.held_sites_between(opened, NOON, NOON + 72 * HOUR)
        rosters.has_slot_between(opened, NOON, NOON + 72 * HOUR)
        questions = [one for one in asked if one[0].lstrip().upper().startswith("SELECT")]

        for statement, values in questions:
            plan = opened.connection().exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", values)
            steps = [str(row[3]) for row in plan]
            assert any("USING" in step and "INDEX ix_slot" in step for step in steps), steps
            assert not any(step.startswith("SCAN slot") for step in steps), steps
    assert len(questions) == 3


def _fill(session: Session) -> None:
    rows.keep(session, rows.a_commune(), rows.a_doctor(), rows.a_site("A"), rows.a_site("B"))
    slots = [
        rows.a_slot(
            f"{site}{hour}",
            site_id=site,
            starts_at=NOON + hour * HOUR,
            ends_at=NOON + (hour + 1) * HOUR,
        )
        for site in "AB"
        for hour in range(-500, 500)
    ]
    session.add_all(slots)
    session.flush()
    session.add_all(tables.Duty(slot_id=slot.id, rpps="10990000017", points=1) for slot in slots)
    session.commit()
    session.connection().exec_driver_sql("ANALYZE")
