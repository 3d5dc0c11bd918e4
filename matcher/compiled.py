"""Compiles the hot loops where Numba is installed."""

import importlib.util
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

AVAILABLE = importlib.util.find_spec("numba") is not None
"""Without it, the loops marked here are ordinary Python."""

Loop = TypeVar("Loop", bound=Callable[..., Any])

if AVAILABLE:
    import numba


def compiled(loop: Loop) -> Loop:
    """Compile at the first call ever, keep the machine code on disk, let other threads run."""
    return _compile(loop) if AVAILABLE else loop


def lean(loop: Loop) -> Loop:
    """The same for a loop that allocates nothing, and so needs no reference counts.

    They would cost the engine more than all the rest of it: a loop over the fields of named tuples
    counts at every turn, and threads wait for one another's counts.
    """
    return _compile(loop, _nrt=False) if AVAILABLE else loop


def inlined(loop: Loop) -> Loop:
    """The same for a part of a lean loop with so much to hand over that calling it would cost more."""
    return _compile(loop, _nrt=False, inline="always") if AVAILABLE else loop


def pending(loop: Callable[..., Any]) -> bool:
    """Whether the first call will compile: nothing, or only an older version, is kept on disk."""
    if not AVAILABLE or loop.signatures:  # type: ignore[attr-defined]
        return False
    source = Path(loop.__code__.co_filename).stat()
    kept = Path(loop.stats.cache_path or ".").glob(f"*.{loop.__name__}-*.nbi")  # type: ignore[attr-defined]
    return all(index.stat().st_mtime < source.st_mtime for index in kept)


def _compile(loop: Loop, **options: Any) -> Loop:
    """Where nothing can be written, neither beside the code nor in the user's own folder, the
    machine code lives as long as the process."""
    try:
        return numba.njit(cache=True, nogil=True, **options)(loop)  # type: ignore[no-any-return]
    except RuntimeError:
        return numba.njit(nogil=True, **options)(loop)  # type: ignore[no-any-return]
