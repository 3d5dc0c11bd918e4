"""Compiles the hot loops where Numba is installed.

The machine code is kept on disk in a folder named after the text of the package a loop belongs to,
for Numba itself only notices a change in the file of a loop, not in the files of what it calls.
Processes that compile at the same time write the same; the last one wins.
"""

import hashlib
import importlib.util
import os
import shutil
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
from numpy.typing import DTypeLike, NDArray

AVAILABLE = importlib.util.find_spec("numba") is not None
"""Without it, the loops marked here are ordinary Python."""

if AVAILABLE:
    import numba

    settings: Any = numba.config

Loop = TypeVar("Loop", bound=Callable[..., Any])


def compiled(loop: Loop) -> Loop:
    """Compile at the first call ever, keep the machine code on disk, let other threads run."""
    return _compile(loop) if AVAILABLE else loop


def lean(loop: Loop) -> Loop:
    """The same for a loop that allocates nothing, and so needs no reference counts.

    Counting would more than double the time of the engine, which walks through named tuples. The
    option is not among those Numba documents: hence the upper limit on its version.
    """
    return _compile(loop, _nrt=False) if AVAILABLE else loop


def inlined(loop: Loop) -> Loop:
    """The same for a part of a lean loop that would spend its time on being handed things."""
    return _compile(loop, _nrt=False, inline="always") if AVAILABLE else loop


def frozen(array: NDArray[Any], dtype: DTypeLike) -> NDArray[Any]:
    """The same numbers always as one type, so that the loops are compiled for no other."""
    view = np.ascontiguousarray(array, dtype).view()
    view.flags.writeable = False
    return view


def pending(loop: Callable[..., Any]) -> bool:
    """Whether the first call will compile, because no machine code is kept for this version."""
    if not AVAILABLE or loop.signatures:  # type: ignore[attr-defined]
        return False
    kept = Path(loop.stats.cache_path or os.devnull)  # type: ignore[attr-defined]
    return next(kept.glob(f"*.{loop.__name__}-*.nbi"), None) is None


def _compile(loop: Loop, **options: Any) -> Loop:
    folder, usual = _folder(loop.__module__.partition(".")[0]), settings.CACHE_DIR
    if folder is None:
        return numba.njit(nogil=True, **options)(loop)  # type: ignore[no-any-return]
    settings.CACHE_DIR = str(folder)
    try:
        return numba.njit(cache=True, nogil=True, **options)(loop)  # type: ignore[no-any-return]
    finally:
        settings.CACHE_DIR = usual


@cache
def _folder(name: str) -> Path | None:
    """Where Numba is told to keep things, or beside the code, or in the user's own folder.

    None where nothing can be written: then machine code lives as long as the process.
    """
    package = Path(__file__).parents[1] / name
    text = hashlib.sha256(numba.__version__.encode())
    for path in [Path(__file__), *sorted(package.rglob("*.py"))]:
        text.update(path.read_bytes())
    own = os.environ.get("LOCALAPPDATA") or Path.home() / ".cache"
    for place in (settings.CACHE_DIR, package / "__pycache__", Path(own) / "releve"):
        if place and (folder := _fresh(Path(place) / f"releve-{name}-{text.hexdigest()[:16]}")):
            return folder
    return None


def _fresh(folder: Path) -> Path | None:
    """The folder, made if need be, those of other versions gone; None if it cannot be written."""
    kind = folder.name.rpartition("-")[0]
    try:
        if not folder.is_dir():
            folder.mkdir(parents=True)
            for former in set(folder.parent.glob(f"{kind}-*")) - {folder}:
                shutil.rmtree(former, ignore_errors=True)
    except OSError:
        return None
    return folder if os.access(folder, os.W_OK) else None
