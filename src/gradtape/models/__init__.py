"""Models: layers that are trained together."""

from gradtape import saving as _saving
from gradtape.models.model import Model
from gradtape.models.saving import (
    clone_model,
    load_model,
    load_weights,
    model_from_json,
    save_model,
    save_weights,
)
from gradtape.models.sequential import Sequential

__all__ = [
    "Model",
    "Sequential",
    "clone_model",
    "load_model",
    "load_weights",
    "model_from_json",
    "save_model",
    "save_weights",
]

# Keras has these under `saving` too, where gradtape has what lies below models.
for _function in (load_model, load_weights, save_model, save_weights):
    setattr(_saving, _function.__name__, _function)
