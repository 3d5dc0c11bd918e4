"""Where a measure was taken: without it the figures say nothing."""

import os
import platform
from importlib import metadata

LIBRARIES = (
    *("numba", "numpy", "scipy", "ortools", "networkx"),
    *("polars", "fastapi", "sqlmodel"),
)
GIBIBYTE = 2**30


def described() -> str:
    """Cores, memory, system, Python and the libraries that do the work, in one sentence."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / GIBIBYTE
    versions = ", ".join(f"{name} {metadata.version(name)}" for name in LIBRARIES)
    return (
        f"{os.cpu_count()} cores ({platform.machine()}), {memory:.0f} GiB, {platform.system()}, "
        f"Python {platform.python_version()}, {versions}."
    )
