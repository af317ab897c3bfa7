"""Gradients for shapes drawn at random: ranks 0 to 4, lengths 0 to 4, what broadcasts, every axis, keepdims."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from gradtape import ops
from gradtape.testing import GradientCheckError, check_gradients, tape_gradients
from tests.ops.test_bad_calls import NAMES as OPERATIONS

quick = settings(max_examples=20, deadline=None, derandomize=True, database=None)


def shapes(min_dims=0, max_dims=4, min_side=0, max_side=4):
    """Draw a shape, each rank as likely as another."""
    side = st.sampled_from([n for n in (1, 2, 3, 4, 0) if min_side <= n <= max_side])
    ranks = st.integers(min_dims, max_dims)
    return ranks.flatmap(lambda rank: st.tuples(*[side] * rank))


def pairs(count=2, min_side=0):
    """Draw shapes that broadcast together."""
    found = hnp.mutually_broadcastable_shapes(num_shapes=count, max_dims=4, max_side=4, min_side=min_side)
    return found.map(lambda drawn: drawn.input_shapes)


seeds = st.integers(0, 1000)


def mixed(shape, seed=0):
    """Return numbers of both signs, away from 0 and from each other."""
    rng = np.random.default_rng([seed, *shape])
    return rng.uniform(0.3, 2.7, shape) * rng.choice([-1.0, 1.0], shape)


def positive(shape, seed=0):
    return np.abs(mixed(shape, seed))


def inside(shape, seed=0):
    """Return numbers in (-1, 1)."""
    return mixed(shape, seed) / 3


def above_one(shape, seed=0):
    return 1 + positive(shape, seed)


@st.composite
def of_one(draw, function, make=mixed, **limits):
    """Draw the argument of an elementwise function."""
    return function, [make(draw(shapes(**limits)), draw(seeds))]


@st.composite
def of_two(draw, function, make=mixed, second=mixed):
    """Draw two arguments that broadcast together."""
    first, other = draw(pairs())
    seed = draw(seeds)
    return function, [make(first, seed), second(other, seed + 1)]


@st.composite
def of_three(draw, function, first=mixed):
    one, two, three = draw(pairs(3))
    seed = draw(seeds)
    return function, [first(one, seed), mixed(two, seed + 1), mixed(three, seed + 2)]


def flags(shape, seed):
    return mixed(shape, seed) > 0


@st.composite
def some_axes(draw, rank):
    """Draw None, one axis or several, counted from either end."""
    one = st.integers(-rank, rank - 1)
    several = st.lists(one, unique_by=lambda a: a % rank, max_size=rank).map(tuple)
    return draw(st.one_of(st.none(), one, several)) if rank else draw(st.sampled_from([None, ()]))


@st.composite
def reduced(draw, function, min_side=0, keeps=True):
    """Draw a reduction: what is reduced, along which axes, and whether they are kept."""
    x = mixed(draw(shapes(min_side=min_side, max_side=3)), draw(seeds))
    named = {"axis": draw(some_axes(x.ndim))}
    named |= {"keepdims": draw(st.booleans())} if keeps else {}
    return lambda x: function(x, **named), [x]


@st.composite
def along(draw, function, **limits):
    """Draw what has one axis, and which."""
    x = mixed(draw(shapes(**{"min_dims": 1} | limits)), draw(seeds))
    axis = draw(st.integers(-x.ndim, x.ndim - 1))
    return lambda x: function(x, axis=axis), [x]


@st.composite
def with_axes(draw, function, count, **limits):
    """Draw what has several axes, and `count` of them."""
    x = mixed(draw(shapes(**{"min_dims": count} | limits)), draw(seeds))
    axes = draw(
        st.lists(
            st.integers(-x.ndim, x.ndim - 1), min_size=count, max_size=count, unique_by=lambda a: a % x.ndim
        )
    )
    return lambda x: function(x, axes), [x]


@st.composite
def products(draw):
    """Draw vectors, matrices and stacks of matrices that broadcast."""
    n, k, m = draw(st.tuples(*[st.sampled_from([1, 2, 3, 0])] * 3))
    first, second = draw(hnp.mutually_broadcastable_shapes(num_shapes=2, max_dims=2, max_side=3)).input_shapes
    left = draw(st.sampled_from([(*first, n, k), (k,)]))
    right = draw(st.sampled_from([(*second, k, m), (k,)]))
    return ops.matmul, [mixed(left), mixed(right, 1)]


@st.composite
def contracted(draw, function, where):
    """Draw two tensors and how long the axis is over which they are multiplied."""
    first, second = list(draw(shapes(1, 3))), list(draw(shapes(1, 3)))
    second[where(len(second))] = first[-1]
    return function, [mixed(tuple(first)), mixed(tuple(second), 1)]


@st.composite
def tensordots(draw):
    count = draw(st.integers(0, 2))
    shared = draw(shapes(count, count, max_side=3)) if count else ()
    before, after = draw(shapes(0, 2, max_side=3)), draw(shapes(0, 2, max_side=3))
    return lambda a, b: ops.tensordot(a, b, count), [mixed(before + shared), mixed(shared + after, 1)]


@st.composite
def einsums(draw):
    """Draw subscripts of two operands: any letters, any of them in the output."""
    lengths = dict(zip("abcd", draw(st.tuples(*[st.integers(0, 3)] * 4)), strict=True))
    parts = [draw(st.lists(st.sampled_from("abcd"), unique=True, max_size=3)) for _ in range(2)]
    known = sorted({*parts[0], *parts[1]})
    output = draw(st.lists(st.sampled_from(known), unique=True)) if known else []
    text = ",".join("".join(p) for p in parts) + "->" + "".join(output)
    arrays = [mixed(tuple(lengths[c] for c in p), i) for i, p in enumerate(parts)]
    return lambda a, b: ops.einsum(text, a, b), arrays


@st.composite
def reshaped(draw):
    x = mixed(draw(shapes()))
    order = draw(st.permutations(x.shape))
    return lambda x: ops.reshape(x, (1, *order)), [x]


@st.composite
def transposed(draw):
    x = mixed(draw(shapes()))
    order = tuple(draw(st.permutations(range(x.ndim))))
    return lambda x: ops.transpose(x, order), [x]


@st.composite
def broadcast(draw):
    first, target = draw(pairs())
    shape = np.broadcast_shapes(first, target)
    return lambda x: ops.broadcast_to(x, shape), [mixed(first)]


@st.composite
def summed_back(draw):
    first, target = draw(pairs())
    whole = np.broadcast_shapes(first, target)
    return lambda x: ops.sum_to_shape(x, first), [mixed(whole)]


@st.composite
def joined(draw, function):
    """Draw tensors that differ along one axis only."""
    shape = draw(shapes(1, 3))
    axis = draw(st.integers(-len(shape), len(shape) - 1))
    where = axis % len(shape)
    lengths = draw(st.lists(st.integers(0, 3), min_size=1, max_size=3))
    arrays = [mixed((*shape[:where], n, *shape[where + 1 :]), i) for i, n in enumerate(lengths)]
    return lambda *xs: function(list(xs), axis), arrays


@st.composite
def stacked(draw, function=ops.stack):
    shape = draw(shapes(0, 3))
    axis = draw(st.integers(-len(shape) - 1, len(shape)))
    arrays = [mixed(shape, i) for i in range(draw(st.integers(1, 3)))]
    return lambda *xs: function(list(xs), axis), arrays


@st.composite
def alike(draw, function):
    shape = draw(shapes(0, 3))
    return lambda *xs: function(list(xs)), [mixed(shape, i) for i in range(draw(st.integers(1, 3)))]


@st.composite
def meshes(draw):
    sizes = draw(st.lists(st.integers(0, 3), min_size=1, max_size=3))
    indexing, which = draw(st.sampled_from(["xy", "ij"])), draw(st.integers(0, len(sizes) - 1))
    arrays = [mixed((n,), i) for i, n in enumerate(sizes)]
    return lambda *xs: ops.meshgrid(*xs, indexing=indexing)[which], arrays


@st.composite
def parts(draw, function):
    """Draw a tensor cut along an axis, put together again in the reverse order."""
    x = mixed(draw(shapes(1, 3, min_side=1)))
    axis = draw(st.integers(-x.ndim, x.ndim - 1))
    return lambda x: ops.concatenate(function(x, axis)[::-1], axis if function is halves else 0), [x]


def halves(x, axis):
    return ops.split(x, [1], axis)


def slices(x, axis):
    return [ops.expand_dims(part, 0) for part in ops.unstack(x, axis=axis)]


@st.composite
def padded(draw):
    x = mixed(draw(shapes(max_side=3)))
    widths = tuple([draw(st.tuples(st.integers(0, 2), st.integers(0, 2))) for _ in x.shape])
    mode = draw(st.sampled_from(["constant", "reflect", "symmetric"])) if x.size else "constant"
    return lambda x: ops.pad(x, widths if x.ndim else 0, mode), [x]


@st.composite
def rolled(draw):
    x = mixed(draw(shapes()))
    axis = draw(some_axes(x.ndim))
    count = len(axis) if isinstance(axis, tuple) else 1
    shift = draw(st.one_of(st.integers(-5, 5), st.lists(st.integers(-5, 5), min_size=count, max_size=count)))
    return lambda x: ops.roll(x, shift, axis), [x]


@st.composite
def tiled(draw):
    x = mixed(draw(shapes(max_dims=3, max_side=3)))
    times = draw(st.lists(st.integers(0, 2), max_size=4))
    return lambda x: ops.tile(x, times), [x]


@st.composite
def repeated(draw):
    x = mixed(draw(shapes(1, 3)))
    axis = draw(st.one_of(st.none(), st.integers(-x.ndim, x.ndim - 1)))
    length = x.size if axis is None else x.shape[axis]
    times = draw(st.lists(st.integers(0, 2), min_size=length, max_size=length))
    return lambda x: ops.repeat(x, np.array(times, int), axis), [x]


@st.composite
def taken(draw):
    x = mixed(draw(shapes(1, 3, min_side=1)))
    axis = draw(st.one_of(st.none(), st.integers(-x.ndim, x.ndim - 1)))
    length = x.size if axis is None else x.shape[axis]
    numbers = draw(hnp.arrays("int32", shapes(0, 2), elements=st.integers(-length, length - 1)))
    return lambda x: ops.take(x, numbers, axis), [x]


@st.composite
def taken_along(draw):
    shape = draw(shapes(1, 3, min_side=1))
    axis = draw(st.integers(-len(shape), len(shape) - 1))
    wanted = list(shape)
    wanted[axis] = draw(st.integers(0, 4))
    length = shape[axis]
    numbers = draw(hnp.arrays("int32", tuple(wanted), elements=st.integers(-length, length - 1)))
    return lambda x: ops.take_along_axis(x, numbers, axis), [mixed(shape)]


@st.composite
def indexed(draw):
    x = mixed(draw(shapes(1, 4, min_side=1)))
    basic = hnp.basic_indices(x.shape, allow_newaxis=True)
    whole = hnp.integer_array_indices(x.shape, result_shape=shapes(0, 2))
    masks = hnp.arrays("bool", x.shape)
    index = draw(st.one_of(basic, whole, masks))
    return lambda x: x[index], [x]


@st.composite
def scattered(draw):
    """Draw a shape, places along its first axes, and a slice for each."""
    shape = draw(shapes(1, 3, min_side=1, max_side=3))
    k, count = draw(st.integers(1, len(shape))), draw(st.integers(0, 4))
    numbers = [[draw(st.integers(-n, n - 1)) for n in shape[:k]] for _ in range(count)]
    places = np.array(numbers, "int32").reshape(count, k)
    return shape, places, mixed((count, *shape[k:]), 1)


scatters = scattered().map(lambda d: (lambda v: ops.scatter(d[1], v, d[0]), [d[2]]))
updates = scattered().map(lambda d: (lambda x, v: ops.scatter_update(x, d[1], v), [mixed(d[0]), d[2]]))


@st.composite
def blocks(draw):
    """Draw a shape, and a block inside of it."""
    shape = draw(shapes(0, 3))
    starts = [draw(st.integers(0, n)) for n in shape]
    size = tuple([draw(st.integers(0, n - a)) for a, n in zip(starts, shape, strict=True)])
    return shape, starts, size


sliced = blocks().map(lambda d: (lambda x: ops.slice(x, d[1], d[2]), [mixed(d[0])]))
block_updates = blocks().map(
    lambda d: (lambda x, v: ops.slice_update(x, d[1], v), [mixed(d[0]), mixed(d[2], 1)])
)


@st.composite
def diagonals(draw, function):
    x = mixed(draw(shapes(2, 4, max_side=3)))
    first, second = draw(st.permutations(range(x.ndim)))[:2]
    offset = draw(st.integers(-3, 3))
    return lambda x: function(x, offset, first, second), [x]


@st.composite
def triangles(draw, function, ranks=(2, 4)):
    x, k = mixed(draw(shapes(*ranks))), draw(st.integers(-3, 3))
    return lambda x: function(x, k), [x]


@st.composite
def largest(draw):
    x = mixed(draw(shapes(1, 3)))
    k = draw(st.integers(0, x.shape[-1]))
    return lambda x: ops.top_k(x, k)[0], [x]


@st.composite
def labelled(draw):
    x = mixed(draw(shapes(1, 3, min_side=1)))
    labels = draw(hnp.arrays("int32", x.shape[:-1], elements=st.integers(0, x.shape[-1] - 1)))
    return lambda x: ops.softmax_crossentropy(x, labels), [x]


@st.composite
def gated(draw):
    shape, axis = list(draw(shapes(1, 3))), draw(st.integers(-1, 0))
    shape[axis] = 2 * draw(st.integers(0, 2))
    return lambda x: ops.glu(x, axis), [mixed(tuple(shape))]


@st.composite
def squeezed(draw):
    x = mixed(draw(shapes(max_side=2)))
    ones = [i for i, n in enumerate(x.shape) if n == 1]
    axis = draw(st.sampled_from([None, *ones]))
    return lambda x: ops.squeeze(x, axis), [x]


@st.composite
def expanded(draw):
    x = mixed(draw(shapes(max_dims=3)))
    axis = draw(st.integers(-x.ndim - 1, x.ndim))
    return lambda x: ops.expand_dims(x, axis), [x]


@st.composite
def chosen_norm(draw):
    """Draw a norm of vectors or matrices."""
    x = mixed(draw(shapes(2, 3, min_side=1)))
    axes = draw(st.permutations(range(x.ndim)))[:2]
    ord, axis = draw(
        st.one_of(
            st.tuples(st.sampled_from([None, 1, 2, np.inf, -np.inf]), st.just(axes[0])),
            st.tuples(st.sampled_from([None, "fro", 1, -1, np.inf, -np.inf]), st.just(tuple(axes))),
        )
    )
    keepdims = draw(st.booleans())
    return lambda x: ops.norm(x, ord, axis, keepdims), [x]


DOMAINS = {
    **dict.fromkeys(["log", "log2", "log10", "log1p", "sqrt", "rsqrt"], positive),
    **dict.fromkeys(["arcsin", "arccos", "arctanh"], inside),
    "arccosh": above_one,
}
ELEMENTWISE = """abs absolute arccos arccosh arcsin arcsinh arctan arctanh cbrt celu cos cosh elu erf erfc exp exp2
    expm1 exponential gelu hard_shrink hard_sigmoid hard_silu hard_swish hard_tanh leaky_relu linear log log10 log1p
    log2 log_sigmoid mish nan_to_num negative positive ravel reciprocal relu relu6 rsqrt selu sigmoid silu sin sinh
    soft_shrink softplus softsign sparse_plus sparse_sigmoid sqrt square squareplus swish tan tanh
    tanh_shrink convert_to_tensor""".split()
BINARY = """add arctan2 divide hypot logaddexp maximum minimum mod multiply remainder subtract true_divide outer""".split()


# How the arguments of each operation are drawn.
def categorical(x, axis):
    """Return the cross-entropy of logits with classes that are all as likely."""
    return ops.categorical_crossentropy(np.full(x.shape, 1 / x.shape[axis]), x, True, axis)


def sparse_categorical(x, axis):
    """Return the cross-entropy of logits with class 0 for every sample."""
    lengths = list(x.shape)
    del lengths[axis]
    return ops.sparse_categorical_crossentropy(np.zeros(lengths, "int32"), x, True, axis)


DRAWN = {
    **{name: of_one(getattr(ops, name), DOMAINS.get(name, mixed)) for name in ELEMENTWISE},
    **{name: of_two(getattr(ops, name)) for name in BINARY},
    **{name: reduced(getattr(ops, name)) for name in ("sum", "prod")},
    **{name: reduced(getattr(ops, name), 1) for name in ("max", "min", "amax", "amin", "mean", "var", "std", "logsumexp")},
    **{name: along(getattr(ops, name)) for name in ("cumsum", "cumprod", "sort", "flip", "softmax", "log_softmax")},
    **{name: joined(getattr(ops, name)) for name in ("concatenate",)},
    "array": of_one(ops.array),
    "binary_crossentropy": of_one(lambda x: ops.binary_crossentropy(np.full(x.shape, 0.25), x, from_logits=True)),
    "categorical_crossentropy": along(categorical, min_side=2),
    "sparse_categorical_crossentropy": along(sparse_categorical, min_side=2),
    "broadcast_to": broadcast(),
    "cast": of_one(lambda x: ops.cast(x, "float64")),
    "clip": of_three(lambda x, a, b: ops.clip(x, a, b + 3)),
    "diag": st.one_of(triangles(ops.diag, (1, 1)), triangles(ops.diag, (2, 2))),
    "diagonal": diagonals(ops.diagonal),
    "dot": contracted(ops.dot, lambda rank: max(rank - 2, 0)),
    "einsum": einsums(),
    "expand_dims": expanded(),
    "getitem": indexed(),
    "glu": gated(),
    "hstack": alike(ops.hstack),
    "inner": contracted(ops.inner, lambda rank: -1),
    "l2_normalize": reduced(ops.l2_normalize, keeps=False),
    "matmul": products(),
    "meshgrid": meshes(),
    "moments": reduced(lambda x, axis, keepdims: ops.stack(ops.moments(x, axis, keepdims)), 1),
    "moveaxis": with_axes(lambda x, axes: ops.moveaxis(x, axes[0], axes[1]), 2),
    "norm": st.one_of(chosen_norm(), reduced(ops.norm)),
    "normalize": along(ops.normalize),
    "pad": padded(),
    "power": of_two(ops.power, positive),
    "repeat": repeated(),
    "reshape": reshaped(),
    "roll": rolled(),
    "rot90": with_axes(lambda x, axes: ops.rot90(x, 3, axes), 2),
    "scatter": scatters,
    "scatter_update": updates,
    "slice": sliced,
    "slice_update": block_updates,
    "softmax_crossentropy": labelled(),
    "sparsemax": along(ops.sparsemax, min_side=1, max_dims=3),
    "split": parts(halves),
    "squeeze": squeezed(),
    "stack": stacked(),
    "sum_to_shape": summed_back(),
    "swapaxes": with_axes(lambda x, axes: ops.swapaxes(x, *axes), 2),
    "take": taken(),
    "take_along_axis": taken_along(),
    "tensordot": tensordots(),
    "threshold": of_one(lambda x: ops.threshold(x, 0.1, 0.5)),
    "tile": tiled(),
    "top_k": largest(),
    "trace": diagonals(ops.trace),
    "transpose": transposed(),
    "tril": triangles(ops.tril),
    "triu": triangles(ops.triu),
    "unstack": parts(slices),
    "vdot": of_one(lambda x: ops.vdot(x, ops.sin(x))),
    "vstack": alike(ops.vstack),
    "where": of_three(ops.where, flags),
}  # fmt: skip

# Through these no gradient passes, or they are made of no tensor.
FLAT = """all any arange argmax argmin argsort bitwise_and bitwise_invert bitwise_left_shift bitwise_not bitwise_or
    bitwise_right_shift bitwise_xor ceil count_nonzero equal eye floor floor_divide full full_like greater
    greater_equal identity in_top_k isfinite isinf isnan left_shift less less_equal linspace logical_and logical_not
    logical_or logical_xor not_equal one_hot ones ones_like right_shift round shape sign size trunc zeros
    zeros_like""".split()


def check_drawn(strategy, profile=quick):
    """Raise unless the gradients are right, and have the shapes and dtypes of what they are of."""

    @profile
    @given(strategy)
    def check(drawn):
        function, arrays = drawn
        cotangent = np.ones(np.shape(function(*[ops.convert_to_tensor(a) for a in arrays])))
        for array, gradient in zip(arrays, tape_gradients(function, arrays, cotangent), strict=True):
            if gradient is not None:
                assert (gradient.shape, gradient.dtype) == (array.shape, array.dtype)
        check_gradients(function, *arrays, order=2, directions=1)

    check()


def test_every_operation_is_drawn_or_flat():
    assert sorted([*DRAWN, *FLAT]) == OPERATIONS


@pytest.mark.parametrize("name", DRAWN)
def test_gradients_on_drawn_shapes(name):
    check_drawn(DRAWN[name])


# Rules wrong for some shapes only: the operation, its argument, and where the cotangent is made wrong.
PLANTED = {
    "sum of three axes": ("sum", "x", lambda x, **named: x.ndim == 3),
    "max with keepdims": ("max", "x", lambda x, keepdims, **named: keepdims),
    "multiply by a row": ("multiply", "x2", lambda x1, x2, **named: x2.ndim < x1.ndim),
    "matmul of batches": ("matmul", "x1", lambda x1, x2, **named: x1.ndim > 2),
    "softmax along the first axis": ("softmax", "x", lambda axis, **named: axis == 0),
}


@pytest.mark.parametrize("what", PLANTED)
def test_a_rule_that_is_wrong_for_some_shapes_is_found(what, request):
    name, argument, is_wrong = PLANTED[what]
    made = getattr(ops, name).operation
    rule = made.rules[argument]
    request.addfinalizer(lambda: made.add_rule(argument, rule))

    def wrong(g, y, *tensors, **named):
        right = rule(g, y, *tensors, **named)
        return right * 1.5 if is_wrong(**dict(zip(made.tensors, tensors, strict=True)), **named) else right

    made.add_rule(argument, wrong)
    once = settings(quick, phases=[Phase.generate])  # the smallest case is not looked for
    with pytest.raises(GradientCheckError):
        check_drawn(DRAWN[name], once)
