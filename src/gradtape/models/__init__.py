"""Models: layers that are trained together."""

from gradtape.models.model import Model
from gradtape.models.saving import load_model, save_model
from gradtape.models.sequential import Sequential

__all__ = ["Model", "Sequential", "load_model", "save_model"]
