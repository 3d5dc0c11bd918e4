"""Files that cannot be accepted: status 2, where and why in French, nothing but `rejects.csv`."""

from dataclasses import dataclass
from pathlib import Path

import pytest
from click.testing import Result

from tests.api import commands
from tests.api.commands import NIR, a_cell
from tests.api.conftest import Finished

SHORT_NIR = NIR[:13]


def _renamed(column: str) -> commands.Change:
    return lambda text: text.replace(column, "autre", 1)


def _repeated(text: str) -> str:
    lines = text.splitlines()
    return "\n".join([*lines[:3], lines[1], *lines[3:]]) + "\n"


def _windows(text: str) -> bytes:
    head, first, *rest = text.splitlines()
    spoilt = first.split(",")
    spoilt[0] = "Dréan"
    return "\r\n".join([head, ",".join(spoilt), *rest]).encode("cp1252", errors="replace")


def _empty(_: str) -> str:
    return ""


OF_MATCH = {
    "wrong columns": ("patients", _renamed("patient_id"), 1, "patient_id", "obligatoire absente"),
    "no place": ("doctors", _renamed("places"), 1, "places", "obligatoire absente"),
    "a day that does not exist": (
        "patients",
        a_cell("unattached_since", "2026-02-30"),
        2,
        "unattached_since",
        "n'existe pas au calendrier",
    ),
    "a day written the French way": (
        "patients",
        a_cell("unattached_since", "30/01/2026"),
        2,
        "unattached_since",
        "n'est pas une date",
    ),
    "a latitude of 91": ("patients", a_cell("latitude", "91"), 2, "latitude", "hors limites"),
    "a longitude of -181": ("doctors", a_cell("longitude", "-181"), 2, "longitude", "hors limites"),
    "a patient twice": ("patients", _repeated, 4, "patient_id", "est déjà à la ligne 2"),
    "a doctor twice": ("doctors", _repeated, 4, "rpps", "est déjà à la ligne 2"),
    "negative places": ("doctors", a_cell("places", "-1"), 2, "places", "hors limites"),
    "an RPPS of 10 digits": ("doctors", a_cell("rpps", "1000123456"), 2, "rpps", "11 chiffres"),
    "Windows-1252": ("patients", _windows, 2, "patient_id", "n'est pas en UTF-8"),
}

OF_ROSTER = {
    "wrong columns": ("slots", _renamed("hardness"), 1, "hardness", "obligatoire absente"),
    "a start without offset": (
        "slots",
        a_cell("start", "2026-11-16T18:00:00"),
        2,
        "start",
        "décalage horaire",
    ),
    "an end before the start": (
        "slots",
        a_cell("end", "2026-11-16T08:00:00+01:00"),
        2,
        "end",
        "n'est pas après le début",
    ),
    "a slot twice": ("slots", _repeated, 4, "slot_id", "est déjà à la ligne 2"),
    "a negative cap": ("duty_doctors", a_cell("max_per_week", "-1"), 2, "max_per_week", "limites"),
    "a part above one": ("duty_doctors", a_cell("participation", "1.5"), 2, "participation", "1"),
    "an RPPS of 10 digits": (
        "duty_doctors",
        a_cell("rpps", "1000123456"),
        2,
        "rpps",
        "11 chiffres",
    ),
    "a wish of 3": ("availability", a_cell("wish", "3"), 2, "wish", "hors limites"),
    "an unknown doctor": (
        "availability",
        a_cell("rpps", "10001234565"),
        2,
        "rpps",
        "n'est pas dans le fichier des médecins",
    ),
    "an unknown slot": (
        "availability",
        a_cell("slot_id", "nowhere"),
        2,
        "slot_id",
        "n'est pas dans le fichier des créneaux",
    ),
    "Windows-1252": ("slots", _windows, 2, "slot_id", "n'est pas en UTF-8"),
}

COMMANDS = {"match": commands.match, "roster": commands.roster}


@dataclass(frozen=True)
class Case:
    """A file spoilt in one way, and what is said of it."""

    command: str
    name: str
    change: commands.Change
    line: int
    column: str
    reason: str


CASES = [
    pytest.param(Case(command, *case), id=f"{command}: {name}")
    for command, cases in (("match", OF_MATCH), ("roster", OF_ROSTER))
    for name, case in cases.items()
]


def _refused(done: Result, out: Path) -> str:
    """The message of a refusal that left nothing but the rejects."""
    assert done.exit_code == 2
    assert done.stdout == ""
    assert "Traceback" not in done.stderr
    assert [path.name for path in out.iterdir()] == ["rejects.csv"]
    assert commands.header(out, "rejects") == "file,line,column,value,reason,row"
    return done.stderr


@pytest.mark.parametrize("case", CASES)
def test_a_bad_file_is_refused_with_line_and_column(
    territory: Path, tmp_path: Path, case: Case
) -> None:
    inputs = commands.a_copy(territory, tmp_path / "in", case.name, case.change)

    done = COMMANDS[case.command](inputs, tmp_path / "out")

    said = _refused(done, tmp_path / "out")
    assert f"{case.name}.csv, ligne {case.line}, colonne « {case.column} » : " in said
    assert case.reason in said
    assert "Rien n'a été calculé." in said
    first = commands.rows(tmp_path / "out", "rejects")[0]
    where = (f"{case.name}.csv", str(case.line), case.column)
    assert (first["file"], first["line"], first["column"]) == where
    assert case.reason in first["reason"]


@pytest.mark.parametrize("number", [SHORT_NIR, NIR, f"{NIR[:1]} {NIR[1:3]} {NIR[3:5]} {NIR[5:]}"])
@pytest.mark.parametrize(
    "cell",
    [
        ("match", "patients", "patient_id"),
        ("match", "patients", "household_id"),
        ("match", "doctors", "family_name"),
        ("roster", "slots", "slot_id"),
        ("roster", "duty_doctors", "given_name"),
        ("roster", "availability", "rpps"),
    ],
)
def test_prv_a_social_security_number_is_refused_and_never_repeated(
    territory: Path, tmp_path: Path, cell: tuple[str, str, str], number: str
) -> None:
    command, name, column = cell
    inputs = commands.a_copy(territory, tmp_path / "in", name, a_cell(column, number))

    done = COMMANDS[command](inputs, tmp_path / "out")

    said = _refused(done, tmp_path / "out")
    rejects = (tmp_path / "out" / "rejects.csv").read_text(encoding="utf-8")
    assert f"ligne 2, colonne « {column} »" in said
    assert "numéro de sécurité sociale" in said
    for text in (said, rejects):
        assert SHORT_NIR not in text.replace(" ", "")
        assert number not in text


@pytest.mark.parametrize(("command", "name"), [("match", "doctors"), ("roster", "availability")])
def test_an_empty_file_is_refused(territory: Path, tmp_path: Path, command: str, name: str) -> None:
    inputs = commands.a_copy(territory, tmp_path / "in", name, _empty)

    said = _refused(COMMANDS[command](inputs, tmp_path / "out"), tmp_path / "out")

    assert f"{name}.csv : le fichier est vide" in said


@pytest.mark.parametrize(("command", "name"), [("match", "patients"), ("roster", "slots")])
def test_a_folder_in_the_place_of_a_file_is_refused(
    territory: Path, tmp_path: Path, command: str, name: str
) -> None:
    inputs = commands.a_copy(territory, tmp_path / "in")
    (inputs / f"{name}.csv").unlink()
    (inputs / f"{name}.csv").mkdir()

    said = _refused(COMMANDS[command](inputs, tmp_path / "out"), tmp_path / "out")

    assert f"{name}.csv : c'est un dossier" in said


@pytest.mark.parametrize(("command", "name"), [("match", "patients"), ("roster", "slots")])
def test_a_file_that_does_not_exist_is_refused(
    territory: Path, tmp_path: Path, command: str, name: str
) -> None:
    inputs = commands.a_copy(territory, tmp_path / "in")
    (inputs / f"{name}.csv").unlink()

    said = _refused(COMMANDS[command](inputs, tmp_path / "out"), tmp_path / "out")

    assert f"{name}.csv : fichier introuvable" in said


def test_one_run_tells_what_is_wrong_in_every_file(territory: Path, tmp_path: Path) -> None:
    inputs = commands.a_copy(territory, tmp_path / "one", "patients", _empty)
    inputs = commands.a_copy(inputs, tmp_path / "in", "doctors", a_cell("places", "-1"))

    said = _refused(commands.match(inputs, tmp_path / "out"), tmp_path / "out")

    assert "patients.csv : le fichier est vide" in said
    assert "doctors.csv, ligne 2, colonne « places »" in said


def test_beyond_twenty_sentences_the_reader_is_sent_to_the_rejects(tmp_path: Path) -> None:
    lines = [f"P{at},48.69,999" for at in range(25)]
    commands.a_file(tmp_path, "patients", ["patient_id,latitude,longitude", *lines])
    commands.a_file(tmp_path, "doctors", ["rpps,latitude,longitude,places"])

    done = commands.match(tmp_path, tmp_path / "out")

    assert done.stderr.count("« longitude »") == 20
    assert "… et 5 autres." in done.stderr
    assert len(commands.rows(tmp_path / "out", "rejects")) == 25


@pytest.mark.parametrize(("command", "done"), [("match", "matched"), ("roster", "filled")])
def test_semicolons_give_the_same_result_as_commas(
    request: pytest.FixtureRequest, tmp_path: Path, command: str, done: str
) -> None:
    finished: Finished = request.getfixturevalue(done)
    inputs = tmp_path / "in"
    commands.a_copy(finished.inputs, inputs)
    for path in inputs.glob("*.csv"):
        if '"' not in path.read_text(encoding="utf-8"):
            path.write_text(path.read_text(encoding="utf-8").replace(",", ";"), encoding="utf-8")

    COMMANDS[command](inputs, tmp_path / "out")

    assert commands.written(tmp_path / "out") == commands.written(finished.out)


@pytest.mark.parametrize(
    ("command", "finished", "cell"),
    [("match", "matched", ("patients", "birth_year")), ("roster", "filled", ("slots", "points"))],
)
def test_a_refusal_leaves_an_earlier_result_untouched_and_the_next_success_clears_the_rejects(
    request: pytest.FixtureRequest,
    tmp_path: Path,
    command: str,
    finished: str,
    cell: tuple[str, str],
) -> None:
    (name, column), out = cell, tmp_path / "out"
    good: Finished = request.getfixturevalue(finished)
    assert COMMANDS[command](good.inputs, out).exit_code == 0
    before = {path.name: path.read_bytes() for path in out.iterdir()}
    inputs = commands.a_copy(good.inputs, tmp_path / "in", name, a_cell(column, "peu"))

    assert COMMANDS[command](inputs, out).exit_code == 2

    after = {path.name: path.read_bytes() for path in out.iterdir()}
    assert after.pop("rejects.csv")
    assert after == before
    assert COMMANDS[command](good.inputs, out).exit_code == 0
    assert {path.name for path in out.iterdir()} == set(before)


@pytest.mark.parametrize(
    ("command", "cell", "results"),
    [
        ("match", ("patients", "birth_year"), {"proposals", "waiting", "doctors"}),
        ("roster", ("availability", "wish"), {"roster", "holes", "fairness", "ledger"}),
    ],
)
def test_accept_partial_goes_on_without_the_refused_rows(
    territory: Path, tmp_path: Path, command: str, cell: tuple[str, str], results: set[str]
) -> None:
    name, column = cell
    inputs = commands.a_copy(territory, tmp_path / "in", name, a_cell(column, "peu", line=5))
    out = tmp_path / "out"

    done = COMMANDS[command](inputs, out, "--accept-partial")

    assert done.exit_code == 0
    assert {path.stem for path in out.glob("*.csv")} == {*results, "rejects"}
    (reject,) = commands.rows(out, "rejects")
    assert (reject["line"], reject["column"], reject["value"]) == ("5", column, "peu")
    assert commands.summary(out)["status"] == "optimal"


def test_accept_partial_does_not_accept_a_file_that_cannot_be_read(
    territory: Path, tmp_path: Path
) -> None:
    inputs = commands.a_copy(territory, tmp_path / "in", "patients", _windows)

    done = commands.match(inputs, tmp_path / "out", "--accept-partial")

    _refused(done, tmp_path / "out")


def test_availability_of_a_refused_doctor_is_refused_too(territory: Path, tmp_path: Path) -> None:
    change = a_cell("participation", "2")
    inputs = commands.a_copy(territory, tmp_path / "in", "duty_doctors", change)
    refused = commands.rows(inputs, "duty_doctors")[0]["rpps"]

    done = commands.roster(inputs, tmp_path / "out", "--accept-partial")

    assert done.exit_code == 0
    rejects = commands.rows(tmp_path / "out", "rejects")
    assert {row["file"] for row in rejects} == {"duty_doctors.csv", "availability.csv"}
    fairness = commands.rows(tmp_path / "out", "fairness")
    assert refused not in {row["rpps"] for row in fairness}


def test_a_published_roster_that_cannot_be_read_is_refused(
    filled: Finished, tmp_path: Path
) -> None:
    spoilt = commands.a_file(tmp_path, "former", ["slot_id,rpps", "S1,123"])

    done = commands.roster(filled.inputs, tmp_path / "out", "--published", spoilt)

    assert "former.csv, ligne 2, colonne « rpps »" in _refused(done, tmp_path / "out")


SPOTS = [f"48.{60 + at},6.{10 + at}" for at in range(12)]


def _a_large_file(folder: Path, line: int = 0, text: str = "") -> Path:
    """200,000 patients in twelve places and 20 doctors with room for nearly all of them."""
    lines = [f"P{at:06d},{1940 + at % 70},{SPOTS[at % 12]},no" for at in range(200_000)]
    if line:
        lines[line - 2] = text
    commands.a_file(folder, "patients", ["patient_id,birth_year,latitude,longitude,ald", *lines])
    doctors = [f"109900000{at:02d},{SPOTS[at % 12]},9990,installed" for at in range(20)]
    commands.a_file(folder, "doctors", ["rpps,latitude,longitude,places,status", *doctors])
    return folder


def test_of_200000_rows_the_one_bad_row_is_named(tmp_path: Path) -> None:
    inputs = _a_large_file(tmp_path / "in", 150_002, f"P150000,1960,{SPOTS[0]},peut-être")

    said = _refused(commands.match(inputs, tmp_path / "out"), tmp_path / "out")

    assert "patients.csv, ligne 150002, colonne « ald » : « peut-être »" in said
    assert len(commands.rows(tmp_path / "out", "rejects")) == 1


def test_200000_rows_are_matched(tmp_path: Path) -> None:
    inputs = _a_large_file(tmp_path / "in")

    done = commands.match(inputs, tmp_path / "out")

    assert done.exit_code == 0
    told = commands.summary(tmp_path / "out")
    assert (told["patients"], told["status"]) == (200_000, "optimal")
    assert sum(told["matched"].values()) == 20 * 9_990
