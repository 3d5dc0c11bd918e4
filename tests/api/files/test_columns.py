"""Each kind of cell: what is just inside its limits, and what is just outside."""

from datetime import UTC, date, datetime

import pytest

from api.files import formats, outcome
from tests.api.files import sheets

DAY = date(2026, 1, 15)


def patient(folder, **cells):
    path = sheets.a_csv(folder, "patients.csv", sheets.PATIENT | cells)
    return formats.read_patients(path, day=DAY)


def doctor(folder, **cells):
    path = sheets.a_csv(folder, "doctors.csv", sheets.DOCTOR | {"status": "locum"} | cells)
    return formats.read_doctors(path, day=DAY)


def slot(folder, **cells):
    return formats.read_slots(sheets.a_csv(folder, "slots.csv", sheets.SLOT | cells))


def duty_doctor(folder, **cells):
    path = sheets.a_csv(folder, "duty_doctors.csv", sheets.DUTY_DOCTOR | cells)
    return formats.read_duty_doctors(path)


def wish(folder, **cells):
    row = {"rpps": sheets.RPPS, "slot_id": "S1"} | cells
    return formats.read_availability(sheets.a_csv(folder, "availability.csv", row))


ACCEPTED = [
    (patient, "patient_id", "x" * 100, "x" * 100),
    (patient, "household_id", "", None),
    (patient, "birth_year", "1890", 1890),
    (patient, "birth_year", "2026", 2026),
    (patient, "latitude", "-90", -90.0),
    (patient, "latitude", "90", 90.0),
    (patient, "latitude", "+48.", 48.0),
    (patient, "latitude", "0", 0.0),
    (patient, "longitude", "-180", -180.0),
    (patient, "longitude", "180.0", 180.0),
    (patient, "longitude", "1e-05", 0.00001),
    (patient, "code_insee", "2a004", "2A004"),
    (patient, "ald", "yes", True),
    (patient, "ald", "NON", False),
    (patient, "ald", "Oui", True),
    (patient, "ald", "  ", None),
    (patient, "unattached_since", "2024-02-29", date(2024, 2, 29)),
    (patient, "usual_doctor_rpps", sheets.RPPS, sheets.RPPS),
    (patient, "languages", "", []),
    (patient, "languages", "FR  ar fr", ["fr", "ar"]),
    (patient, "max_minutes", "0", 0.0),
    (patient, "max_minutes", ".5", 0.5),
    (doctor, "places", "0", 0),
    (doctor, "places", "100000", 100_000),
    (doctor, "min_age", "0", 0),
    (doctor, "max_age", "130", 130),
    (doctor, "home_visit_minutes", "0", 0.0),
    (doctor, "status", "Installed", "installed"),
    (doctor, "confirmed_on", "2026-01-15", date(2026, 1, 15)),
    (slot, "start", "2026-01-05T17:00Z", datetime(2026, 1, 5, 17, tzinfo=UTC)),
    (slot, "start", "2026-01-05 18:00:00+0100", datetime(2026, 1, 5, 17, tzinfo=UTC)),
    (slot, "start", "2026-01-05T18:00:00+01:00", datetime(2026, 1, 5, 17, tzinfo=UTC)),
    (slot, "doctors_needed", "0", 0),
    (slot, "doctors_needed", "1000", 1000),
    (slot, "hardness", "1", 1),
    (slot, "hardness", "3", 3),
    (slot, "points", "0", 0),
    (slot, "points", "1000", 1000),
    (duty_doctor, "participation", "1", 1.0),
    (duty_doctor, "participation", "0.01", 0.01),
    (duty_doctor, "max_per_week", "0", 0),
    (duty_doctor, "max_per_month", "", None),
    (duty_doctor, "history_points", "", 0),
    (duty_doctor, "history_points", "100000", 100_000),
    (duty_doctor, "indemnity_so_far", "0", 0.0),
    (slot, "departement", "2a", "2A"),
    (slot, "departement", "974", "974"),
    (slot, "indemnity", "", None),
    (slot, "indemnity", "53.50", 53.5),
    (duty_doctor, "min_per_period", "", 0),
    (duty_doctor, "licence_until", "2026-11-15", date(2026, 11, 15)),
    (duty_doctor, "licence_until", "", None),
    (duty_doctor, "authorisations", "", None),
    (
        duty_doctor,
        "authorisations",
        "57:2026-07-01/2026-09-30 2A:2026-08-01/2026-08-01",
        [
            {"departement": "57", "first_day": date(2026, 7, 1), "last_day": date(2026, 9, 30)},
            {"departement": "2A", "first_day": date(2026, 8, 1), "last_day": date(2026, 8, 1)},
        ],
    ),
    (
        duty_doctor,
        "replaced",
        f"2026-07-01/2026-07-10:{sheets.RPPS} 2026-12-24/2026-12-31",
        [
            {
                "locum": sheets.RPPS,
                "first_day": date(2026, 7, 1),
                "last_day": date(2026, 7, 10),
            },
            {"locum": None, "first_day": date(2026, 12, 24), "last_day": date(2026, 12, 31)},
        ],
    ),
    (wish, "forbidden", "oui", True),
    (wish, "forbidden", "", None),
    (wish, "wish", "-2", -2),
    (wish, "wish", "2", 2),
    (wish, "wish", "", 0),
]

REFUSED = [
    (slot, "departement", "Moselle", "n'est pas un département"),
    (slot, "indemnity", "-1", "0 ou plus"),
    (duty_doctor, "authorisations", "57", "n'est pas une liste de périodes"),
    (duty_doctor, "authorisations", "2026-07-01/2026-07-10", "n'est pas un département"),
    (duty_doctor, "replaced", "2026-07-01", "n'est pas une liste de périodes"),
    (duty_doctor, "replaced", "2026-07-10/2026-07-01", "finit avant de commencer"),
    (duty_doctor, "replaced", "2026-02-30/2026-07-01", "n'existe pas au calendrier"),
    (duty_doctor, "replaced", "2026-07-01/2026-07-10:57", "n'est pas un numéro RPPS"),
    (patient, "patient_id", "x" * 101, "est trop long"),
    (patient, "patient_id", '"P\n1"', "retour à la ligne"),
    (patient, "patient_id", "", "valeur obligatoire absente"),
    (patient, "birth_year", "54", "n'est pas une année"),
    (patient, "birth_year", "abc", "n'est pas une année"),
    (patient, "birth_year", "1889", "de 1890 à 2026"),
    (patient, "birth_year", "2027", "de 1890 à 2026"),
    (patient, "latitude", "-90.01", "de -90 à 90"),
    (patient, "latitude", "90.01", "de -90 à 90"),
    (patient, "latitude", "nan", "n'est pas un nombre"),
    (patient, "latitude", "4 8", "n'est pas un nombre"),
    (patient, "longitude", "-180.01", "de -180 à 180"),
    (patient, "longitude", "180.01", "de -180 à 180"),
    (patient, "code_insee", "1004", "01004 et non 1004"),
    (patient, "code_insee", "2C004", "code INSEE"),
    (patient, "ald", "maybe", "n'est ni « yes » ni « no »"),
    (patient, "ald", "1", "n'est ni « yes » ni « no »"),
    (patient, "unattached_since", "31/01/2024", "attendu AAAA-MM-JJ"),
    (patient, "unattached_since", "2024-1-31", "attendu AAAA-MM-JJ"),
    (patient, "unattached_since", "2023-02-29", "n'existe pas au calendrier"),
    (patient, "unattached_since", "1889-12-31", "hors limites"),
    (patient, "usual_doctor_rpps", "1000123456", "exactement 11 chiffres"),
    (patient, "languages", "fra", "ISO 639-1"),
    (patient, "languages", "fr xx", "ISO 639-1"),
    (patient, "max_minutes", "-0.1", "0 ou plus"),
    (patient, "max_minutes", "1e999", "0 ou plus"),
    (doctor, "rpps", "1000123456", "exactement 11 chiffres"),
    (doctor, "rpps", "100012345650", "exactement 11 chiffres"),
    (doctor, "rpps", "1000123456A", "exactement 11 chiffres"),
    (doctor, "places", "-1", "de 0 à 100000"),
    (doctor, "places", "100001", "de 0 à 100000"),
    (doctor, "places", "1.5", "n'est pas un nombre entier"),
    (doctor, "places", "", "valeur obligatoire absente"),
    (doctor, "min_age", "-1", "de 0 à 130"),
    (doctor, "max_age", "131", "de 0 à 130"),
    (doctor, "home_visit_minutes", "-1", "0 ou plus"),
    (doctor, "status", "retired", "installed, locum, assistant"),
    (slot, "start", "2026-01-05T18:00:00", "décalage horaire"),
    (slot, "start", "2026-01-05", "décalage horaire"),
    (slot, "start", "05/01/2026 18:00", "n'est pas une date avec heure"),
    (slot, "start", "0001-01-01T00:00:00+14:00", "hors limites"),
    (slot, "site_id", "", "valeur obligatoire absente"),
    (slot, "doctors_needed", "-1", "de 0 à 1000"),
    (slot, "doctors_needed", "1001", "de 0 à 1000"),
    (slot, "hardness", "0", "de 1 à 3"),
    (slot, "hardness", "4", "de 1 à 3"),
    (slot, "points", "-1", "de 0 à 1000"),
    (slot, "points", "1001", "de 0 à 1000"),
    (duty_doctor, "participation", "0", "plus de 0 et jusqu'à 1"),
    (duty_doctor, "participation", "1.01", "plus de 0 et jusqu'à 1"),
    (duty_doctor, "max_per_period", "-1", "de 0 à 1000"),
    (duty_doctor, "history_points", "1.5", "n'est pas un nombre entier"),
    (duty_doctor, "indemnity_so_far", "-1", "0 ou plus"),
    (wish, "wish", "-3", "de -2 à 2"),
    (wish, "wish", "3", "de -2 à 2"),
    (wish, "wish", "0.5", "n'est pas un nombre entier"),
]


@pytest.mark.parametrize(("reader", "column", "text", "value"), ACCEPTED)
def test_a_cell_inside_its_limits_is_read(tmp_path, reader, column, text, value):
    table = reader(tmp_path, **{column: text})

    assert table.rejects == []
    assert table.frame[column].to_list() == [value]


@pytest.mark.parametrize(("reader", "column", "text", "reason"), REFUSED)
def test_a_cell_outside_its_limits_is_refused_with_line_column_value_and_reason(
    tmp_path, reader, column, text, reason
):
    table = reader(tmp_path, **{column: text})

    [reject] = table.rejects
    assert table.frame.height == 0
    assert (reject.line, reject.column, reject.value) == (2, column, text.strip('"'))
    assert reason in reject.reason


def test_the_sentence_tells_where_what_and_what_was_expected(tmp_path):
    [reject] = patient(tmp_path, birth_year="abc").rejects

    assert outcome.sentence(reject) == (
        "patients.csv, ligne 2, colonne « birth_year » : "
        "« abc » n'est pas une année ; attendu quatre chiffres, par exemple 1954."
    )


def test_without_a_day_the_birth_year_goes_up_to_2100(tmp_path):
    row = sheets.PATIENT | {"birth_year": "2100"}
    later = sheets.PATIENT | {"birth_year": "2101", "patient_id": "P2"}

    table = formats.read_patients(sheets.a_csv(tmp_path, "patients.csv", row, later))

    assert table.frame["birth_year"].to_list() == [2100]
    assert [reject.line for reject in table.rejects] == [3]


def test_a_wrong_rpps_key_only_warns(tmp_path):
    table = doctor(tmp_path, rpps="10001234560")

    [remark] = table.warnings
    assert table.frame["rpps"].to_list() == ["10001234560"]
    assert (remark.column, remark.lines) == ("rpps", (2,))
    assert "clé de contrôle RPPS fausse" in remark.reason


def test_an_unknown_status_is_kept_and_warned(tmp_path):
    table = doctor(tmp_path, status="")

    [remark] = table.warnings
    assert table.frame["status"].to_list() == [None]
    assert (remark.column, remark.lines) == ("status", (2,))


def test_waiting_from_today_is_silent_and_from_tomorrow_warns_and_counts_nothing(tmp_path):
    today = patient(tmp_path, unattached_since="2026-01-15")
    tomorrow = patient(tmp_path, unattached_since="2026-01-16")

    assert today.warnings == []
    assert [(remark.column, remark.lines) for remark in tomorrow.warnings] == [
        ("unattached_since", (2,))
    ]
    assert tomorrow.frame["unattached_since"].to_list() == [DAY]


def test_an_unknown_waiting_date_stays_unknown(tmp_path):
    assert patient(tmp_path, unattached_since="").frame["unattached_since"].to_list() == [None]
