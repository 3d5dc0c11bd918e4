"""A file of 200,000 rows, from CSV to the store, in less than 512 MB."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
from sqlalchemy import Engine

from tests.api.services.imports import files
from tests.house.sources import ROOT

ROWS, MOST_MB = 200_000, 512

# In a process of its own, whose memory is measured when it is done.
IMPORT = """
import json, resource, sys
from datetime import date
from pathlib import Path
from api import intake
from api.services import imports
from store import session
from tests.api.services.imports import files

file, url = Path(sys.argv[1]), sys.argv[2]
given = intake.Given(imports.Kind.PATIENTS, file, "metz", date(2026, 11, 21))
with session.writing_factory(session.open_engine(url))() as opened:
    taken = intake.take(opened, given, file.parent / "out", accept_partial=False)
    _, first = imports.apply(opened, taken.file, files.at(0))
    opened.commit()
    again = imports.preview(opened, taken.file, files.at(1).now).tally
tallies = [[it.added, it.changed, it.unchanged] for it in (first, again)]
peak_mb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
print(json.dumps([tallies, peak_mb]))
"""


@pytest.fixture
def large(tmp_path: Path) -> Path:
    """Two patients in a household, scattered around Metz and Nancy."""
    lines = ["patient_id,household_id,birth_year,latitude,longitude,ald,unattached_since,languages"]
    lines += [
        f"P{n:06},F{n // 2:06},{1930 + n % 80},{48.6 + n % 5000 / 10_000:.4f},"
        f"{6.1 + n % 1999 / 10_000:.4f},{('yes', 'no', '')[n % 3]},2024-{1 + n % 12:02}-11,fr"
        for n in range(ROWS)
    ]
    file = tmp_path / "patients.csv"
    file.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return file


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
    assert tallies == [[ROWS, 0, 0], [0, 0, ROWS]]
    assert peak_mb < MOST_MB
