"""tf.math: the dictionary's part for elementwise functions and reductions."""

from __future__ import annotations

from gradtape import ops
from gradtape.base.absent import answer_for as _answer_for
from gradtape.core.tensor import Tensor
from gradtape.ops.numpy.cumulative import running_product, running_sum
from gradtape.tf.clip import add_n as add_n
from gradtape.tf.names import spelled

abs = spelled(ops.abs)
exp = spelled(ops.exp)
expm1 = spelled(ops.expm1)
log = spelled(ops.log)
log1p = spelled(ops.log1p)
sqrt = spelled(ops.sqrt)
rsqrt = spelled(ops.rsqrt)
square = spelled(ops.square)
reciprocal = spelled(ops.reciprocal)
erf = spelled(ops.erf)
sin = spelled(ops.sin)
cos = spelled(ops.cos)
tan = spelled(ops.tan)
asin = spelled(ops.arcsin)
acos = spelled(ops.arccos)
atan = spelled(ops.arctan)
atan2 = spelled(ops.arctan2, y="x1", x="x2")
sinh = spelled(ops.sinh)
cosh = spelled(ops.cosh)
tanh = spelled(ops.tanh)
asinh = spelled(ops.arcsinh)
acosh = spelled(ops.arccosh)
atanh = spelled(ops.arctanh)
sigmoid = spelled(ops.sigmoid)
softplus = spelled(ops.softplus, features="x")
sign = spelled(ops.sign)
floor = spelled(ops.floor)
ceil = spelled(ops.ceil)
round = spelled(ops.round)
is_nan = spelled(ops.isnan)
is_inf = spelled(ops.isinf)
is_finite = spelled(ops.isfinite)

add = spelled(ops.add, x="x1", y="x2")
subtract = spelled(ops.subtract, x="x1", y="x2")
multiply = spelled(ops.multiply, x="x1", y="x2")
divide = spelled(ops.divide, x="x1", y="x2")
floordiv = spelled(ops.floor_divide, x="x1", y="x2")
floormod = mod = spelled(ops.mod, x="x1", y="x2")
pow = spelled(ops.power, x="x1", y="x2")
maximum = spelled(ops.maximum, x="x1", y="x2")
minimum = spelled(ops.minimum, x="x1", y="x2")
equal = spelled(ops.equal, x="x1", y="x2")
not_equal = spelled(ops.not_equal, x="x1", y="x2")
less = spelled(ops.less, x="x1", y="x2")
less_equal = spelled(ops.less_equal, x="x1", y="x2")
greater = spelled(ops.greater, x="x1", y="x2")
greater_equal = spelled(ops.greater_equal, x="x1", y="x2")
logical_and = spelled(ops.logical_and, x="x1", y="x2")
logical_or = spelled(ops.logical_or, x="x1", y="x2")
logical_not = spelled(ops.logical_not)
logical_xor = spelled(ops.logical_xor, x="x1", y="x2")

reduce_sum = spelled(ops.sum, input_tensor="x")
reduce_mean = spelled(ops.mean, input_tensor="x")
reduce_max = spelled(ops.max, input_tensor="x")
reduce_min = spelled(ops.min, input_tensor="x")
reduce_prod = spelled(ops.prod, input_tensor="x")
reduce_std = spelled(ops.std, input_tensor="x")
reduce_variance = spelled(ops.var, input_tensor="x")
reduce_all = spelled(ops.all, input_tensor="x")
reduce_any = spelled(ops.any, input_tensor="x")
reduce_logsumexp = spelled(ops.logsumexp, input_tensor="x")
count_nonzero = spelled(ops.count_nonzero, input="x")
top_k = spelled(ops.top_k, input="x")
cumsum = spelled(running_sum)
cumprod = spelled(running_product)


def argmax(input: object, axis: int = 0, output_type: object = "int64", name: str | None = None) -> Tensor:
    """Return where the largest element along `axis` stands; the axis is the first unless named."""
    return ops.cast(ops.argmax(input, axis=axis), output_type)


def argmin(input: object, axis: int = 0, output_type: object = "int64", name: str | None = None) -> Tensor:
    """Return where the smallest element along `axis` stands; the axis is the first unless named."""
    return ops.cast(ops.argmin(input, axis=axis), output_type)


_answer_for(__name__)
