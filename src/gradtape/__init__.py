"""gradtape trains neural networks, and hides nothing."""

from __future__ import annotations

from gradtape import (
    activations,
    constraints,
    datasets,
    errors,
    initializers,
    losses,
    naive,
    ops,
    optimizers,
    random,
    regularizers,
    testing,
)
from gradtape.compiling import compile
from gradtape.engine import engine_info, get_engine, set_engine
from gradtape.ops.gradients import custom_gradient, stop_gradient
from gradtape.ops.seeds import set_seed
from gradtape.tape import GradientTape
from gradtape.tensor import Tensor, as_tensor
from gradtape.variable import Variable

__version__ = "0.1.0"

__all__ = [
    "GradientTape",
    "Tensor",
    "Variable",
    "activations",
    "as_tensor",
    "compile",
    "constraints",
    "custom_gradient",
    "datasets",
    "engine_info",
    "errors",
    "get_engine",
    "initializers",
    "losses",
    "naive",
    "ops",
    "optimizers",
    "random",
    "regularizers",
    "set_engine",
    "set_seed",
    "stop_gradient",
    "testing",
]
