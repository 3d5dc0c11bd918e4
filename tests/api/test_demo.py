"""The demonstration: `releve demo` from nothing to files, a store, and the site on it."""

import asyncio
import csv
import json
from collections.abc import Iterator
from datetime import UTC, date, datetime
from io import StringIO
from pathlib import Path

import pytest

from api import demo, gate
from api.app import create_app
from api.services import showcase
from api.services.access import Role
from api.settings import Settings
from fixtures import metz, nancy, writing
from tests.api import commands
from tests.api.conftest import Finished
from tests.api.http.conftest import Client

SATURDAY_MORNING = datetime(2026, 11, 21, 8, tzinfo=UTC)
INPUTS = ("patients", "doctors", "sites", "slots", "duty_doctors", "availability")
PROMISED = {
    *(f"input/{name}.csv" for name in INPUTS),
    *(f"match/{name}" for name in ("proposals.csv", "waiting.csv", "doctors.csv", "summary.json")),
    *(f"roster/{name}.csv" for name in ("roster", "holes", "fairness", "ledger")),
    "roster/summary.json",
    "listing-cpam.csv",
    "listing-cpam.xlsx",
    "patients-communes.csv",
    "carte.html",
    "communes.geojson",
    "roster.csv",
    "roster.html",
    demo.DATABASE,
}


@pytest.fixture(scope="module")
def site(demonstration: Finished) -> Iterator[Client]:
    settings = Settings(database_url=demo.database_url(demonstration.out), demo=True)
    app = create_app(settings)
    app.dependency_overrides[gate.now] = lambda: SATURDAY_MORNING
    with asyncio.Runner() as runner:
        yield Client(app, runner)
    app.state.engine.dispose()


def test_ops_01_one_command_without_network_writes_every_file_that_is_promised(
    demonstration: Finished,
) -> None:
    assert demonstration.said.exit_code == 0, demonstration.said.stderr
    found = set(commands.written(demonstration.out))

    assert found >= PROMISED
    duty_doctors = {row["rpps"] for row in commands.rows(demonstration.out, "roster")}
    sites = {row["site_id"] for row in commands.rows(demonstration.inputs, "sites")}
    agendas = {f"ics/medecin-{rpps}.ics" for rpps in duty_doctors}
    agendas |= {f"ics/site-{site_id}.ics" for site_id in sites}
    assert {name for name in found if name.startswith("ics/")} == agendas
    beside = {name for name in found - PROMISED - agendas if not name.startswith("assets/")}
    assert beside == set()


def test_the_account_names_levels_bounds_seconds_and_files(demonstration: Finished) -> None:
    said = demonstration.said.stdout

    assert "Médecins traitants : optimal, prouvé" in said
    assert "Tableau de garde : optimal, prouvé" in said
    assert "foyers" in said
    assert all(name in said for name in ("carte.html", "listing-cpam.xlsx", "roster.html", "ics/"))
    for line in ("Territoire inventé", "Appariement", "Tableau de garde", "Publication"):
        assert line in demonstration.said.stderr


def test_the_demo_is_as_large_as_promised_and_proven(demonstration: Finished) -> None:
    matched = commands.summary(demonstration.out / "match")
    filled = commands.summary(demonstration.out / "roster")

    assert (matched["patients"], matched["doctors"], filled["doctors"]) == (13_000, 250, 60)
    assert (matched["status"], filled["status"]) == ("optimal", "optimal")
    assert 0.6 < sum(matched["matched"].values()) / 13_000 < 0.75


def test_pub_01_made_twice_the_demo_has_the_same_bytes(
    demonstration: Finished, tmp_path: Path
) -> None:
    again = commands.run("demo", "--out", tmp_path / "again", "--date", commands.DAY)

    assert again.exit_code == 0
    one, other = (commands.written(out) for out in (demonstration.out, tmp_path / "again"))
    # The store alone keeps the instant of the run.
    assert one.pop(demo.DATABASE)
    assert other.pop(demo.DATABASE)
    assert one == other


def test_another_seed_is_another_demo(demonstration: Finished, tmp_path: Path) -> None:
    around_nancy = nancy.generate(2, commands.DAY)
    writing.write(tmp_path, around_nancy, metz.generate(2, commands.DAY))

    one, other = (commands.written(folder) for folder in (demonstration.inputs, tmp_path))
    assert one.keys() == other.keys()
    same = {name for name in one if one[name] == other[name]}
    # The sites and the calendar of duties belong to Metz, not to the draw.
    assert same == {"sites.csv", "slots.csv"}


def test_the_listing_names_only_doctors_who_accept_and_when_they_said_so(
    demonstration: Finished,
) -> None:
    listed = commands.rows(demonstration.out, "listing-cpam")
    accepting = {
        row["rpps"]
        for row in commands.rows(demonstration.inputs, "doctors")
        if int(row["places"]) > 0 and row["status"] == "installed"
    }

    assert {row["rpps"] for row in listed} == accepting
    assert all(row["commune_name"] for row in listed)
    confirmed = [row["confirmed_on"] for row in listed if row["confirmed_on"]]
    assert confirmed
    assert max(map(date.fromisoformat, confirmed)) <= commands.DAY


def test_pub_02_no_published_count_of_people_is_small(demonstration: Finished) -> None:
    for row in commands.rows(demonstration.out, "patients-communes"):
        counts = [int(row[name]) for name in ("patients", "proposed", "waiting") if row[name]]
        assert [count for count in counts if 0 < count < 11] == []
    shown = json.loads((demonstration.out / "communes.geojson").read_text(encoding="utf-8"))
    assert len(shown["features"]) == 20


def test_pub_02_what_is_published_names_no_patient(demonstration: Finished) -> None:
    patients = [row["patient_id"] for row in commands.rows(demonstration.inputs, "patients")]
    private = ("input/", "match/")
    for name, content in commands.written(demonstration.out).items():
        if not name.startswith((*private, "assets/")):
            assert patients[0].encode() not in content, name
            assert patients[-1].encode() not in content, name


def test_the_map_asks_nothing_from_elsewhere(demonstration: Finished) -> None:
    for page in ("carte.html", "roster.html"):
        text = (demonstration.out / page).read_text(encoding="utf-8")
        assert 'src="http' not in text
        assert '<link rel="stylesheet" href="http' not in text
    assert "<table" in (demonstration.out / "carte.html").read_text(encoding="utf-8")


def test_the_roster_file_is_the_one_of_the_run(demonstration: Finished) -> None:
    published = (demonstration.out / "roster.csv").read_bytes()

    assert published == (demonstration.out / "roster" / "roster.csv").read_bytes()
    assert len(list(csv.DictReader(StringIO(published.decode())))) == sum(
        commands.summary(demonstration.out / "roster")["filled"].values()
    )


@pytest.mark.parametrize("page", ["/", "/carte", "/gardes", "/medecins", "/health/ready"])
def test_the_store_of_the_demo_serves_the_pages(site: Client, page: str) -> None:
    assert site.get(page).status_code == 200


def test_centre_15_finds_who_is_on_duty_in_metz(site: Client, demonstration: Finished) -> None:
    said = site.get("/api/v1/availability", params={"code_insee": "57463"}).json()
    slots = {row["rpps"]: row["slot_id"] for row in commands.rows(demonstration.out, "roster")}

    assert said["why_none"] is None
    assert {doctor["rpps"] for doctor in said["doctors"]} <= set(slots)
    assert any(doctor["on_duty"] for doctor in said["doctors"])
    distances = [doctor["distance_km"] for doctor in said["doctors"]]
    assert distances == sorted(distances)


def test_a_demo_in_the_place_of_a_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "demo").write_text("mine", encoding="utf-8")

    done = commands.run("demo", "--out", tmp_path / "demo", "--date", commands.DAY)

    assert done.exit_code == 2
    assert "est un fichier, pas un dossier" in done.stderr
    assert (tmp_path / "demo").read_text(encoding="utf-8") == "mine"


def test_there_is_an_account_for_each_role_who_sees_what_the_role_sees(site: Client) -> None:
    def seen(role: Role) -> tuple[int, ...]:
        said = {"identifiant": showcase.LOGINS[role], "mot_de_passe": showcase.PASSWORD}
        entered = site.request("POST", "/connexion", data=said)
        cookie = {"cookie": entered.headers["set-cookie"].partition(";")[0]}
        pages = ("/compte", "/regulation", "/journal")
        return tuple(site.get(path, headers=cookie).status_code for path in pages)

    assert {role: seen(role) for role in Role} == {
        role: (
            200,
            200 if role in {Role.DESK, Role.COORDINATOR} else 403,
            200 if role is Role.DPO else 403,
        )
        for role in Role
    }
