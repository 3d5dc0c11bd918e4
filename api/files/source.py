"""From a path to a sheet of text: one row per record, each with its physical line.

Nothing is interpreted here. What cannot be a sheet at all is refused whole, with the way to mend.
"""

from dataclasses import dataclass, field
from pathlib import Path

import polars as pl

from api.files import delimited, errors, outcome, workbook
from api.files.grid import Grid, header_name

MAX_COLUMNS = 200
WORKBOOK_SUFFIXES = {".xlsx", ".xlsm"}
ZIP_SIGNATURE = b"PK\x03\x04"
OLD_EXCEL_SIGNATURE = b"\xd0\xcf\x11\xe0"


@dataclass(frozen=True)
class Source:
    """The text of a file. `cells` is null where empty; `lines` runs along its rows."""

    file: str
    header_line: int
    cells: pl.DataFrame
    lines: pl.Series
    decimal_comma: bool
    rejects: list[outcome.Reject] = field(default_factory=list)


def read_source(path: Path) -> Source:
    """Read a CSV or XLSX file as text; FileRefused when it is not one."""
    content = _content(path)
    if path.suffix.lower() in WORKBOOK_SUFFIXES or content.startswith(ZIP_SIGNATURE):
        grid = workbook.read_grid(path.name, content)
    else:
        grid = delimited.read_grid(path.name, content)
    return _named(path.name, grid)


def _content(path: Path) -> bytes:
    try:
        content = path.read_bytes()
    except IsADirectoryError:
        raise _refused(path, "c'est un dossier ; indiquez un fichier CSV ou XLSX") from None
    except (FileNotFoundError, NotADirectoryError):
        raise _refused(path, f"fichier introuvable à l'adresse {path}") from None
    except OSError as error:
        raise _refused(path, f"fichier illisible ({error.strerror})") from None
    if not content.removeprefix(b"\xef\xbb\xbf").strip():
        raise _refused(path, "le fichier est vide ; il faut au moins une ligne d'en-têtes")
    if content.startswith(OLD_EXCEL_SIGNATURE):
        raise _refused(
            path, "c'est un ancien classeur .xls ; dans Excel : Enregistrer sous, Classeur .xlsx"
        )
    return content


def _refused(path: Path, reason: str) -> errors.FileRefused:
    return errors.FileRefused([outcome.Reject(path.name, None, None, "", reason)])


def _named(file: str, grid: Grid) -> Source:
    """The grid under its header names, checked; columns with neither name nor value are gone."""
    names = [_name(text, at) for at, text in enumerate(grid.header)]
    _refuse_header(file, names, grid.header_line)
    cells = grid.cells.rename(dict(zip(grid.cells.columns, names, strict=True)))
    cells = cells.with_columns(pl.all().str.strip_chars()).with_columns(
        pl.when(pl.all() != "").then(pl.all())
    )
    unnamed = [name for name, text in zip(names, grid.header, strict=True) if not text.strip()]
    kept = cells.drop([name for name in unnamed if cells[name].null_count() == cells.height])
    filled = kept.select(pl.any_horizontal(pl.all().is_not_null())).to_series()
    return Source(
        file=file,
        header_line=grid.header_line,
        cells=kept.filter(filled),
        lines=grid.lines.filter(filled),
        decimal_comma=grid.decimal_comma,
        rejects=grid.rejects,
    )


def _name(text: str, at: int) -> str:
    return header_name(text) or f"sans nom {at + 1}"


def _refuse_header(file: str, names: list[str], line: int) -> None:
    if len(names) > MAX_COLUMNS:
        reason = f"{len(names)} colonnes ; {MAX_COLUMNS} au plus"
        raise errors.FileRefused([outcome.Reject(file, line, None, "", reason)])
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        reason = "colonne donnée plusieurs fois ; gardez-en une seule"
        raise errors.FileRefused([outcome.Reject(file, line, name, "", reason) for name in twice])
