"""`gradtape doctor`: which engines and devices are available."""

from __future__ import annotations

import os
import platform

import gradtape
from gradtape import engine
from gradtape.cli.options import Engine as EngineOption

VARIABLES = (
    "GRADTAPE_ENGINE",
    "JAX_PLATFORMS",
    "OMP_NUM_THREADS",
    "OPENBLAS_CORETYPE",
    "OPENBLAS_NUM_THREADS",
    "XLA_FLAGS",
)


def doctor(engine_name: EngineOption = "auto") -> None:
    """Print engine, version, device, number of threads and BLAS."""
    facts = {"gradtape": gradtape.__version__, "python": platform.python_version()}
    facts |= {"system": f"{platform.system()} {platform.machine()}"}
    facts |= {name: str(value) for name, value in engine.engine_info().items()}
    facts |= {name: os.environ[name] for name in VARIABLES if name in os.environ}
    width = max(map(len, facts))
    for name, value in facts.items():
        print(f"{name:<{width}}  {value}")
