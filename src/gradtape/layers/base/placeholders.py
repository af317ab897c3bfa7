"""Placeholders: stand-ins for tensors while a functional model is built."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from gradtape import engine
from gradtape.base.trees import leaves, rebuild
from gradtape.core.hooks import Hook, add, silence
from gradtape.core.placeholder import Placeholder
from gradtape.core.tensor import Tensor
from gradtape.errors import ArgumentTypeError, ShapeError, show

Shape = tuple[int | None, ...]
# Not 0 or 1: 1 broadcasts against every length, and of 0 samples some means are an error.
_TRIAL_LENGTHS = (2, 3)  # two lengths in the place of None: what differs in the outputs is None there


class SymbolicTensor(Placeholder):
    """A placeholder for a tensor of a functional model: a shape and a dtype, no values.

    Operations take it and return another one; see `layers/base/operation_layer.py`.

    Attributes:
        shape: its lengths; None where any length is allowed.
        dtype: its NumPy dtype.
        name: its name.
        node: the call of a layer that it comes out of.
    """

    def __init__(self, shape: Shape, dtype: Any, name: str = "placeholder") -> None:
        self.shape = shape
        self.dtype = np.dtype(dtype)
        self.name = name
        self.node: Node | None = None

    @property
    def ndim(self) -> int:
        """How many axes it has."""
        return len(self.shape)

    @property
    def _array(self) -> Any:
        raise ArgumentTypeError(
            f"{self.name!r} is a placeholder of a functional model and has no values: use gradtape.ops, "
            "or put what needs values into a layer's call or a Lambda"
        )

    def __array__(self, *args: object, **kwargs: object) -> Any:
        return self._array

    def __bool__(self) -> bool:
        return bool(self._array)

    def __float__(self) -> float:
        return float(self._array)

    def __int__(self) -> int:
        return int(self._array)

    def __iter__(self) -> Iterator[Any]:
        return iter(self._array)

    __hash__ = object.__hash__

    def __repr__(self) -> str:
        return f"<SymbolicTensor {self.name} shape={self.shape}, dtype={self.dtype}>"


@dataclass(eq=False)
class Node:
    """One call of a layer on placeholders.

    Attributes:
        layer: which layer.
        arguments: its positional arguments.
        keywords: its keyword arguments.
        outputs: the placeholders it returned.
        inputs: the placeholders among the arguments.
    """

    layer: Any
    arguments: tuple[Any, ...]
    keywords: dict[str, Any]
    outputs: Any
    inputs: list[SymbolicTensor] = field(default_factory=list)


def call_symbolically(layer: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
    """Return placeholders for what the layer returns for `args`, and record the call."""
    inputs = [v for v in leaves([list(args), kwargs]) if isinstance(v, SymbolicTensor)]
    example = trial(layer, args, kwargs)
    outputs = rebuild(example, [SymbolicTensor(s, d, layer.name) for s, d in leaves_of(example)])
    node = Node(layer, args, kwargs, outputs, inputs)
    for output in leaves(outputs):
        output.node = node
    layer.call_nodes.append(node)
    return outputs


@dataclass(frozen=True)
class Spec:
    """The shape and dtype of a tensor that does not exist yet."""

    shape: Shape
    dtype: Any


def leaves_of(specs: object) -> list[tuple[Shape, Any]]:
    """Return (shape, dtype) of each Spec in a structure."""
    return [(spec.shape, spec.dtype) for spec in leaves(specs)]


class TrialHook(Hook):
    """A hook that can be told of a trial."""

    def on_begin(self, inputs: list[Tensor]) -> None:
        """The layer is about to be called.

        Args:
            inputs: the tensors in the placeholders' places.
        """


def trial(layer: Any, args: object, kwargs: object, hook: TrialHook | None = None) -> Any:
    """Return the Specs of what the layer returns for placeholders: by calling it on zeros.

    It is called with 2 and then with 3 in the place of every None; no hook is told of it but `hook`, and
    Variables keep their values.
    """
    added = layer.added_losses
    first, second = [_outputs(layer, args, kwargs, length, hook) for length in _TRIAL_LENGTHS]
    layer.added_losses = added  # those of a trial are no values
    shapes = [
        tuple([a if a == b else None for a, b in zip(s.shape, t.shape, strict=True)])
        for s, t in zip(leaves(first), leaves(second), strict=True)
    ]
    return rebuild(first, [Spec(s, f.dtype) for s, f in zip(shapes, leaves(first), strict=True)])


def _outputs(layer: Any, args: Any, kwargs: Any, length: int, hook: TrialHook | None) -> Any:
    results: list[Any] = []

    def run(arrays: Any) -> None:
        tensors = [Tensor(array) for array in arrays]
        values = iter(tensors)
        arguments = [next(values) if isinstance(v, SymbolicTensor) else v for v in places]
        if hook is not None:
            hook.on_begin(tensors)
        list_of_args, keywords = rebuild(tree, arguments)
        result = layer(*list_of_args, **keywords)
        results.append(rebuild(result, [Spec(tuple(v.shape), v.dtype) for v in leaves(result)]))

    tree = [list(args), kwargs]
    places = leaves(tree)
    zeros = [
        engine.active.asarray(np.zeros([length if n is None else n for n in v.shape], v.dtype))
        for v in places
        if isinstance(v, SymbolicTensor)
    ]
    undo = _Undo()
    # No tape and no recorder may see a trial.
    with silence():
        add(undo)
        if hook is not None:
            add(hook)
        try:
            _abstractly(run, zeros, undo)
        finally:
            undo.restore()
    return results[-1]


def _abstractly(run: Any, zeros: Any, undo: _Undo) -> None:
    """Run on stand-ins; on the zeros themselves if a layer asks for values, which it may do uncompiled."""
    try:
        engine.active.abstractly(run, zeros)
    except Exception as error:
        if not engine.active.is_trace_error(error):
            raise
        # What the first attempt assigned must not be what the second begins with.
        undo.restore()
        run(zeros)


class _Undo(Hook):
    """Restores the values that Variables had before a trial."""

    def __init__(self) -> None:
        self._before: dict[int, tuple[Any, Tensor]] = {}

    def on_assign(self, variable: object, value: Tensor, before: Tensor, method: str) -> None:
        self._before.setdefault(id(variable), (variable, before))

    def restore(self) -> None:
        for variable, before in self._before.values():
            # Not `assign`, of which hooks would be told.
            variable._tensor = before


def shape_of_output(layer: Any, input_shape: Any) -> Any:
    """Return the shape, or structure of shapes, of what the layer returns for `input_shape`."""
    outputs = trial(layer, (placeholders(input_shape, layer.dtype),), {})
    return (
        outputs.shape if isinstance(outputs, Spec) else rebuild(outputs, [s for s, _ in leaves_of(outputs)])
    )


def placeholders(shape: Any, dtype: Any) -> Any:
    """Return a placeholder for a shape, or a structure of them for a structure of shapes."""
    if isinstance(shape, dict):
        return {k: placeholders(v, dtype[k] if isinstance(dtype, dict) else dtype) for k, v in shape.items()}
    if shape and isinstance(shape[0], list | tuple | dict):
        each = dtype if isinstance(dtype, list) else [dtype] * len(shape)
        return [placeholders(s, d) for s, d in zip(shape, each, strict=True)]
    return SymbolicTensor(checked_shape(shape, "shape"), dtype)


def checked_shape(shape: Any, who: str) -> Shape:
    """Return `shape` as a tuple of lengths and None, or raise ShapeError."""
    lengths = (shape,) if isinstance(shape, int | None) else tuple(shape)
    for n in lengths:
        if n is not None and (isinstance(n, bool) or not isinstance(n, int | np.integer) or n < 0):
            raise ShapeError(f"{who}: must be lengths, or None for any length, got {show(shape)}")
    return tuple([n if n is None else int(n) for n in lengths])
