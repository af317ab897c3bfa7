"""Differentiable operations, one family a file; names and arguments follow keras.ops."""

from gradtape.ops import operators as _operators
from gradtape.ops import random as random
from gradtape.ops.activations import (
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
from gradtape.ops.arithmetic import (
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
from gradtape.ops.bitwise import (
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
from gradtape.ops.comparison import (
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
from gradtape.ops.contractions import dot, einsum, inner, outer, tensordot, vdot
from gradtape.ops.creating import (
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
from gradtape.ops.crossentropy import softmax_crossentropy
from gradtape.ops.cumulative import cumprod, cumsum
from gradtape.ops.diagonals import diag, diagonal, trace, tril, triu
from gradtape.ops.exponential import (
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
from gradtape.ops.gradients import custom_gradient, stop_gradient
from gradtape.ops.indexing import getitem
from gradtape.ops.joining import concatenate, stack
from gradtape.ops.linear_algebra import matmul
from gradtape.ops.normalizing import l2_normalize, normalize
from gradtape.ops.ordering import argmax, argmin, argsort, in_top_k, sort, top_k
from gradtape.ops.padding import flip, hstack, meshgrid, pad, repeat, roll, tile, vstack
from gradtape.ops.piecewise import (
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
from gradtape.ops.ranges import arange, linspace
from gradtape.ops.reductions import all, amax, amin, any, count_nonzero, max, min, prod, sum
from gradtape.ops.reordering import expand_dims, moveaxis, ravel, rot90, squeeze, swapaxes
from gradtape.ops.rounding import ceil, floor, floor_divide, mod, remainder, round, sign, trunc
from gradtape.ops.scattering import scatter, scatter_update, slice, slice_update
from gradtape.ops.selecting import clip, maximum, minimum, nan_to_num, where
from gradtape.ops.shapes import broadcast_to, cast, reshape, sum_to_shape, transpose
from gradtape.ops.softmax import log_softmax, logsumexp, softmax
from gradtape.ops.sparsemax import sparsemax
from gradtape.ops.special import erf, erfc
from gradtape.ops.splitting import split, unstack
from gradtape.ops.statistics import mean, moments, norm, std, var
from gradtape.ops.taking import take, take_along_axis
from gradtape.ops.trigonometry import (
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
