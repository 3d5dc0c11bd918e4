import pytest

from api.files import errors, formats, outcome
from tests.api.files import sheets

HEADER = "rpps,family_name,code_insee,places,status"


def doctors(folder, text):
    return formats.read_doctors(sheets.a_text(folder, "doctors.csv", text))


def refusal(folder, content):
    path = folder / "doctors.csv"
    path.write_bytes(content)
    with pytest.raises(errors.FileRefused) as refused:
        formats.read_doctors(path)
    [reject] = refused.value.rejects
    return reject


@pytest.mark.parametrize("start", ["", "\ufeff"])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("separator", [",", ";"])
def test_a_csv_reads_the_same_whatever_its_mark_its_line_ends_and_its_separator(
    tmp_path, start, end, separator
):
    lines = [HEADER, "10001234565,Lefèvre,54395,3,locum", "10001234573,Noël,54395,0,locum"]
    text = start + end.join(line.replace(",", separator) for line in lines)

    table = doctors(tmp_path, text)

    assert table.frame["family_name"].to_list() == ["Lefèvre", "Noël"]
    assert table.frame["places"].to_list() == [3, 0]
    assert table.lines.to_list() == [2, 3]
    assert (table.warnings, table.rejects) == ([], [])


def test_a_separator_inside_quotes_of_the_header_does_not_count(tmp_path):
    text = 'rpps;code_insee;places;status;"a,b,c,d,e,f"\n10001234565;54395;3;locum;\n'

    assert doctors(tmp_path, text).frame["places"].to_list() == [3]


def test_a_header_with_a_letter_that_looks_like_a_line_end_in_bytes_is_read_whole(tmp_path):
    text = "Å,x;rpps;code_insee;places;status\n;10001234565;54395;3;locum\n"

    assert doctors(tmp_path, text).frame["places"].to_list() == [3]


def test_lines_are_counted_through_quoted_line_breaks_and_blank_lines(tmp_path):
    text = (
        f"{HEADER}\n"
        '10001234565,"Le\nFèvre",54395,3,locum\n'
        "\n"
        " , ,,,\n"
        "10001234573,Noël,54395,many,locum\n"
    )

    table = doctors(tmp_path, text)

    assert table.lines.to_list() == [2]
    assert [(reject.line, reject.column) for reject in table.rejects] == [(6, "places")]


def test_a_short_row_is_a_reject_with_its_line_and_its_first_missing_column(tmp_path):
    text = f"{HEADER}\n10001234565,Noël,54395\n10001234573,Durand,54395,1,locum\n"

    table = doctors(tmp_path, text)

    [reject] = table.rejects
    assert table.lines.to_list() == [3]
    assert (reject.line, reject.column) == (2, "places")
    assert reject.reason == "ligne trop courte, 3 cellules pour 5 colonnes"
    assert reject.row == "10001234565,Noël,54395"


def test_a_long_row_is_a_reject_unless_what_exceeds_is_empty(tmp_path):
    text = f"{HEADER}\n10001234565,No,el,54395,1,locum\n10001234573,Durand,54395,1,locum,, \n"

    table = doctors(tmp_path, text)

    [reject] = table.rejects
    assert table.lines.to_list() == [3]
    assert (reject.line, reject.column, reject.value) == (2, "6", "locum")
    assert "6 cellules pour 5 colonnes" in reject.reason


def test_the_number_in_a_ragged_row_is_masked(tmp_path):
    text = f"{HEADER}\n10001234565,Noël,54395,1,locum,{sheets.NIR}\n{sheets.NIR},x\n"

    rejects = doctors(tmp_path, text).rejects

    assert len(rejects) == 2
    assert sheets.NIR not in "".join(f"{outcome.sentence(it)} {it.row}" for it in rejects)


def test_a_windows_1252_file_is_refused_at_its_first_foreign_byte(tmp_path):
    text = f"{HEADER}\r\n10001234565,Durand,54395,1,\r\n10001234573,Lefèvre,54395,1,\r\n"

    reject = refusal(tmp_path, text.encode("cp1252"))

    assert (reject.line, reject.column) == (3, "family_name")
    assert reject.reason == (
        "le fichier n'est pas en UTF-8 : octet 0xE8 en position 16 de la ligne ; "
        "dans Excel : Enregistrer sous, CSV UTF-8"
    )


def test_a_foreign_byte_in_the_header_names_the_line_alone(tmp_path):
    reject = refusal(tmp_path, "rpps,prénom\n1,2\n".encode("cp1252"))

    assert (reject.line, reject.column) == (1, None)
    assert "position 8" in reject.reason


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le"])
def test_a_utf_16_file_is_refused(tmp_path, encoding):
    reject = refusal(tmp_path, f"{HEADER}\n1,2,3,4,5\n".encode(encoding))

    assert reject.line == 1
    assert "Enregistrer sous, CSV UTF-8" in reject.reason


def test_a_null_byte_is_refused_with_line_and_column(tmp_path):
    reject = refusal(tmp_path, f"{HEADER}\n10001234565,Du\0rand,54395,1,\n".encode())

    assert (reject.line, reject.column) == (2, "family_name")
    assert "octet nul" in reject.reason
    assert "position 15" in reject.reason


@pytest.mark.parametrize("row", ['1,"Noël,54395,1,\n2,Durand,54395,1,\n', '1,"No"ël,54395,1,\n'])
def test_a_quote_that_cannot_be_read_is_refused_where_its_row_begins(tmp_path, row):
    reject = refusal(tmp_path, f"{HEADER}\n9,Petit,54395,1,\n{row}".encode())

    assert reject.line == 3
    assert "guillemet" in reject.reason


def test_a_cell_longer_than_a_book_chapter_is_refused_with_its_line(tmp_path):
    reject = refusal(tmp_path, f"{HEADER}\n1,{'x' * 131_073},54395,1,\n".encode())

    assert reject.line == 2
    assert "131072 caractères" in reject.reason


def test_a_decimal_comma_is_a_number_in_a_semicolon_file_only(tmp_path):
    header = "rpps,latitude,longitude,places,status"

    semicolon = doctors(tmp_path, f"{header.replace(',', ';')}\n10001234565;48,69;-6,5;1;locum\n")
    comma = doctors(tmp_path, f'{header}\n10001234565,"48,69",6.5,1,locum\n')

    assert semicolon.frame.select("latitude", "longitude").row(0) == (48.69, -6.5)
    assert [(it.line, it.column, it.value) for it in comma.rejects] == [(2, "latitude", "48,69")]


def test_a_file_of_two_hundred_thousand_rows_is_read_whole(tmp_path):
    rows = (
        f"P{at:06d},H{at // 2},{1930 + at % 90},{48 + at % 1000 / 1000},6.18,"
        f"2024-01-{at % 28 + 1:02d}"
        for at in range(200_000)
    )
    header = "patient_id,household_id,birth_year,latitude,longitude,unattached_since"
    path = sheets.a_text(tmp_path, "patients.csv", "\n".join([header, *rows]))

    table = formats.read_patients(path)

    assert table.frame.height == 200_000
    assert table.rejects == []
    assert table.lines[-1] == 200_001
    assert table.frame["patient_id"].n_unique() == 200_000
    assert table.frame["birth_year"].sum() == sum(1930 + at % 90 for at in range(200_000))
    assert table.frame["latitude"][199_999] == 48.999
