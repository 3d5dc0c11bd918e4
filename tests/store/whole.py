"""One row of every table, all of them belonging together: a store in small."""

from datetime import date, timedelta

from store import tables
from tests.store import rows
from tests.store.rows import NOON

LATER = NOON + timedelta(hours=2)
DAY = NOON.date()
LOCUM = "10990000025"


def places() -> list[tables.Row]:
    return [
        tables.Territory(id="metz", name="CPTS de Metz", finess="570000001"),
        rows.a_commune(),
        tables.TerritoryCommune(territory_id="metz", code_insee="57463"),
        tables.Structure(id="msp", name="Maison de santé", finess="570000002"),
        rows.a_site(territory_id="metz", structure_id="msp"),
    ]


def doctors() -> list[tables.Row]:
    return [
        rows.a_doctor(),
        rows.a_doctor(LOCUM),
        rows.a_practice(id=1, structure_id="msp", rank="10990000017001"),
        rows.a_capacity(1, min_age=0, max_age=18),
        tables.Licence(rpps=LOCUM, valid_until=date(2027, 11, 15), departement="54"),
        tables.Authorisation(rpps=LOCUM, departement="57", first_day=DAY, last_day=DAY),
        tables.Replacement(
            locum_rpps=LOCUM,
            replaced_rpps="10990000017",
            first_day=DAY,
            last_day=DAY,
            recorded_at=NOON,
        ),
    ]


def duties() -> list[tables.Row]:
    return [
        rows.a_slot(),
        rows.a_duty(),
        tables.Availability(slot_id="S", rpps="10990000017", wish=2, said_at=NOON),
        rows.a_run(territory_id="metz", id=1),
        tables.CommuneFigure(run_id=1, code_insee="57463", accepting_doctors=1, places_open=2),
        tables.RosterVersion(
            territory_id="metz",
            number=1,
            first_day=DAY,
            last_day=DAY,
            state="published",
            run_id=1,
            duties=[{"slot_id": "S", "rpps": "10990000017"}],
            digest="d",
            actor="account:c",
            made_at=NOON,
        ),
    ]


def patients() -> list[tables.Row]:
    return [
        tables.Household(id="h", territory_id="metz"),
        tables.Patient(
            id="p",
            territory_id="metz",
            file_number="P1",
            household_id="h",
            family_name=b"sealed",
            likeness="l",
            birth_year=1950,
            code_insee="57463",
            cell="891faa6b1a3ffff",
            ald=True,
            recorded_at=NOON,
        ),
        tables.Consent(
            patient_id="p",
            purpose="sharing",
            given=True,
            text_version="2026-1",
            collected_by="account:c",
            said_at=NOON,
        ),
        tables.Request(
            id="r",
            patient_id="p",
            territory_id="metz",
            state="proposed",
            state_since=NOON,
            opened_at=NOON,
            rpps="10990000017",
            run_id=1,
            expires_at=LATER,
        ),
        tables.RequestEvent(
            request_id="r", number=1, at=NOON, actor="account:c", event="open", to_state="received"
        ),
        tables.Exclusion(patient_id="p", rpps=LOCUM, said_by="doctor", since=NOON),
    ]


def accounts() -> list[tables.Row]:
    return [
        tables.Account(
            id="a", login="ines", family_name="Lambert", given_name="Inès", made_at=NOON
        ),
        tables.AccountIdentifier(account_id="a", system="urn:s", value="8109", since=NOON),
        tables.Role(
            account_id="a", territory_id="metz", role="desk", given_at=NOON, given_by="account:a"
        ),
        tables.Delegation(rpps="10990000017", account_id="a", given_at=NOON),
        tables.ApiKey(
            id="k",
            name="agenda",
            digest="kd",
            scopes="slots",
            territory_id="metz",
            made_by="account:a",
            made_at=NOON,
            expires_at=LATER,
        ),
        tables.LoginSession(
            digest="sd", account_id="a", made_at=NOON, seen_at=NOON, expires_at=LATER
        ),
        tables.SignedLink(
            digest="ld",
            act="answer_proposal",
            subject="request:r",
            actor="doctor:10990000017",
            made_at=NOON,
            expires_at=LATER,
        ),
    ]


def bookings() -> list[tables.Row]:
    return [
        tables.BookableSlot(
            id="o",
            rpps="10990000017",
            practice_id=1,
            slot_id="S",
            starts_at=NOON,
            ends_at=LATER,
            max_patients=6,
            taken=1,
            for_community=True,
            source="duty",
            changed_at=NOON,
        ),
        tables.BookableSlotTerritory(bookable_slot_id="o", territory_id="metz"),
        tables.Unavailability(rpps="10990000017", starts_at=NOON),
        tables.Hold(id="h", bookable_slot_id="o", account_id="a", made_at=NOON, expires_at=LATER),
        tables.Booking(
            id="b",
            bookable_slot_id="o",
            rpps="10990000017",
            starts_at=NOON,
            ends_at=LATER,
            booked_at=NOON,
            state_since=NOON,
            account_id="a",
            regulated_at=NOON,
        ),
    ]


def service() -> list[tables.Row]:
    return [
        tables.OutboxMessage(
            id="m",
            cause="booking:b:booked",
            channel="sms",
            recipient=b"sealed",
            template="booked",
            content=b"sealed",
            made_at=NOON,
            next_at=NOON,
        ),
        tables.JobRun(job="purge", started_at=NOON),
        tables.Lease(name="jobs", holder="one", until=LATER),
        tables.ImportBatch(
            id="i",
            territory_id="metz",
            kind="patients",
            file_digest="fd",
            counts={"added": 1},
            actor="account:a",
            applied_at=NOON,
        ),
        tables.IdempotentAnswer(
            actor="account:a",
            key="k",
            request_digest="rd",
            status=201,
            body=b"sealed",
            made_at=NOON,
        ),
        tables.DatedParameter(
            name="search_radius_km",
            territory_id="metz",
            from_day=DAY,
            value={"value": 15},
            source="CA",
        ),
    ]


def directories() -> list[tables.Row]:
    return [
        tables.TravelTime(
            origin="891faa6b1a3ffff",
            destination="891faa6b1a7ffff",
            source="osrm:driving",
            seconds=95,
            fetched_at=NOON,
        ),
        tables.DirectoryState(
            name="ban",
            last_success=NOON,
            last_failure=LATER,
            consecutive_failures=1,
            failing_since=LATER,
        ),
    ]


def store() -> list[tables.Row]:
    """In an order in which they can be written."""
    return [
        *places(),
        *doctors(),
        *duties(),
        *patients(),
        *accounts(),
        *bookings(),
        *service(),
        *directories(),
    ]
