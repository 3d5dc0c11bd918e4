"""Files to read, made in a test's own folder, and the few values most of them share."""

import io
from collections.abc import Sequence
from pathlib import Path

import xlsxwriter

FORMULA = "=NA()"
NIR = "1850578006084"
# A number whose Luhn key is right.
RPPS = "10001234565"
OTHER_RPPS = "10001234573"

PATIENT = {"patient_id": "P1", "latitude": "48.69", "longitude": "6.18"}
DOCTOR = {"rpps": RPPS, "latitude": "48.69", "longitude": "6.18", "places": "10"}
SLOT = {
    "slot_id": "S1",
    "site_id": "metz-1",
    "start": "2026-01-05T18:00:00+01:00",
    "end": "2026-01-05T20:00:00+01:00",
    "doctors_needed": "1",
    "hardness": "2",
    "points": "4",
}
DUTY_DOCTOR = {"rpps": RPPS, "participation": "1"}


def a_csv(folder: Path, name: str, *rows: dict[str, str], separator: str = ",") -> Path:
    """A CSV file of the rows given as dictionaries; the columns are those of all of them."""
    columns = list(dict.fromkeys(column for row in rows for column in row))
    lines = [columns, *([row.get(column, "") for column in columns] for row in rows)]
    return a_text(folder, name, "\n".join(separator.join(line) for line in lines) + "\n")


def a_text(folder: Path, name: str, text: str) -> Path:
    path = folder / name
    path.write_bytes(text.encode())
    return path


def a_workbook(folder: Path, name: str, rows: Sequence[Sequence[object]]) -> Path:
    """An XLSX file whose cells have the type of the values given; dates are shown as dates.

    The text `FORMULA` alone becomes a formula.
    """
    content = io.BytesIO()
    book = xlsxwriter.Workbook(content, {"in_memory": True})
    sheet = book.add_worksheet()
    dated = book.add_format({"num_format": "dd/mm/yyyy"})
    for line, row in enumerate(rows):
        for at, value in enumerate(row):
            if hasattr(value, "year"):
                sheet.write_datetime(line, at, value, dated)
            elif value == FORMULA:
                sheet.write_formula(line, at, FORMULA)
            elif isinstance(value, str):
                sheet.write_string(line, at, value)
            elif value is not None:
                sheet.write(line, at, value)
    book.close()
    path = folder / name
    path.write_bytes(content.getvalue())
    return path
