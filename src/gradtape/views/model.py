"""A model in a notebook: what `gradtape.views` needs to know of it."""

from __future__ import annotations

from typing import Any

from gradtape.layers.base.attributes import walk
from gradtape.views.model_rows import LayerRow, model_html
from gradtape.views.model_summary import _shape


def as_html(model: Any) -> str:
    """Return the model as a notebook shows it: each layer with heat maps of its weights."""
    optimizer = getattr(model, "optimizer", None)
    about = f", {type(optimizer).__name__}" if optimizer is not None else ", not compiled"
    return model_html(model.name, type(model).__name__, [_row(layer) for layer in model.layers], about)


def _row(layer: Any) -> LayerRow:
    weights = {f.path: f.value for f in walk(layer) if f.is_weight} if layer.built else {}
    shape = (_shape(layer) if layer.call_nodes else "?") + ("" if layer.built else ", not built")
    return LayerRow(layer.name, type(layer).__name__, shape, weights)
