"""PRV-02: whoever reads a file leaves who, when, what for and which fields."""

from collections.abc import Iterator
from datetime import date

import pytest
from sqlalchemy import Engine, text
from sqlmodel import Session

from api.services import errors
from api.services.patients import IDENTITY, Files, Identity, Purpose
from store import journal, tables
from store import session as stores
from store.vault import Unreadable, Vault
from tests.store import rows
from tests.store.rows import NOON

VAULT = Vault([bytes(range(32))])
INES = Identity("Lambert", "Inès", date(1950, 3, 2), "0383000000", "ines@exemple.fr")


@pytest.fixture
def files(engine: Engine) -> Iterator[Files]:
    with stores.writing_factory(engine)() as session:
        rows.keep(session, tables.Territory(id="metz", name="Metz"))
        rows.keep(session, tables.Territory(id="nancy", name="Nancy"))
    with stores.writing_factory(engine)() as session:
        yield Files(session, VAULT, "account:c", NOON)


def recorded(files: Files, patient_id: str, identity: Identity, **said: str) -> tables.Patient:
    row = {"territory_id": "metz", "file_number": patient_id}
    patient = tables.Patient(id=patient_id, recorded_at=NOON, **(row | said))
    files.session.add(patient)
    files.session.flush()
    files.identify(patient, identity)
    return patient


def lines(session: Session, patient_id: str = "p") -> list[tuple[str, str, str, list[str]]]:
    found = journal.about(session, f"patient:{patient_id}")
    return [(it.actor, it.act, it.purpose, it.fields) for it in found]


def test_a_reading_gives_what_was_asked_and_says_who_what_for_and_which_fields(
    files: Files,
) -> None:
    recorded(files, "p", INES)

    read = files.read("p", Purpose.MATCHING, {"phone", "family_name"})

    assert read == {"family_name": "Lambert", "phone": "0383000000"}
    assert lines(files.session)[1:] == [("account:c", "read", "matching", ["family_name", "phone"])]
    assert journal.about(files.session, "patient:p")[1].at == NOON


def test_an_altered_reading_is_detected(files: Files, engine: Engine) -> None:
    recorded(files, "p", INES)
    files.read("p", Purpose.MATCHING, IDENTITY)
    files.session.commit()
    with engine.begin() as connection:
        on_sqlite = connection.dialect.name == "sqlite"
        off = "DROP TRIGGER tr_journal_line_never_changed"
        connection.execute(
            text(off if on_sqlite else "ALTER TABLE journal_line DISABLE TRIGGER USER")
        )
        connection.execute(text("UPDATE journal_line SET actor = 'account:x' WHERE number = 2"))
        if not on_sqlite:
            connection.execute(text("ALTER TABLE journal_line ENABLE TRIGGER USER"))

    with stores.session_factory(engine)() as session:
        assert list(journal.breaches(session, VAULT)) == [journal.Breach(2, journal.Fault.ALTERED)]


def test_nothing_that_identifies_lies_open_in_the_store(files: Files, engine: Engine) -> None:
    recorded(files, "p", INES)
    files.session.commit()

    with engine.connect() as connection:
        stored = str([tuple(row) for row in connection.execute(text("SELECT * FROM patient"))])
        told = str([tuple(row) for row in connection.execute(text("SELECT * FROM journal_line"))])

    for said in ("Lambert", "Inès", "In\\xc3", "1950-03-02", "0383000000", "ines@"):
        assert said not in stored
        assert said not in told


def test_a_sealed_name_moved_to_another_file_is_not_opened(files: Files) -> None:
    ines, other = recorded(files, "p", INES), recorded(files, "q", Identity())
    other.family_name = ines.family_name

    with pytest.raises(Unreadable):
        files.read("q", Purpose.MATCHING, {"family_name"})


def test_what_is_unknown_is_none_and_a_correction_names_its_fields(files: Files) -> None:
    patient = recorded(files, "p", Identity(family_name="Lambert"))
    files.identify(patient, Identity(family_name="Lambert", phone="0387000000"))
    files.identify(patient, Identity(family_name="Lambert", phone="0387000000"))

    assert [line[3] for line in lines(files.session)] == [["family_name"], ["phone"]]
    read = files.read("p", Purpose.RIGHTS, IDENTITY)
    assert read == {
        "family_name": "Lambert",
        "given_name": None,
        "birth_date": None,
        "phone": "0387000000",
        "email": None,
    }


def test_the_year_of_birth_is_kept_legible_for_the_score(files: Files) -> None:
    assert recorded(files, "p", INES).birth_year == 1950


@pytest.mark.parametrize(
    ("identity", "alike"),
    [
        (INES, True),
        (Identity("LAMBERT", "ines", date(1950, 3, 2)), True),
        (Identity(" Lam-bert ", "Inès", date(1950, 3, 2)), True),
        (Identity("Lambert", "Inès", date(1950, 3, 3)), False),
        (Identity("Lambert", "Agnès", date(1950, 3, 2)), False),
        (Identity("Lambert", "Inès"), False),
        (Identity("Lambert", "", date(1950, 3, 2)), False),
    ],
)
def test_the_same_person_is_found_again_without_opening_anything(
    files: Files, identity: Identity, alike: bool
) -> None:
    recorded(files, "p", INES)
    recorded(files, "elsewhere", INES, territory_id="nancy")
    before = lines(files.session)

    assert list(files.alike("metz", identity)) == (["p"] if alike else [])
    assert lines(files.session) == before


def test_two_people_of_whom_nothing_is_known_are_not_alike(files: Files) -> None:
    recorded(files, "p", Identity())

    assert list(files.alike("metz", Identity())) == []


def test_an_unknown_file_and_an_unknown_field_are_refused_and_leave_no_line(files: Files) -> None:
    recorded(files, "p", INES)

    with pytest.raises(errors.UnknownPatient):
        files.read("nobody", Purpose.MATCHING, {"phone"})
    with pytest.raises(ValueError, match="cell"):
        files.read("p", Purpose.MATCHING, {"phone", "cell"})

    assert len(lines(files.session)) == 1
    assert lines(files.session, "nobody") == []
