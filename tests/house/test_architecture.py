import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from tests.house import sources

EDGES = {
    "api/commands/options.py",
    "api/commands/service.py",
    "api/demo.py",
    "api/gate.py",
    "api/commands/account.py",
    "api/commands/store.py",
    "api/runner.py",
}
CLOCKS = {
    *((kind, read) for kind in ("date", "datetime") for read in ("now", "today", "utcnow")),
    ("time", "time"),
    ("time", "time_ns"),
}
SEEDED = {"Random", "default_rng", "Generator", "SeedSequence", "PCG64"}
UNSEEDED = {("uuid", "uuid1"), ("uuid", "uuid4"), ("os", "urandom")}


def _last_name(node: ast.expr) -> str:
    return getattr(node, "attr", None) or getattr(node, "id", "")


def _attributes(path: Path) -> Iterator[tuple[int, str, str]]:
    for node in ast.walk(sources.tree_of(path)):
        if isinstance(node, ast.Attribute):
            yield node.lineno, _last_name(node.value), node.attr


def test_imports_obey_the_contracts() -> None:
    # In a process of its own: it keeps the terminal it finds at its first import.
    linter = Path(sys.executable).with_name("lint-imports")

    done = subprocess.run(  # noqa: S603 - nothing here comes from outside
        [linter, "--no-cache", "--no-logo"], cwd=sources.ROOT, capture_output=True, text=True
    )

    assert done.returncode == 0, done.stdout


def test_nothing_is_imported_inside_a_function() -> None:
    assert [
        f"{sources.name_of(path)}:{node.lineno}"
        for path, function in sources.functions(*sources.PACKAGES, "tests")
        for node in ast.walk(function)
        if isinstance(node, ast.Import | ast.ImportFrom)
    ] == []


def test_only_the_edges_read_the_clock() -> None:
    assert [
        f"{sources.name_of(path)}:{line} {value}.{attribute}"
        for path in sources.python_files(*sources.PACKAGES)
        for line, value, attribute in _attributes(path)
        if (value, attribute) in CLOCKS and sources.name_of(path) not in EDGES
    ] == []


def test_all_randomness_is_seeded() -> None:
    assert [
        f"{sources.name_of(path)}:{line}"
        for path in sources.python_files(*sources.PACKAGES, "tests")
        for line in _unseeded(path)
    ] == []


def _unseeded(path: Path) -> Iterator[int]:
    for node in ast.walk(sources.tree_of(path)):
        without_seed = isinstance(node, ast.Call) and not (node.args or node.keywords)
        if without_seed and _last_name(node.func) in SEEDED:
            yield node.lineno
        if isinstance(node, ast.ImportFrom) and node.module == "random":
            yield node.lineno
    for line, value, attribute in _attributes(path):
        if (value == "random" and attribute not in SEEDED) or (value, attribute) in UNSEEDED:
            yield line
