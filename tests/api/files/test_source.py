import pytest

from api.files import errors, formats, outcome, source
from tests.api.files import sheets


def refusal(path):
    with pytest.raises(errors.FileRefused) as refused:
        formats.read_doctors(path)
    return refused.value.rejects


def test_a_missing_file_is_refused_with_its_address(tmp_path):
    [reject] = refusal(tmp_path / "doctors.csv")

    assert (reject.file, reject.line, reject.column) == ("doctors.csv", None, None)
    assert str(tmp_path / "doctors.csv") in outcome.sentence(reject)


def test_a_path_that_goes_through_a_file_is_a_missing_file(tmp_path):
    a_file = sheets.a_text(tmp_path, "a.csv", "x")

    [reject] = refusal(a_file / "doctors.csv")

    assert "introuvable" in reject.reason


def test_a_directory_instead_of_a_file_is_refused(tmp_path):
    [reject] = refusal(tmp_path)

    assert reject.reason == "c'est un dossier ; indiquez un fichier CSV ou XLSX"


@pytest.mark.parametrize("content", ["", "\n\n", "\ufeff", "\ufeff  \r\n"])
def test_an_empty_file_is_refused(tmp_path, content):
    [reject] = refusal(sheets.a_text(tmp_path, "doctors.csv", content))

    assert "le fichier est vide" in reject.reason


def test_an_old_excel_file_is_refused_with_the_way_to_mend_it(tmp_path):
    path = tmp_path / "doctors.xls"
    path.write_bytes(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(100))

    [reject] = refusal(path)

    assert "Enregistrer sous, Classeur .xlsx" in reject.reason


def test_two_hundred_columns_are_accepted_and_one_more_is_refused(tmp_path):
    row = sheets.DOCTOR | {f"x{at}": "1" for at in range(source.MAX_COLUMNS - 4)}
    enough = formats.read_doctors(sheets.a_csv(tmp_path, "a.csv", row))

    [reject] = refusal(sheets.a_csv(tmp_path, "doctors.csv", row | {"one_more": "1"}))

    assert enough.frame.height == 1
    assert (reject.line, reject.reason) == (1, "201 colonnes ; 200 au plus")


def test_a_column_given_twice_refuses_the_file(tmp_path):
    text = "rpps,code_insee,places, PLACES \n10001234565,54395,1,2\n"

    [reject] = refusal(sheets.a_text(tmp_path, "doctors.csv", text))

    assert (reject.line, reject.column) == (1, "places")
    assert "plusieurs fois" in reject.reason


def test_the_header_is_trimmed_and_lower_cased(tmp_path):
    text = "\n RPPS , Code_INSEE ,PLACES,\n10001234565,54395,3,\n"

    table = formats.read_doctors(sheets.a_text(tmp_path, "doctors.csv", text))

    assert table.frame["places"].to_list() == [3]
    assert table.lines.to_list() == [3]
    assert table.rejects == []


def test_a_missing_column_is_named_with_those_found(tmp_path):
    text = "rpps,code_insee,nom\n10001234565,54395,Durand\n"

    [reject] = refusal(sheets.a_text(tmp_path, "doctors.csv", text))

    assert outcome.sentence(reject) == (
        "doctors.csv, ligne 1, colonne « places » : "
        "colonne obligatoire absente ; colonnes trouvées : rpps, code_insee, nom."
    )


def test_a_header_without_any_place_refuses_the_file(tmp_path):
    text = "rpps,places,latitude\n10001234565,1,48\n"

    [reject] = refusal(sheets.a_text(tmp_path, "doctors.csv", text))

    assert (reject.line, reject.column) == (1, "code_insee")
    assert "il faut latitude et longitude, ou code_insee" in reject.reason


def test_a_file_without_header_does_not_show_the_number_found_there(tmp_path):
    text = f"{sheets.NIR},48.69,6.18\n"

    rejects = refusal(sheets.a_text(tmp_path, "doctors.csv", text))

    assert sheets.NIR not in "".join(outcome.sentence(reject) for reject in rejects)


def test_a_header_alone_gives_no_row_and_a_warning(tmp_path):
    table = formats.read_doctors(sheets.a_text(tmp_path, "doctors.csv", "rpps,code_insee,places\n"))

    assert table.frame.height == 0
    assert table.rejects == []
    assert [remark.reason for remark in table.warnings] == ["aucune ligne sous les en-têtes"]


def test_unknown_columns_are_kept_out_with_a_warning(tmp_path):
    path = sheets.a_csv(tmp_path, "doctors.csv", sheets.DOCTOR | {"status": "locum", "hobby": "x"})

    table = formats.read_doctors(path)

    assert "hobby" not in table.frame.columns
    assert [outcome.remark_sentence(remark) for remark in table.warnings] == [
        "doctors.csv, colonne « hobby » : colonne inconnue, laissée de côté."
    ]


def test_a_column_without_name_is_ignored_when_empty_and_doubted_when_filled(tmp_path):
    text = "rpps,,code_insee,places,status\n10001234565,{},54395,3,locum\n"

    empty = formats.read_doctors(sheets.a_text(tmp_path, "a.csv", text.format("")))
    filled = formats.read_doctors(sheets.a_text(tmp_path, "b.csv", text.format("note")))

    assert empty.warnings == []
    assert [remark.column for remark in filled.warnings] == ["sans nom 2"]
