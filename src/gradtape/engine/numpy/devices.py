"""What NumPy computes on."""

from __future__ import annotations

import os
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
        "threads": len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count(),
        "blas": f"{blas.get('name', 'unknown')} {blas.get('version', '')}".strip(),
    }


def fits(size_bytes: int) -> bool:
    """Tell whether data of this size can stay where the engine computes: it lies there already."""
    return True
