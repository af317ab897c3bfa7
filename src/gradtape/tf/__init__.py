"""TensorFlow's spelling of what gradtape has: a dictionary of names, no second implementation.

``import gradtape.tf as tf`` in the place of ``import tensorflow as tf`` runs programs that stay with
Variables, GradientTape, operations, and the names of `gradtape.tf.keras`.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from gradtape import ops
from gradtape.base.absent import answer_for as _answer_for
from gradtape.core.tensor import Tensor, as_tensor
from gradtape.core.variable import Variable
from gradtape.ops.custom_gradient import custom_gradient, stop_gradient
from gradtape.tape.gradient_tape import GradientTape
from gradtape.tf import data, keras, linalg, math, nn, random
from gradtape.tf.arrays import boolean_mask
from gradtape.tf.arrays import print_ as print
from gradtape.tf.clip import add_n, clip_by_global_norm, clip_by_norm
from gradtape.tf.module import Module
from gradtape.tf.names import spelled

float16 = np.dtype("float16")
float32 = np.dtype("float32")
float64 = double = np.dtype("float64")
int8, int16, int32, int64 = (np.dtype(f"int{bits}") for bits in (8, 16, 32, 64))
uint8, uint16, uint32, uint64 = (np.dtype(f"uint{bits}") for bits in (8, 16, 32, 64))
# From here on `bool` is the dtype, as in TensorFlow, and no annotation can name Python's.
bool = np.dtype("bool")


def constant(value: object, dtype: object = None, shape: Any = None, name: str | None = None) -> Tensor:
    """Return `value` as a Tensor, reshaped or filled up to `shape` if that is given."""
    tensor = as_tensor(value, dtype, "constant")
    if shape is None:
        return tensor
    return ops.broadcast_to(tensor, shape) if tensor.size == 1 else ops.reshape(tensor, shape)


def one_hot(
    indices: object,
    depth: int,
    on_value: object = 1,
    off_value: object = 0,
    axis: int = -1,
    dtype: object = "float32",
    name: str | None = None,
) -> Tensor:
    """Return `on_value` at each label and `off_value` elsewhere, along a new axis of length `depth`."""
    places = ops.one_hot(indices, depth, axis=axis, dtype="bool")
    return ops.where(places, as_tensor(on_value, dtype), as_tensor(off_value, dtype))


class UnconnectedGradients:
    """What `tape.gradient` gives for a source that the target does not depend on."""

    NONE = "none"
    ZERO = "zero"


def function(func: Callable[..., Any] | None = None, **_: object) -> Any:
    """Return the function itself: there is no graph to make."""
    return func if func is not None else lambda wrapped: wrapped


def is_tensor(x: object) -> Any:
    """Tell whether `x` is a Tensor or Variable."""
    return isinstance(x, Tensor | Variable)


convert_to_tensor = spelled(ops.convert_to_tensor, value="x")
# Tensors never change, so there is nothing to copy.
identity = as_tensor

zeros = spelled(ops.zeros)
ones = spelled(ops.ones)
fill = spelled(ops.full, dims="shape", value="fill_value")
eye = spelled(ops.eye, num_rows="N", num_columns="M")
range = spelled(ops.arange, limit="stop", delta="step")
linspace = spelled(ops.linspace)
zeros_like = spelled(ops.zeros_like, input="x")
ones_like = spelled(ops.ones_like, input="x")

cast = spelled(ops.cast)
reshape = spelled(ops.reshape, tensor="x", shape="newshape")
transpose = spelled(ops.transpose, a="x", perm="axes")
expand_dims = spelled(ops.expand_dims, input="x")
squeeze = spelled(ops.squeeze, input="x")
broadcast_to = spelled(ops.broadcast_to, input="x")
concat = spelled(ops.concatenate, values="xs")
stack = spelled(ops.stack, values="x")
unstack = spelled(ops.unstack, value="x")
split = spelled(ops.split, value="x", num_or_size_splits="indices_or_sections")
pad = spelled(ops.pad, tensor="x", paddings="pad_width")
tile = spelled(ops.tile, input="x", multiples="repeats")
repeat = spelled(ops.repeat, input="x")
reverse = spelled(ops.flip, tensor="x")
roll = spelled(ops.roll, input="x")
where = spelled(ops.where, x="x1", y="x2")
meshgrid = spelled(ops.meshgrid)


def shape(input: object, out_type: object = "int32", name: str | None = None) -> Tensor:
    """Return the length of each axis of `input`, as a tensor."""
    return as_tensor(np.array(ops.shape(input)), out_type)


def size(input: object, out_type: object = "int32", name: str | None = None) -> Tensor:
    """Return how many elements `input` has, as a tensor."""
    return as_tensor(ops.size(input), out_type)


def rank(input: object, name: str | None = None) -> Tensor:
    """Return how many axes `input` has, as a tensor."""
    return as_tensor(len(ops.shape(input)))


def gather(params: object, indices: object, axis: int = 0, name: str | None = None) -> Tensor:
    """Return the slices of `params` along `axis` at `indices`."""
    return ops.take(params, indices, axis=axis)


add = math.add
subtract = math.subtract
multiply = math.multiply
divide = math.divide
pow = math.pow
maximum = math.maximum
minimum = math.minimum
equal = math.equal
not_equal = math.not_equal
less = math.less
less_equal = math.less_equal
greater = math.greater
greater_equal = math.greater_equal
logical_and = math.logical_and
logical_or = math.logical_or
logical_not = math.logical_not

abs = math.abs
negative = spelled(ops.negative)
sign = math.sign
square = math.square
sqrt = math.sqrt
exp = math.exp
sin = math.sin
cos = math.cos
tan = math.tan
tanh = math.tanh
sigmoid = math.sigmoid
round = math.round
floor = math.floor
clip_by_value = spelled(ops.clip, t="x", clip_value_min="x_min", clip_value_max="x_max")

reduce_sum = math.reduce_sum
reduce_mean = math.reduce_mean
reduce_max = math.reduce_max
reduce_min = math.reduce_min
reduce_prod = math.reduce_prod
reduce_all = math.reduce_all
reduce_any = math.reduce_any
reduce_logsumexp = math.reduce_logsumexp
argmax = math.argmax
argmin = math.argmin
cumsum = math.cumsum

matmul = linalg.matmul
tensordot = linalg.tensordot
einsum = linalg.einsum
norm = linalg.norm
sort = spelled(ops.sort, values="x")
argsort = spelled(ops.argsort, values="x")

__all__ = [
    "GradientTape",
    "Module",
    "Tensor",
    "Variable",
    "add_n",
    "boolean_mask",
    "clip_by_global_norm",
    "clip_by_norm",
    "custom_gradient",
    "data",
    "keras",
    "nn",
    "print",
    "random",
    "stop_gradient",
]

_answer_for(__name__)
