import io

import pytest
from rich.console import Console, RenderableType

from api import terminal

LEVELS = {"usual_doctor": 3, "travel_bands": 4, "imbalance": 5, "travel_seconds": 600}
MATCHING = {
    "status": "optimal",
    "matched": {"1": 7, "2": 8},
    "eligible": {"1": 7, "2": 9},
    **LEVELS,
    "bound": {"matched": {"1": 7, "2": 8}, **LEVELS},
    "seconds": {"prepare": 0.25, "flow": 1.5},
}
ROSTER = {
    "status": "optimal",
    "filled": {"1": 10, "2": 5, "3": 1},
    "fairness": 4000,
    "wishes": -2,
    "bound": {"filled_1": 10, "filled_2": 5, "filled_3": 1, "fairness": 4000, "wishes": -2},
    "seconds": {"filled_1": 0.5, "explain": 0.5},
}


def _shown(account: RenderableType) -> str:
    screen = io.StringIO()
    Console(file=screen, width=100).print(account)
    return screen.getvalue()


def test_the_account_of_a_matching_has_a_line_for_each_level_with_its_bound() -> None:
    lines = _shown(terminal.of_matching(MATCHING)).splitlines()

    def line(label: str) -> list[str]:
        (found,) = (it for it in lines if label in it)
        return found.split()

    assert lines[0].startswith("Médecins traitants : optimal, prouvé")
    assert line("priorité 2")[-8:] == ["possibles", "│", "8", "/", "9", "│", "8", "│"]
    assert line("secondes de trajet")[-4:] == ["600", "│", "600", "│"]
    assert "1.75 s (préparation 0.25, flot 1.50)" in lines[-2]


def test_an_answer_that_is_not_proven_says_so() -> None:
    told = _shown(terminal.of_matching(MATCHING | {"status": "feasible"}))

    assert "réalisable, écart à la borne ci-dessous" in " ".join(told.split())


@pytest.mark.parametrize(("more", "shown"), [({}, False), ({"changes": 2}, True)])
def test_changes_are_told_only_where_a_roster_was_published(
    more: dict[str, int], shown: bool
) -> None:
    bound = {"bound": ROSTER["bound"] | more}

    told = _shown(terminal.of_roster(ROSTER | more | bound))

    assert ("changements" in told) is shown
    assert "sièges pourvus, difficulté 3" in told
    assert "équité" in told


def test_every_phase_of_a_run_is_told_in_french(matched: object, filled: object) -> None:
    for done in (matched, filled):
        told = done.said.stdout
        assert "préparation" in told
        assert "raisons" in told
        assert not {"prepare", "explain", "filled", "wishes"} & set(told.split())


def test_bars_appear_at_the_first_word_of_each_line_of_work() -> None:
    screen = io.StringIO()
    with terminal.progress_bars(Console(file=screen, width=100)) as tell:
        tell("Appariement", "flow", 0.2)
        tell("Tableau de garde", "fairness", 0.5)
        tell("Appariement", "a phase without a name", 1.0)

    shown = screen.getvalue()
    assert "équité" in shown
    assert "a phase without a name" in shown


def test_files_are_listed_under_their_folder() -> None:
    told = _shown(terminal.of_files("out/demo", ["carte.html", "ics/"]))

    assert told == "Écrit sous out/demo :\n  carte.html\n  ics/\n"
