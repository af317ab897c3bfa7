"""What each operation computes, said a second time with JAX's own functions: the referee of the gradients.

A formula takes the operation's tensors and, by name, those of its attributes that a sample gives.  Kinks,
poles and infinities, where gradtape chooses otherwise than JAX, are in `test_special_points.py`.
"""

import jax
import jax.numpy as jnp
import numpy as np
from jax.scipy.special import logsumexp

from tests.ops.test_every_rule import ALONG, CHOICES, FLAGS, GAPS, MIXED, OTHER, PLACES, POSITIVE, SAMPLES

BITS = np.array([[12, 5, 7], [1, 255, 9]], "int32")
SHIFTS = np.array([[1, 2, 0], [3, 1, 2]], "int32")
BROKEN = np.array([[np.nan, 1.5, np.inf], [-np.inf, 0.5, -2.0]])

# Samples that the table of rules lacks: operations without rules, and attributes that are not the defaults.
MORE = {
    **dict.fromkeys(["all", "any"], [((GAPS,), {}), ((GAPS,), {"axis": 1, "keepdims": True})]),
    **dict.fromkeys(["argsort"], ALONG),
    **dict.fromkeys(["argmax", "argmin"], [*ALONG, ((MIXED,), {"axis": 1, "keepdims": True})]),
    **dict.fromkeys(["bitwise_and", "bitwise_or", "bitwise_xor"], [((BITS, SHIFTS), {})]),
    **dict.fromkeys(["left_shift", "right_shift"], [((BITS, SHIFTS), {})]),
    **dict.fromkeys(["isfinite", "isinf", "isnan"], [((BROKEN,), {})]),
    **dict.fromkeys(["logical_and", "logical_or", "logical_xor"], [((FLAGS, GAPS), {})]),
    "average": [((MIXED, np.abs(GAPS)), {"dtype": np.dtype("float64")})],
    "bitwise_invert": [((BITS,), {})],
    "class_table": [((CHOICES, CHOICES[::-1], POSITIVE), {"classes": 3, "ignored": 1})],
    "confusion": [
        ((FLAGS, MIXED, OTHER), {"thresholds": (0.0, 0.5), "by_label": by_label})
        for by_label in (False, True)
    ],
    "count_nonzero": [((GAPS,), {}), ((GAPS,), {"axis": 0})],
    "in_top_k": [((np.array([2, 1]), MIXED), {"k": 2})],
    "max": [((MIXED,), {"axis": 1, "initial": 2.0})],
    "nan_to_num": [((BROKEN[:, 1:2],), {})],
    "one_hot": [((CHOICES,), {"classes": 4, "dtype": np.dtype("float64")})],
    "right_class": [((np.array([2, 0]), MIXED), {})],
    "right_side": [((np.array([[1, 0, 1], [1, 1, 0]]), POSITIVE), {"threshold": 1.0})],
    "round": [((MIXED,), {}), ((MIXED,), {"decimals": 1})],
    "share": [((MIXED, OTHER, np.maximum(MIXED, OTHER)), {})],
    "stayed": [((PLACES[:, :1],), {"shape": (2, 3), "like": (2, 3)})],
    "step": [((MIXED,), {"below": 0.5, "above": 2.0})],
    "total": [((MIXED,), {}), ((FLAGS,), {})],
    "total_of_batch": [((MIXED,), {"samples": 8.0})],
    "weighted_total": [((MIXED, OTHER), {})],
    "tie_shares": [((GAPS, np.array([[1.5], [2.0]])), {"axis": 1, "initial": None})],
}


def tried(name):
    """Return the samples of an operation: (tensors, attributes or a function that calls it)."""
    return SAMPLES.get(name, []) + MORE.get(name, [])


def _index(indices):
    return tuple(jnp.moveaxis(indices, -1, 0))


def _filled(template, arrays):
    parts = iter(arrays)
    return tuple([next(parts) if part == "array" else part for part in template])


def _sparsemax(x):
    """Say it with the number of shares that are not 0."""
    down = -jnp.sort(-x)
    totals, k = jnp.cumsum(down, -1), jnp.arange(1, x.shape[-1] + 1)
    count = jnp.sum(1 + k * down > totals, -1, keepdims=True)
    return jnp.maximum(x - (jnp.take_along_axis(totals, count - 1, -1) - 1) / count, 0)


def _recurrence(a, b, axis):
    """Say it as a loop."""
    factors, terms = jnp.moveaxis(a, axis, 0), jnp.moveaxis(b, axis, 0)
    sums = [terms[0]]
    for factor, term in zip(factors[1:], terms[1:], strict=True):
        sums.append(term + factor * sums[-1])
    return jnp.stack(sums, axis=axis)


def _stayed(indices, shape, like):
    """No later place is the same."""
    same = jnp.all(indices[:, None] == indices[None], axis=-1)
    return 1.0 - jnp.any(jnp.triu(same, 1), axis=1).astype("float32")[:, None]


def _set(x, indices, updates):
    """The last update of equal places wins."""
    for i in range(len(indices)):
        x = x.at[tuple(indices[i])].set(updates[i])
    return x


def _confusion(y_true, y_pred, weights, thresholds, by_label):
    """Say it as four sums."""
    true, found = y_true != 0, y_pred > jnp.array(thresholds)[:, None, None]
    rows = [true & found, ~true & found, ~true & ~found, true & ~found]
    return jnp.stack([jnp.sum(row * weights, -2 if by_label else (-2, -1)) for row in rows])


def _class_table(y_true, y_pred, weights, classes, ignored):
    true, found = jax.nn.one_hot(y_true, classes), jax.nn.one_hot(y_pred, classes)
    weights = jnp.where(y_true == ignored, 0, weights)
    return jnp.einsum("ijt,ijp,ij->tp", true, found, weights)


SMOOTH = {
    "absolute": jnp.abs,
    "arccos": jnp.arccos,
    "arccosh": jnp.arccosh,
    "arcsin": jnp.arcsin,
    "arcsinh": jnp.arcsinh,
    "arctan": jnp.arctan,
    "arctan2": jnp.arctan2,
    "arctanh": jnp.arctanh,
    "cbrt": jnp.cbrt,
    "cos": jnp.cos,
    "cosh": jnp.cosh,
    "erf": jax.scipy.special.erf,
    "erfc": jax.scipy.special.erfc,
    "exp": jnp.exp,
    "exp2": lambda x: 2.0**x,
    "expm1": lambda x: jnp.exp(x) - 1,
    "hypot": lambda x1, x2: jnp.sqrt(x1**2 + x2**2),
    "log": jnp.log,
    "log10": jnp.log10,
    "log1p": lambda x: jnp.log(1 + x),
    "log2": jnp.log2,
    "logaddexp": lambda x1, x2: jnp.log(jnp.exp(x1) + jnp.exp(x2)),
    "negative": lambda x: -x,
    "positive": lambda x: x,
    "reciprocal": lambda x: 1 / x,
    "rsqrt": lambda x: x**-0.5,
    "sin": jnp.sin,
    "sinh": jnp.sinh,
    "sqrt": jnp.sqrt,
    "square": lambda x: x * x,
    "tan": jnp.tan,
    "tanh": jnp.tanh,
}

ACTIVATIONS = {
    "celu": jax.nn.celu,
    "elu": jax.nn.elu,
    "gelu": jax.nn.gelu,
    "hard_shrink": lambda x, threshold=0.5: jnp.where(jnp.abs(x) > threshold, x, 0),
    "hard_sigmoid": jax.nn.hard_sigmoid,
    "hard_tanh": jax.nn.hard_tanh,
    "leaky_relu": lambda x, negative_slope=0.2: jax.nn.leaky_relu(x, negative_slope),
    "log_sigmoid": jax.nn.log_sigmoid,
    "log_softmax": jax.nn.log_softmax,
    "mish": jax.nn.mish,
    "relu": jax.nn.relu,
    "relu6": jax.nn.relu6,
    "selu": jax.nn.selu,
    "sigmoid": jax.nn.sigmoid,
    "silu": jax.nn.silu,
    "soft_shrink": lambda x, threshold=0.5: jnp.sign(x) * jax.nn.relu(jnp.abs(x) - threshold),
    "softmax": jax.nn.softmax,
    "softplus": jax.nn.softplus,
    "softsign": jax.nn.soft_sign,
    "sparse_plus": jax.nn.sparse_plus,
    "sparsemax": _sparsemax,
    "sparse_sigmoid": jax.nn.sparse_sigmoid,
    "squareplus": jax.nn.squareplus,
    "tanh_shrink": lambda x: x - jnp.tanh(x),
    "threshold": lambda x, threshold, default_value: jnp.where(x > threshold, x, default_value),
}

ARITHMETIC = {
    "add": jnp.add,
    "clip": jnp.clip,
    "divide": jnp.divide,
    "maximum": jnp.maximum,
    "minimum": jnp.minimum,
    "mod": lambda x1, x2: x1 - x2 * jnp.floor(x1 / x2),
    "multiply": jnp.multiply,
    "nan_to_num": jnp.nan_to_num,
    "power": jnp.power,
    "subtract": jnp.subtract,
    "where": jnp.where,
}

PRODUCTS = {
    "einsum": lambda *xs, subscripts: jnp.einsum(subscripts, *xs),
    "lookup": lambda table, numbers: table[numbers],
    "matmul": jnp.matmul,
    "matmul_transpose_a": lambda x1, x2: x1.T @ x2,
    "matmul_transpose_b": lambda x1, x2: x1 @ x2.T,
}

REDUCTIONS = {
    "centred": lambda x, axis: x - jnp.mean(x, axis, keepdims=True),
    "cumprod": lambda x, axis=None: jnp.cumprod(x, axis),
    "cumsum": lambda x, axis=None: jnp.cumsum(x, axis),
    "logsumexp": logsumexp,
    "max": jnp.max,
    "mean": jnp.mean,
    "min": jnp.min,
    "norm": lambda x, axis=None, keepdims=False: jnp.sqrt(jnp.sum(x * x, axis, keepdims=keepdims)),
    "prod": jnp.prod,
    "recurrence": _recurrence,
    "shares": lambda x, axis: jax.nn.softmax(x, axis),
    "std": jnp.std,
    "sum": jnp.sum,
    "sum_to_shape": lambda x, shape: jnp.sum(x, (0, 2)).reshape(shape),
    "sum_of_rows": lambda x: jnp.sum(x, 0),
    "tie_shares": lambda x, y, axis, initial: (x == y) / jnp.sum(x == y, axis, keepdims=True),
    "var": jnp.var,
}

PLACING = {
    "add_along_axis": lambda x, at, shape, axis: jnp.einsum("ij,ijk->ik", x, jax.nn.one_hot(at, shape[1])),
    "add_at": lambda x, at, shape, axis: jnp.einsum("aib,ik->akb", x, jax.nn.one_hot(at, shape[1])),
    "broadcast_to": jnp.broadcast_to,
    "cast": lambda x, dtype: x.astype(dtype),
    "concatenate": lambda *xs, axis: jnp.concatenate(xs, axis),
    "diag": jnp.diag,
    "flip": jnp.flip,
    "gather": lambda x, indices: x[_index(indices)],
    "getitem": lambda x, *arrays, template: x[_filled(template, arrays)],
    "index_add": lambda x, *arrays, shape, template: jnp.zeros(shape).at[_filled(template, arrays)].add(x),
    "pad": lambda x, widths, value: jnp.pad(x, widths, constant_values=value),
    "reorder": jnp.take_along_axis,
    "reshape": lambda x, newshape: jnp.reshape(x, newshape),
    "roll": jnp.roll,
    "scatter": lambda values, indices, shape: jnp.zeros(shape).at[_index(indices)].add(values),
    "scatter_update": _set,
    "slice_update": lambda x, updates, block: x.at[tuple([slice(*part) for part in block])].set(updates),
    "sort": lambda x, axis=-1: jnp.sort(x, axis),
    "spread": lambda x, shape, share: jnp.broadcast_to(x * share, shape),
    "split": lambda x: jnp.concatenate([x[:, 1:], 2 * x[:, :1]], 1),
    "stack": lambda *xs, axis: jnp.stack(xs, axis),
    "take": jnp.take,
    "take_along_axis": jnp.take_along_axis,
    "transpose": jnp.transpose,
    "tril": jnp.tril,
    "triu": jnp.triu,
}

# What gradient rules are made of, and operations whose sample calls them as their callers do.
PARTS = {
    "custom_gradient": lambda x: x**2,
    "divide_no_nan": jnp.divide,
    "gate": lambda g, open, y: jnp.where(open, g, 0),
    "multiply_no_nan": jnp.multiply,
    "ratio": jnp.divide,
    "relu_gate": lambda g, y: jnp.where(y > 0, g, 0),
    "share": lambda x, other, y: jnp.where(x == y, jnp.where(other == y, 0.5, 1.0), 0.0),
    "sigmoid_crossentropy": lambda logits, targets: (
        -(targets * jax.nn.log_sigmoid(logits) + (1 - targets) * jax.nn.log_sigmoid(-logits))
    ),
    "soft_crossentropy": lambda logits, targets: -jnp.sum(targets * jax.nn.log_softmax(logits), -1),
    "softmax_crossentropy": lambda logits: -jnp.diagonal(jax.nn.log_softmax(logits)[:, np.array([2, 0])]),
    "softmax_minus_one_hot": lambda g, logits: (
        g[:, None] * (jax.nn.softmax(logits) - jax.nn.one_hot(np.array([2, 0]), 3))
    ),
    "step": lambda x, below, above: jnp.where(x > 0, above, below),
    "stop_gradient": jax.lax.stop_gradient,
}

# What has no rules: nothing flows back through these, whatever the formula's gradient is.
FLAT = {
    "all": jnp.all,
    "any": jnp.any,
    "argmax": jnp.argmax,
    "argmin": jnp.argmin,
    "argsort": lambda x, axis=-1: jnp.argsort(x, axis),
    "bitwise_and": jnp.bitwise_and,
    "bitwise_invert": jnp.invert,
    "bitwise_or": jnp.bitwise_or,
    "bitwise_xor": jnp.bitwise_xor,
    "ceil": jnp.ceil,
    "count_nonzero": jnp.count_nonzero,
    "descending": lambda x: jnp.argsort(-x, -1),
    "equal": jnp.equal,
    "floor": jnp.floor,
    "floor_divide": lambda x1, x2: jnp.floor(x1 / x2),
    "greater": jnp.greater,
    "greater_equal": jnp.greater_equal,
    "in_top_k": lambda targets, predictions, k: jnp.any(
        jax.lax.top_k(predictions, k)[1] == targets[:, None], -1
    ),
    "isfinite": jnp.isfinite,
    "isinf": jnp.isinf,
    "isnan": jnp.isnan,
    "left_shift": jnp.left_shift,
    "less": jnp.less,
    "less_equal": jnp.less_equal,
    "logical_and": lambda x1, x2: (x1 != 0) & (x2 != 0),
    "logical_not": lambda x: x == 0,
    "logical_or": lambda x1, x2: (x1 != 0) | (x2 != 0),
    "logical_xor": lambda x1, x2: (x1 != 0) ^ (x2 != 0),
    "not_equal": jnp.not_equal,
    "one_hot": lambda x, classes, dtype: jax.nn.one_hot(x, classes, dtype=dtype),
    "right_shift": jnp.right_shift,
    "round": lambda x, decimals=0: jnp.rint(x * 10**decimals) / 10**decimals,
    "sign": jnp.sign,
    "stayed": _stayed,
    "trunc": jnp.trunc,
}

# What metrics count with.
COUNTING = {
    "average": lambda amount, count, dtype: jnp.where(count == 0, 0, amount / count).astype(dtype),
    "class_table": _class_table,
    "confusion": _confusion,
    "right_class": lambda y_true, y_pred: jnp.argmax(y_pred, -1) == y_true,
    "right_side": lambda y_true, y_pred, threshold: (y_pred > threshold) == (y_true == 1),
    "total": lambda x: jnp.sum(x.astype("float64")),
    "total_of_batch": lambda x, samples: jnp.sum(x) * samples,
    "weighted_total": lambda x, weights: jnp.vdot(x, weights + 0.0 * x),
}

REFEREES = {
    **SMOOTH,
    **ACTIVATIONS,
    **ARITHMETIC,
    **PRODUCTS,
    **REDUCTIONS,
    **PLACING,
    **PARTS,
    **FLAT,
    **COUNTING,
}
