"""Results on disk: all of them or none, and the same bytes for the same content.

Contents are made in memory, written to a hidden folder, and renamed into place. Files of the
user's that are not named here are never touched.
"""

import csv
import errno
import io
import json
import os
import re
import shutil
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from datetime import UTC, date, datetime
from itertools import count
from pathlib import Path, PurePosixPath

import xlsxwriter

from api.files import errors, outcome

REJECTS_FILE = "rejects.csv"
REJECTS_COLUMNS = ("file", "line", "column", "value", "reason", "row")
WIDEST_COLUMN = 60
REASONS = {
    errno.EACCES: "le dossier est protégé en écriture",
    errno.EPERM: "le dossier est protégé en écriture",
    errno.EROFS: "le disque est en lecture seule",
    errno.ENOSPC: "le disque est plein",
    errno.ENAMETOOLONG: "le nom est trop long",
    errno.ENOTDIR: "un fichier se trouve à la place d'un dossier",
    errno.EEXIST: "un fichier se trouve à la place d'un dossier",
}

_NUMBER = re.compile(r"[+-]?[0-9]+([.,][0-9]+)?([eE][+-]?[0-9]+)?")
_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")


def csv_bytes(columns: Sequence[str], rows: Iterable[Sequence[object]]) -> bytes:
    """A CSV file in UTF-8 with commas and `\\n`, every value written as our readers read it."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(columns)
    writer.writerows([_written(value) for value in row] for row in rows)
    return text.getvalue().encode()


def _written(value: object) -> str:
    """Unknown is empty, answers are yes and no, dates are ISO, lists are space-separated."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, date | datetime):
        return value.isoformat()
    if isinstance(value, list | tuple):
        return " ".join(str(item) for item in value)
    return str(value)


def json_bytes(value: object) -> bytes:
    """JSON for people and machines: UTF-8, two spaces, keys in the order given; NaN is an error."""
    return (json.dumps(value, ensure_ascii=False, indent=2, allow_nan=False) + "\n").encode()


def xlsx_bytes(
    title: str, columns: Sequence[str], rows: Iterable[Sequence[object]], *, created: datetime
) -> bytes:
    """A workbook of one sheet, its header frozen and filtered; text never becomes a formula.

    `title` names the sheet (31 characters at most); `created` (with a time zone) is the only date
    inside.
    """
    content = io.BytesIO()
    listed = [list(row) for row in rows]
    book = xlsxwriter.Workbook(content, {"in_memory": True})
    stamp = created.astimezone(UTC).replace(tzinfo=None)
    book.set_properties({"title": title, "created": stamp})
    sheet = book.add_worksheet(title)
    bold = book.add_format({"bold": True})
    for at, name in enumerate(columns):
        sheet.write_string(0, at, name, bold)
        sheet.set_column(at, at, _width(name, [row[at] for row in listed]))
    for line, row in enumerate(listed, start=1):
        for at, value in enumerate(row):
            _write_cell(sheet, line, at, value)
    sheet.freeze_panes(1, 0)
    sheet.autofilter(0, 0, len(listed), max(len(columns) - 1, 0))
    book.close()
    return content.getvalue()


def _write_cell(sheet: xlsxwriter.worksheet.Worksheet, line: int, at: int, value: object) -> None:
    if isinstance(value, int | float) and not isinstance(value, bool):
        sheet.write_number(line, at, value)
    elif value is not None:
        sheet.write_string(line, at, _written(value))


def _width(name: str, values: Sequence[object]) -> int:
    longest = max((len(_written(value)) for value in values), default=0)
    return min(max(len(name) + 3, longest) + 2, WIDEST_COLUMN)


def rejects_bytes(rejects: Iterable[outcome.Reject]) -> bytes:
    """The content of `rejects.csv`, safe to open in a spreadsheet."""
    rows = ((it.file, it.line, it.column, it.value, it.reason, it.row) for it in rejects)
    return csv_bytes(REJECTS_COLUMNS, ([_harmless(value) for value in row] for row in rows))


def _harmless(value: object) -> object:
    """Text that a spreadsheet would run as a formula gets a quote before it; numbers do not."""
    risky = isinstance(value, str) and value.startswith(_FORMULA_STARTS)
    return f"'{value}" if risky and not _NUMBER.fullmatch(str(value)) else value


def write_rejects(directory: Path, rejects: Iterable[outcome.Reject]) -> None:
    """Write `rejects.csv` and nothing else; other files of the folder stay as they are."""
    write_outputs(directory, {REJECTS_FILE: rejects_bytes(rejects)})


def check_directory(directory: Path) -> None:
    """Refuse early, before long work, a folder where the results could not be written."""
    with _refusing(directory):
        existing = directory
        while not existing.exists() and existing != existing.parent:
            existing = existing.parent
        if not existing.is_dir():
            raise errors.OutputRefused(directory, f"{existing} est un fichier, pas un dossier")
        if not os.access(existing, os.W_OK | os.X_OK):
            raise errors.OutputRefused(directory, f"le dossier {existing} est protégé en écriture")


def write_outputs(directory: Path, files: Mapping[str, bytes]) -> None:
    """Put the files (names relative to `directory`, with `/`) into place, all or none.

    A namesake is replaced; a `rejects.csv` of an earlier failure goes unless it is among the files.
    Raises OutputRefused, with the folder as it was before.
    """
    names = [_relative(name) for name in files]
    check_directory(directory)
    with _refusing(directory):
        directory.parent.mkdir(parents=True, exist_ok=True)
        _refuse_folders(directory, names)
        with _hidden_folder(directory) as hidden:
            fresh = hidden / "new"
            fresh.mkdir()
            for name, content in zip(names, files.values(), strict=True):
                (fresh / name).parent.mkdir(parents=True, exist_ok=True)
                (fresh / name).write_bytes(content)
            if directory.exists():
                _swap(fresh, directory, names, hidden / "old")
            else:
                fresh.rename(directory)


def write_file(path: Path, content: bytes) -> None:
    """Put one file into place, whole or not at all; nothing else in its folder is touched."""
    check_directory(path.parent)
    with _refusing(path.parent):
        path.parent.mkdir(parents=True, exist_ok=True)
        with _hidden_folder(path.parent) as hidden:
            (hidden / path.name).write_bytes(content)
            os.replace(hidden / path.name, path)


def _relative(name: str) -> PurePosixPath:
    path = PurePosixPath(name)
    if path.is_absolute() or ".." in path.parts or not path.parts:
        raise ValueError(f"not a name inside the output folder: {name!r}")
    return path


def _refuse_folders(directory: Path, names: Iterable[PurePosixPath]) -> None:
    for name in names:
        if (directory / name).is_dir():
            raise errors.OutputRefused(directory, f"« {name} » y est un dossier")


@contextmanager
def _refusing(directory: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        known = REASONS.get(error.errno or 0)
        reason = known or f"le système répond « {error.strerror or error} »"
        raise errors.OutputRefused(directory, reason) from error


@contextmanager
def _hidden_folder(directory: Path) -> Iterator[Path]:
    """A folder on the same disk as the target, gone at the end.

    Inside the target when it exists: it may be a mount point, and its parent closed to us.
    """
    home = directory if directory.exists() else directory.parent
    candidates = (home / f".releve-{os.getpid()}-{number}" for number in count())
    hidden = next(path for path in candidates if not path.exists())
    hidden.mkdir()
    try:
        yield hidden
    finally:
        shutil.rmtree(hidden, ignore_errors=True)


def _swap(fresh: Path, directory: Path, names: Sequence[PurePosixPath], old: Path) -> None:
    """Replace namesakes one by one; whatever goes wrong, undo what was done, last first."""
    with ExitStack() as undo:
        if PurePosixPath(REJECTS_FILE) not in names:
            _keep_aside(directory / REJECTS_FILE, old / REJECTS_FILE, undo)
        for name in names:
            _keep_aside(directory / name, old / name, undo)
            _make_folder((directory / name).parent, undo)
            undo.callback((directory / name).unlink, missing_ok=True)
            os.replace(fresh / name, directory / name)
        undo.pop_all()


def _keep_aside(path: Path, aside: Path, undo: ExitStack) -> None:
    if path.is_file() or path.is_symlink():
        aside.parent.mkdir(parents=True, exist_ok=True)
        os.replace(path, aside)
        undo.callback(os.replace, aside, path)


def _make_folder(path: Path, undo: ExitStack) -> None:
    if not path.is_dir():
        _make_folder(path.parent, undo)
        path.mkdir()
        undo.callback(path.rmdir)
