"""XLSX: the first sheet, every cell as text."""

import io
import re
import zipfile

import fastexcel
import polars as pl

from api.files import errors, outcome
from api.files.grid import Grid, header_name

UNREADABLE = "classeur illisible ; dans Excel : Enregistrer sous, Classeur .xlsx"

# A real date cell comes out with a midnight that nobody typed.
_MIDNIGHT = r"^(\d{4}-\d{2}-\d{2}) 00:00:00$"

_FIRST_SHEET = re.compile(rb'<(?:\w+:)?sheet\s[^>]*?\br:id="([^"]+)"')
_RELATION = re.compile(rb"<(?:\w+:)?Relationship\s[^>]*>")
_ERROR_CELL = re.compile(rb'<(?:\w+:)?c\s(?=[^>]*\bt="e")[^>]*\br="([A-Z]+)([0-9]+)"')


def read_grid(file: str, content: bytes) -> Grid:
    """The cells of the first sheet; FileRefused when the workbook cannot be opened.

    Dates become ISO dates and whole numbers lose their point. The line of a row is its row number
    in the sheet. A row with a formula in error is a reject: its cell would read as unknown.
    """
    sheet = _sheet(file, content)
    first = _first_written(sheet)
    if first is None:
        reject = outcome.Reject(file, None, None, "", "la première feuille du classeur est vide")
        raise errors.FileRefused([reject])
    header = [text or "" for text in sheet.row(first)]
    rejects = _formula_errors(file, content, sheet, header)
    lines = pl.int_range(1, sheet.height + 1, eager=True).alias("line")
    kept = (lines > first + 1) & ~lines.is_in([reject.line for reject in rejects])
    cells = sheet.with_columns(pl.all().str.replace(_MIDNIGHT, "$1"))
    return Grid(header, first + 1, cells.filter(kept), lines.filter(kept), True, rejects)


def _sheet(file: str, content: bytes) -> pl.DataFrame:
    try:
        book = fastexcel.read_excel(content)
        text = _loaded(book, "string")
        exact = _loaded(book, "float")
    except (fastexcel.FastExcelError, zipfile.BadZipFile):
        reject = outcome.Reject(file, None, None, "", UNREADABLE)
        raise errors.FileRefused([reject]) from None
    return text.with_columns(_unrounded(text[name], exact[name]) for name in text.columns)


def _loaded(book: fastexcel.ExcelReader, dtype: fastexcel.DType) -> pl.DataFrame:
    return book.load_sheet(0, header_row=None, skip_rows=0, dtypes=dtype).to_polars()


def _unrounded(text: pl.Series, exact: pl.Series) -> pl.Series:
    """The text, except where it lost decimals that the number of the cell still has.

    Numbers come out as text with nine decimals at most; the same file in CSV keeps them all.
    """
    differs = text.cast(pl.Float64, strict=False) != exact
    return exact.cast(pl.String).zip_with(differs.fill_null(value=False), text)


def _first_written(sheet: pl.DataFrame) -> int | None:
    if not sheet.height:
        return None
    written = pl.any_horizontal(pl.all().str.strip_chars() != "").fill_null(value=False)
    rows = sheet.select(written).to_series().arg_true()
    return int(rows[0]) if len(rows) else None


def _formula_errors(
    file: str, content: bytes, sheet: pl.DataFrame, header: list[str]
) -> list[outcome.Reject]:
    """One reject per cell that shows #N/A and the like, which the reader gives as empty."""
    return [
        outcome.Reject(
            file=file,
            line=line,
            column=header_name(header[at]) or letters if at < len(header) else letters,
            value="",
            reason=f"la formule de la cellule {letters}{line} est en erreur ; corrigez-la",
            row=outcome.row_text(sheet.row(line - 1)),
        )
        for letters, line in _error_cells(content)
        for at in [_column_index(letters)]
        if line <= sheet.height
    ]


def _error_cells(content: bytes) -> list[tuple[str, int]]:
    """The cells of type "e" (ECMA-376, part 1, 18.18.11) in the first sheet."""
    with zipfile.ZipFile(io.BytesIO(content)) as parts:
        name = _first_sheet_part(parts)
        sheet = parts.read(name) if name in parts.namelist() else b""
    if b't="e"' not in sheet:
        return []
    return [(found[1].decode(), int(found[2])) for found in _ERROR_CELL.finditer(sheet)]


def _first_sheet_part(parts: zipfile.ZipFile) -> str:
    """The name of the part that holds the first sheet; empty when the workbook is unusual."""
    if not {"xl/workbook.xml", "xl/_rels/workbook.xml.rels"} <= set(parts.namelist()):
        return ""
    first = _FIRST_SHEET.search(parts.read("xl/workbook.xml"))
    for relation in _RELATION.findall(parts.read("xl/_rels/workbook.xml.rels")):
        target = re.search(rb'\bTarget="([^"]+)"', relation)
        if first and target and b'Id="' + first[1] + b'"' in relation:
            path = target[1].decode()
            return path[1:] if path.startswith("/") else f"xl/{path}"
    return ""


def _column_index(letters: str) -> int:
    """Column letters as an index from 0: A is 0, AA is 26."""
    index = 0
    for letter in letters:
        index = index * 26 + ord(letter) - ord("A") + 1
    return index - 1
