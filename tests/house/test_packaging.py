import re
import subprocess
import sys
import tomllib
from fnmatch import fnmatch
from typing import Any

import pytest

from tests.house import sources

PINS = ("build", "runtime", "dev")
PROJECT: dict[str, Any] = tomllib.loads(sources.text_of(sources.ROOT / "pyproject.toml"))
# Written apart, so that this file does not find itself.
FOREIGN = re.compile(
    "|".join(
        (
            r"(?<![\w.~-])/(?:work|root|home|Users)" + r"/\w",
            "pypi" + r"\.org",
            "python" + r"hosted",
            "registry" + r"\.npm",
            "proxy" + r"\.golang",
            "--(?:extra-)?index" + "-url",
            "--find" + "-links",
        )
    )
)
# It tells the compiler of the pins to leave these options out.
NAMES_THE_OPTIONS = {"requirements/compile.sh"}


@pytest.mark.parametrize("name", PINS)
def test_every_pin_has_a_version_and_hashes(name: str) -> None:
    page = sources.text_of(sources.ROOT / "requirements" / f"{name}.txt")
    pins = page.replace("\\\n", " ").strip().splitlines()

    assert [pin for pin in pins if not re.match(r"[\w.\[\]-]+==\S+ .*--hash=sha256:", pin)] == []


@pytest.mark.parametrize("name", PINS)
def test_no_pin_says_where_it_came_from(name: str) -> None:
    page = sources.text_of(sources.ROOT / "requirements" / f"{name}.txt")

    assert [line for line in page.splitlines() if "/" in line or line.startswith("-")] == []


def test_every_dependency_is_pinned() -> None:
    project = PROJECT["project"]
    asked = project["dependencies"] + project["optional-dependencies"]["dev"]
    pinned = sources.text_of(sources.ROOT / "requirements/dev.txt")
    names = {re.split(r"[\[>=<~! ]", requirement)[0] for requirement in asked}

    assert {name for name in names if not re.search(rf"^{name}(\[.*\])?==", pinned, re.M)} == set()


def test_the_pins_are_whole_so_that_nothing_is_left_to_resolve() -> None:
    checked = subprocess.run(
        [sys.executable, "-m", "pip", "check"], capture_output=True, text=True, check=False
    )
    recipes = [sources.text_of(sources.ROOT / name) for name in ("Makefile", "Dockerfile")]

    assert checked.returncode == 0, checked.stdout
    for recipe in recipes:
        asked = re.findall(r"--require-hashes.*", recipe)
        assert asked
        assert all("--no-deps" in it for it in asked)


def test_every_package_is_installed_with_all_its_files() -> None:
    included = PROJECT["tool"]["setuptools"]["packages"]["find"]["include"]
    patterns = [*PROJECT["tool"]["setuptools"]["package-data"]["*"], "*.py"]
    holding_code = {
        path.name for path in sources.ROOT.iterdir() if (path / "__init__.py").is_file()
    }

    assert holding_code - {"tests", "benchmarks"} == set(sources.PACKAGES)
    assert set(included) == {f"{package}*" for package in sources.PACKAGES}
    assert [
        sources.name_of(path)
        for path in sources.written_by_us()
        if path.relative_to(sources.ROOT).parts[0] in sources.PACKAGES
        and not any(fnmatch(path.name, pattern) for pattern in patterns)
    ] == []


def test_no_file_names_a_machine_or_an_index_of_packages() -> None:
    assert {
        sources.name_of(path): found.group()
        for path in sources.written_by_us()
        if sources.name_of(path) not in NAMES_THE_OPTIONS
        and (found := FOREIGN.search(sources.text_of(path)))
    } == {}
