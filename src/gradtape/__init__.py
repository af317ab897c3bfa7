"""gradtape trains neural networks, and hides nothing."""

from __future__ import annotations

from gradtape import ops
from gradtape.tape import GradientTape
from gradtape.tensor import Tensor, as_tensor
from gradtape.variable import Variable

__version__ = "0.1.0"

__all__ = ["GradientTape", "Tensor", "Variable", "as_tensor", "ops"]
