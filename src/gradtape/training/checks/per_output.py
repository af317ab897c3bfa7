"""What is given for each output of a model: one thing, a list, or a dict by name."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from gradtape.core.tensor import Tensor
from gradtape.errors import ArgumentError, show


def per_output(given: object, names: list[str], who: str, spread: bool = False) -> list[Any]:
    """Return what is given for each output, in the order of `names`.

    Args:
        given: one thing for the only output; a list, or a dict by the names, for several; None for none.
        names: the names of the outputs.
        who: named in the error.
        spread: whether one thing is meant for every output.

    >>> per_output({"b": 2}, ["a", "b"], "loss")
    [None, 2]
    """
    if given is None or (type(given) is Tensor and len(names) == 1):  # in every step of training
        return [given] * len(names)
    if isinstance(given, Mapping):
        unknown = [key for key in given if key not in names]
        # A subclass's only output has a name nobody chose, so one entry under any key is meant for it.
        if unknown and not (len(names) == 1 and len(given) == 1):
            raise ArgumentError(f"{who}: there is no output {unknown[0]!r}; there are {', '.join(names)}")
        return [given.get(n) for n in names] if not unknown else list(given.values())
    if isinstance(given, list | tuple) and (len(names) > 1 or len(given) == 1):
        if len(given) != len(names):
            raise ArgumentError(f"{who}: needs one for each of the {len(names)} outputs, got {len(given)}")
        return list(given)
    # A name, such as "mse", is meant for every output, as in Keras.
    if len(names) > 1 and not spread and not isinstance(given, str):
        raise ArgumentError(f"{who}: needs one for each of the {len(names)} outputs, got {show(given)}")
    return [given] * len(names)
