import csv
import io
import os
from datetime import UTC, date, datetime
from pathlib import Path

import fastexcel
import pytest

from api.files import errors, outcome, writing
from tests.api.files import sheets

CREATED = datetime(2026, 1, 15, 8, tzinfo=UTC)


def contents(folder):
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file()
    }


def a_reject(**said):
    cell = {"file": "patients.csv", "line": 2, "column": "ald", "value": "x", "reason": "r"}
    return outcome.Reject(**(cell | said))


def rejects_rows(rejects):
    return list(csv.reader(io.StringIO(writing.rejects_bytes(rejects).decode())))


def test_a_csv_is_utf_8_with_commas_and_line_feeds_and_reads_as_our_files_do():
    moment = datetime(2026, 1, 5, 17, tzinfo=UTC)
    row = ("Noël, A.", None, True, False, 3, 48.5, date(2026, 1, 5), moment, ["fr", "ar"])

    written = writing.csv_bytes(("a", "b", "c", "d", "e", "f", "g", "h", "i"), [row])

    assert written.decode() == (
        'a,b,c,d,e,f,g,h,i\n"Noël, A.",,yes,no,3,48.5,2026-01-05,2026-01-05T17:00:00+00:00,fr ar\n'
    )


def test_a_json_keeps_its_order_and_its_accents():
    assert writing.json_bytes({"b": "é", "a": [1]}).decode() == (
        '{\n  "b": "é",\n  "a": [\n    1\n  ]\n}\n'
    )


def test_a_json_never_holds_a_number_that_is_not_one():
    with pytest.raises(ValueError, match="Out of range"):
        writing.json_bytes({"gap": float("nan")})


def test_a_workbook_is_the_same_bytes_each_time_and_keeps_text_as_text():
    columns = ("rpps", "places", "name", "open")
    rows = [(sheets.RPPS, 3, "=1+1", True), (sheets.OTHER_RPPS, None, "Noël", False)]

    once, again = (writing.xlsx_bytes("Médecins", columns, rows, created=CREATED) for _ in range(2))

    sheet = fastexcel.read_excel(once).load_sheet("Médecins").to_polars()
    assert once == again
    assert sheet.rows() == [
        (sheets.RPPS, 3.0, "=1+1", "yes"),
        (sheets.OTHER_RPPS, None, "Noël", "no"),
    ]


def test_a_workbook_without_rows_has_its_header():
    written = writing.xlsx_bytes("Vide", ("a", "b"), [], created=CREATED)

    assert fastexcel.read_excel(written).load_sheet(0).to_polars().columns == ["a", "b"]


def test_rejects_have_six_columns_and_one_line_each():
    rows = rejects_rows([a_reject(row="P1,x"), a_reject(line=None, column=None, value="")])

    assert rows == [
        ["file", "line", "column", "value", "reason", "row"],
        ["patients.csv", "2", "ald", "x", "r", "P1,x"],
        ["patients.csv", "", "", "", "r", ""],
    ]


@pytest.mark.parametrize("value", ["=1+1", "+cmd", "-x", "@SUM(A1)", "\t=1", "=-5", "-", "-1-1"])
def test_a_cell_that_a_spreadsheet_would_run_is_made_harmless(value):
    assert rejects_rows([a_reject(value=value)])[1][3] == f"'{value}"


@pytest.mark.parametrize("value", ["-4", "-0.5", "-0,5", "+3", "-1e-05", "a=b"])
def test_a_negative_number_is_left_as_it_is(value):
    assert rejects_rows([a_reject(value=value)])[1][3] == value


def test_a_row_copy_that_begins_like_a_formula_is_made_harmless():
    assert rejects_rows([a_reject(row="=1+1,x")])[1][5] == "'=1+1,x"


def test_outputs_go_into_a_new_folder_whole_with_their_subfolders(tmp_path):
    target = tmp_path / "a" / "b" / "out"

    writing.write_outputs(target, {"x.csv": b"1", "ics/site.ics": b"2"})

    assert contents(target) == {"x.csv": b"1", "ics/site.ics": b"2"}
    assert os.listdir(target.parent) == ["out"]


def test_outputs_replace_their_namesakes_and_touch_nothing_else(tmp_path):
    (tmp_path / "ics").mkdir()
    (tmp_path / "mine.txt").write_bytes(b"mine")
    (tmp_path / "x.csv").write_bytes(b"old")
    (tmp_path / "ics" / "mine.ics").write_bytes(b"mine")

    writing.write_outputs(tmp_path, {"x.csv": b"new", "ics/site.ics": b"new"})

    assert contents(tmp_path) == {
        "mine.txt": b"mine",
        "x.csv": b"new",
        "ics/mine.ics": b"mine",
        "ics/site.ics": b"new",
    }


def test_a_success_removes_the_rejects_of_an_earlier_failure(tmp_path):
    writing.write_rejects(tmp_path, [a_reject()])

    writing.write_outputs(tmp_path, {"x.csv": b"new"})

    assert contents(tmp_path) == {"x.csv": b"new"}


def test_rejects_written_with_the_outputs_are_kept(tmp_path):
    (tmp_path / "rejects.csv").write_bytes(b"old")

    writing.write_outputs(tmp_path, {"x.csv": b"new", "rejects.csv": b"new"})

    assert contents(tmp_path) == {"x.csv": b"new", "rejects.csv": b"new"}


def test_a_failure_writes_its_rejects_and_nothing_else(tmp_path):
    (tmp_path / "x.csv").write_bytes(b"old")

    writing.write_rejects(tmp_path, [a_reject()])
    writing.write_rejects(tmp_path / "new", [a_reject()])

    rejects = writing.rejects_bytes([a_reject()])
    assert contents(tmp_path) == {
        "x.csv": b"old",
        "rejects.csv": rejects,
        "new/rejects.csv": rejects,
    }


@pytest.mark.parametrize("moment", [1, 2, 3, 4, 5])
def test_a_disk_that_fails_midway_leaves_the_folder_as_it_was(tmp_path, monkeypatch, moment):
    for name in ("a.csv", "b.csv", "rejects.csv"):
        (tmp_path / name).write_bytes(b"old")
    replace, calls = os.replace, []

    def fails_once(source, target):
        calls.append(target)
        if len(calls) == moment:
            raise OSError(28, "No space left on device")
        replace(source, target)

    monkeypatch.setattr(os, "replace", fails_once)
    with pytest.raises(errors.OutputRefused, match="le disque est plein"):
        writing.write_outputs(tmp_path, {"a.csv": b"new", "sub/c.csv": b"new", "b.csv": b"new"})

    assert contents(tmp_path) == dict.fromkeys(("a.csv", "b.csv", "rejects.csv"), b"old")
    assert sorted(os.listdir(tmp_path)) == ["a.csv", "b.csv", "rejects.csv"]


def test_a_disk_that_fails_before_the_folder_exists_leaves_none(tmp_path, monkeypatch):
    def fails(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "write_bytes", fails)
    with pytest.raises(errors.OutputRefused):
        writing.write_outputs(tmp_path / "out", {"a.csv": b"new"})

    assert os.listdir(tmp_path) == []


def test_an_output_that_is_a_file_is_refused_in_french(tmp_path):
    a_file = sheets.a_text(tmp_path, "out", "mine")

    with pytest.raises(errors.OutputRefused) as refused:
        writing.write_outputs(a_file, {"a.csv": b"new"})

    assert str(refused.value) == (
        f"Impossible d'écrire dans {a_file} : {a_file} est un fichier, pas un dossier."
    )
    assert a_file.read_text() == "mine"


def test_an_output_under_a_file_is_refused_before_the_work(tmp_path):
    a_file = sheets.a_text(tmp_path, "out", "mine")

    with pytest.raises(errors.OutputRefused, match="est un fichier"):
        writing.check_directory(a_file / "match")


def test_a_folder_that_can_be_used_or_made_is_accepted_and_not_made(tmp_path):
    writing.check_directory(tmp_path)
    writing.check_directory(tmp_path / "a" / "b")

    assert os.listdir(tmp_path) == []


@pytest.mark.skipif(os.geteuid() == 0, reason="the administrator may write anywhere")
def test_a_protected_folder_is_refused(tmp_path):
    tmp_path.chmod(0o500)

    with pytest.raises(errors.OutputRefused, match="protégé en écriture"):
        writing.write_outputs(tmp_path / "out", {"a.csv": b"new"})


def test_a_folder_in_the_place_of_a_file_is_refused_and_kept(tmp_path):
    (tmp_path / "a.csv").mkdir()
    (tmp_path / "a.csv" / "mine.txt").write_bytes(b"mine")

    with pytest.raises(errors.OutputRefused, match=r"« a\.csv » y est un dossier"):
        writing.write_outputs(tmp_path, {"b.csv": b"new", "a.csv": b"new"})

    assert contents(tmp_path) == {"a.csv/mine.txt": b"mine"}


def test_a_file_in_the_place_of_a_subfolder_is_refused_and_kept(tmp_path):
    (tmp_path / "ics").write_bytes(b"mine")

    with pytest.raises(errors.OutputRefused, match="à la place d'un dossier"):
        writing.write_outputs(tmp_path, {"a.csv": b"new", "ics/site.ics": b"new"})

    assert contents(tmp_path) == {"ics": b"mine"}


@pytest.mark.parametrize("name", ["", "/a.csv", "../a.csv", "a/../../b.csv"])
def test_a_name_outside_the_folder_is_an_error_of_ours(tmp_path, name):
    with pytest.raises(ValueError, match="not a name inside"):
        writing.write_outputs(tmp_path, {name: b""})


def test_one_file_is_put_into_place_alone(tmp_path):
    (tmp_path / "rejects.csv").write_text("kept", encoding="utf-8")

    for content in (b"first", b"second"):
        writing.write_file(tmp_path / "deep" / "picture.svg", content)
        writing.write_file(tmp_path / "picture.svg", content)

    assert {path.name for path in tmp_path.iterdir()} == {"deep", "picture.svg", "rejects.csv"}
    assert (tmp_path / "deep" / "picture.svg").read_bytes() == b"second"


def test_one_file_in_the_place_of_a_folder_is_refused_and_the_folder_kept(tmp_path):
    (tmp_path / "picture.svg").mkdir()

    with pytest.raises(errors.OutputRefused):
        writing.write_file(tmp_path / "picture.svg", b"content")

    assert [path.name for path in tmp_path.iterdir()] == ["picture.svg"]
