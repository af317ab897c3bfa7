"""Models: layers that are trained together."""

from gradtape.models.model import Model
from gradtape.models.sequential import Sequential

__all__ = ["Model", "Sequential"]
