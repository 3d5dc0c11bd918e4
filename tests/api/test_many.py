"""`releve match-many`: each territory as `releve match` does it, whoever the workers are."""

import io
import json
import os
import signal
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import polars as pl
import pytest
from click.testing import Result
from distributed import LocalCluster
from rich.console import Console

from api import cluster, many, terminal
from api.commands import matching as commands_of_matching
from api.services import matching
from tests.api import commands
from tests.house import sources

NAMES = ("bourg", "plaine", "ville")
COLUMNS = ["territory", "status", "patients", "matched", "places", "travel_seconds"]
PATIENTS = ["patient_id,latitude,longitude,ald", *(f"P{at},48.69,6.18,yes" for at in range(4))]
DOCTORS = ["rpps,latitude,longitude,places", "10001234565,48.7,6.2,3"]


def _match_many(folder: Path, out: Path, *options: object) -> Result:
    return commands.run("match-many", folder, "--out", out, "--date", commands.DAY, *options)


def _small(folder: Path, *names: str) -> Path:
    """Territories of four patients, one doctor and three places."""
    for name in names:
        commands.a_file(folder / name, "patients", PATIENTS)
        commands.a_file(folder / name, "doctors", DOCTORS)
    return folder


def _timeless(out: Path) -> dict[str, bytes]:
    """What was written, without the seconds that it took."""
    rows = commands.rows(out, "territories")
    told = json.dumps([{**row, "seconds": None} for row in rows]).encode()
    return {**commands.written(out), many.SUMMARY_FILE: told}


@pytest.fixture(scope="module")
def folder(territory: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Three territories, one of which has a bad row."""
    folder = tmp_path_factory.mktemp("many") / "territories"
    commands.a_copy(territory, folder / "ville")
    commands.a_copy(territory, folder / "bourg", "doctors", commands.a_cell("places", "40"))
    commands.a_copy(territory, folder / "plaine", "patients", commands.a_cell("ald", "peut-être"))
    return folder


@pytest.fixture(scope="module")
def alone(folder: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Result]:
    """The results of a single worker process."""
    out = tmp_path_factory.mktemp("alone") / "out"
    return out, _match_many(folder, out, "--workers", 1)


def test_a_territory_gets_what_it_would_get_alone(
    folder: Path, alone: tuple[Path, Result], tmp_path: Path
) -> None:
    for name in NAMES:
        commands.match(folder / name, tmp_path / name)

        assert commands.written(alone[0] / name) == commands.written(tmp_path / name)


def test_a_refused_territory_stops_no_other_and_is_told(alone: tuple[Path, Result]) -> None:
    out, done = alone

    assert done.exit_code == 2
    assert [path.name for path in (out / "plaine").iterdir()] == ["rejects.csv"]
    bourg, plaine, ville = commands.rows(out, "territories")
    assert (plaine["status"], plaine["patients"], plaine["matched"]) == ("refused", "", "")
    assert plaine["error"].startswith("patients.csv, ligne 2, colonne « ald » : n'est ni « yes »")
    assert bourg["status"] == ville["status"] == "optimal"
    assert "plaine : patients.csv, ligne 2" in done.stdout
    assert "3 / 3" in done.stderr


def test_prv_neither_the_table_nor_the_screen_repeats_a_refused_value(
    alone: tuple[Path, Result],
) -> None:
    out, done = alone

    assert "peut-être" not in (out / "territories.csv").read_text(encoding="utf-8")
    assert "peut-être" not in done.stdout + done.stderr


def test_the_table_holds_the_figures_of_each_territory_in_the_order_of_names(
    alone: tuple[Path, Result],
) -> None:
    out, _ = alone
    table = commands.rows(out, "territories")

    assert commands.header(out, "territories").split(",") == [*COLUMNS, "seconds", "error"]
    assert tuple(row["territory"] for row in table) == NAMES
    for row in (table[0], table[2]):
        told = commands.summary(out / row["territory"])
        places = sum(int(it["places"]) for it in commands.rows(out / row["territory"], "doctors"))
        figures = [told["patients"], sum(told["matched"].values()), places, told["travel_seconds"]]
        assert [row[name] for name in COLUMNS[2:]] == [str(figure) for figure in figures]
        assert float(row["seconds"]) > 0


def test_the_number_of_workers_changes_nothing_but_the_seconds(
    folder: Path, alone: tuple[Path, Result], tmp_path: Path
) -> None:
    assert _match_many(folder, tmp_path / "out", "--workers", 2).exit_code == 2

    assert _timeless(tmp_path / "out") == _timeless(alone[0])


def test_a_dask_cluster_of_two_processes_gives_the_same_files(
    folder: Path, alone: tuple[Path, Result], tmp_path: Path
) -> None:
    with cluster._local(2) as dask:
        done = _match_many(folder, tmp_path / "out", "--cluster", dask.scheduler_address)
        workers = len(dask.scheduler_info["workers"])

    assert (done.exit_code, workers) == (2, 2)
    assert _timeless(tmp_path / "out") == _timeless(alone[0])


def test_a_dask_cluster_can_be_started_here_for_the_occasion(tmp_path: Path) -> None:
    folder = _small(tmp_path / "in", "a", "b")

    done = _match_many(folder, tmp_path / "out", "--cluster", "local", "--workers", 2)

    assert done.exit_code == 0
    assert [row["matched"] for row in commands.rows(tmp_path / "out", "territories")] == ["3", "3"]


@pytest.mark.parametrize("address", ["tcp://127.0.0.1:1", "bogus", "x://127.0.0.1:8786"])
def test_a_scheduler_that_does_not_answer_is_told_in_a_sentence(
    tmp_path: Path, address: str
) -> None:
    done = _match_many(_small(tmp_path / "in", "a"), tmp_path / "out", "--cluster", address)

    assert done.exit_code == 2
    assert f"aucun ordonnanceur Dask ne répond à l'adresse « {address} »" in done.stderr
    assert not (tmp_path / "out").exists()


def test_a_cluster_without_workers_is_told_in_a_sentence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cluster, "PATIENCE_SECONDS", 1)
    folder = _small(tmp_path / "in", "a")
    with LocalCluster(n_workers=0, dashboard_address="127.0.0.1:0") as dask:
        done = _match_many(folder, tmp_path / "out", "--cluster", dask.scheduler_address)

    assert done.exit_code == 2
    assert "n'a aucun processus de calcul" in done.stderr


def test_without_the_extra_the_option_says_what_to_install(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "distributed", None)

    done = _match_many(_small(tmp_path / "in", "a"), tmp_path / "out", "--cluster", "local")

    assert done.exit_code == 2
    assert "pip install 'releve[cluster]'" in done.stderr


@pytest.mark.parametrize("count", [0, -1, 1001])
def test_a_number_of_workers_out_of_its_limits_is_refused(tmp_path: Path, count: int) -> None:
    done = _match_many(_small(tmp_path / "in", "a"), tmp_path / "out", "--workers", count)

    assert done.exit_code == 2
    assert f"--workers : {count} est hors limites ; attendu de 1 à 1000." in done.stderr


def test_there_are_never_more_processes_than_cores_or_territories() -> None:
    cores = os.cpu_count() or 1

    assert many.processes_here(None, 1000) == cores
    assert many.processes_here(1000, 1000) == cores
    assert many.processes_here(1, 1000) == 1
    assert many.processes_here(None, 1) == 1


def test_a_folder_without_territories_is_refused(tmp_path: Path) -> None:
    _small(tmp_path / "in", ".hidden")

    for folder, reason in (
        (tmp_path / "missing", "n'est pas un dossier lisible"),
        (tmp_path / "in" / ".hidden" / "doctors.csv", "n'est pas un dossier lisible"),
        (tmp_path / "in" / ".hidden", "n'a pas de sous-dossier"),
        (tmp_path / "in", "n'a pas de sous-dossier"),
    ):
        done = _match_many(folder, tmp_path / "out")

        assert (done.exit_code, reason in done.stderr) == (2, True)
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("out", ["in", "in/results", "in/a", "elsewhere"])
def test_results_never_land_among_the_files_given(tmp_path: Path, out: str) -> None:
    folder = _small(tmp_path / "in", "a")
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "elsewhere" / "a").symlink_to(folder / "a")
    before = commands.written(tmp_path)

    done = _match_many(folder, tmp_path / out)

    assert done.exit_code == 2
    assert "parmi les fichiers donnés" in done.stderr
    assert commands.written(tmp_path) == before


def _plan(folder: Path) -> many.Plan:
    return many.Plan(folder, folder.parent / "out", matching.MatchOptions(day=commands.DAY))


def _in_threads(plan: many.Plan) -> list[many.Territory]:
    with ThreadPoolExecutor(2) as threads:
        return many.match(plan, many.territories(plan), threads, lambda _phase, _share: None)


def test_two_files_or_none_for_a_role_refuse_the_territory_alone(tmp_path: Path) -> None:
    folder = _small(tmp_path / "in", "none", "right", "twice")
    (folder / "none" / "patients.csv").unlink()
    (folder / "twice" / "doctors.xlsx").write_bytes(b"")

    none, right, twice = _in_threads(_plan(folder))

    assert (none.status, right.status, twice.status) == ("refused", "optimal", "refused")
    assert none.error == "patients : fichier introuvable ; attendu patients.csv ou patients.xlsx."
    assert twice.error == (
        "doctors : plusieurs fichiers pour un même rôle (doctors.csv, doctors.xlsx) ; "
        "gardez-en un seul."
    )
    assert commands.rows(tmp_path / "out" / "none", "rejects")[0]["file"] == "patients"


def test_workbooks_and_capitals_are_read_too(tmp_path: Path) -> None:
    folder = _small(tmp_path / "in", "a")
    doctors = folder / "a" / "doctors.csv"
    pl.read_csv(doctors).with_columns(pl.col("rpps").cast(pl.String)).write_excel(
        folder / "a" / "Doctors.XLSX"
    )
    doctors.unlink()

    (territory,) = _in_threads(_plan(folder))

    assert (territory.status, territory.matched, territory.places) == ("optimal", 3, 3)


def test_several_rejects_are_counted_and_doubts_are_carried_home(tmp_path: Path) -> None:
    folder = _small(tmp_path / "in", "a", "b")
    commands.a_file(folder / "a", "patients", ["patient_id,latitude,longitude", "P,91,181"])
    commands.a_file(folder / "b", "doctors", [f"{it},x" for it in DOCTORS])

    refused, doubtful = _in_threads(_plan(folder))

    assert refused.error.endswith("Et 1 autre, dans rejects.csv.")
    assert any("colonne inconnue" in doubt.reason for doubt in doubtful.doubts)
    assert all(doubt.file.startswith("b/") for doubt in doubtful.doubts)


def test_a_folder_that_a_worker_does_not_see_is_refused(tmp_path: Path) -> None:
    plan = _plan(_small(tmp_path / "in", "a"))

    refused = many._attempt(plan, "a")  # nobody made the folder of results on this machine

    assert refused.status == "refused"
    assert "doivent être partagés" in refused.error
    assert not plan.out.exists()


def _raised(bug: Exception) -> Exception:
    try:
        raise bug
    except Exception as caught:
        return caught


def test_an_impossible_demand_is_refused_and_a_bug_is_ours_and_repeats_no_data() -> None:
    demand = many._unmatched("a", ValueError("trop loin"))
    bug = many._unmatched("a", _raised(ZeroDivisionError("3 / 0")))

    assert (demand.status, demand.error) == ("refused", "Demande impossible : trop loin")
    assert bug.status == "failed"
    assert bug.error.startswith("Erreur de Relève : ZeroDivisionError (test_many.py, ligne ")
    assert "3 / 0" not in bug.error


def test_a_worker_that_dies_fails_its_territories_with_status_1(tmp_path: Path) -> None:
    plan = _plan(_small(tmp_path / "in", "a"))
    with many.processes(1) as pool:
        pool.submit(time.sleep, 1)
        pool.submit(os._exit, 3)
        (failed,) = many.match(plan, many.territories(plan), pool, lambda _phase, _share: None)

    assert failed.status == "failed"
    assert "Le processus de calcul s'est arrêté (BrokenProcessPool)" in failed.error


# Whoever runs the tests behind a shell may have it ignore Ctrl+C, which a process passes on.
HEEDING = """
import signal
from api.cli import main
signal.signal(signal.SIGINT, signal.default_int_handler)
main()
"""


def test_an_interruption_keeps_what_is_finished_and_cancels_what_is_not_begun(
    tmp_path: Path,
) -> None:
    folder, out = _small(tmp_path / "in", *(f"t{at:03d}" for at in range(200))), tmp_path / "out"
    words = ["match-many", folder, "--out", out, "--date", str(commands.DAY), "--workers", "1"]
    command = subprocess.Popen(  # noqa: S603 - nothing here comes from outside
        [sys.executable, "-c", HEEDING, *words],
        cwd=sources.ROOT,
        stderr=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        start_new_session=True,
        text=True,
    )
    while not list(out.glob("*/summary.json")):
        assert command.poll() is None
        time.sleep(0.01)
    os.killpg(command.pid, signal.SIGINT)
    _, said = command.communicate()

    assert command.returncode == 130
    assert "Traceback" not in said
    statuses = {row["territory"]: row["status"] for row in commands.rows(out, "territories")}
    assert set(statuses.values()) == {"optimal", "cancelled"}
    for name, status in statuses.items():
        left = {path.name for path in (out / name).glob("*")}
        assert bool(left) is (status == "optimal")
        assert left in (set(), {"proposals.csv", "waiting.csv", "doctors.csv", "summary.json"})


@pytest.mark.parametrize(
    ("ends", "status"),
    [
        ({"optimal", "feasible"}, 0),
        ({"optimal", "refused"}, 2),
        ({"refused", "failed"}, 1),
        ({"failed", "cancelled"}, 130),
    ],
)
def test_the_exit_status_is_that_of_the_gravest_end(ends: set[str], status: int) -> None:
    assert commands_of_matching._status(ends) == status


def test_the_account_says_how_each_territory_ended_whatever_its_name() -> None:
    screen = io.StringIO()
    ended = [
        many.Territory("[red]a", "feasible", 9, 4, 5, 1210, 0.5),
        many.Territory("b", "failed", error="[bold]Quoi"),
        many.Territory("c", "cancelled"),
        many.Territory("d", "optimal", 3, 0, 0, 0, 0.1),
    ]

    Console(file=screen, width=100).print(terminal.of_territories(ended))

    lines = screen.getvalue().splitlines()
    (first,) = (line for line in lines if "│ [red]a" in line)
    assert first.split("│")[-3].strip() == "302"
    assert any("│ b" in line and "en échec" in line for line in lines)
    assert any("│ c" in line and "interrompu" in line for line in lines)
    assert "b : [bold]Quoi" in lines
