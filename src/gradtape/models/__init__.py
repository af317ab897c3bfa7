"""Models: layers that are trained together."""

from gradtape.base.absent import answer_for as _answer_for
from gradtape.formats.model_file import (
    clone_model,
    load_model,
    load_weights,
    model_from_json,
    save_model,
    save_weights,
)
from gradtape.models.model import Model
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

_answer_for(__name__)
