"""What the runs from files to files keep when our own check contradicts the solver."""

import dataclasses
import pickle
from pathlib import Path

import pytest

import matcher
from api import demo, rounds
from api.files import errors, outcome
from api.services import matching, roster
from tests.api import commands
from tests.api.conftest import Finished

OPTIONS = matching.MatchOptions(day=commands.DAY)


def test_doubts_are_told_and_progress_names_the_phases(territory: Path, tmp_path: Path) -> None:
    inputs = commands.a_copy(
        territory, tmp_path / "in", "doctors", commands.a_cell("rpps", "10001234560")
    )
    doubts: list[outcome.Remark] = []
    phases: list[str] = []
    desk = rounds.Desk(
        tmp_path / "out",
        remarks=doubts.extend,
        progress=lambda phase, _share: phases.append(phase),
    )
    files = rounds.MatchFiles(inputs / "patients.csv", inputs / "doctors.csv", demo.known_places())

    run = rounds.match(files, OPTIONS, desk)

    assert any("clé de contrôle RPPS fausse" in doubt.reason for doubt in doubts)
    assert phases[phases[0] == "compile"] == "pairs"
    assert phases[-1] == "explain"
    assert commands.rows(tmp_path / "out", "proposals") == [
        {name: str(value) for name, value in row.items()}
        for row in run.proposals.iter_rows(named=True)
    ]


def test_a_refusal_carries_every_reject_and_the_folder_where_they_are(tmp_path: Path) -> None:
    commands.a_file(tmp_path, "patients", ["patient_id,latitude,longitude", "P,91,181"])
    commands.a_file(tmp_path, "doctors", ["rpps,latitude,longitude"])
    files = rounds.MatchFiles(tmp_path / "patients.csv", tmp_path / "doctors.csv")

    with pytest.raises(rounds.Refused) as refused:
        rounds.match(files, OPTIONS, rounds.Desk(tmp_path / "out"))

    assert refused.value.directory == tmp_path / "out"
    assert [(it.file, it.column) for it in refused.value.rejects] == [
        ("doctors.csv", "places"),
        ("patients.csv", "latitude"),
        ("patients.csv", "longitude"),
    ]


def test_a_place_where_nothing_can_be_written_is_refused_before_anything_is_read(
    tmp_path: Path,
) -> None:
    (tmp_path / "out").write_text("", encoding="utf-8")
    missing = tmp_path / "missing.csv"

    with pytest.raises(errors.OutputRefused):
        rounds.match(rounds.MatchFiles(missing, missing), OPTIONS, rounds.Desk(tmp_path / "out"))
    with pytest.raises(errors.OutputRefused):
        rounds.fill(
            rounds.RosterFiles(missing, missing, missing),
            roster.RosterOptions(),
            rounds.Desk(tmp_path / "out"),
        )


def test_the_instance_of_a_disagreement_is_kept_for_whoever_mends_it(tmp_path: Path) -> None:
    asked = matcher.from_records(
        [{"id": "P", "latitude": 48.69, "longitude": 6.18, "priority_class": 1}],
        [{"id": "D", "latitude": 48.69, "longitude": 6.18, "places": 1}],
    )
    answer = matcher.solve(asked)
    bug = matcher.Disagreement(["levels count otherwise"], asked, answer)

    file = rounds._kept(tmp_path / "out", bug)

    assert file.parent == tmp_path / "out"
    kept = pickle.loads(file.read_bytes())  # noqa: S301 - written above
    assert kept["breaches"] == ["levels count otherwise"]
    assert matcher.solve(kept["problem"]).values == answer.values


def test_the_bytes_of_a_result_are_those_of_its_table(filled: Finished) -> None:
    files = rounds.RosterFiles(
        *(filled.inputs / f"{name}.csv" for name in ("slots", "duty_doctors", "availability"))
    )
    desk = rounds.Desk(filled.out.parent / "again")

    run = rounds.fill(files, roster.RosterOptions(), desk)

    assert rounds.frame_bytes(run.roster) == (filled.out / "roster.csv").read_bytes()


def test_results_that_would_replace_a_file_given_are_refused(
    territory: Path, tmp_path: Path
) -> None:
    inputs = commands.a_copy(territory, tmp_path)
    before = (inputs / "doctors.csv").read_bytes()
    files = rounds.MatchFiles(inputs / "patients.csv", inputs / "doctors.csv", demo.known_places())

    with pytest.raises(errors.OutputRefused, match=r"remplacerait votre fichier doctors\.csv"):
        rounds.match(files, OPTIONS, rounds.Desk(inputs))

    assert (inputs / "doctors.csv").read_bytes() == before


def test_every_table_written_is_known_as_a_result(territory: Path, tmp_path: Path) -> None:
    files = rounds.MatchFiles(territory / "patients.csv", territory / "doctors.csv")

    rounds.match(
        dataclasses.replace(files, places=demo.known_places()), OPTIONS, rounds.Desk(tmp_path)
    )

    assert {it.name for it in tmp_path.iterdir()} <= rounds.RESULT_FILES
