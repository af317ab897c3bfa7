"""NumPy's functions and array methods on tensors: the numbers are NumPy's, and the tape sees them."""

import inspect

import numpy as np
import pytest

from gradtape import GradientTape, Input, Model, Tensor, Variable, as_tensor, ops
from gradtape import compile as compiled
from gradtape.errors import ArgumentError, ArgumentTypeError
from gradtape.ops import array_methods, numpy_protocol

X = np.array([[0.5, -1.5, 2.25], [3.0, 0.25, -0.75]], "float32")
POSITIVE = np.abs(X) + np.float32(0.125)
BITS = np.array([[1, 2, 3], [4, 5, 6]], "int32")
INSIDE = np.array([[0.5, -0.5, 0.25], [0.0, 0.75, -0.25]], "float32")


def ufunc_inputs(ufunc):
    """Return inputs in the domain of a ufunc."""
    name = ufunc.__name__
    if name == "matmul":
        return X, X.T
    if "bitwise" in name or "shift" in name or name == "invert":
        one = BITS
    elif name in ("arcsin", "arccos", "arctanh"):
        one = INSIDE
    elif name == "arccosh":
        one = POSITIVE + 1
    else:
        one = POSITIVE
    return (one, one[::-1] % 3 + 1)[: ufunc.nin] if one is not INSIDE else (one,)


@pytest.mark.parametrize("ufunc", numpy_protocol._UFUNCS, ids=lambda u: u.__name__)
def test_a_ufunc_gives_the_numbers_of_numpy_as_a_tensor(ufunc):
    inputs = ufunc_inputs(ufunc)
    expected = ufunc(*inputs)
    for k in range(len(inputs)):  # a tensor in each place, arrays in the others
        given = [as_tensor(x) if i == k else x for i, x in enumerate(inputs)]
        for found, wanted in zip(
            *[x if isinstance(x, tuple) else (x,) for x in (ufunc(*given), expected)], strict=True
        ):
            assert type(found) is Tensor and found.dtype == wanted.dtype
            np.testing.assert_allclose(found.numpy(), wanted, rtol=2e-6)


CALLS = [
    (np.sum, (X,), {}), (np.sum, (X, 0), {"keepdims": True}), (np.sum, (X,), {"axis": (0, 1)}),
    (np.sum, (X,), {"dtype": "float64"}), (np.mean, (X,), {"axis": 1}), (np.prod, (X, 1), {}),
    (np.max, (X, 0), {}), (np.amin, (X,), {"axis": -1, "keepdims": True}), (np.max, (X,), {"initial": 9.0}),
    (np.all, (X > 0, 0), {}), (np.any, (X > 2,), {"axis": 1}), (np.var, (X, 0), {"ddof": 1}), (np.std, (X,), {}),
    (np.cumsum, (X, 1), {}), (np.cumprod, (X,), {"axis": 0}), (np.sort, (X,), {"axis": 0}),
    (np.round, (X, 1), {}), (np.around, (X,), {"decimals": 1}), (np.clip, (X, -1, 1), {}), (np.clip, (X, None, 1), {}),
    (np.clip, (X,), {"a_min": 0, "a_max": 2}), (np.clip, (X,), {"min": 0.0, "max": 1.0}),
    (np.reshape, (X, (3, 2)), {}), (np.reshape, (X, -1), {}), (np.transpose, (X,), {}), (np.transpose, (X, (1, 0)), {}),
    (np.moveaxis, (X, 0, 1), {}), (np.expand_dims, (X, 0), {}), (np.squeeze, (X[None],), {"axis": 0}),
    (np.swapaxes, (X, 0, 1), {}), (np.ravel, (X,), {}), (np.broadcast_to, (X[0], (2, 3)), {}), (np.flip, (X, 1), {}),
    (np.roll, (X, 1), {"axis": 1}), (np.rot90, (X,), {"k": 3}), (np.tile, (X, (2, 1)), {}), (np.pad, (X, 1), {}),
    (np.pad, (X, ((1, 0), (0, 2))), {"constant_values": 7.0}), (np.pad, (X, 1, "reflect"), {}),
    (np.repeat, (X, 2), {"axis": 0}), (np.take, (X, [1, 0]), {"axis": 1}), (np.concatenate, ([X, X],), {"axis": 1}),
    (np.concatenate, ((X, X), None), {}), (np.stack, ([X, X], 1), {}), (np.vstack, ([X, X],), {}), (np.hstack, ((X, X),), {}),
    (np.split, (X, 3), {"axis": 1}), (np.where, (X > 0, X, 0.5 * X), {}), (np.nan_to_num, (X,), {"nan": 1.0}),
    (np.take_along_axis, (X, BITS[:, :1] % 3, 1), {}), (np.diagonal, (X,), {}), (np.trace, (X,), {"offset": 1}),
    (np.diag, (X[0],), {"k": 1}), (np.tril, (X,), {}), (np.triu, (X, 1), {}), (np.dot, (X, X.T), {}), (np.vdot, (X[0], X[1]), {}),
    (np.inner, (X, X), {}), (np.outer, (X[0], X[1]), {}), (np.tensordot, (X, X), {"axes": ((0, 1), (0, 1))}),
    (np.einsum, ("ij,kj->ik", X, X), {}), (np.linalg.norm, (X,), {}), (np.linalg.norm, (X, 1), {"axis": 0}),
    (np.zeros_like, (X,), {}), (np.ones_like, (X,), {"dtype": "int32"}), (np.full_like, (X, 3.0), {}), (np.copy, (X,), {}),
    (np.meshgrid, (X[0], X[1]), {"indexing": "ij"}), (np.add.reduce, (X,), {}), (np.multiply.reduce, (X, 1), {}),
    (np.maximum.reduce, (X,), {"axis": None}), (np.minimum.reduce, (X,), {"axis": 1, "keepdims": True}),
    (np.logical_or.reduce, (X > 2,), {}), (np.logical_and.reduce, (X > -9,), {}), (np.add.accumulate, (X,), {}),
    (np.multiply.accumulate, (X, 1), {}),
]  # fmt: skip


def with_tensors(value):
    """Return arrays as tensors, in lists and tuples too."""
    if isinstance(value, np.ndarray):
        return as_tensor(value)
    return type(value)(map(with_tensors, value)) if isinstance(value, list | tuple) else value


@pytest.mark.parametrize(("function", "args", "options"), CALLS)
def test_a_function_gives_the_numbers_of_numpy_as_a_tensor(function, args, options):
    expected, found = function(*args, **options), function(*with_tensors(args), **options)
    for ours, theirs in zip(
        *[x if isinstance(x, list | tuple) else [x] for x in (found, expected)], strict=True
    ):
        assert isinstance(ours, Tensor) and ours.shape == np.shape(theirs)
        assert ours.dtype == theirs.dtype
        np.testing.assert_allclose(ours.numpy(), theirs, rtol=2e-6, atol=1e-6)


@pytest.mark.parametrize("function", [np.argmax, np.argmin, np.argsort, np.count_nonzero])
def test_a_function_that_counts_gives_the_numbers_of_numpy_in_32_bits(function):
    np.testing.assert_array_equal(function(as_tensor(X), axis=1).numpy(), function(X, axis=1))


def test_every_function_of_the_table_has_a_case():
    tried = {function for function, _, _ in CALLS}
    counting = {np.argmax, np.argmin, np.argsort, np.count_nonzero}
    told = {np.shape, np.ndim, np.size}
    aliases = {np.max, np.amax, np.min, np.amin}
    assert set(numpy_protocol._FUNCTIONS) - tried - counting - told - aliases == set()
    assert (np.shape(as_tensor(X)), np.ndim(as_tensor(X)), np.size(as_tensor(X)), np.size(as_tensor(X), 1)) == (
        (2, 3), 2, 6, 3,
    )  # fmt: skip


METHODS = {
    "sum": [{}, {"axis": 0}, {"axis": 1, "keepdims": True}, {"dtype": "float64"}], "mean": [{}, {"axis": 0}],
    "prod": [{}, {"axis": 1}], "max": [{}, {"axis": 0}, {"initial": 5.0}], "min": [{}, {"axis": (0, 1)}],
    "all": [{}, {"axis": 0}], "any": [{"axis": 1}], "var": [{}, {"axis": 0, "ddof": 1}], "std": [{}, {"ddof": 1}],
    "cumsum": [{}, {"axis": 1}], "cumprod": [{"axis": 0}], "clip": [{"min": 0.0}, {"min": 0.0, "max": 1.0}],
    "round": [{}, {"decimals": 1}], "take": [{"indices": [0, 2], "axis": 1}], "repeat": [{"repeats": 2}],
    "dot": [{"b": X.T}], "squeeze": [{}], "swapaxes": [{"axis1": 0, "axis2": 1}], "diagonal": [{}, {"offset": 1}],
    "trace": [{}], "ravel": [{}], "flatten": [{}], "astype": [{"dtype": "int32"}], "copy": [{}], "transpose": [{}],
    "argmax": [{}, {"axis": 1}], "argmin": [{"axis": 0}], "argsort": [{}, {"axis": 0}], "reshape": [{}],
}  # fmt: skip
POSITIONAL = {"swapaxes", "repeat", "dot", "astype", "take"}  # NumPy takes these by place only


@pytest.mark.parametrize("made", [as_tensor, Variable])
@pytest.mark.parametrize("name", METHODS)
def test_a_method_gives_the_numbers_of_numpy(made, name):
    for options in METHODS[name]:
        args = ((3, 2),) if name == "reshape" else ()
        theirs = list(options.values()) if name in POSITIONAL else args
        wanted = getattr(X, name)(*theirs, **({} if name in POSITIONAL else options))
        found = getattr(made(X), name)(*args, **options)
        assert type(found) is Tensor and found.shape == np.shape(wanted)
        assert name.startswith("arg") or found.dtype == wanted.dtype
        np.testing.assert_allclose(found.numpy(), wanted, rtol=2e-6)


def test_every_method_has_a_case_and_numpys_argument_names():
    properties = {name for name, made in array_methods.METHODS.items() if isinstance(made, property)}
    assert set(array_methods.METHODS) - properties == set(METHODS)
    t = as_tensor(X)
    assert (t.itemsize, t.nbytes, t.ndim, t.size) == (X.itemsize, X.nbytes, 2, 6)
    np.testing.assert_array_equal(t.mT, X.T)
    assert t.reshape(3, 2).shape == t.reshape((3, -1)).shape == (3, 2) and t.reshape(-1).shape == (6,)
    assert t.transpose(1, 0).shape == t.transpose((1, 0)).shape == t.T.shape == (3, 2)
    assert t.transpose().shape == (3, 2)
    for function in (
        np.sum,
        np.mean,
        np.prod,
        np.max,
        np.var,
        np.std,
        np.argmax,
        np.cumsum,
        np.take,
        np.repeat,
    ):
        theirs = list(inspect.signature(function).parameters)
        ours = list(inspect.signature(array_methods.METHODS[function.__name__.removeprefix("a")
                    if function.__name__ == "amax" else function.__name__]).parameters)  # fmt: skip
        assert ours == [name for name in theirs if name in ours]


@pytest.mark.parametrize(
    "formula",
    [
        lambda x: np.sum(np.exp(x)),
        lambda x: np.mean(np.square(x) * X),
        lambda x: np.add(X, x).sum(),
        lambda x: (X * x).max(axis=0).sum(),
        lambda x: (np.float32(2) * x - 1.0).mean(),
        lambda x: np.concatenate([x, X]).var(),
        lambda x: np.where(X > 0, x, 0.0).sum(),
        lambda x: np.einsum("ij,ij->", x, X),
        lambda x: x.reshape(3, 2).T.dot(np.ones((3, 1), "float32")).sum(),
        lambda x: np.linalg.norm(x),
    ],
)
@pytest.mark.parametrize("made", [as_tensor, Variable])
def test_the_tape_sees_what_numpy_calls(formula, made):
    x = made(X)
    with GradientTape() as tape:
        tape.watch(x)
        y = formula(x)
    found = tape.gradient(y, x)
    direction = np.array([[1.0, -0.5, 0.25], [0.75, 2.0, -1.5]], "float32")
    step = 1e-3
    ends = [
        float(np.asarray(formula(as_tensor((X + s * step * direction).astype("float64"))))) for s in (1, -1)
    ]
    assert float((found * direction).sum()) == pytest.approx((ends[0] - ends[1]) / (2 * step), rel=2e-3)


WITHOUT_OPERATION = [
    (lambda x: np.median(x), "np.median: no operation does this, .*; near: ops.sort"),
    (lambda x: np.fmod(x, 2.0), "np.fmod: no operation does this, .*; near: an operation of your own"),
    (lambda x: np.sinc(x), "np.sinc: no operation"),
    (lambda x: np.fft.fft(x), "np.fft: no operation"),
    (lambda x: np.interp(x, [0.0, 1.0], [0.0, 2.0]), "np.interp: no operation"),
    (lambda x: np.add(x, 1.0, out=np.zeros_like(X)), "np.add: no operation does this with these arguments"),
    (lambda x: np.pad(x, 1, "edge"), "np.pad: no operation does this with these arguments"),
    (lambda x: np.add.outer(x, X), "np.add.outer: no operation does this with these arguments"),
    (lambda x: np.sum(x, where=X > 0), "np.sum: no operation does this with these arguments"),
    (lambda x: np.linalg.solve(x @ x.T, np.ones((2, 1))), "np.solve: no operation"),
]


@pytest.mark.parametrize(("call", "text"), WITHOUT_OPERATION)
def test_without_an_operation_it_is_arrays_or_an_error_where_a_tape_watches(call, text):
    assert isinstance(call(as_tensor(X)), np.ndarray | np.generic)
    for made in (as_tensor(X), Variable(X)):
        with GradientTape() as tape:
            tape.watch(made)
            with pytest.raises(ArgumentTypeError, match=text) as caught:
                call(made)
        assert isinstance(caught.value, TypeError) and "np.asarray(x) is a plain array" in str(caught.value)
    with GradientTape():
        assert isinstance(call(as_tensor(X)), np.ndarray | np.generic)  # nobody watches this one


def test_a_variable_that_no_tape_would_watch_computes_on_arrays():
    frozen = Variable(X, trainable=False)
    with GradientTape():
        assert np.median(frozen) == np.median(X)
    with GradientTape(watch_accessed_variables=False):
        assert np.median(Variable(X)) == np.median(X)


def test_what_has_no_gradient_is_computed_where_a_tape_watches():
    x = as_tensor(X)
    with GradientTape() as tape:
        tape.watch(x)
        assert np.allclose(x, X) and np.array_equal(x, X) and np.isclose(x, X).all()
        assert np.array_str(x) == np.array_str(X) and np.histogram(x)[0].sum() == 6
        np.testing.assert_allclose(x, X)
        assert np.asarray(x).tolist() == X.tolist()


def test_in_place_and_out_stay_arrays():
    array = X.copy()
    array += as_tensor(X)
    assert type(array) is np.ndarray and array.tolist() == (2 * X).tolist()
    out = np.zeros_like(X)
    assert np.exp(as_tensor(X), out=out) is out and out.tolist() == np.exp(X).tolist()
    with pytest.raises(ArgumentTypeError, match="np.exp: out must be an array: a tensor does not change"):
        np.exp(X, out=as_tensor(X))
    with pytest.raises(ArgumentTypeError, match="sum: out must be None: a tensor does not change"):
        as_tensor(X).sum(out=out)


def test_reflected_operators_keep_the_dtype():
    for left in (X, np.float32(2), 2.0, 2, X.tolist()):
        for operator in (np.add, np.multiply, np.subtract, np.true_divide):
            assert operator(left, as_tensor(X)).dtype == operator(as_tensor(X), left).dtype == np.float32
    assert type(X + as_tensor(X)) is type(np.float32(1) - as_tensor(X)) is Tensor
    assert type(X < as_tensor(X)) is type(X @ as_tensor(X.T)) is Tensor


def test_other_dtypes_and_other_libraries_are_left_to_numpy():
    complex_sum = np.add(as_tensor(X), 1j * np.ones((2, 3)))
    assert type(complex_sum) is np.ndarray and complex_sum.dtype.kind == "c"
    assert type(np.add(np.array([1, "a"], object)[:1], as_tensor([1.0]))) is np.ndarray
    masked = np.ma.masked_less(X, 0)
    assert isinstance(np.add(masked, as_tensor(X)), np.ndarray)
    assert as_tensor(0.5) == pytest.approx(0.5) and np.mean(as_tensor(X)) == pytest.approx(X.mean())


def test_a_compiled_step_says_that_there_is_no_value_yet(on_engine):
    with on_engine("jax"):
        with pytest.raises(
            ArgumentTypeError, match="np.median: no operation does this, and while a step is compiled"
        ):
            compiled(lambda x: as_tensor(np.median(x)))(as_tensor(X))
        found = compiled(lambda x: np.sum(np.exp(x), axis=0))(as_tensor(X))
        np.testing.assert_allclose(found, np.exp(X).sum(0), rtol=1e-6)


def test_numpys_functions_on_placeholders_become_nodes():
    x = Input((3,))
    model = Model(x, np.sum(np.exp(x) * np.ones(3, "float32"), axis=-1))
    np.testing.assert_allclose(model(X), np.exp(X).sum(-1), rtol=1e-6)
    with pytest.raises(
        ArgumentTypeError, match="np.median: needs numbers, and there is a placeholder; near: ops.sort"
    ):
        np.median(x)


def test_wrong_arguments_of_methods_are_named():
    t = as_tensor(X)
    with pytest.raises(ArgumentError, match="clip: min or max must be given"):
        t.clip()
    with pytest.raises(ArgumentError, match="ravel: order must be 'C', got 'F'"):
        t.ravel("F")
    with pytest.raises(ArgumentError, match=r"var: ddof must be less than the number of elements, 2, got 2"):
        t.var(axis=0, ddof=2)
    with pytest.raises(ArgumentError, match="take: mode must be 'raise', got 'wrap'"):
        t.take([0], mode="wrap")


def test_matplotlib_and_pandas_take_tensors():
    plots = pytest.importorskip("matplotlib.figure")
    axes = plots.Figure().subplots()
    line = axes.plot(as_tensor(X[0]), as_tensor(X[1]))[0]
    assert line.get_ydata().tolist() == X[1].tolist()
    axes.imshow(as_tensor(X))
    axes.hist(as_tensor(X.ravel()))
    axes.scatter(as_tensor(X[0]), as_tensor(X[1]), c=as_tensor(X[0]))
    axes.bar(as_tensor([0, 1, 2]), as_tensor(X[0]), yerr=as_tensor(POSITIVE[0]))
    axes.fill_between(as_tensor(X[0]), as_tensor(X[1]), as_tensor(X[0]))
    axes.set_ylim(as_tensor(-1.0), as_tensor(2.0))
    axes.figure.canvas.draw()
    pandas = pytest.importorskip("pandas")
    frame = pandas.DataFrame(as_tensor(X), columns=list("abc"))
    assert frame["a"].tolist() == X[:, 0].tolist()
    series = pandas.Series(as_tensor(X[0]))
    assert (series + as_tensor(X[0])).tolist() == (2 * X[0]).tolist()
    assert isinstance(np.add(series, as_tensor(X[0])), pandas.Series)
    frame["d"] = as_tensor(X[:, 0])
    assert frame["d"].mean() == pytest.approx(X[:, 0].mean())


def test_operations_do_not_go_through_numpys_protocols(monkeypatch):
    """What a training step calls never asks NumPy who answers: it costs nothing there."""
    asked = []
    for kind in (Tensor, Variable):
        monkeypatch.setattr(kind, "__array_ufunc__", lambda *a, **k: asked.append(a), raising=False)
        monkeypatch.setattr(kind, "__array_function__", lambda *a, **k: asked.append(a), raising=False)
    from gradtape.layers import Dense
    from gradtape.models import Sequential

    model = Sequential([Input((3,)), Dense(4, "relu"), Dense(2, "softmax")])
    model.compile("adam", "sparse_categorical_crossentropy", metrics=["accuracy"], run_eagerly=True)
    model.fit(X, np.array([0, 1]), batch_size=1, epochs=2, verbose=0)
    assert asked == []
    assert ops.sum(as_tensor(X)).item() == pytest.approx(X.sum())


def test_an_operation_of_ones_own_is_made_with_what_ops_offers(monkeypatch):
    monkeypatch.setattr("gradtape.core.operation.registry", {})  # the list of ours is for the library's

    @ops.operation(name="test_numpy_protocol_cube")
    def cube(x: ops.Array) -> ops.Array:
        return x * x * x

    @cube.gradient("x")
    def cube_x(g, y, x):
        """3 * g * x**2"""
        return 3.0 * g * x * x

    x = Variable(2.0)
    with GradientTape() as tape:
        y = cube(x)
    assert (y.item(), tape.gradient(y, x).item()) == (8.0, 12.0)
