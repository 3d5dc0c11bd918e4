"""CSV: UTF-8, comma or semicolon, quoted where needed.

The standard reader is used, strictly: it knows the physical line even after a quoted line break,
and it lets us see the rows that are too short or too long.
"""

import csv
import io
import re
from collections.abc import Iterator

import polars as pl

from api.files import errors, outcome, social_security
from api.files.grid import Grid, header_name

BOM = b"\xef\xbb\xbf"
HEADER_BYTES = 65_536
CHUNK_ROWS = 20_000
SAVE_AS = "dans Excel : Enregistrer sous, CSV UTF-8"


def read_grid(file: str, content: bytes) -> Grid:
    """The cells of a CSV file; FileRefused for bytes or quotes that cannot be read."""
    content = content.removeprefix(BOM)
    _refuse_foreign_bytes(file, content)
    delimiter = _delimiter(content)
    rows = _rows(file, content, delimiter)
    header_line, header = next(rows, (1, [""]))
    while len(header) > 1 and not header[-1].strip():
        header.pop()
    cells, lines, rejects = _columns(file, header, rows)
    return Grid(header, header_line, cells, lines, delimiter == ";", rejects)


def _refuse_foreign_bytes(file: str, content: bytes) -> None:
    try:
        content.decode("utf-8")
    except UnicodeDecodeError as error:
        reason = f"le fichier n'est pas en UTF-8 : octet 0x{content[error.start]:02X}"
        raise _refused_at(file, content, error.start, reason) from None
    nul = content.find(b"\0")
    if nul >= 0:
        reason = "le fichier contient un octet nul : il est binaire ou en UTF-16"
        raise _refused_at(file, content, nul, reason)


def _refused_at(file: str, content: bytes, at: int, reason: str) -> errors.FileRefused:
    """A refusal naming the line, the byte in the line and, when it can be told, the column."""
    before = content[:at].replace(b"\r\n", b"\n").replace(b"\r", b"\n")
    line_start = before.rfind(b"\n") + 1
    where = f"en position {len(before) - line_start + 1} de la ligne ; {SAVE_AS}"
    reject = outcome.Reject(
        file=file,
        line=before.count(b"\n") + 1,
        column=_column_at(before, line_start, _delimiter(content)),
        value="",
        reason=f"{reason} {where}",
    )
    return errors.FileRefused([reject])


def _column_at(before: bytes, line_start: int, delimiter: str) -> str | None:
    """The header of the column in which the text stops; None inside quotes or the header."""
    if not line_start or before[:line_start].count(b'"') % 2:
        return None
    header = _outside_quotes(before.decode("latin-1")).lstrip("\n").split("\n", 1)[0]
    at = _outside_quotes(before[line_start:].decode("latin-1")).count(delimiter)
    names = header.split(delimiter)
    return header_name(names[at]) or None if at < len(names) else None


def _delimiter(content: bytes) -> str:
    header = re.split("[\r\n]", _outside_quotes(content[:HEADER_BYTES].lstrip().decode("latin-1")))[
        0
    ]
    return ";" if header.count(";") > header.count(",") else ","


def _outside_quotes(text: str) -> str:
    return re.sub(r'"[^"]*"', '""', text)


def _rows(file: str, content: bytes, delimiter: str) -> Iterator[tuple[int, list[str]]]:
    """The rows that are not blank, each with the line where it begins."""
    text = io.TextIOWrapper(io.BytesIO(content), encoding="utf-8", newline="")
    reader = csv.reader(text, delimiter=delimiter, strict=True)
    line = 1
    try:
        for row in reader:
            if any(map(str.strip, row)):
                yield line, row
            line = reader.line_num + 1
    except csv.Error as error:
        reject = outcome.Reject(file, line, None, "", _unreadable(error))
        raise errors.FileRefused([reject]) from None


def _unreadable(error: csv.Error) -> str:
    if "field limit" in str(error):
        return f"cellule de plus de {csv.field_size_limit()} caractères, ou guillemet non refermé"
    return (
        "guillemet mal placé ou jamais refermé ; "
        'un guillemet dans un texte se double ("") et le texte entier se met entre guillemets'
    )


def _columns(
    file: str, header: list[str], rows: Iterator[tuple[int, list[str]]]
) -> tuple[pl.DataFrame, pl.Series, list[outcome.Reject]]:
    """Rows turned into columns by chunks, so that a long file never stands twice in memory."""
    frames = [_frame([], len(header))]
    lines: list[int] = []
    rejects: list[outcome.Reject] = []
    chunk: list[list[str]] = []
    for line, row in rows:
        if not _fits(row, len(header)):
            rejects.append(_ragged(file, line, header, row))
            continue
        chunk.append(row[: len(header)])
        lines.append(line)
        if len(chunk) == CHUNK_ROWS:
            frames.append(_frame(chunk, len(header)))
            chunk = []
    frames.append(_frame(chunk, len(header)))
    return pl.concat(frames), pl.Series("line", lines, dtype=pl.Int64), rejects


def _frame(chunk: list[list[str]], width: int) -> pl.DataFrame:
    columns = zip(*chunk, strict=True) if chunk else [()] * width
    return pl.DataFrame(
        [pl.Series(str(at), cells, dtype=pl.String) for at, cells in enumerate(columns)]
    )


def _fits(row: list[str], width: int) -> bool:
    """Empty cells too many are only what a spreadsheet leaves behind."""
    return len(row) == width or (len(row) > width and not any(map(str.strip, row[width:])))


def _ragged(file: str, line: int, header: list[str], row: list[str]) -> outcome.Reject:
    width = len(header)
    short = len(row) < width
    return outcome.Reject(
        file=file,
        line=line,
        column=header_name(header[len(row)]) if short else str(width + 1),
        value="" if short else social_security.mask(row[width]),
        reason=(
            f"ligne trop courte, {len(row)} cellules pour {width} colonnes"
            if short
            else f"est en trop, {len(row)} cellules pour {width} colonnes ; "
            "un texte qui contient le séparateur se met entre guillemets"
        ),
        row=outcome.row_text(row),
    )
