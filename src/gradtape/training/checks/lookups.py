"""Finds the inputs of a model that are row numbers of a table, to check them before the first step.

Inside a compiled step nobody can look at a number: a row outside the table would be NaN there.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from gradtape.data.conversion import named_leaves
from gradtape.errors import ArgumentError
from gradtape.layers.base.attributes import walk
from gradtape.layers.base.placeholders import TrialHook
from gradtape.layers.embedding import Embedding


@dataclass(frozen=True)
class Lookup:
    """An input whose numbers are looked up as they came.

    Attributes:
        layer: the layer's name.
        rows: how many rows its table has.
        place: the number of the input among the leaves of x.
    """

    layer: str
    rows: int
    place: int


class LookupHook(TrialHook):
    """Is told of a trial of a model, and notes which inputs are looked up.

    Attributes:
        found: the lookups.
    """

    def __init__(self) -> None:
        self.found: list[Lookup] = []
        self._origins: dict[
            int, tuple[Any, set[int]]
        ] = {}  # array's id: the array, and of which inputs it is

    def on_begin(self, inputs: list[Any]) -> None:
        """Begin anew, with the tensors that stand for the inputs."""
        self.found = []
        # The array is kept beside its id, or Python might give the id to another array.
        self._origins = {id(t._array): (t._array, {place}) for place, t in enumerate(inputs)}

    def on_operation(self, operation: Any, inputs: Any, attributes: Any, output: Any) -> None:
        """Follow the inputs' numbers, and note where they are looked up."""
        if operation.facts.kind == "move":  # all numbers of its inputs are in the output, as they were
            if places := set().union(*map(self._places, inputs)):
                for tensor in output if isinstance(output, tuple) else (output,):
                    self._origins[id(tensor._array)] = (tensor._array, places)
        elif operation.facts.kind == "lookup":
            who, table = attributes.get("who", operation.name), inputs[0]
            self.found += [Lookup(who, table.shape[0], place) for place in sorted(self._places(inputs[1]))]

    def _places(self, tensor: Any) -> set[int]:
        """Return which inputs the numbers of a tensor come from."""
        return self._origins.get(id(tensor._array), (None, set()))[1]


def looks_up(model: object) -> bool:
    """Tell whether a layer of the model looks rows up."""
    return any(isinstance(f.value, Embedding) for f in walk(model)) or isinstance(model, Embedding)


def check_lookups(lookups: list[Lookup], x: object, who: str) -> None:
    """Raise ArgumentError if a number in `x` is no row of the table in which it will be looked up."""
    named = list(named_leaves(x, "x")) if lookups else []
    for lookup in lookups:
        name, array = named[lookup.place]
        if not array.size:
            continue
        wanted = f"{who}: {lookup.layer} needs whole numbers in [0, {lookup.rows})"
        if array.dtype.kind == "f" and (array != np.floor(array)).any():
            raise ArgumentError(f"{wanted}, got {array[array != np.floor(array)][0]} in {name}")
        low, high = int(array.min()), int(array.max())
        if low < 0 or high >= lookup.rows:
            hint = "; input_dim is the largest number plus 1" if high == lookup.rows and low >= 0 else ""
            raise ArgumentError(f"{wanted}, got {low} to {high} in {name}{hint}")
