import re
import subprocess
import tomllib
from pathlib import Path
from urllib.parse import unquote

import pytest
import typer

from api import cli, jobs
from api.files import formats
from api.settings import Settings
from matcher.explanation.explain import Reason
from scheduler.explanation import holes
from tests.house import sources

README = sources.text_of(sources.ROOT / "README.md")
FORMATS_GUIDE = sources.text_of(sources.ROOT / "docs/guide/formats-de-fichiers.md")
RESULTS_GUIDE = sources.text_of(sources.ROOT / "docs/guide/lire-les-resultats.md")
OPERATIONS = sources.text_of(sources.ROOT / "docs/operations.md")
PAGES = [path for path in sources.written_by_us() if path.suffix == ".md"]
SENT_BY_PEOPLE = (
    formats.PATIENTS,
    formats.DOCTORS,
    formats.SLOTS,
    formats.DUTY_DOCTORS,
    formats.AVAILABILITY,
    formats.PUBLISHED,
    formats.LEDGER,
    formats.TRAVEL,
)


@pytest.mark.parametrize("page", [README, FORMATS_GUIDE])
def test_every_column_of_a_file_is_explained(page: str) -> None:
    columns = {column.name for form in SENT_BY_PEOPLE for column in form.columns}

    assert {name for name in columns if f"`{name}`" not in page} == set()


def test_every_reason_of_a_result_is_explained() -> None:
    reasons = {reason.value for reason in Reason}
    reasons |= {*holes.STOPPING, holes.ON_THIS_SLOT}
    reasons |= set(holes.Reason.__args__)

    assert {reason for reason in reasons if f"`{reason}`" not in RESULTS_GUIDE} == set()


def test_every_message_of_the_guide_is_one_that_a_file_can_get() -> None:
    code = "".join(map(sources.text_of, sources.python_files("api/files", "api/services")))
    sections = ("Quand un fichier est refusé", "Ce qui est accepté avec un avertissement")
    messages = [row[0] for name in sections for row in sources.columns(FORMATS_GUIDE, name)]
    parts = [part.strip(" ,") for message in messages for part in re.split("[/…;]", message)]

    assert len(parts) > len(messages)
    assert [part for part in parts if part not in code] == []


def test_every_make_target_stands_in_the_readme() -> None:
    makefile = sources.text_of(sources.ROOT / "Makefile")
    targets = set(re.findall(r"^([a-z-]+):.*## ", makefile, re.MULTILINE)) - {"help"}

    assert {target for target in targets if f"| `make {target}` |" not in README} == set()


def test_every_command_and_every_option_has_help_and_the_command_stands_in_the_readme() -> None:
    commands = typer.main.get_command(cli.app).commands

    assert {name for name in commands if f"| `releve {name}` |" not in README} == set()
    for name, command in commands.items():
        assert command.help, name
        assert [option.name for option in command.params if not option.help] == [], name
        options = {spelt for option in command.params for spelt in option.opts}
        assert {spelt for spelt in options if spelt not in README} == set(), name


def test_every_job_has_a_name_of_its_own_and_a_heading_in_the_run_book() -> None:
    names = [job.name for job in jobs.JOBS]

    assert len(set(names)) == len(names)
    assert [name for name in names if f"### `{name}`\n" not in OPERATIONS] == []


def test_every_setting_is_explained() -> None:
    names = {f"RELEVE_{name.upper()}" for name in Settings.model_fields}

    assert {name for name in names if f"`{name}`" not in OPERATIONS} == set()


def test_every_dependency_of_the_program_is_pinned_without_the_tools_of_development() -> None:
    project = tomllib.loads(sources.text_of(sources.ROOT / "pyproject.toml"))["project"]
    runtime = sources.text_of(sources.ROOT / "requirements/runtime.txt")
    tools = [re.split(r"[\[>=<]", tool)[0] for tool in project["optional-dependencies"]["dev"]]

    assert [tool for tool in tools if re.search(rf"^{tool}==", runtime, re.MULTILINE)] == []


@pytest.mark.parametrize("page", PAGES, ids=sources.name_of)
def test_every_link_leads_somewhere(page: Path) -> None:
    links = re.findall(r"\]\(([^)#]+)", sources.text_of(page))
    inside = [unquote(link) for link in links if "://" not in link]

    assert [link for link in inside if not (page.parent / link).exists()] == []


def test_a_decision_is_short_and_says_its_price() -> None:
    for page in (sources.ROOT / "docs" / "decisions").iterdir():
        lines = sources.text_of(page).splitlines()
        assert len(lines) <= 40, page.name
        assert [line for line in lines if line.startswith("## ")] == [
            "## Context",
            "## Choice",
            "## Price",
        ]


def test_the_script_of_continuous_integration_runs_what_people_type() -> None:
    script = sources.ROOT / ".ci" / "run"

    checked = subprocess.run(  # noqa: S603 - nothing here comes from outside
        ["/bin/bash", "-n", script], check=False
    )

    assert checked.returncode == 0
    assert script.stat().st_mode & 0o111
    assert sources.text_of(script).splitlines()[-1] == "exec make setup check test"
