import io
import zipfile
from datetime import date

import pytest

from api.files import errors, formats
from tests.api.files import sheets

HEADER = ["patient_id", "code_insee", "birth_year", "unattached_since", "max_minutes"]


def patients(folder, *rows):
    return formats.read_patients(sheets.a_workbook(folder, "patients.xlsx", [HEADER, *rows]))


def test_whole_numbers_lose_their_point_and_date_cells_become_dates(tmp_path):
    table = patients(tmp_path, [7.0, 54395.0, 1954.0, date(2024, 3, 1), 12.5])

    assert table.frame["patient_id"].to_list() == ["7"]
    assert table.frame["code_insee"].to_list() == ["54395"]
    assert table.frame["birth_year"].to_list() == [1954]
    assert str(table.frame["unattached_since"][0]) == "2024-03-01"
    assert table.frame["max_minutes"].to_list() == [12.5]
    assert (table.rejects, table.warnings) == ([], [])


def test_text_dates_and_commas_are_read_as_in_a_semicolon_file(tmp_path):
    table = patients(tmp_path, ["P1", "54395", "1954", "2024-03-01", "12,5"])

    assert str(table.frame["unattached_since"][0]) == "2024-03-01"
    assert table.frame["max_minutes"].to_list() == [12.5]


def test_a_number_keeps_all_its_decimals(tmp_path):
    table = patients(
        tmp_path, ["P1", "54395", None, None, 1 / 3], ["P2", "54395", None, None, 1e-7]
    )

    assert table.frame["max_minutes"].to_list() == [1 / 3, 1e-7]


def test_the_line_is_the_row_of_the_sheet_even_after_blank_rows(tmp_path):
    path = sheets.a_workbook(
        tmp_path,
        "patients.xlsx",
        [[], ["", ""], HEADER, [], ["P1", "54395"], ["P2", "5"], [], ["P3", "54395"]],
    )

    table = formats.read_patients(path)

    assert table.lines.to_list() == [5, 8]
    assert [(reject.line, reject.column) for reject in table.rejects] == [(6, "code_insee")]


def test_a_formula_in_error_is_a_reject_and_never_an_unknown_value(tmp_path):
    path = sheets.a_workbook(
        tmp_path, "patients.xlsx", [HEADER, ["P1", "54395"], ["P2", "54395", sheets.FORMULA]]
    )
    path.write_bytes(with_formula_error(path.read_bytes()))

    table = formats.read_patients(path)

    [reject] = table.rejects
    assert table.frame["patient_id"].to_list() == ["P1"]
    assert (reject.line, reject.column) == (3, "birth_year")
    assert "C3 est en erreur" in reject.reason


def with_formula_error(content):
    """The workbook as a spreadsheet saves it once the formula has been computed."""
    changed = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as parts, zipfile.ZipFile(changed, "w") as written:
        for name in parts.namelist():
            part = parts.read(name)
            if name == "xl/worksheets/sheet1.xml":
                assert b'<c r="C3"><f>NA()</f><v>0</v>' in part
                part = part.replace(
                    b'<c r="C3"><f>NA()</f><v>0</v>', b'<c r="C3" t="e"><f>NA()</f><v>#N/A</v>'
                )
            written.writestr(name, part)
    return changed.getvalue()


def test_a_social_security_number_stored_as_a_number_is_seen_and_masked(tmp_path):
    table = patients(tmp_path, ["P1", "54395", 1954, None, int(sheets.NIR)])

    [reject] = table.rejects
    assert (reject.line, reject.column, reject.value) == (2, "max_minutes", "[NIR masqué]")
    assert sheets.NIR not in reject.row


def test_the_first_sheet_is_the_one_that_is_read(tmp_path):
    path = sheets.a_workbook(tmp_path, "patients.xlsx", [["autre"], ["chose"]])

    with pytest.raises(errors.FileRefused) as refused:
        formats.read_patients(path)

    assert [reject.column for reject in refused.value.rejects] == ["patient_id", "code_insee"]


def test_a_workbook_named_csv_is_still_read_as_a_workbook(tmp_path):
    path = sheets.a_workbook(tmp_path, "patients.csv", [HEADER, ["P1", "54395"]])

    assert formats.read_patients(path).frame["patient_id"].to_list() == ["P1"]


@pytest.mark.parametrize("content", [b"patient_id,code_insee\nP1,54395\n", b"PK\x03\x04broken"])
def test_a_workbook_that_cannot_be_opened_is_refused(tmp_path, content):
    path = tmp_path / "patients.xlsx"
    path.write_bytes(content)

    with pytest.raises(errors.FileRefused, match=r"patients\.xlsx : classeur illisible"):
        formats.read_patients(path)


@pytest.mark.parametrize("rows", [[], [["", "  "]]])
def test_an_empty_first_sheet_is_refused(tmp_path, rows):
    path = sheets.a_workbook(tmp_path, "patients.xlsx", rows)

    with pytest.raises(errors.FileRefused, match="feuille du classeur est vide"):
        formats.read_patients(path)
