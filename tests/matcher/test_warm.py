import os
import subprocess
import sys
from pathlib import Path

import matcher

SOLVE = """
import matcher
told = []
people = [{"id": "P", "latitude": 48.0, "longitude": 6.0, "priority_class": 1}]
doctors = [{"id": "D", "latitude": 48.0, "longitude": 6.0, "places": 1}]
problem = matcher.from_records(people, doctors)
answer = matcher.solve(problem, progress=lambda phase, share, bound: told.append(phase))
print(*told, *answer.doctor.tolist())
"""


def phases(cache: Path, *before: str) -> list[str]:
    settings = {**os.environ, "NUMBA_CACHE_DIR": str(cache)}
    code = "\n".join([*before, SOLVE])
    done = subprocess.run(  # noqa: S603
        [sys.executable, "-c", code], env=settings, capture_output=True, text=True, check=True
    )
    return done.stdout.split()


def test_the_first_solve_after_an_installation_says_that_it_compiles_and_no_later_one(
    tmp_path: Path,
) -> None:
    first, second = phases(tmp_path), phases(tmp_path)

    assert first[0] == "compile"
    assert second == first[1:]


def test_without_numba_another_engine_answers_and_nothing_is_compiled(tmp_path: Path) -> None:
    hidden = """
import importlib.util
there = importlib.util.find_spec
importlib.util.find_spec = lambda name, *more: None if name == "numba" else there(name, *more)
"""

    told = phases(tmp_path, hidden)

    assert "compile" not in told
    assert told[-1] == "0"


def test_preparing_twice_compiles_once() -> None:
    matcher.prepare()

    assert matcher.prepare() is False
