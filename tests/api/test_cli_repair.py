"""`releve repair` and `releve explain-roster`, on a roster that `releve roster` made."""

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result

from tests.api import commands
from tests.api.conftest import Finished

NOW = "2026-11-01T08:00"


def ask(filled: Finished, *words: object, published: Path | None = None) -> Result:
    files = {"slots": "slots", "doctors": "duty_doctors", "availability": "availability"}
    given = [
        it for key, name in files.items() for it in (f"--{key}", filled.inputs / f"{name}.csv")
    ]
    out = published or filled.out / "roster.csv"
    return commands.run(*words, *given, "--published", out, "--now", NOW)


def mended(filled: Finished, out: Path, *words: object) -> Result:
    done = ask(filled, "repair", "--out", out, *words)
    assert done.exit_code == 0, done.stderr
    return done


def answer(filled: Finished, *words: object) -> Any:
    done = ask(filled, "explain-roster", *words, "--json")
    assert done.exit_code == 0, done.stderr
    return json.loads(done.stdout)


def duties(out: Path) -> set[tuple[str, str]]:
    return {(row["rpps"], row["slot_id"]) for row in commands.rows(out, "roster")}


def test_nothing_changes_where_nothing_happened(filled: Finished, tmp_path: Path) -> None:
    done = mended(filled, tmp_path / "out")

    assert duties(tmp_path / "out") == duties(filled.out)
    assert commands.rows(tmp_path / "out", "changes") == []
    assert "Rien ne change" in done.stdout
    told = commands.summary(tmp_path / "out")
    assert (told["status"], told["changes"], told["lost"]) == ("optimal", 0, 0)


def test_ros_07_an_absence_changes_the_fewest_duties_and_says_which(
    filled: Finished, tmp_path: Path
) -> None:
    ill, slot_id = min(duties(filled.out))

    done = mended(filled, tmp_path / "out", "--absent", f"{ill}=2026-01-01..2027-12-31")

    before, after = duties(filled.out), duties(tmp_path / "out")
    told = commands.summary(tmp_path / "out")
    changes = {
        (row["rpps"], row["slot_id"], row["change"])
        for row in commands.rows(tmp_path / "out", "changes")
    }
    assert not any(rpps == ill for rpps, _ in after)
    assert changes == {(*it, "lost") for it in before - after} | {
        (*it, "gained") for it in after - before
    }
    assert (ill, slot_id, "lost") in changes
    assert told["gap"]["changes"] == 0
    assert told["kept"] == len(before & after)
    assert "(absent)" in done.stdout.replace("\n", " ")


def test_a_swap_is_written_and_only_that(filled: Finished, tmp_path: Path) -> None:
    held = sorted(duties(filled.out), key=lambda it: (it[1], it[0]))
    (one, his), (other, hers) = (
        held[0],
        next(it for it in held if it[1] != held[0][1] and it[1][-13:] == held[0][1][-13:]),
    )

    mended(filled, tmp_path / "out", "--swap", f"{his}:{one}={hers}:{other}")

    assert duties(tmp_path / "out") == {
        *(set(held) - {(one, his), (other, hers)}),
        (one, hers),
        (other, his),
    }


def test_a_slot_withdrawn_or_moved_is_read_from_the_command_line(
    filled: Finished, tmp_path: Path
) -> None:
    gone, moved = sorted({slot_id for _, slot_id in duties(filled.out)})[:2]

    mended(
        filled,
        tmp_path / "out",
        "--withdraw",
        gone,
        "--move",
        f"{moved}=2026-12-24T18:00..2026-12-24T20:00",
    )

    assert gone not in {slot_id for _, slot_id in duties(tmp_path / "out")}
    assert {
        row["why"] for row in commands.rows(tmp_path / "out", "changes") if row["slot_id"] == gone
    } == {"withdrawn"}


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (("--absent", "Dr House"), "--absent : « Dr House » est illisible"),
        (("--absent", "10001234565=2026-13-01"), "n'est pas un jour"),
        (("--absent", "10001234565=2026-12-02..2026-12-01"), "finit avant de commencer"),
        (("--absent", "10001234565=2026-12-01"), "n'est pas dans les fichiers"),
        (("--swap", "a=b"), "--swap : « a=b » est illisible"),
        (("--move", "a=demain..jeudi"), "n'est pas un instant"),
        (("--move", "a=2026-12-02T10:00..2026-12-02T09:00"), "finit avant de commencer"),
        (("--withdraw", "nothing"), "« nothing » n'est pas dans les fichiers"),
        (("--replaced", "a=b"), "--replaced : « a=b » est illisible"),
    ],
)
def test_what_cannot_be_is_a_french_sentence_and_nothing_is_written(
    filled: Finished, tmp_path: Path, words: tuple[str, ...], sentence: str
) -> None:
    done = ask(filled, "repair", "--out", tmp_path / "out", *words)

    assert done.exit_code == 2
    assert sentence in done.stderr
    assert not (tmp_path / "out" / "roster.csv").exists()


def test_ros_08_a_swap_that_breaks_a_rule_names_it(filled: Finished, tmp_path: Path) -> None:
    held = sorted(duties(filled.out))
    one = next(it for it in held if sum(rpps == it[0] for rpps, _ in held) > 1)
    his_other = next(it for it in held if it[0] == one[0] and it != one)
    same_day = next(
        it for it in held if it[1] != one[1] and it[0] != one[0] and it[1][-13:] == one[1][-13:]
    )

    done = ask(
        filled,
        "repair",
        "--out",
        tmp_path / "out",
        "--swap",
        f"{his_other[1]}:{one[0]}={same_day[1]}:{same_day[0]}",
    )

    assert done.exit_code == 2
    assert "Échange refusé" in done.stderr


def test_a_doctor_is_told_what_he_carries(filled: Finished) -> None:
    rpps, _ = min(duties(filled.out))
    row = next(it for it in commands.rows(filled.out, "fairness") if it["rpps"] == rpps)

    told = answer(filled, "--doctor", rpps)
    shown = ask(filled, "explain-roster", "--doctor", rpps).stdout

    assert str(len(told["told"]["duties"])) == row["duties"]
    assert str(told["told"]["points"]) == row["points"]
    assert told["to_mend"] == 0
    assert "Part équitable" in shown


def test_a_slot_says_who_else_and_at_what_price(filled: Finished) -> None:
    offers = commands.rows(filled.inputs, "availability")
    slot_id = min(slot_id for _, slot_id in duties(filled.out))
    able = {row["rpps"] for row in offers if row["slot_id"] == slot_id}

    told = answer(filled, "--slot", slot_id)["told"]
    shown = ask(filled, "explain-roster", "--slot", slot_id).stdout

    assert {*told["holders"], *(it["rpps"] for it in told["others"])} == able
    assert all(dict(it["change"]).get("changes", 0) >= 0 for it in told["others"])
    assert slot_id in shown


def test_every_hole_is_told_with_what_would_fill_it(filled: Finished) -> None:
    empty = {row["slot_id"]: row["missing"] for row in commands.rows(filled.out, "holes")}

    told = answer(filled)["told"]

    assert {it["slot_id"]: str(it["missing"]) for it in told} == empty


def test_an_unknown_slot_is_a_sentence(filled: Finished) -> None:
    done = ask(filled, "explain-roster", "--slot", "nothing")

    assert done.exit_code == 2
    assert "« nothing » n'est ni un créneau ni un médecin" in done.stderr
