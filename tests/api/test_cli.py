"""`releve match`, from files to files."""

import subprocess
import sys
from collections import Counter, defaultdict
from pathlib import Path

import pytest

from api.services import matching
from matcher.explanation.explain import Reason
from tests.api import commands, second_solver
from tests.api.commands import DAY
from tests.api.conftest import Finished

LEVELS = ("matched", "usual_doctor", "travel_bands", "imbalance", "travel_seconds", "bound")
FACTORS = {"ald": 40, "pregnant": 30, "handicap": 25, "ehpad": 20, "precarious": 15}


def test_the_result_files_have_the_published_columns(matched: Finished) -> None:
    assert matched.said.exit_code == 0
    assert {path.name for path in matched.out.iterdir()} == {
        "proposals.csv",
        "waiting.csv",
        "doctors.csv",
        "summary.json",
    }
    assert commands.header(matched.out, "proposals") == (
        "patient_id,rpps,travel_seconds,priority_class,score,reasons"
    )
    assert commands.header(matched.out, "waiting") == "patient_id,priority_class,reason,detail"
    assert commands.header(matched.out, "doctors") == "rpps,places,proposed,shadow_price"


def test_the_summary_has_what_is_needed_to_believe_it(matched: Finished) -> None:
    told = commands.summary(matched.out)

    assert {*LEVELS, "status", "date", "eligible", "gap", "seconds", "versions", "seed"} <= set(
        told
    )
    assert (told["status"], told["date"], told["seed"]) == ("optimal", "2026-11-21", 1)
    assert (told["patients"], told["doctors"]) == (300, 30)
    assert told["bound"] == {name: told[name] for name in LEVELS[:-1]}
    assert all(taken >= 0 for taken in told["seconds"].values())
    assert told["versions"].keys() == {"releve", "ortools", "scipy"}


def test_the_account_on_the_screen_is_french_and_holds_the_levels(matched: Finished) -> None:
    told = commands.summary(matched.out)

    assert "optimal, prouvé" in matched.said.stdout
    assert str(told["travel_seconds"]) in matched.said.stdout
    assert "Appariement" in matched.said.stderr


def test_everybody_is_proposed_or_waits_with_a_reason_of_the_closed_list(matched: Finished) -> None:
    proposed = [row["patient_id"] for row in commands.rows(matched.out, "proposals")]
    waiting = commands.rows(matched.out, "waiting")
    asked = [row["patient_id"] for row in commands.rows(matched.inputs, "patients")]

    assert sorted([*proposed, *(row["patient_id"] for row in waiting)]) == sorted(asked)
    assert {row["reason"] for row in waiting} <= {reason.value for reason in Reason}


def test_mat_01_every_proposal_keeps_every_rule_and_says_the_true_seconds(
    matched: Finished,
) -> None:
    patients = {row["patient_id"]: row for row in commands.rows(matched.inputs, "patients")}
    doctors = {row["rpps"]: row for row in commands.rows(matched.inputs, "doctors")}

    for row in commands.rows(matched.out, "proposals"):
        patient, doctor = patients[row["patient_id"]], doctors[row["rpps"]]
        here, there = second_solver.place(patient), second_solver.place(doctor)
        way = second_solver.kilometres(here, there)
        assert int(row["travel_seconds"]) == second_solver.seconds(way)
        assert second_solver.accepts(patient, doctor, way, DAY)


def test_mat_01_no_doctor_gets_more_than_the_places_offered(matched: Finished) -> None:
    places = {row["rpps"]: row["places"] for row in commands.rows(matched.inputs, "doctors")}
    loads = Counter(row["rpps"] for row in commands.rows(matched.out, "proposals"))

    told = commands.rows(matched.out, "doctors")

    assert {row["rpps"]: row["places"] for row in told} == places
    assert {row["rpps"]: int(row["proposed"]) for row in told} == {it: loads[it] for it in places}
    assert all(int(row["proposed"]) <= int(row["places"]) for row in told)


def test_a_household_goes_to_one_doctor_together(matched: Finished) -> None:
    doctor_of = {row["patient_id"]: row["rpps"] for row in commands.rows(matched.out, "proposals")}
    households: defaultdict[str, list[str | None]] = defaultdict(list)
    for row in commands.rows(matched.inputs, "patients"):
        if row["household_id"]:
            households[row["household_id"]].append(doctor_of.get(row["patient_id"]))

    assert max(map(len, households.values())) > 1
    assert [it for it, doctors in households.items() if len(set(doctors)) > 1] == []


def test_counts_by_class_are_those_of_the_rows(matched: Finished) -> None:
    told = commands.summary(matched.out)
    proposals = commands.rows(matched.out, "proposals")
    classes = _classes(matched)
    patients = commands.rows(matched.inputs, "patients")
    doctors = commands.rows(matched.inputs, "doctors")
    everybody = second_solver.people(patients, doctors, classes, DAY)
    open_to = {}
    for person in everybody:
        offered = {doctor for doctor, _ in person.offers}
        open_to[person.household] = open_to.get(person.household, offered) & offered

    matched_by_class = Counter(row["priority_class"] for row in proposals)
    eligible = Counter(
        str(person.priority_class) for person in everybody if open_to[person.household]
    )

    assert told["matched"] == {rank: matched_by_class[rank] for rank in "123456"}
    assert told["eligible"] == {rank: eligible[rank] for rank in "123456"}
    assert told["travel_seconds"] == sum(int(row["travel_seconds"]) for row in proposals)
    assert told["travel_bands"] == sum(int(row["travel_seconds"]) // 300 for row in proposals)


def _classes(done: Finished) -> dict[str, int]:
    told = [*commands.rows(done.out, "proposals"), *commands.rows(done.out, "waiting")]
    return {row["patient_id"]: int(row["priority_class"]) for row in told}


def test_every_score_and_class_is_that_of_the_published_table(matched: Finished) -> None:
    scores = {
        row["patient_id"]: int(row["score"]) for row in commands.rows(matched.out, "proposals")
    }
    for row in commands.rows(matched.inputs, "patients"):
        score = _score(row)
        assert scores.get(row["patient_id"], score) == score
        rank = 1 + sum(score < lowest for lowest in (400, 160, 60, 40, 20))
        assert _classes(matched)[row["patient_id"]] == rank


def _score(row: second_solver.Row) -> int:
    points = sum(worth for name, worth in FACTORS.items() if row[name] == "yes")
    if row["birth_year"]:
        age = DAY.year - int(row["birth_year"])
        points += 20 if age <= 2 or age >= 80 else 10 if age >= 70 else 0
    if row["unattached_since"]:
        year, month, day = map(int, row["unattached_since"].split("-"))
        months = (DAY.year - year) * 12 + DAY.month - month - (day > DAY.day)
        points += sum(1 if at < 12 else 3 if at < 24 else 10 for at in range(months))
    return points


def test_pub_01_the_same_files_twice_give_the_same_bytes(matched: Finished, tmp_path: Path) -> None:
    commands.match(matched.inputs, tmp_path / "out")

    assert commands.written(tmp_path / "out") == commands.written(matched.out)


@pytest.mark.parametrize("name", ["patients", "doctors"])
def test_the_order_of_the_rows_changes_nothing(
    matched: Finished, tmp_path: Path, name: str
) -> None:
    inputs = commands.a_copy(matched.inputs, tmp_path / "in", name, commands.shuffled)
    commands.match(inputs, tmp_path / "out")

    assert commands.written(tmp_path / "out") == commands.written(matched.out)


def test_another_seed_draws_otherwise_and_keeps_every_level(tmp_path: Path) -> None:
    twins = [f"T{at},48.69,6.18" for at in range(40)]
    commands.a_file(tmp_path, "patients", ["patient_id,latitude,longitude", *twins])
    commands.a_file(
        tmp_path, "doctors", ["rpps,latitude,longitude,places", "10001234565,48.69,6.18,10"]
    )

    for seed in (1, 2):
        assert commands.match(tmp_path, tmp_path / f"{seed}", "--seed", seed).exit_code == 0

    one, other = (commands.summary(tmp_path / seed) for seed in "12")
    assert {name: one[name] for name in LEVELS} == {name: other[name] for name in LEVELS}
    served = [
        {row["patient_id"] for row in commands.rows(tmp_path / seed, "proposals")} for seed in "12"
    ]
    assert served[0] != served[1]
    assert all("drawn" in row["reasons"] for row in commands.rows(tmp_path / "1", "proposals"))


def test_mat_02_of_two_patients_alike_the_longer_waiting_one_is_proposed(tmp_path: Path) -> None:
    lines = ["B,48.69,6.18,2025-09-21", "A,48.69,6.18,2026-10-21"]
    commands.a_file(
        tmp_path, "patients", ["patient_id,latitude,longitude,unattached_since", *lines]
    )
    commands.a_file(
        tmp_path, "doctors", ["rpps,latitude,longitude,places", "10001234565,48.69,6.18,1"]
    )

    commands.match(tmp_path, tmp_path / "out")

    assert [row["patient_id"] for row in commands.rows(tmp_path / "out", "proposals")] == ["B"]
    (waiting,) = commands.rows(tmp_path / "out", "waiting")
    assert (waiting["patient_id"], waiting["reason"]) == ("A", "places_taken_by_longer_waiting")


def test_mat_06_an_unknown_answer_earns_nothing_and_asks_for_a_call_back(tmp_path: Path) -> None:
    columns = "patient_id,birth_year,latitude,longitude,ald,pregnant,handicap,ehpad,precarious"
    columns += ",needs_wheelchair,needs_home_visit,unattached_since"
    answers = [
        f"{name},1948,48.69,6.18,{ald},no,no,no,no,no,no,2026-11-21"
        for name, ald in (("A", ""), ("B", "no"))
    ]
    commands.a_file(tmp_path, "patients", [columns, *answers])
    commands.a_file(
        tmp_path, "doctors", ["rpps,latitude,longitude,places", "10001234565,48.69,6.18,2"]
    )

    commands.match(tmp_path, tmp_path / "out")

    unknown, no = commands.rows(tmp_path / "out", "proposals")
    assert (unknown["score"], no["score"]) == ("10", "10")
    assert unknown["reasons"].endswith("call_back:ald")
    assert "call_back" not in no["reasons"]


def test_the_day_of_the_round_decides_ages_and_waiting(tmp_path: Path) -> None:
    commands.a_file(
        tmp_path,
        "patients",
        [
            "patient_id,birth_year,latitude,longitude,unattached_since",
            "P,2011,48.69,6.18,2024-01-31",
        ],
    )
    commands.a_file(
        tmp_path,
        "doctors",
        ["rpps,latitude,longitude,places,min_age", "10001234565,48.69,6.18,1,16"],
    )

    for day in ("2026-12-31", "2027-01-30", "2027-01-31"):
        assert commands.match(tmp_path, tmp_path / day, "--date", day).exit_code == 0

    (child,) = commands.rows(tmp_path / "2026-12-31", "waiting")
    assert child["reason"] == "age_not_accepted"
    scores = [
        commands.rows(tmp_path / day, "proposals")[0]["score"]
        for day in ("2027-01-30", "2027-01-31")
    ]
    # 35 full months, then 36: 12 of 1 point, 12 of 3, and 10 for each one more.
    assert scores == ["158", "168"]


def test_the_radius_includes_its_edge(tmp_path: Path) -> None:
    commands.a_file(tmp_path, "patients", ["patient_id,latitude,longitude", "P,48.69,6.18"])
    commands.a_file(
        tmp_path, "doctors", ["rpps,latitude,longitude,places", "10001234565,48.70,6.18,1"]
    )
    way = second_solver.kilometres((48.69, 6.18), (48.70, 6.18))

    commands.match(tmp_path, tmp_path / "inside", "--radius-km", way + 1e-9)
    commands.match(tmp_path, tmp_path / "outside", "--radius-km", way - 1e-9)

    assert len(commands.rows(tmp_path / "inside", "proposals")) == 1
    (waiting,) = commands.rows(tmp_path / "outside", "waiting")
    assert waiting["reason"] == "no_doctor_within_reach"


def test_speed_and_detour_change_the_seconds_as_the_formula_says(tmp_path: Path) -> None:
    commands.a_file(tmp_path, "patients", ["patient_id,latitude,longitude", "P,48.69,6.18"])
    commands.a_file(
        tmp_path, "doctors", ["rpps,latitude,longitude,places", "10001234565,48.75,6.10,1"]
    )
    way = second_solver.kilometres((48.69, 6.18), (48.75, 6.10))

    commands.match(tmp_path, tmp_path / "out", "--speed-kmh", 50, "--detour", 1.5)

    (proposed,) = commands.rows(tmp_path / "out", "proposals")
    assert int(proposed["travel_seconds"]) == round(way * 1.5 / 50 * 3600)
    assert commands.summary(tmp_path / "out")["terms"] == {
        "radius_km": 15.0,
        "speed_kmh": 50.0,
        "detour": 1.5,
    }


def test_the_installed_command_does_the_same(matched: Finished, tmp_path: Path) -> None:
    words = ["match", "--patients", matched.inputs / "patients.csv", "--doctors"]
    words += [matched.inputs / "doctors.csv", "--out", tmp_path / "out", "--date", DAY.isoformat()]

    done = subprocess.run(  # noqa: S603 - nothing here comes from outside
        [Path(sys.executable).with_name("releve"), *words], capture_output=True, check=True
    )

    assert "optimal, prouvé" in done.stdout.decode()
    assert commands.written(tmp_path / "out") == commands.written(matched.out)


def test_nobody_at_all_is_a_round_too(tmp_path: Path) -> None:
    commands.a_file(tmp_path, "patients", ["patient_id,latitude,longitude"])
    commands.a_file(tmp_path, "doctors", ["rpps,latitude,longitude,places"])

    done = commands.match(tmp_path, tmp_path / "out")

    assert done.exit_code == 0
    assert "aucune ligne sous les en-têtes" in done.stderr
    assert commands.summary(tmp_path / "out")["status"] == "optimal"


def test_the_published_score_of_the_tests_is_the_one_that_is_applied() -> None:
    rule = matching.score_rule(DAY, "france")

    assert (rule.factors, rule.classes) == (FACTORS, (400, 160, 60, 40, 20))
