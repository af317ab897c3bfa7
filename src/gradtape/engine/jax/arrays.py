"""The JAX engine: operations run on CPU, GPU or TPU, and whole steps as one compiled program.

Importing this module switches JAX to 64-bit types, because gradtape keeps float64 and int64 as they are,
and to full float32 products on devices that would otherwise round their factors.
"""

from __future__ import annotations

import functools
import os
from contextlib import AbstractContextManager
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from gradtape.engine.jax.rows import Rows
from gradtape.engine.numpy import arrays as host
from gradtape.errors import CompileError

name = "jax"
xp: Any = jnp
compiles = True
matrix_product = jnp.dot

Array = Any

LOST = (
    "compile: a tensor that a compiled step kept (in a list, an attribute ...) has no value outside of it; "
    "return it from the step, assign it to a Variable inside, or pass run_eagerly=True"
)
_LARGE = 1 << 22  # bytes from which it matters how an array comes to the device


def _configure() -> None:
    config: Any = jax.config
    config.update("jax_enable_x64", True)
    if config.jax_default_matmul_precision is None:
        config.update("jax_default_matmul_precision", "highest")
    if config.jax_compilation_cache_dir is None:
        from platformdirs import user_cache_path

        config.update("jax_compilation_cache_dir", str(user_cache_path("gradtape") / "jax"))
        config.update("jax_persistent_cache_min_compile_time_secs", 0.02)
        config.update("jax_persistent_cache_min_entry_size_bytes", -1)


_configure()


def asarray(value: Any, dtype: np.dtype[Any] | None = None) -> Array:
    """Return a new array of `value` that nobody else holds.

    NumPy's arrays are converted and copied on the host, without a program for each shape, and have their
    values even in a trace, so that masks can be counted and indices be checked.
    """
    if is_engine_array(value):
        return jnp.array(value if dtype is None else astype(value, dtype), copy=True)
    with jax.ensure_compile_time_eval():
        return jax.device_put(host.asarray(value, dtype))


def is_engine_array(value: Any) -> bool:
    """Tell whether `value` is a JAX array, or stands for one in a trace."""
    return isinstance(value, jax.Array)


def is_traced(array: Array) -> bool:
    """Tell whether `array` only stands for a value, in a step that is being compiled."""
    return isinstance(array, jax.core.Tracer)


def to_numpy(array: Array) -> Any:
    """Return `array` as a NumPy array, or raise CompileError where it has no value."""
    if is_traced(array):
        raise CompileError("the value of a tensor is needed" if is_tracing() else LOST)
    return np.asarray(array)


def concretely() -> AbstractContextManager[Any]:
    """Return a scope in which arrays are computed at once even while a step is being compiled."""
    return jax.ensure_compile_time_eval()


def astype(array: Array, dtype: np.dtype[Any]) -> Array:
    """Return `array` converted to `dtype`."""
    return array if array.dtype == dtype else jnp.astype(jnp.asarray(array), dtype)


def sum(array: Array, axes: tuple[int, ...] | None, keepdims: bool = False) -> Array:
    """Return the sum over `axes` in the array's own dtype; half floats are added up in float32."""
    is_half = array.dtype.itemsize == 2 and array.dtype.kind not in "iu"
    total = jnp.sum(array, axis=axes, dtype="float32" if is_half else array.dtype, keepdims=keepdims)
    return astype(total, array.dtype)


def sum_of_rows(array: Array) -> Array:
    """Return the sum over the first axis."""
    return sum(array, (0,))


def cumsum(array: Array, axis: int) -> Array:
    """Return the running sum along `axis`; half floats are added up in float32."""
    is_half = array.dtype.itemsize == 2 and array.dtype.kind not in "iu"
    return astype(jnp.cumsum(array, axis=axis, dtype="float32" if is_half else array.dtype), array.dtype)


def matmul_transpose_a(x1: Array, x2: Array) -> Array:
    """Return transpose(x1) @ x2 of two matrices.

    XLA on the CPU multiplies a turned factor by few columns slowly, and folds a turning back into the
    product unless a barrier keeps it.  So the narrow factor is turned there: 512 and 10 columns take
    0.03 ms instead of 0.2.
    """
    is_narrow = 2 * x2.shape[1] <= x1.shape[1]
    if not (is_narrow and is_traced(x1) and jax.default_backend() == "cpu"):
        return matrix_product(x1.T, x2)
    barrier: Any = jax.lax.optimization_barrier
    return barrier(jnp.dot(barrier(x2.T), x1)).T


def matmul_transpose_b(x1: Array, x2: Array) -> Array:
    """Return x1 @ transpose(x2) of two matrices."""
    return matrix_product(x1, x2.T)


def wide_sum(array: Array) -> Array:
    """Return the sum of all elements, added up in float64."""
    return jnp.sum(array, dtype="float64")


def quotient(amount: Array, count: Array, dtype: np.dtype[Any]) -> Array:
    """Return amount / count in `dtype`, and 0 where the count is 0; on the host if the sums have values."""
    if is_traced(amount) or is_traced(count):
        return astype(host.quotient_of_arrays(amount, count), dtype)
    return jax.device_put(host.quotient(np.asarray(amount), np.asarray(count), dtype))


def einsum(subscripts: str, *arrays: Array) -> Array:
    """Return the product of `arrays` that the subscripts describe."""
    return jnp.einsum(subscripts, *arrays)


def max(array: Array, axis: int | tuple[int, ...], keepdims: bool = False) -> Array:
    """Return the largest element along `axis`; NaN where there is one."""
    return jnp.max(array, axis=axis, keepdims=keepdims)


def quiet() -> AbstractContextManager[Any]:
    """Return a scope without warnings of infinities: JAX gives none, but numbers are made by NumPy."""
    return host.quiet()


def pick(array: Array, index: Any) -> Array:
    """Return the elements of `array` at `index`; those of a constant are values even in a trace.

    So ``tf.shape(x)[0]`` is a number that a size can be made of.
    """
    parts = index if isinstance(index, tuple) else (index,)
    if is_traced(array) or any(is_traced(part) for part in parts):
        return array[index]
    with concretely():
        return array[index]


def index_add(shape: tuple[int, ...], index: Any, values: Array) -> Array:
    """Return zeros of `shape` to which `values` is added at `index`; equal places add up."""
    is_half = values.dtype.itemsize == 2 and values.dtype.kind not in "iu"
    wide = astype(values, np.dtype("float32")) if is_half else values
    return astype(jnp.zeros(shape, wide.dtype).at[index].add(wide), values.dtype)


def one_hot(labels: Array, classes: int, dtype: np.dtype[Any]) -> Array:
    """Return rows with 1 at each label and 0 elsewhere, shape of `labels` and `classes`."""
    return (labels[..., None] == jnp.arange(classes)).astype(dtype)


def check_indices(indices: Array, length: int, who: str) -> Array:
    """Return the indices; AxisError unless all lie in [-length, length); a trace cannot tell."""
    if not is_traced(indices):
        host.check_indices(np.asarray(indices), length, who)
    return indices


def check_labels(
    labels: Array, classes: int, who: str, wanted: str = "labels must be class numbers"
) -> Array:
    """Return the labels; AxisError unless all are class numbers in [0, classes); a trace cannot tell."""
    if not is_traced(labels):
        host.check_labels(np.asarray(labels), classes, who, wanted)
    return labels


def check_exponents(exponents: Array, who: str) -> None:
    """Raise ArgumentError if one of the whole numbers `exponents` is negative; a trace cannot tell."""
    if not is_traced(exponents):
        host.check_exponents(np.asarray(exponents), who)


def erf(x: Array) -> Array:
    """Return erf(x) for a floating array, in its dtype."""
    return jax.lax.erf(x)


def erfc(x: Array) -> Array:
    """Return 1 - erf(x) for a floating array, in its dtype, small values with all their digits."""
    return jax.lax.erfc(x)


def whole_numbers(array: Array, who: str, wanted: str = "labels must be whole class numbers") -> Array:
    """Return floating class numbers as int32; ArgumentError if one is not whole; a trace cannot tell."""
    return array.astype("int32") if is_traced(array) else host.whole_numbers(np.asarray(array), who, wanted)


def is_shape_error(error: Exception) -> bool:
    """Tell whether `error` speaks of shapes that do not fit; JAX raises TypeErrors for that as well."""
    return isinstance(error, ValueError) or "shape" in str(error)


def is_trace_error(error: Exception) -> bool:
    """Tell whether `error` says that a value is needed which a compiled step does not have yet."""
    return isinstance(error, jax.errors.JAXTypeError | jax.errors.JAXIndexError | CompileError)


def trace_error(error: Exception) -> Exception:
    """Return what to raise for an error that `is_trace_error`: JAX' own text on lost tensors is long."""
    return CompileError(LOST) if isinstance(error, jax.errors.UnexpectedTracerError) else error


def abstractly(function: Any, *arguments: Any) -> Any:
    """Return `function(*arguments)` as stand-ins for arrays, with shapes and dtypes: nothing is computed."""
    return jax.eval_shape(function, *arguments)


def compiled(function: Any) -> Any:
    """Return `function(state, *arguments)` as one compiled program that may reuse the memory of `state`."""
    return jax.jit(function, donate_argnums=0)


def compiled_loop(step: Any, shapes: list[Any]) -> Any:
    """Return a compiled program that runs `step` many times: loop(state, count, data, rows).

    `step(state, *batch)` returns the next state and a list of results, arrays like `shapes`.  Step i takes
    the rows ``rows[i]`` of each array in `data`.  The first `count` steps are done, so that one program
    serves any number up to ``len(rows)``; the results come back stacked, later entries being zero.
    """

    def loop(state: Any, count: Any, data: Any, rows: Array) -> Any:
        collected = [jnp.zeros((rows.shape[0], *s.shape), s.dtype) for s in shapes]

        def body(i: Any, carried: Any) -> Any:
            state, collected = carried
            state, results = step(state, *[_rows(d, rows[i]) for d in data])
            return state, [c.at[i].set(r) for c, r in zip(collected, results, strict=True)]

        return jax.lax.fori_loop(0, count, body, (state, collected))

    return jax.jit(loop, donate_argnums=0)


def _rows(array: Any, numbers: Array) -> Array:
    if isinstance(array, Rows):
        return array.take(numbers)
    return array.at[numbers].get(mode="promise_in_bounds")


def softmax(array: Array) -> Array:
    """Return exp(array) / sum(exp(array)) over the last axis."""
    powers = jnp.exp(array - jnp.max(array, axis=-1, keepdims=True))
    return powers / jnp.sum(powers, axis=-1, keepdims=True)


def crossentropy(logits: Array, labels: Array, probabilities: Array) -> Array:
    """Return log(sum(exp(logits))) - logits[label] along the last axis."""
    check_labels(labels, logits.shape[-1], "softmax_crossentropy")
    shifted = logits - jnp.max(logits, axis=-1, keepdims=True)
    total = jnp.sum(jnp.exp(shifted), axis=-1)
    return jnp.log(total) - jnp.take_along_axis(shifted, labels[..., None], axis=-1)[..., 0]


def gated(g: Array, y: Array) -> Array:
    """Return g * sign(y)."""
    return g * jnp.sign(y)


def minus_one_hot(probabilities: Array, labels: Array, scale: Array) -> Array:
    """Return `probabilities` with 1 taken away at the labels, each row times its `scale`."""
    ones = one_hot(labels, probabilities.shape[-1], probabilities.dtype)
    return (probabilities - ones) * jnp.asarray(scale)[..., None]


def broadcast_to(array: Array, shape: tuple[int, ...]) -> Array:
    """Return `array` repeated to `shape`; a number on the CPU without a program for each shape."""
    if array.ndim == 0 and jax.default_backend() == "cpu" and not (is_traced(array) or is_tracing()):
        return jax.device_put(np.full(shape, np.asarray(array)))
    return jnp.broadcast_to(array, shape)


def subtract_into(array: Array, delta: Array, is_sole_owner: bool) -> Array:
    """Return array - delta."""
    return jnp.subtract(array, delta)


def add_into(array: Array, delta: Array, is_sole_owner: bool) -> Array:
    """Return array + delta."""
    return jnp.add(array, delta)


def is_sole_owner(tensor: Any, references: int) -> bool:
    """Tell whether memory may be used again: not here, arrays never change."""
    return False


def private(tensor: Any, references: int) -> Array:
    """Return the tensor's array, or a copy of it if anybody but its Variable can still see it.

    A compiled program reuses the memory of its state, which must not be seen from outside then.
    """
    import sys

    array = tensor._array
    is_shared = references > 2 or sys.getrefcount(array) > 3 or not is_engine_array(array)
    seen_by_numpy = getattr(array, "_npy_value", None) is not None
    return jnp.array(array, copy=True) if is_shared or seen_by_numpy else array


def info() -> dict[str, Any]:
    """Return what this engine computes with."""
    device = jax.devices()[0]
    return {
        "engine": name,
        "version": jax.__version__,
        "device": f"{device.platform}: {device.device_kind} x {jax.device_count()}",
        "threads": len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count(),
        "blas": "XLA",
    }


def share(array: Any) -> Array:
    """Return a NumPy array on the device; it must not be changed while it is used.

    On the CPU a large one is not copied: only its rows can be had then, see `jax_rows`.
    """
    is_copied = array.nbytes < _LARGE or jax.default_backend() != "cpu"
    rows = None if is_copied else Rows.of(array)
    return jnp.asarray(array) if rows is None else rows


def fits(size_bytes: int) -> bool:
    """Tell whether data of this size can stay on the device: in at most half of what is free there."""
    statistics = jax.devices()[0].memory_stats()
    if statistics and "bytes_limit" in statistics:
        free = statistics["bytes_limit"] - statistics.get("bytes_in_use", 0)
    elif hasattr(os, "sysconf") and "SC_AVPHYS_PAGES" in os.sysconf_names:
        free = os.sysconf("SC_AVPHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    else:
        free = 2**31
    return bool(size_bytes <= free // 2)


def index_put(array: Array, index: Any, values: Array) -> Array:
    """Return `array` with `values` at `index`; where places are equal, the last one stays.

    XLA writes in order on the CPU; on a GPU whoever comes last, so that there the last one is looked for.
    """
    array = jnp.asarray(array)
    return array.at[index].set(values) if jax.default_backend() == "cpu" else last_put(array, index, values)


def last_put(array: Array, index: Any, values: Array) -> Array:
    """Return what `index_put` returns, by the largest number among the values for a place."""
    places = jnp.arange(array.size).reshape(array.shape)[index]
    given = jnp.broadcast_to(values, places.shape).reshape(-1).astype(array.dtype)
    last = jnp.full(array.size, -1).at[places.reshape(-1)].max(jnp.arange(places.size))
    flat = array.reshape(-1)
    return jnp.where(last < 0, flat, given[last] if given.size else flat).reshape(array.shape)


def random_bits(state: Array, shape: tuple[int, ...], dtype: str) -> Array:
    """Return evenly drawn whole numbers of `dtype`, uint32 or uint64, a function of `state`."""
    return _random_bits(state, shape, dtype)


@functools.partial(jax.jit, static_argnums=(1, 2))
def _random_bits(state: Array, shape: tuple[int, ...], dtype: str) -> Array:
    key = jax.random.key(state[0], impl="threefry2x32")
    return jax.random.bits(jax.random.fold_in(key, state[1].astype("uint32")), shape, dtype)


def is_tracing() -> bool:
    """Tell whether a step is being compiled, so that what is computed now only stands for values."""
    return is_traced(jax.device_put(np.float32(0)))


def lookup(table: Array, numbers: Array) -> Array:
    """Return the rows of `table` at `numbers`; NaN for a number outside [0, rows)."""
    unsigned = numbers.astype("uint32" if numbers.dtype.itemsize < 8 else "uint64")
    return table.at[unsigned].get(mode="fill", fill_value=jnp.nan)


def rows_of(array: Array, numbers: Array) -> Array:
    """Return the rows of `array` at `numbers`, which lie in [0, rows)."""
    return array[numbers]


def stack(arrays: list[Array]) -> Array:
    """Return arrays of one shape and dtype side by side along a new first axis."""
    return jnp.stack(arrays)
