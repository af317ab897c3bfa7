"""The environment of a training: engine, device, threads, versions; and the fingerprint of its data."""

from __future__ import annotations

import hashlib
import os
import platform
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from gradtape import engine
from gradtape.base.version import __version__
from gradtape.runs.disk.processes import host

_VARIABLES = ("OPENBLAS_CORETYPE", "OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS", "XLA_FLAGS")


def environment() -> dict[str, Any]:
    """Return the environment: all that must be equal for two runs to have the same bits, and more."""
    return {
        **engine.engine_info(),
        "gradtape": __version__,
        "numpy": np.__version__,
        "python": platform.python_version(),
        "machine": platform.machine(),
        "processor": _processor(),
        "cpu_features": _features(),
        "system": platform.system(),
        "host": host(),
        # only these: the environment may contain passwords, which do not belong in a file
        "variables": {name: os.environ[name] for name in _VARIABLES if name in os.environ},
        "command": sys.argv,
        "source": _revision(),
    }


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
        return next(line.partition(":")[2].strip() for line in lines if line.startswith("model name"))
    except (OSError, StopIteration):
        return platform.processor()


def _features() -> str:
    """Return the highest level of vector instructions that NumPy finds, such as AVX2 or AVX512_SKX."""
    found: Any = np.show_config(mode="dicts")
    levels = found.get("SIMD Extensions", {})
    # NumPy lists them from the lowest to the highest
    return str([*levels.get("baseline", ["unknown"]), *levels.get("found", [])][-1])


def _revision() -> str | None:
    """Return the revision of the sources in the working folder, if they are under version control."""
    try:
        found = subprocess.run(
            ["git", "rev-parse", "HEAD"], capture_output=True, text=True, timeout=2, check=True
        )
        return found.stdout.strip()
    except (OSError, subprocess.SubprocessError):
        return None


def fingerprint(arrays: Sequence[Any]) -> dict[str, Any]:
    """Return shapes, dtypes and the SHA-256 of the data: it identifies a data set.

    >>> fingerprint([np.zeros((2, 3), "float32")])["shapes"]
    [[2, 3]]
    """
    digest = hashlib.sha256()
    for array in arrays:
        # the same bytes with another shape or byte order are other data
        digest.update(f"{array.dtype.str}{array.shape}".encode())
        rows = max(1, (1 << 24) // max(array[:1].nbytes, 1))
        for start in range(0, len(array), rows):  # a memory-mapped array is never loaded whole
            digest.update(np.ascontiguousarray(array[start : start + rows]).data)
    return {
        "shapes": [list(a.shape) for a in arrays],
        "dtypes": [a.dtype.name for a in arrays],
        "sha256": digest.hexdigest(),
    }
