from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta
from threading import Event

import pytest
from sqlalchemy import Engine
from sqlmodel import Session, col, select

from api.services import access, availability, errors, figures, record
from fixtures import communes as real_communes
from store import rosters, runs, tables
from store import session as store_session
from tests.store import rows
from tests.store.rows import NOON

DAY = timedelta(days=1)
NANCY = {"rpps": "1", "latitude": 48.69, "longitude": 6.18}


@pytest.fixture
def settled(session: Session) -> Session:
    """A session on a store that knows the real communes of Metz Métropole."""
    record.record_territory(session, real_communes.of(real_communes.METZ_METROPOLE))
    session.commit()
    return session


def _publish(session: Session, *pairs: tuple[str, str], **said: object) -> None:
    ids = dict.fromkeys(slot_id for slot_id, _ in pairs)
    frames: dict[str, object] = {
        "sites": rows.sites("A"),
        "slots": rows.slots(*({"slot_id": slot_id} for slot_id in ids)),
        "doctors": rows.duty_doctors("1", "2"),
        "roster": rows.roster(*pairs),
    }
    record.record_roster(session, rows.a_run("roster"), **(frames | said))  # type: ignore[arg-type]


def _held(session: Session) -> list[tuple[str, str]]:
    duty = tables.Duty
    asked = select(duty.slot_id, duty.rpps).order_by(col(duty.slot_id), col(duty.rpps))
    return [(slot_id, rpps) for slot_id, rpps in session.exec(asked)]


def test_communes_are_recorded_once_however_often_they_come(session: Session) -> None:
    communes = real_communes.of(real_communes.METZ_METROPOLE)
    territory = tables.Territory(id="metz", name="Metz")

    for _ in range(2):
        record.record_territory(session, communes, territory)
        session.commit()

    assert len(session.exec(select(tables.Commune)).all()) == len(communes)
    metz = session.get(tables.Commune, "57463")
    assert metz is not None
    assert (metz.name, metz.postal_codes.split()[0][:2]) == ("Metz", "57")
    assert len(session.exec(select(tables.Territory)).all()) == 1


def test_doctors_replace_those_recorded_before(settled: Session) -> None:
    record.record_doctors(settled, rows.doctors(NANCY, {**NANCY, "rpps": "2"}))
    record.record_doctors(settled, rows.doctors({**NANCY, "rpps": "2", "places": 7}))
    settled.commit()

    assert [doctor.rpps for doctor in settled.exec(select(tables.Doctor))] == ["2"]
    current = select(tables.Capacity.places).where(col(tables.Capacity.current))
    assert settled.exec(current).all() == [7]


def test_another_number_of_places_is_a_new_declaration_and_the_same_one_confirms_it(
    settled: Session,
) -> None:
    said = [
        {"places": 5, "confirmed_on": date(2026, 9, 1)},
        {"places": 5, "confirmed_on": date(2026, 10, 1)},
        {"places": 2, "confirmed_on": date(2026, 11, 1)},
    ]
    for row in said:
        record.record_doctors(settled, rows.doctors({**NANCY, **row}))
        settled.commit()

    (practice,) = settled.exec(select(tables.Practice)).all()
    capacity = tables.Capacity
    kept = settled.exec(select(capacity).order_by(col(capacity.id))).all()
    assert [(it.places, it.declared_on, it.confirmed_on, it.current) for it in kept] == [
        (5, date(2026, 9, 1), date(2026, 10, 1), False),
        (2, date(2026, 11, 1), date(2026, 11, 1), True),
    ]
    assert {it.practice_id for it in kept} == {practice.id}


def test_two_practices_of_a_doctor_keep_their_own_declarations(settled: Session) -> None:
    elsewhere = {**NANCY, "latitude": 48.7, "places": 1}
    for _ in range(2):
        record.record_doctors(settled, rows.doctors({**NANCY, "places": 9}, elsewhere))
        settled.commit()

    found = settled.exec(
        select(tables.Practice.latitude, tables.Capacity.places)
        .join(tables.Capacity, col(tables.Capacity.practice_id) == col(tables.Practice.id))
        .order_by(col(tables.Practice.latitude))
    ).all()
    assert found == [(48.69, 9), (48.7, 1)]


def test_a_doctor_to_whom_anything_else_refers_is_not_forgotten(settled: Session) -> None:
    record.record_doctors(settled, rows.doctors(NANCY))
    settled.add(
        tables.Licence(rpps=NANCY["rpps"], valid_until=date(2027, 11, 15), departement="54")
    )

    record.record_doctors(settled, rows.doctors())

    assert [doctor.rpps for doctor in settled.exec(select(tables.Doctor))] == [NANCY["rpps"]]


def test_a_practice_without_coordinates_stands_at_the_centre_of_its_commune(
    settled: Session,
) -> None:
    record.record_doctors(settled, rows.doctors({"rpps": "1", "languages": ["fr", "ar"]}))

    practice = settled.exec(select(tables.Practice)).one()
    metz = settled.get_one(tables.Commune, "57463")
    assert (practice.latitude, practice.longitude) == (metz.latitude, metz.longitude)
    assert practice.languages == "fr ar"


def test_a_practice_with_coordinates_needs_no_commune_and_none_is_invented(
    settled: Session,
) -> None:
    record.record_doctors(settled, rows.doctors({**NANCY, "code_insee": None}))

    practice = settled.exec(select(tables.Practice)).one()
    assert (practice.latitude, practice.code_insee) == (48.69, None)


@pytest.mark.parametrize(
    ("row", "fault"),
    [
        ({"rpps": "1", "code_insee": "99999"}, "unknown_commune"),
        ({"rpps": "1", "code_insee": None}, "no_place"),
        ({"rpps": "1", "code_insee": None, "latitude": 48.0}, "no_place"),
    ],
)
def test_a_doctor_nowhere_is_refused_and_nothing_changes(
    settled: Session, row: dict[str, object], fault: str
) -> None:
    with pytest.raises(errors.UnusableRows) as refused:
        record.record_doctors(settled, rows.doctors(row))

    assert (refused.value.fault, refused.value.ids) == (fault, ("1",))
    assert settled.exec(select(tables.Doctor)).all() == []


def test_publishing_twice_is_publishing_once(settled: Session) -> None:
    for _ in range(2):
        _publish(settled, ("S1", "1"), ("S1", "2"), ("S2", "1"))
        settled.commit()

    assert _held(settled) == [("S1", "1"), ("S1", "2"), ("S2", "1")]
    assert len(settled.exec(select(tables.Run)).all()) == 1


def test_a_new_roster_replaces_the_former_one_of_the_same_time(settled: Session) -> None:
    _publish(settled, ("S1", "1"), ("S2", "2"))
    _publish(settled, ("S2", "1"), ("S3", "1"))
    settled.commit()

    assert _held(settled) == [("S2", "1"), ("S3", "1")]
    assert [doctor.rpps for doctor in settled.exec(select(tables.Doctor))] == ["1"]


@pytest.mark.parametrize(
    ("hours", "kept"), [(2, True), (-2, True), (1.999, False), (-1.999, False)]
)
def test_a_new_roster_leaves_alone_what_it_only_touches(
    settled: Session, hours: float, kept: bool
) -> None:
    start = NOON + timedelta(hours=hours)
    later = rows.slots({"slot_id": "S2", "start": start, "end": start + timedelta(hours=2)})
    _publish(settled, ("S1", "1"))

    _publish(settled, ("S2", "2"), slots=later)
    settled.commit()

    assert _held(settled) == ([("S1", "1")] if kept else []) + [("S2", "2")]


def test_a_slot_that_moved_out_of_its_former_time_moves(settled: Session) -> None:
    moved = rows.slots({"slot_id": "S1", "start": NOON + 9 * DAY, "end": NOON + 10 * DAY})
    _publish(settled, ("S1", "1"))

    _publish(settled, ("S1", "2"), slots=moved)

    assert _held(settled) == [("S1", "2")]
    assert settled.get_one(tables.Slot, "S1").starts_at == NOON + 9 * DAY


def test_a_roster_leaves_alone_what_another_territory_published(settled: Session) -> None:
    for name in ("east", "west"):
        record.record_territory(settled, (), tables.Territory(id=name, name=name))
    west = rows.slots({"slot_id": "W", "site_id": "B"})
    _publish(settled, ("E", "1"), territory_id="east")
    _publish(settled, ("W", "1"), sites=rows.sites("B"), slots=west, territory_id="west")

    assert _held(settled) == [("E", "1"), ("W", "1")]
    with pytest.raises(errors.UnusableRows, match="site_of_another_territory"):
        _publish(settled, ("X", "1"), territory_id="west")


def test_a_roster_without_slots_withdraws_nothing(settled: Session) -> None:
    _publish(settled, ("S1", "1"))

    _publish(settled)

    assert _held(settled) == [("S1", "1")]


@pytest.mark.parametrize(
    ("said", "fault"),
    [
        ({"slots": rows.slots({"slot_id": "S1", "site_id": "Z"})}, "slots: unknown_site: S1"),
        ({"slots": rows.slots({"slot_id": "S9"})}, "roster: unknown_slot: S1"),
        ({"doctors": rows.duty_doctors("2")}, "roster: unknown_doctor: 1"),
    ],
)
def test_a_roster_that_contradicts_itself_is_refused(
    settled: Session, said: dict[str, object], fault: str
) -> None:
    with pytest.raises(errors.UnusableRows, match=fault):
        _publish(settled, ("S1", "1"), **said)


def test_a_site_in_an_unknown_commune_is_refused(session: Session) -> None:
    with pytest.raises(errors.UnusableRows, match="sites: unknown_commune: A"):
        _publish(session, ("S1", "1"))


def test_a_doctor_on_duty_keeps_the_name_that_a_later_file_leaves_empty(settled: Session) -> None:
    _publish(settled, ("S1", "1"))
    record.record_doctors(settled, rows.doctors({**NANCY, "given_name": "Inès"}))

    doctor = settled.get_one(tables.Doctor, "1")
    assert (doctor.family_name, doctor.given_name) == ("Nom 1", "Inès")


def test_a_doctor_on_duty_is_remembered_without_a_practice(settled: Session) -> None:
    record.record_doctors(settled, rows.doctors(NANCY))
    _publish(settled, ("S1", "1"))
    record.record_doctors(settled, rows.doctors({**NANCY, "rpps": "2"}))

    assert {doctor.rpps for doctor in settled.exec(select(tables.Doctor))} == {"1", "2"}


def _published(*codes: str) -> figures.Figures:
    counts = [figures.CommuneCounts(code, 40, 25, 15, 2, 30) for code in codes]
    return figures.suppress(counts)


def test_the_figures_of_a_matching_replace_those_of_the_former_one(settled: Session) -> None:
    record.record_matching(settled, rows.a_run(seed=1), _published("57463", "57751"))
    record.record_matching(settled, rows.a_run(seed=2, finished_at=NOON + DAY), _published("57463"))
    settled.commit()

    latest = runs.latest(settled, "matching")
    kept = settled.exec(select(tables.CommuneFigure)).all()
    assert latest is not None
    assert [(figure.run_id, figure.code_insee) for figure in kept] == [(latest.id, "57463")]
    assert (kept[0].patients, kept[0].proposed, kept[0].waiting) == (40, 25, 15)
    assert latest.summary["published_totals"]["places_open"] == 30
    assert latest.summary["bound"] == 1


def test_the_same_matching_recorded_twice_is_one_run(settled: Session) -> None:
    for _ in range(2):
        record.record_matching(settled, rows.a_run(), _published("57463"))
        settled.commit()

    assert len(settled.exec(select(tables.Run)).all()) == 1
    assert len(settled.exec(select(tables.CommuneFigure)).all()) == 1


def test_figures_of_an_unknown_commune_are_refused(settled: Session) -> None:
    with pytest.raises(errors.UnusableRows, match="figures: unknown_commune: 99999"):
        record.record_matching(settled, rows.a_run(), _published("99999"))


def test_nothing_is_kept_of_a_publication_that_is_rolled_back(settled: Session) -> None:
    _publish(settled, ("S1", "1"))
    settled.commit()

    _publish(settled, ("S2", "2"))
    settled.rollback()

    assert _held(settled) == [("S1", "1")]


def test_readers_see_the_former_roster_or_the_new_one_and_never_a_mixture(
    engine: Engine, settled: Session
) -> None:
    open_session = store_session.session_factory(engine)
    former = {("S1", "1"), ("S2", "1")}
    new = {("S1", "2"), ("S3", "2")}
    _publish(settled, *sorted(former))
    settled.commit()
    done, seen = Event(), set[frozenset[tuple[str, str]]]()

    def read() -> None:
        while not done.is_set():
            with open_session() as reader:
                found = availability.near(reader, access.DESK, NOON, place="57463")
                pairs = {(doctor.slot_id, doctor.rpps) for doctor in found.doctors}
                again = rosters.duties_between(reader, NOON, NOON + DAY)
                assert {(slot.id, doctor.rpps) for _, slot, doctor in again} == pairs
                seen.add(frozenset(pairs))

    with ThreadPoolExecutor(2) as pool:
        readers = [pool.submit(read) for _ in range(2)]
        for turn in range(6):
            _publish(settled, *sorted(former if turn % 2 else new))
            settled.commit()
        done.set()
        for reader in readers:
            reader.result(timeout=30)

    assert seen <= {frozenset(former), frozenset(new)}
