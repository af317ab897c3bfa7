"""gradtape trains neural networks, and hides nothing."""

from __future__ import annotations

from gradtape import ops
from gradtape.compiling import compile
from gradtape.engine import engine_info, get_engine, set_engine
from gradtape.tape import GradientTape
from gradtape.tensor import Tensor, as_tensor
from gradtape.variable import Variable

__version__ = "0.1.0"

__all__ = [
    "GradientTape",
    "Tensor",
    "Variable",
    "as_tensor",
    "compile",
    "engine_info",
    "get_engine",
    "ops",
    "set_engine",
]
