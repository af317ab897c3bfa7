"""Differentiable operations, one family a file; names and arguments follow keras.ops."""

from gradtape.base.absent import answer_for as _answer_for
from gradtape.core.operation import operation
from gradtape.core.tensor import Array
from gradtape.ops import array_methods as _array_methods
from gradtape.ops import linalg as linalg
from gradtape.ops import nn as nn
from gradtape.ops import numpy as numpy
from gradtape.ops import numpy_protocol as _numpy_protocol
from gradtape.ops import operators as _operators
from gradtape.ops import random as random
from gradtape.ops.custom_gradient import custom_gradient, stop_gradient
from gradtape.ops.linalg.contractions import (
    dot,
    einsum,
    inner,
    outer,
    tensordot,
    vdot,
)
from gradtape.ops.linalg.linear_algebra import matmul
from gradtape.ops.linalg.normalization import l2_normalize, normalize
from gradtape.ops.nn.activations import (
    celu,
    elu,
    gelu,
    leaky_relu,
    log_sigmoid,
    mish,
    relu,
    relu6,
    selu,
    sigmoid,
    silu,
    softplus,
    softsign,
    squareplus,
    swish,
    tanh_shrink,
)
from gradtape.ops.nn.crossentropy import softmax_crossentropy
from gradtape.ops.nn.piecewise import (
    exponential,
    glu,
    hard_shrink,
    hard_sigmoid,
    hard_silu,
    hard_swish,
    hard_tanh,
    linear,
    soft_shrink,
    sparse_plus,
    sparse_sigmoid,
    threshold,
)
from gradtape.ops.nn.softmax import log_softmax, logsumexp, softmax
from gradtape.ops.nn.sparsemax import sparsemax
from gradtape.ops.nn.target_crossentropy import (
    binary_crossentropy,
    categorical_crossentropy,
    sparse_categorical_crossentropy,
)
from gradtape.ops.numpy.arithmetic import (
    abs,
    absolute,
    add,
    divide,
    multiply,
    negative,
    positive,
    power,
    reciprocal,
    square,
    subtract,
    true_divide,
)
from gradtape.ops.numpy.axis_order import (
    expand_dims,
    moveaxis,
    ravel,
    rot90,
    squeeze,
    swapaxes,
)
from gradtape.ops.numpy.bitwise import (
    bitwise_and,
    bitwise_invert,
    bitwise_left_shift,
    bitwise_not,
    bitwise_or,
    bitwise_right_shift,
    bitwise_xor,
    left_shift,
    right_shift,
)
from gradtape.ops.numpy.comparison import (
    equal,
    greater,
    greater_equal,
    isfinite,
    isinf,
    isnan,
    less,
    less_equal,
    logical_and,
    logical_not,
    logical_or,
    logical_xor,
    not_equal,
)
from gradtape.ops.numpy.concatenation import concatenate, split, stack, unstack
from gradtape.ops.numpy.creation import (
    array,
    convert_to_numpy,
    convert_to_tensor,
    eye,
    full,
    full_like,
    identity,
    one_hot,
    ones,
    ones_like,
    shape,
    size,
    zeros,
    zeros_like,
)
from gradtape.ops.numpy.cumulative import cumprod, cumsum
from gradtape.ops.numpy.diagonals import (
    diag,
    diagonal,
    trace,
    tril,
    triu,
)
from gradtape.ops.numpy.exponential import (
    cbrt,
    exp,
    exp2,
    expm1,
    log,
    log1p,
    log2,
    log10,
    logaddexp,
    rsqrt,
    sqrt,
)
from gradtape.ops.numpy.gather import take, take_along_axis
from gradtape.ops.numpy.index import getitem
from gradtape.ops.numpy.integer_parts import (
    ceil,
    floor,
    floor_divide,
    mod,
    remainder,
    round,
    sign,
    trunc,
)
from gradtape.ops.numpy.order import (
    argmax,
    argmin,
    argsort,
    in_top_k,
    sort,
    top_k,
)
from gradtape.ops.numpy.padding import (
    flip,
    hstack,
    meshgrid,
    pad,
    repeat,
    roll,
    tile,
    vstack,
)
from gradtape.ops.numpy.ranges import arange, linspace
from gradtape.ops.numpy.reductions import (
    all,
    amax,
    amin,
    any,
    count_nonzero,
    max,
    min,
    prod,
    sum,
)
from gradtape.ops.numpy.scatter_slice import (
    scatter,
    scatter_update,
    slice,
    slice_update,
)
from gradtape.ops.numpy.selection import (
    clip,
    maximum,
    minimum,
    nan_to_num,
    where,
)
from gradtape.ops.numpy.shapes import (
    broadcast_to,
    cast,
    reshape,
    sum_to_shape,
    transpose,
)
from gradtape.ops.numpy.special import erf, erfc
from gradtape.ops.numpy.statistics import (
    mean,
    moments,
    norm,
    std,
    var,
)
from gradtape.ops.numpy.trigonometry import (
    arccos,
    arccosh,
    arcsin,
    arcsinh,
    arctan,
    arctan2,
    arctanh,
    cos,
    cosh,
    hypot,
    sin,
    sinh,
    tan,
    tanh,
)

# Keras has these names in two modules; the operations are defined in one and listed in both.
_ALSO_IN = (
    (numpy, linalg, ("dot", "einsum", "inner", "matmul", "outer", "tensordot", "vdot")),
    (nn, numpy, ("moments", "one_hot")),
    (nn, linalg, ("normalize",)),
    (linalg, numpy, ("norm",)),
)
for _room, _home, _names in _ALSO_IN:
    for _name in _names:
        setattr(_room, _name, getattr(_home, _name))
        _room.__all__.append(_name)

_answer_for(__name__)
