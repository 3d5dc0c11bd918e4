"""What the house rules look at: the files of the project, and the trees of its Python files."""

import ast
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parents[2]
PACKAGES = ("compilation", "matcher", "scheduler", "store", "fixtures", "api")
FOLDERS = (*PACKAGES, "tests", "benchmarks", "docs", "requirements", ".ci")

Function = ast.FunctionDef | ast.AsyncFunctionDef


def written_by_us() -> list[Path]:
    """Every text file of the project, those that tools leave behind aside."""
    inside = [path for folder in FOLDERS for path in (ROOT / folder).rglob("*")]
    beside = [path for path in ROOT.iterdir() if not re.search(r"\.coverage|\.sqlite3", path.name)]
    return [
        path
        for path in [*inside, *beside]
        if path.is_file() and "__pycache__" not in path.parts and text_of(path)
    ]


def python_files(*folders: str) -> list[Path]:
    return sorted(path for folder in folders for path in (ROOT / folder).rglob("*.py"))


def name_of(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def text_of(path: Path) -> str:
    """The text of a file; empty where it holds none."""
    try:
        return path.read_text(encoding="utf-8")
    except UnicodeDecodeError:
        return ""


@cache
def tree_of(path: Path) -> ast.Module:
    return ast.parse(text_of(path))


def functions(*folders: str) -> Iterator[tuple[Path, Function]]:
    for path in python_files(*folders):
        for node in ast.walk(tree_of(path)):
            if isinstance(node, Function):
                yield path, node


def length(function: Function) -> int:
    """Lines of a function without its docstring."""
    first = function.body[0]
    docstring = first if ast.get_docstring(function) is not None else None
    told = (docstring.end_lineno or 0) - docstring.lineno + 1 if docstring else 0
    return (function.end_lineno or 0) - function.lineno + 1 - told


def columns(page: str, heading: str) -> list[list[str]]:
    """The rows of the first table under a heading of a Markdown page, cell by cell."""
    section = re.split(r"^#+ ", page.split(f"# {heading}\n", 1)[1], flags=re.MULTILINE)[0]
    rows = [line for line in section.splitlines() if line.startswith("|")]
    return [[cell.strip() for cell in row.strip("|").split("|")] for row in rows[2:]]
