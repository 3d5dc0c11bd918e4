"""Options and settings that make no sense: status 2 and a French sentence, never a trace."""

from pathlib import Path

import pytest
from click.testing import Result

from api.commands import options
from tests.api import commands


@pytest.fixture(autouse=True)
def _no_settings_of_this_machine(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in ("DATABASE_URL", "DEMO", "DESK_TOKEN", "HOST", "SECRET_KEYS", "PORT", "TIMEZONE"):
        monkeypatch.delenv(f"RELEVE_{name}", raising=False)
    monkeypatch.chdir(tmp_path)


def _leaves(done: Result, sentence: str) -> None:
    assert done.exit_code == 2
    assert isinstance(done.exception, SystemExit)
    assert sentence in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize(
    ("option", "value", "sentence"),
    [
        ("--radius-km", "0", "--radius-km : 0.0 est hors limites ; attendu de 0.1 à 20000."),
        ("--radius-km", "-3", "--radius-km : -3.0 est hors limites"),
        ("--radius-km", "nan", "--radius-km : nan est hors limites"),
        ("--radius-km", "inf", "--radius-km : inf est hors limites"),
        ("--speed-kmh", "0.5", "--speed-kmh : 0.5 est hors limites ; attendu de 1 à 1000."),
        ("--detour", "0.9", "--detour : 0.9 est hors limites ; attendu de 1 à 10."),
        ("--seed", "-1", "--seed : -1 est hors limites"),
        ("--seed", "2147483648", "--seed : 2147483648 est hors limites"),
        ("--date", "21/11/2026", "--date : « 21/11/2026 » n'est pas une date ; attendu AAAA-MM-JJ"),
        ("--date", "2026-02-30", "--date : « 2026-02-30 » n'existe pas au calendrier"),
        ("--date", "0001-01-01", "--date : « 0001-01-01 » est hors limites"),
    ],
)
def test_an_option_of_match_out_of_its_limits_is_refused(
    territory: Path, tmp_path: Path, option: str, value: str, sentence: str
) -> None:
    _leaves(commands.match(territory, tmp_path / "out", option, value), sentence)
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    ("option", "value", "sentence"),
    [
        ("--rest-days", "-1", "--rest-days : -1 est hors limites ; attendu de 0 à 366."),
        ("--rest-days", "367", "--rest-days : 367 est hors limites"),
        ("--seed", "2147483648", "--seed : 2147483648 est hors limites"),
        ("--timezone", "Mars/Phobos", "« Mars/Phobos » est un fuseau inconnu"),
        ("--timezone", "Europe", "« Europe » est un fuseau inconnu"),
        ("--timezone", "../etc/passwd", "« ../etc/passwd » est un fuseau inconnu"),
        ("--timezone", "", "«  » est un fuseau inconnu"),
    ],
)
def test_an_option_of_roster_out_of_its_limits_is_refused(
    territory: Path, tmp_path: Path, option: str, value: str, sentence: str
) -> None:
    _leaves(commands.roster(territory, tmp_path / "out", option, value), sentence)
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    ("option", "value"),
    [("--radius-km", "0.1"), ("--speed-kmh", "1000"), ("--detour", "1"), ("--seed", "2147483647")],
)
def test_the_limits_themselves_are_accepted(
    territory: Path, tmp_path: Path, option: str, value: str
) -> None:
    assert commands.match(territory, tmp_path / "out", option, value).exit_code == 0


@pytest.mark.parametrize("command", [commands.match, commands.roster])
@pytest.mark.parametrize("inside", ["", "deeper"])
def test_results_cannot_go_where_a_file_stands(
    territory: Path, tmp_path: Path, command: object, inside: str
) -> None:
    (tmp_path / "out").write_text("mine", encoding="utf-8")

    _leaves(command(territory, tmp_path / "out" / inside), "est un fichier, pas un dossier")
    assert (tmp_path / "out").read_text(encoding="utf-8") == "mine"


def test_a_day_before_the_first_published_score_is_refused_by_name(tmp_path: Path) -> None:
    commands.a_file(tmp_path, "patients", ["patient_id,latitude,longitude", "P,48.69,6.18"])
    commands.a_file(
        tmp_path, "doctors", ["rpps,latitude,longitude,places", "10001234565,48.69,6.18,1"]
    )

    done = commands.match(tmp_path, tmp_path / "out", "--date", "1999-12-31")

    _leaves(done, "Aucune valeur de « priority_score » n'est en vigueur au 1999-12-31.")


def test_without_a_day_the_round_is_today(tmp_path: Path) -> None:
    # Born in a year that has not come on any day of the tests: refused, naming the year of today.
    commands.a_file(tmp_path, "patients", ["patient_id,birth_year,code_insee", "P,2100,54395"])
    commands.a_file(tmp_path, "doctors", ["rpps,code_insee,places", "10001234565,54395,1"])
    files = ("--patients", tmp_path / "patients.csv", "--doctors", tmp_path / "doctors.csv")

    done = commands.run("match", *files, "--out", tmp_path / "out")

    _leaves(done, "« 2100 » est hors limites ; attendu une année de 1890 à")


def test_a_demo_that_was_not_made_cannot_be_served(tmp_path: Path) -> None:
    done = commands.run("serve", "--demo", tmp_path / "nowhere")

    _leaves(done, f"Il n'y a pas de démonstration dans {tmp_path / 'nowhere'}")
    assert "make demo" in done.stderr
    assert not (tmp_path / "nowhere").exists()


@pytest.mark.parametrize("command", ["serve", "jobs", "migrate", "check-store"])
def test_outside_the_demo_nothing_starts_without_a_token(command: str) -> None:
    _leaves(commands.run(command), "RELEVE_DESK_TOKEN est obligatoire hors démonstration")


@pytest.mark.parametrize(
    ("name", "value"),
    [("PORT", "99999"), ("PORT", "huit mille"), ("DEMO", "peut-être")],
)
def test_a_refused_setting_is_named_and_its_value_is_not_repeated(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str
) -> None:
    monkeypatch.setenv(f"RELEVE_{name}", value)

    done = commands.run("serve")

    _leaves(done, f"RELEVE_{name} : valeur refusée.")
    assert value not in done.stderr


def test_a_database_out_of_reach_is_told_in_one_sentence(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("RELEVE_DEMO", "true")
    monkeypatch.setenv("RELEVE_DATABASE_URL", f"sqlite:///{tmp_path}/nowhere/releve.sqlite3")

    _leaves(commands.run("migrate"), "La base de données ne répond pas : unable to open")


def test_what_is_no_address_of_a_database_is_told_and_not_repeated(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("RELEVE_DEMO", "true")
    monkeypatch.setenv("RELEVE_DATABASE_URL", "bogus")

    done = commands.run("migrate")

    _leaves(done, "RELEVE_DATABASE_URL n'est pas une adresse de base de données")
    assert "bogus" not in done.stderr


def test_migrate_brings_a_new_store_up_to_date(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("RELEVE_DEMO", "true")
    monkeypatch.setenv("RELEVE_DATABASE_URL", f"sqlite:///{tmp_path}/releve.sqlite3")

    for _ in range(2):
        done = commands.run("migrate")
        assert (done.exit_code, done.stdout) == (0, "La base de données est à jour.\n")
    assert (tmp_path / "releve.sqlite3").is_file()


def test_every_limit_belongs_to_an_option_of_a_command() -> None:
    lowest_above_highest = [name for name, (low, high) in options.LIMITS.items() if low >= high]

    assert lowest_above_highest == []
    assert options.LIMITS.keys() == {
        "seed", "radius_km", "speed_kmh", "detour", "rest_days", "keep_percent", "workers",
        "places_each", "min_gap_hours", "indemnity_ceiling",
    }  # fmt: skip
