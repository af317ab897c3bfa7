"""What NumPy computes on."""

from __future__ import annotations

import ctypes
import os
import sys
from typing import Any

import numpy as np

Array = Any

name = "numpy"


def info() -> dict[str, Any]:
    """Return what this engine computes with."""
    config: Any = np.show_config(mode="dicts")
    blas = config.get("Build Dependencies", {}).get("blas", {})
    return {
        "engine": name,
        "version": np.__version__,
        "device": "cpu",
        "threads": _threads(),
        "blas": f"{blas.get('name', 'unknown')} {blas.get('version', '')}".strip(),
    }


# The functions of the libraries that NumPy may use, which return the number of threads of a matrix product.
_COUNTS = (
    "scipy_openblas_get_num_threads64_",
    "scipy_openblas_get_num_threads",
    "openblas_get_num_threads64_",
    "openblas_get_num_threads",
    "MKL_Get_Max_Threads",
)


def _threads() -> int:
    """Return how many threads a matrix product uses, from the library itself where it tells.

    An environment variable or another package may have set it.
    """
    core = sys.modules.get("numpy._core._multiarray_umath")
    try:
        library = ctypes.CDLL(getattr(core, "__file__", None))
        count = next(getattr(library, name) for name in _COUNTS if hasattr(library, name))
        return int(count())
    except (OSError, StopIteration):
        return processors()


def processors() -> int:
    """Return how many processors this process may use; all of the machine where the system does not say."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def fits(size_bytes: int) -> bool:
    """Tell whether data of this size can stay where the engine computes: it lies there already."""
    return True
