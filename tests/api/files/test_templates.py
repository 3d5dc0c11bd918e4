import tomllib
from datetime import date, time
from pathlib import Path

import pytest

from api.files import errors, templates
from scheduler.templates import HOLIDAY, Circumstance, Span
from tests.house import sources

GUIDE = sources.text_of(sources.ROOT / "docs" / "guide" / "calendrier.md")
MODEL = GUIDE.split("```toml\n", 1)[1].split("```", 1)[0]


def a_file(folder: Path, text: str | bytes) -> Path:
    path = folder / "modele.toml"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path


def refusal(folder: Path, text: str | bytes) -> str:
    with pytest.raises(errors.FileRefused) as refused:
        templates.read(a_file(folder, text))
    return str(refused.value)


def test_the_template_of_the_guide_is_read_as_it_stands(tmp_path: Path) -> None:
    read = templates.read(a_file(tmp_path, MODEL))
    evening, saturday = read.lines
    (fair,) = read.specials

    assert (evening.line_id, evening.days) == ("metz-soir", frozenset(range(5)))
    assert (saturday.start, saturday.end) == (time(9), time(13))
    assert [it.name for it in read.weights] == [
        "samedi de vacances",
        "pont",
        "veille de férié",
        "vendredi",
    ]
    assert read.weights[0].when == {Circumstance.SCHOOL_HOLIDAYS}
    assert fair.doctors_needed == {"metz-soir": 2}
    assert [(it.line_id, it.days, it.end) for it in fair.lines] == [
        ("metz-foire", frozenset({6, HOLIDAY}), time(0))
    ]
    assert read.closures[0].span == Span(date(2027, 5, 24), date(2027, 5, 30))
    assert read.school_zone == "B"


def test_every_key_of_a_template_stands_in_the_guide() -> None:
    keys = {key for block in templates.KEYS.values() for key in block}

    assert {it for it in {*keys, *templates.KEYS, "school_zone"} if f"`{it}`" not in GUIDE} == set()
    assert {it for it in (*templates.DAYS, *templates.WHEN) if it not in GUIDE} == set()


@pytest.mark.parametrize(
    ("old", "new", "sentence"),
    [
        ('"lundi"', '"lundy"', "colonne « days » : « ['lundy', "),
        ('"lundi"', '"lundy"', "lundy est inconnu ; attendu lundi, mardi"),
        ('"18:00"', '"18h"', '« 18h » n\'est pas une heure ; attendu par exemple "18:00"'),
        ("points = 2", "points = -2", "ligne 4, colonne « points » : « -2 » est hors limites"),
        ("points = 2", "points = true", "« True » est hors limites ; attendu un nombre entier"),
        ("points = 2", "", "colonne « points » : valeur obligatoire absente"),
        ("points = 2", 'point = "2"', "colonne « point » : clé inconnue ; attendu line_id, "),
        ("hardness = 3", "hardness = 4", "attendu un nombre entier de 1 à 3"),
        ('"metz-samedi"', '"metz-soir"', "« metz-soir » est donné deux fois"),
        ('{ "metz-soir" = 2 }', '{ "nancy" = 2 }', "« nancy » n'est pas dans ce fichier"),
        ('{ "metz-soir" = 2 }', "2", "n'est pas un tableau"),
        ('special = "Foire de mai"', 'special = "Fête"', "« Fête » n'est pas dans ce fichier"),
        ("2027-05-30", "2027-05-20", "« 2027-05-20 » vient avant first_day, 2027-05-24"),
        ("2027-05-30", '"30 mai"', "« 30 mai » n'est pas une date ; attendu AAAA-MM-JJ"),
        ('["pont"]', '["grève"]', "grève est inconnu ; attendu veille de férié, pont"),
        ('["pont"]', "3", 'n\'est pas une liste ; attendu par exemple ["veille de férié"]'),
        ('zone = "B"', 'zone = "D"', "« D » est inconnue ; attendu A, B ou C"),
        ('school_zone = "B"', 'school_zone = "C"', "demande les dates de la zone"),
        ("[[closure]]", "[[fermeture]]", "bloc inconnu ; attendu [[line]], [[weight]]"),
        ('"metz-soir"', "metz-soir", "n'est pas du TOML"),
        ('site_id = "METZ-A"', 'site_id = ""', "n'est pas un texte"),
    ],
)
def test_a_fault_is_told_with_its_line_what_stands_there_and_what_was_expected(
    tmp_path: Path, old: str, new: str, sentence: str
) -> None:
    assert old in MODEL
    assert sentence in refusal(tmp_path, MODEL.replace(old, new, 1))


def test_all_faults_are_told_at_once(tmp_path: Path) -> None:
    text = MODEL.replace('"lundi"', '"lundy"', 1).replace("2027-05-30", "2027-05-20", 1)

    assert len(refusal(tmp_path, text).splitlines()) == 2


def test_words_may_lose_their_accents_and_a_time_or_a_day_its_quotes(tmp_path: Path) -> None:
    text = MODEL.replace('"férié"', '"FERIE"').replace('"18:00"', "18:00:00")

    assert templates.read(a_file(tmp_path, text)) == templates.read(a_file(tmp_path, MODEL))


def test_what_is_no_text_and_what_is_not_there_are_refused(tmp_path: Path) -> None:
    assert "n'est pas un texte en UTF-8" in refusal(tmp_path, b"\xff\xfe")
    with pytest.raises(errors.FileRefused, match="fichier introuvable"):
        templates.read(tmp_path / "nowhere.toml")
    with pytest.raises(errors.FileRefused, match="fichier illisible"):
        templates.read(tmp_path)


def test_the_template_of_the_guide_is_plain_toml() -> None:
    assert set(tomllib.loads(MODEL)) == {*templates.KEYS, "school_zone"}
