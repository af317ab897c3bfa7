"""What a benchmark runs on, and processes with other surroundings."""

from __future__ import annotations

import datetime
import json
import os
import platform
import statistics
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

import gradtape

ROOT = Path(__file__).parents[1]
CORE_TYPE = "OPENBLAS_CORETYPE"


def measured(module: str, variables: Mapping[str, str | None], *arguments: str) -> Any:
    """Return what ``python -m module --json`` prints in a process with these variables; None: not set."""
    environment = {name: value for name, value in os.environ.items() if name not in variables}
    environment |= {name: value for name, value in variables.items() if value is not None}
    command = [sys.executable, "-m", module, "--json", *arguments]
    done = subprocess.run(command, env=environment, cwd=ROOT, stdout=subprocess.PIPE, text=True, check=True)
    return json.loads(done.stdout)


def quartiles(values: Sequence[float]) -> tuple[float, float, float]:
    """Return lower quartile, median and upper quartile."""
    low, middle, high = statistics.quantiles(values, n=4, method="inclusive")
    return low, middle, high


def machine() -> str:
    """Return what was measured on, in one sentence."""
    info = gradtape.engine_info()
    model = platform.processor() or platform.machine()
    cpuinfo = Path("/proc/cpuinfo")
    if cpuinfo.exists():
        names = [line.partition(": ")[2] for line in cpuinfo.read_text().splitlines() if "model name" in line]
        model = names[0] if names else model
    return (
        f"{model}, {info['threads']} cores, {platform.system()}; Python {platform.python_version()}, "
        f"NumPy {np.__version__} ({info['blas']}), gradtape {gradtape.__version__}; "
        f"{datetime.date.today().isoformat()}."
    )
