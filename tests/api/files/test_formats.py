"""What cells owe each other inside a row, and rows inside a file."""

from datetime import UTC, date, datetime

import polars as pl
import pytest

from api.files import formats, outcome
from tests.api.files import sheets

COMMUNES = {"54395": (48.69, 6.18), "57463": (49.11, 6.18)}


def patients(folder, *rows, communes=None):
    path = sheets.a_csv(folder, "patients.csv", *rows)
    return formats.read_patients(path, known_communes=communes)


def complaints(table):
    return [(reject.line, reject.column, reject.value) for reject in table.rejects]


def test_every_column_has_its_type_even_when_the_file_leaves_it_out(tmp_path):
    table = patients(tmp_path, sheets.PATIENT)

    assert table.frame.schema == {
        "patient_id": pl.String,
        "household_id": pl.String,
        "birth_year": pl.Int32,
        "latitude": pl.Float64,
        "longitude": pl.Float64,
        "code_insee": pl.String,
        "ald": pl.Boolean,
        "pregnant": pl.Boolean,
        "handicap": pl.Boolean,
        "ehpad": pl.Boolean,
        "precarious": pl.Boolean,
        "unattached_since": pl.Date,
        "usual_doctor_rpps": pl.String,
        "needs_wheelchair": pl.Boolean,
        "needs_home_visit": pl.Boolean,
        "languages": pl.List(pl.String),
        "max_minutes": pl.Float64,
    }
    assert table.frame["languages"].to_list() == [[]]


def test_a_lone_coordinate_is_refused_even_beside_a_commune(tmp_path):
    table = patients(
        tmp_path,
        {"patient_id": "P1", "latitude": "48.69", "longitude": "", "code_insee": "54395"},
        {"patient_id": "P2", "longitude": "6.18"},
    )

    assert complaints(table) == [(2, "latitude", "48.69"), (3, "longitude", "6.18")]
    assert "sans longitude" in table.rejects[0].reason
    assert "sans latitude" in table.rejects[1].reason


def test_a_row_without_any_place_is_refused(tmp_path):
    table = patients(tmp_path, sheets.PATIENT, {"patient_id": "P2"})

    assert complaints(table) == [(3, "code_insee", "")]
    assert outcome.sentence(table.rejects[0]) == (
        "patients.csv, ligne 3, colonne « code_insee » : "
        "lieu absent ; donnez latitude et longitude, ou code_insee."
    )


def test_a_refused_coordinate_is_told_once(tmp_path):
    table = patients(tmp_path, sheets.PATIENT | {"latitude": "north"})

    assert complaints(table) == [(2, "latitude", "north")]


def test_the_point_zero_zero_is_refused_and_its_neighbours_are_not(tmp_path):
    table = patients(
        tmp_path,
        {"patient_id": "P1", "latitude": "0", "longitude": "0.0"},
        {"patient_id": "P2", "latitude": "0", "longitude": "0.1"},
        {"patient_id": "P3", "latitude": "51.48", "longitude": "0"},
    )

    assert complaints(table) == [(2, "latitude", "0")]
    assert table.frame["patient_id"].to_list() == ["P2", "P3"]


def test_a_commune_places_the_rows_without_coordinates_and_only_them(tmp_path):
    table = patients(
        tmp_path,
        sheets.PATIENT | {"code_insee": "57463"},
        {"patient_id": "P2", "code_insee": "57463"},
        communes=COMMUNES,
    )

    assert table.frame.select("latitude", "longitude").rows() == [(48.69, 6.18), (49.11, 6.18)]
    assert table.frame["code_insee"].to_list() == ["57463", "57463"]


@pytest.mark.parametrize("communes", [COMMUNES, {}])
def test_an_unknown_commune_is_refused_only_where_it_must_place_the_row(tmp_path, communes):
    table = patients(
        tmp_path,
        sheets.PATIENT | {"code_insee": "99999"},
        {"patient_id": "P2", "code_insee": "99999"},
        communes=communes,
    )

    assert complaints(table) == [(3, "code_insee", "99999")]
    assert "donnez plutôt latitude et longitude" in table.rejects[0].reason


def test_without_known_communes_a_row_placed_by_its_commune_keeps_no_coordinates(tmp_path):
    table = patients(tmp_path, {"patient_id": "P1", "code_insee": "54395"})

    assert table.frame.select("latitude", "longitude").row(0) == (None, None)


def test_the_second_and_third_rows_with_an_id_are_refused_naming_the_first(tmp_path):
    table = patients(
        tmp_path,
        sheets.PATIENT | {"patient_id": "P0"},
        sheets.PATIENT,
        sheets.PATIENT | {"patient_id": " P1 "},
        sheets.PATIENT,
    )

    assert complaints(table) == [(4, "patient_id", "P1"), (5, "patient_id", "P1")]
    assert {reject.reason for reject in table.rejects} == {"est déjà à la ligne 3"}
    assert table.lines.to_list() == [2, 3]


def test_a_doctor_may_offer_two_slots_but_not_one_slot_twice(tmp_path):
    path = sheets.a_csv(
        tmp_path,
        "availability.csv",
        {"rpps": sheets.RPPS, "slot_id": "S1"},
        {"rpps": sheets.RPPS, "slot_id": "S2"},
        {"rpps": sheets.OTHER_RPPS, "slot_id": "S1"},
        {"rpps": sheets.RPPS, "slot_id": "S1", "wish": "2"},
    )

    table = formats.read_availability(path)

    assert complaints(table) == [(5, "slot_id", "S1")]
    assert outcome.sentence(table.rejects[0]) == (
        "availability.csv, ligne 5, colonne « slot_id » : "
        "« S1 » est répété : le couple (rpps, slot_id) est déjà à la ligne 2."
    )


def test_a_slot_ends_after_it_starts_whatever_the_offsets(tmp_path):
    path = sheets.a_csv(
        tmp_path,
        "slots.csv",
        sheets.SLOT | {"end": "2026-01-05T17:00:01+00:00"},
        sheets.SLOT | {"slot_id": "S2", "end": "2026-01-05T17:00:00+00:00"},
        sheets.SLOT | {"slot_id": "S3", "end": "2026-01-05T17:59:59+01:00"},
    )

    table = formats.read_slots(path)

    assert [reject.line for reject in table.rejects] == [3, 4]
    assert {reject.column for reject in table.rejects} == {"end"}
    assert table.frame["start"].to_list() == [datetime(2026, 1, 5, 17, tzinfo=UTC)]
    assert table.frame.schema["start"] == pl.Datetime("us", "UTC")


def test_equal_age_limits_are_accepted_and_crossed_ones_refused(tmp_path):
    path = sheets.a_csv(
        tmp_path,
        "doctors.csv",
        sheets.DOCTOR | {"min_age": "16", "max_age": "16"},
        sheets.DOCTOR | {"rpps": sheets.OTHER_RPPS, "min_age": "17", "max_age": "16"},
    )

    table = formats.read_doctors(path)

    assert complaints(table) == [(3, "max_age", "16")]


def test_a_row_with_three_bad_cells_gives_three_rejects_in_the_order_of_the_columns(tmp_path):
    bad = {"birth_year": "x", "ald": "x", "max_minutes": "x"}

    table = patients(tmp_path, sheets.PATIENT | bad)

    assert [reject.column for reject in table.rejects] == ["birth_year", "ald", "max_minutes"]
    assert {reject.row for reject in table.rejects} == {"P1,48.69,6.18,x,x,x"}


def test_rejects_run_in_the_order_of_the_lines_ragged_rows_included(tmp_path):
    text = "patient_id,code_insee,ald\nP1,5,\nP2\nP3,54395,x\n"

    table = formats.read_patients(sheets.a_text(tmp_path, "patients.csv", text))

    assert [reject.line for reject in table.rejects] == [2, 3, 4]


@pytest.mark.parametrize("column", ["patient_id", "birth_year", "household_id", "remarque"])
def test_a_social_security_number_in_any_column_refuses_the_row_and_is_shown_nowhere(
    tmp_path, column
):
    table = patients(tmp_path, sheets.PATIENT | {column: sheets.NIR})

    [reject] = table.rejects
    assert table.frame.height == 0
    assert (reject.line, reject.column, reject.value) == (2, column, "[NIR masqué]")
    assert "numéro de sécurité sociale" in reject.reason
    assert sheets.NIR not in f"{outcome.sentence(reject)} {reject.row}"


def test_long_coordinates_are_not_taken_for_a_social_security_number(tmp_path):
    cells = {"latitude": "48.123456789012345", "longitude": "1.18437512345678"}

    assert patients(tmp_path, sheets.PATIENT | cells).rejects == []


def test_one_remark_gathers_all_the_lines_of_a_doubt(tmp_path):
    rows = [
        sheets.DOCTOR | {"rpps": f"1000123{at:04d}", "status": "" if at < 7 else "locum"}
        for at in range(8)
    ]

    table = formats.read_doctors(sheets.a_csv(tmp_path, "doctors.csv", *rows))

    [remark] = [remark for remark in table.warnings if remark.column == "status"]
    assert remark.lines == (2, 3, 4, 5, 6, 7, 8)
    assert outcome.remark_sentence(remark).endswith("(lignes 2, 3, 4, 5, 6 et 2 autres).")


def test_published_rosters_and_sites_are_read(tmp_path):
    roster = sheets.a_text(
        tmp_path,
        "roster.csv",
        f"slot_id,rpps,points\nS1,{sheets.RPPS},4\nS1,{sheets.OTHER_RPPS},\n",
    )
    sites = sheets.a_text(
        tmp_path,
        "sites.csv",
        "site_id,name,address,code_insee,latitude,longitude,phone\n"
        "metz-1,Maison médicale,1 rue aux Ours,57463,,,03 87 00 00 00\n",
    )

    published = formats.read_published(roster)
    placed = formats.read_sites(sites, known_communes=COMMUNES)

    assert published.frame["points"].to_list() == [4, None]
    assert placed.frame.row(0, named=True) == {
        "site_id": "metz-1",
        "name": "Maison médicale",
        "address": "1 rue aux Ours",
        "latitude": 49.11,
        "longitude": 6.18,
        "code_insee": "57463",
        "phone": "03 87 00 00 00",
    }


def test_a_confirmation_dated_after_the_round_is_doubted_and_kept(tmp_path):
    row = sheets.DOCTOR | {"status": "locum", "confirmed_on": "2026-01-16"}
    path = sheets.a_csv(tmp_path, "doctors.csv", row)

    table = formats.read_doctors(path, day=date(2026, 1, 15))

    assert [remark.column for remark in table.warnings] == ["confirmed_on"]
    assert table.frame["confirmed_on"].to_list() == [date(2026, 1, 16)]
