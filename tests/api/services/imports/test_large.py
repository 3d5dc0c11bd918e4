"""A file of 200,000 rows, from CSV to the store, in less than 512 MB."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
from sqlalchemy import Engine

from api.files import formats
from tests.api.services.imports import files
from tests.house.sources import ROOT

ROWS, MOST_MB = 200_000, 512

# In a process of its own, whose memory is measured when it is done.
IMPORT = """
import json, sys
from dataclasses import replace
from datetime import date
from pathlib import Path
from api import intake
from benchmarks.measure import peak_mebibytes
from api.services import imports
from store import session
from tests.api.services.imports import files

file, url = Path(sys.argv[1]), sys.argv[2]
given = intake.Given(imports.Kind.PATIENTS, file, "metz", date(2026, 11, 21))
with session.writing_factory(session.open_engine(url))() as opened:
    taken = intake.take(opened, given, file.parent / "out", accept_partial=False)
    _, first = imports.apply(opened, taken.file, files.at(0))
    opened.commit()
    part = replace(taken.file, frame=taken.file.frame.tail(20_000))
    again = imports.preview(opened, part, files.at(1).now).tally
tallies = [[it.added, it.changed, it.unchanged, it.gone] for it in (first, again)]
print(json.dumps([tallies, peak_mebibytes()]))
"""


@pytest.fixture
def large(tmp_path: Path) -> Path:
    """Two patients in a household, scattered around Metz and Nancy, every column told."""
    header = ",".join(column.name for column in formats.PATIENTS.columns)
    file = tmp_path / "patients.csv"
    file.write_text("\n".join([header, *map(line, range(ROWS))]) + "\n", encoding="utf-8")
    return file


def line(n: int) -> str:
    answer, commune = ("yes", "no", "")[n % 3], ("57463", "54395", "")[n % 3]
    point = f"{48.6 + n % 5000 / 10_000:.4f},{6.1 + n % 1999 / 10_000:.4f},{commune}"
    factors = f"{answer},no,{answer},no,,20{10 + n % 15}-{1 + n % 12:02}-11"
    needs = f"10990000017,,{answer},fr ar,{n % 60}"
    return f"P{n:06},F{n // 2:06},{1930 + n % 80},{point},{factors},{needs}"


def test_a_large_file_is_imported_in_little_memory(sqlite_engine: Engine, large: Path) -> None:
    files.fill(sqlite_engine)

    done = subprocess.run(  # noqa: S603 - nothing here comes from outside
        [sys.executable, "-c", IMPORT, large, str(sqlite_engine.url)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )

    tallies, peak_mb = json.loads(done.stdout)
    assert tallies == [[ROWS, 0, 0, 0], [0, 0, 20_000, ROWS - 20_000]]
    assert peak_mb < MOST_MB
