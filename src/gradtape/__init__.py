"""gradtape trains neural networks, and hides nothing.

`import gradtape` brings tensors, the tape and the operations; the other rooms come when they are asked for.
"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

from gradtape import (
    _moved,
    errors,
    ops,
    random,
    views,
)
from gradtape.base import absent as _absent
from gradtape.base.late_members import define_later as _define_later
from gradtape.base.version import __version__
from gradtape.core.tensor import Tensor, as_tensor
from gradtape.core.variable import Variable
from gradtape.engine import engine_info, get_engine, set_engine
from gradtape.ops.custom_gradient import custom_gradient, stop_gradient
from gradtape.ops.random.seeds import set_seed
from gradtape.program.compiled import compile
from gradtape.program.function import function
from gradtape.tape.gradient_tape import GradientTape

if TYPE_CHECKING:
    from gradtape import (
        activations,
        callbacks,
        constraints,
        data,
        datasets,
        initializers,
        layers,
        losses,
        metrics,
        models,
        optimizers,
        regularizers,
        replay,
        runs,
        saving,
        testing,
        utils,
    )
    from gradtape.article import naive
    from gradtape.initializers import Initializer
    from gradtape.layers import Input, Layer
    from gradtape.losses import Loss
    from gradtape.metrics import Metric
    from gradtape.models import Model, Sequential
    from gradtape.optimizers import Optimizer
    from gradtape.regularizers import Regularizer
    from gradtape.replay import diff, open_run

_moved.install()
views.attach()  # what notebooks ask tensors, Variables and tapes for

__all__ = [
    "GradientTape",
    "Initializer",
    "Input",
    "Layer",
    "Loss",
    "Metric",
    "Model",
    "Optimizer",
    "Regularizer",
    "Sequential",
    "Tensor",
    "Variable",
    "__version__",
    "activations",
    "as_tensor",
    "callbacks",
    "compile",
    "constraints",
    "custom_gradient",
    "data",
    "datasets",
    "diff",
    "engine_info",
    "errors",
    "function",
    "get_engine",
    "initializers",
    "layers",
    "losses",
    "metrics",
    "models",
    "naive",
    "open_run",
    "ops",
    "optimizers",
    "random",
    "regularizers",
    "replay",
    "runs",
    "saving",
    "set_engine",
    "set_seed",
    "stop_gradient",
    "testing",
    "utils",
]

# Which room has what is offered at the top.
_ROOM_OF = {
    "Initializer": "initializers",
    "Input": "layers",
    "Layer": "layers",
    "Loss": "losses",
    "Metric": "metrics",
    "Model": "models",
    "Optimizer": "optimizers",
    "Regularizer": "regularizers",
    "Sequential": "models",
    "diff": "replay",
    "open_run": "replay",
}


def __getattr__(name: str) -> Any:
    """Bring the room `name`, or what has that name out of its room."""
    if name in _ROOM_OF:
        return getattr(_room(_ROOM_OF[name]), name)
    if name in __all__ and name != "naive":
        return _room(name)
    if _moved.new_name(f"gradtape.{name}") is not None:
        return _moved.module(name)
    _absent.refuse(sys.modules[__name__], name, sys._getframe(1))


def __dir__() -> list[str]:
    return sorted(__all__)


def _room(name: str) -> Any:
    """Import a room, each by a line of its own: nothing here imports what a string says."""
    match name:
        case "activations":
            import gradtape.activations
        case "callbacks":
            import gradtape.callbacks
        case "constraints":
            import gradtape.constraints
        case "data":
            import gradtape.data
        case "datasets":
            import gradtape.datasets
        case "initializers":
            import gradtape.initializers
        case "layers":
            import gradtape.layers
        case "losses":
            import gradtape.losses
        case "metrics":
            import gradtape.metrics
        case "models":
            import gradtape.models
        case "optimizers":
            import gradtape.optimizers
        case "regularizers":
            import gradtape.regularizers
        case "replay":
            import gradtape.replay
        case "runs":
            import gradtape.runs
        case "saving":
            import gradtape.saving
        case "testing":
            import gradtape.testing
        case "utils":
            import gradtape.utils  # noqa: F401
    return sys.modules[f"gradtape.{name}"]


_define_later("layer", ("Functional", "Model", "Sequential"), lambda: _room("models"))
