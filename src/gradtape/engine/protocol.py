"""The functions that an engine provides: `Engine` for every one, `CompilingEngine` for those that compile.

An engine is a module.  The type checker holds each against its protocol where `gradtape.engine` chooses it,
and a test goes over the sources: nothing else is asked of `engine.active`.  An array is NumPy's or the
engine's own, so its type is left open here.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any, Protocol

import numpy as np

from gradtape.engine.namespace import Namespace

Array = Any
DType = np.dtype[Any]
Axes = tuple[int, ...] | None


class Engine(Protocol):
    """The functions of every engine."""

    @property
    def name(self) -> str:
        """How users call the engine: ``"numpy"`` or ``"jax"``."""

    @property
    def compiles(self) -> bool:
        """Whether a step becomes one compiled program; then the engine is a `CompilingEngine`."""

    @property
    def xp(self) -> Namespace:
        """The array namespace."""

    @property
    def matrix_product(self) -> Callable[[Array, Array], Array]:
        """The product of two matrices."""

    # What it computes on.

    def info(self) -> dict[str, Any]:
        """Return engine, version, device, threads and BLAS by name."""

    def fits(self, size_bytes: int) -> bool:
        """Tell whether data of this size can stay where the engine computes."""

    # Arrays: made, converted, shared, changed.

    def asarray(self, value: Any, dtype: DType | None = None) -> Array:
        """Return a new array of `value` that nobody else holds."""

    def is_engine_array(self, value: Any) -> bool:
        """Tell whether `value` is an array that only this engine knows."""

    def to_numpy(self, array: Array) -> Any:
        """Return `array` as a NumPy array, or raise CompileError where it has no value."""

    def share(self, array: Any) -> Array:
        """Return a NumPy array as this engine's, perhaps without a copy: it must not change while used."""

    def astype(self, array: Array, dtype: DType) -> Array:
        """Return `array` converted to `dtype`."""

    def broadcast_to(self, array: Array, shape: tuple[int, ...]) -> Array:
        """Return `array` repeated to `shape`."""

    def add_into(self, array: Array, delta: Array, is_sole_owner: bool) -> Array:
        """Return array + delta, in the memory of `array` if nobody else sees it."""

    def subtract_into(self, array: Array, delta: Array, is_sole_owner: bool) -> Array:
        """Return array - delta, in the memory of `array` if nobody else sees it."""

    def is_sole_owner(self, tensor: Any, references: int) -> bool:
        """Tell whether only its Variable sees the tensor's array, given how many hold the tensor."""

    # Sums, and the largest element.

    def sum(self, array: Array, axes: Axes, keepdims: bool = False) -> Array:
        """Return the sum over `axes` in the array's own dtype; half floats are added up in float32."""

    def sum_of_rows(self, array: Array) -> Array:
        """Return the sum over the first axis."""

    def cumsum(self, array: Array, axis: int) -> Array:
        """Return the running sum along `axis` in the array's own dtype."""

    def wide_sum(self, array: Array) -> Array:
        """Return the sum of all elements, added up in float64."""

    def quotient(self, amount: Array, count: Array, dtype: DType) -> Array:
        """Return amount / count in `dtype`, and 0 where the count is 0."""

    def max(self, array: Array, axis: int | tuple[int, ...], keepdims: bool = False) -> Array:
        """Return the largest element along `axis`; NaN where there is one."""

    # Products.

    def matmul_transpose_a(self, x1: Array, x2: Array) -> Array:
        """Return transpose(x1) @ x2 of two matrices."""

    def matmul_transpose_b(self, x1: Array, x2: Array) -> Array:
        """Return x1 @ transpose(x2) of two matrices."""

    def einsum(self, subscripts: str, *arrays: Array) -> Array:
        """Return the product of `arrays` that the subscripts describe."""

    # Elements and rows by their places.

    def pick(self, array: Array, index: Any) -> Array:
        """Return the elements of `array` at `index`."""

    def index_add(self, shape: tuple[int, ...], index: Any, values: Array) -> Array:
        """Return zeros of `shape` to which `values` is added at `index`; equal places add up."""

    def index_put(self, array: Array, index: Any, values: Array) -> Array:
        """Return `array` with `values` at `index`; where places are equal, the last one stays."""

    def lookup(self, table: Array, numbers: Array) -> Array:
        """Return the rows of `table` at `numbers`, which lie in [0, rows)."""

    def rows_of(self, array: Array, numbers: Array) -> Array:
        """Return the rows of `array` at `numbers`, which are known to lie in [0, rows)."""

    def stack(self, arrays: list[Array]) -> Array:
        """Return arrays of one shape and dtype side by side along a new first axis."""

    # Functions of an activation or a loss.

    def erf(self, x: Array) -> Array:
        """Return erf(x) for a floating array, in its dtype."""

    def erfc(self, x: Array) -> Array:
        """Return 1 - erf(x) for a floating array, in its dtype, small values with all their digits."""

    def gated(self, g: Array, y: Array) -> Array:
        """Return g * sign(y)."""

    def softmax(self, array: Array) -> Array:
        """Return exp(array) / sum(exp(array)) over the last axis."""

    def crossentropy(self, logits: Array, labels: Array, probabilities: Array) -> Array:
        """Return -log(probability of the label) along the last axis."""

    def one_hot(self, labels: Array, classes: int, dtype: DType) -> Array:
        """Return rows with 1 at each label and 0 elsewhere, shape of `labels` and `classes`."""

    def minus_one_hot(self, probabilities: Array, labels: Array, scale: Array) -> Array:
        """Return `probabilities` with 1 taken away at the labels, each row times its `scale`."""

    def random_bits(self, state: Array, shape: tuple[int, ...], dtype: str) -> Array:
        """Return evenly drawn whole numbers, uint32 or uint64, a function of `state`, (key, counter)."""

    # Checks of values, which a trace lets through, for it has none.

    def check_indices(self, indices: Array, length: int, who: str) -> Array:
        """Return the indices; AxisError unless all lie in [-length, length)."""

    def check_labels(self, labels: Array, classes: int, who: str, wanted: str = ...) -> Array:
        """Return the labels; AxisError unless all are class numbers in [0, classes)."""

    def check_exponents(self, exponents: Array, who: str) -> None:
        """Raise ArgumentError if one of the whole numbers `exponents` is negative."""

    def whole_numbers(self, array: Array, who: str, wanted: str = ...) -> Array:
        """Return floating class numbers as int32; ArgumentError if one is not whole."""

    # Warnings, traces and errors.

    def quiet(self) -> AbstractContextManager[Any]:
        """Return a scope in which NumPy does not warn of infinities and NaN."""

    def concretely(self) -> AbstractContextManager[Any]:
        """Return a scope in which arrays are computed at once even while a step is being compiled."""

    def abstractly(self, function: Callable[..., Any], *arguments: Any) -> Any:
        """Return what becomes of such arguments: stand-ins for arrays, or arrays of made-up values."""

    def is_traced(self, array: Array) -> bool:
        """Tell whether `array` only stands for a value, in a step that is being compiled."""

    def is_tracing(self) -> bool:
        """Tell whether a step is being compiled, so that what is computed now only stands for values."""

    def is_shape_error(self, error: Exception) -> bool:
        """Tell whether `error` is about shapes that do not fit."""

    def is_trace_error(self, error: Exception) -> bool:
        """Tell whether `error` says that a value is needed which a compiled step does not have yet."""

    def trace_error(self, error: Exception) -> Exception:
        """Return what to raise for an error that `is_trace_error`."""


class CompilingEngine(Engine, Protocol):
    """The further functions of an engine that compiles; `gradtape.engine.compiler` returns one."""

    def compiled(self, function: Callable[..., Any]) -> Callable[..., Any]:
        """Return function(state, *arguments) as one program that may reuse the memory of `state`."""

    def compiled_loop(self, step: Callable[..., Any], shapes: list[Any]) -> Callable[..., Any]:
        """Return a program that runs `step` many times: loop(state, count, data, rows)."""

    def private(self, tensor: Any, references: int) -> Array:
        """Return the tensor's array, or a copy of it if anybody but its Variable can still see it."""
