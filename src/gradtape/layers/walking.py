"""One walk over a layer's attributes finds its Variables and the layers inside, each with its path."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from gradtape.variable import Variable


@dataclass(frozen=True, slots=True)
class Found:
    """What a walk comes by.

    Attributes:
        path: the attribute path from where the walk began, such as ``layers.0.kernel``.
        value: a Variable or a layer.
        owner: the layer, metric or seed generator it belongs to.
        is_weight: whether it is a Variable of the layer itself, not the state of a metric or seed inside.
        is_trainable: whether it is a weight that training is to change: no layer around it is frozen.
    """

    path: str
    value: Any
    owner: Any
    is_weight: bool
    is_trainable: bool


def walk(
    owner: Any, prefix: str = "", trainable: bool = True, seen: set[int] | None = None
) -> Iterator[Found]:
    """Yield all below the layer `owner`: first its own Variables, then the layers inside and theirs.

    Args:
        owner: the layer to start from.
        prefix: its own path, with a dot at the end.
        trainable: whether the layers around it are.
        seen: what has been come by already: of several ways to one thing, the first gives its path.
    """
    seen = {id(owner)} if seen is None else seen
    trainable = trainable and owner.trainable
    inner: list[tuple[str, Any]] = []
    for path, value in _attributes(owner, prefix):
        if id(value) in seen:
            continue
        seen.add(id(value))
        if isinstance(value, Variable):
            yield Found(path, value, owner, True, trainable and value.trainable)
        elif is_layer(value):
            inner.append((path, value))
        else:
            for state in value.variables:
                seen.add(id(state))
                yield Found(f"{path}.{state.name}", state, value, False, False)
    for path, layer in inner:
        yield Found(path, layer, owner, False, False)
        yield from walk(layer, f"{path}.", trainable, seen)


def is_layer(value: Any) -> bool:
    """Tell whether `value` is a layer: it says which of its attributes are no part of it."""
    return hasattr(value, "_not_walked")


def _attributes(owner: Any, prefix: str) -> Iterator[tuple[str, Any]]:
    """Yield (path, value) for every Variable, layer and holder of Variables among the attributes.

    Lists, tuples and dicts are entered; their places are part of the path.
    """
    for name, value in list(vars(owner).items()):
        if name not in owner._not_walked:
            yield from _inside(f"{prefix}{name.lstrip('_')}", value)


def _inside(path: str, value: Any) -> Iterator[tuple[str, Any]]:
    if isinstance(value, list | tuple):
        for number, inner in enumerate(value):
            yield from _inside(f"{path}.{number}", inner)
    elif isinstance(value, dict):
        for key, inner in value.items():
            yield from _inside(f"{path}.{key}", inner)
    elif (
        isinstance(value, Variable) or is_layer(value) or isinstance(getattr(value, "variables", None), list)
    ):
        yield path, value
