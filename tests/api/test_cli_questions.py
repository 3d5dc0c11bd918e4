"""`releve explain` and `releve what-if`: questions asked of the files of a round."""

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result

from tests.api import commands
from tests.api.conftest import Finished


def ask(folder: Path, *words: object) -> Result:
    files = ("--patients", folder / "patients.csv", "--doctors", folder / "doctors.csv")
    return commands.run(*words, *files, "--date", commands.DAY)


def answer(folder: Path, *words: object) -> Any:
    done = ask(folder, *words, "--json")
    assert done.exit_code == 0, done.stderr
    return json.loads(done.stdout)


def test_the_explanation_of_a_proposal_agrees_with_the_files_of_the_round(
    matched: Finished,
) -> None:
    row = next(it for it in commands.rows(matched.out, "proposals") if "ald" in it["reasons"])

    told = answer(matched.inputs, "explain", row["patient_id"])

    assert told["proposed"]["rpps"] == row["rpps"]
    assert (told["reason"], told["status"]) == (None, "optimal")
    assert str(told["standing"]["score"]) == row["score"]
    words = [f"{name}+{points}" for name, points in told["standing"]["components"].items()]
    assert row["reasons"].startswith(" ".join(words))
    (chosen,) = (it for it in told["possible"] if it["proposed"])
    assert str(chosen["travel_seconds"]) == row["travel_seconds"]


def test_the_explanation_of_a_wait_agrees_with_the_files_of_the_round(matched: Finished) -> None:
    row = commands.rows(matched.out, "waiting")[0]

    told = answer(matched.inputs, "explain", row["patient_id"])
    shown = ask(matched.inputs, "explain", row["patient_id"]).stdout

    assert (told["proposed"], told["reason"]) == (None, row["reason"])
    assert row["detail"].startswith(f"doctors={len(told['possible'])} ")
    assert "Aucune proposition" in shown
    assert f"Patient {row['patient_id']}, au 21 novembre 2026" in shown.replace("\xa0", " ")


def test_an_unknown_patient_is_a_clear_sentence_and_nothing_is_written(
    territory: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)

    done = ask(territory, "explain", "nobody")

    assert done.exit_code == 2
    assert "n'a pas de patient « nobody »" in done.stderr
    assert list(tmp_path.iterdir()) == []


def test_a_refused_file_is_told_without_a_file_of_rejects(territory: Path, tmp_path: Path) -> None:
    spoilt = commands.a_cell("ald", "peut-être")
    inputs = commands.a_copy(territory, tmp_path / "in", "patients", spoilt)

    done = ask(inputs, "explain", "P000001")

    assert done.exit_code == 2
    assert "peut-être" in done.stderr
    assert "« releve match »" in done.stderr
    assert not list(tmp_path.rglob("rejects.csv"))


def test_a_supposition_is_told_before_after_and_by_difference(matched: Finished) -> None:
    doctor = max(commands.rows(matched.out, "doctors"), key=lambda row: int(row["proposed"]))

    told = answer(matched.inputs, "what-if", "--leaves", doctor["rpps"])
    shown = ask(matched.inputs, "what-if", "--leaves", doctor["rpps"]).stdout

    summary = commands.summary(matched.out)
    assert told["before"]["levels"]["matched"] == summary["matched"]
    assert told["after"]["places"] == told["before"]["places"] - int(doctor["places"])
    gone = told["before"]["levels"]["travel_seconds"] + told["difference"]["change"].get(
        "travel_seconds", 0
    )
    assert told["after"]["levels"]["travel_seconds"] == gone
    assert f"-{doctor['places']} " in shown


def test_the_ranking_of_communes_is_shown_and_written(matched: Finished, tmp_path: Path) -> None:
    words = ("what-if", "--rank", "communes", "--places-each", 50)

    done = ask(matched.inputs, *words, "--out", tmp_path / "out")

    assert done.exit_code == 0
    assert "Où un cabinet de plus aiderait le plus" in done.stdout
    rows = commands.rows(tmp_path / "out", "communes")
    assert [row["rank"] for row in rows] == [str(rank) for rank in range(1, 79)]
    assert rows[0]["practice"].startswith("matched_")
    assert rows[0]["name"][:8] in done.stdout
    assert rows[-1]["practice"] == ""


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        ((), "--rank communes"),
        (("--leaves", "12345678901"), "« 12345678901 »"),
        (("--places", "beaucoup"), "--places"),
        (("--rank", "communes", "--places-each", 0), "--places-each"),
    ],
)
def test_a_question_that_makes_no_sense_is_refused(
    territory: Path, words: tuple[object, ...], sentence: str
) -> None:
    done = ask(territory, "what-if", *words)

    assert done.exit_code == 2
    assert sentence in done.stderr
