"""A model in a notebook: its layers, with the weights of each behind a fold."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from gradtape.display import number_text
from gradtape.display.heat_map import heat_map
from gradtape.display.html import escaped, fold, framed
from gradtape.views.tensor import array_facts


@dataclass(frozen=True)
class LayerRow:
    """What is shown of a layer.

    Attributes:
        name: its name.
        kind: its class.
        shape: of what it returns.
        weights: its Variables, by path.
    """

    name: str
    kind: str
    shape: str
    weights: dict[str, Any]


def model_html(name: str, kind: str, layers: Sequence[LayerRow], about: str) -> str:
    """Return a model as HTML.

    Args:
        name: of the model.
        kind: its class.
        layers: its layers.
        about: what else is known of it, such as its optimizer.
    """
    numbers = sum(int(v.size) for layer in layers for v in layer.weights.values())
    size = sum(int(v.size) * v.dtype.itemsize for layer in layers for v in layer.weights.values())
    facts = f"{len(layers)} layers, {numbers:,} numbers, {number_text.size(size)}{about}"
    title = f'<b>{escaped(kind)}</b> <code>{escaped(name)}</code> <span class="soft">{escaped(facts)}</span>'
    return framed([title, *map(_layer, layers)], "layers are not shown")


def _layer(layer: LayerRow) -> str:
    numbers = sum(int(v.size) for v in layer.weights.values())
    title = (
        f"{escaped(layer.name)} <b>{escaped(layer.kind)}</b> "
        f'<span class="soft"><code>{escaped(layer.shape)}</code> {numbers:,} numbers</span>'
    )
    if not layer.weights:
        return f'<div style="padding-left:1.1em">{title}</div>'
    return fold(title, "".join(_weights(layer)))


def _weights(layer: LayerRow) -> Iterator[str]:
    for path, variable in layer.weights.items():
        array = np.asarray(variable.numpy())
        yield (
            f"<div><code>{escaped(path)} {number_text.shape(array.shape)} {array.dtype}</code> "
            f'<span class="soft">{array_facts(array)}</span></div>{heat_map(array, 200)}'
        )
