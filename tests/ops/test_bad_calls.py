"""Calls drawn at random, most of them wrong: both engines give tensors alike, or the same error in the same words."""

from __future__ import annotations

import inspect

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from gradtape import Tensor, engine, ops
from gradtape.core.operation import operation
from gradtape.core.tensor import Array
from gradtape.errors import GradtapeError, ShapeError

quick = settings(
    max_examples=25,
    deadline=None,
    derandomize=True,
    database=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],  # it opens the same scope each time
)
DTYPES = ["float32", "float64", "int32", "int64", "bool", "float16", "uint8"]
SHAPES = hnp.array_shapes(min_dims=0, max_dims=3, min_side=0, max_side=3)
NUMBERS = np.array([0.5, 1.5, 2.0, 0.0, 3.0])
NO_TENSORS = [None, "a", ["a"], [[1.0], [2.0, 3.0]], 2**70, 1j, {}, [None]]


def array(shape, dtype):
    """Return an array of the shape, whose numbers are always the same."""
    return np.resize(NUMBERS, shape).astype(dtype)


good = st.builds(array, SHAPES, st.sampled_from(DTYPES))
arrays = st.one_of(good, good, good, good, st.sampled_from(NO_TENSORS))
places = st.one_of(
    st.builds(lambda shape: np.ones(shape, "int32"), SHAPES), st.sampled_from([0, 1, -1, 5, [0, -3], []])
)
several = st.one_of(
    st.lists(arrays, max_size=3), st.builds(lambda a, n: [a] * n, good, st.integers(0, 3)), arrays
)
one_axis = st.one_of(st.integers(-4, 3), st.sampled_from([None, True, 1.5, "0", np.int64(1), np.array([0])]))
axes = st.one_of(one_axis, st.lists(st.integers(-3, 3), max_size=3).map(tuple))
sizes = st.one_of(SHAPES, st.sampled_from([(-1,), (2, -1), (-1, -1), (1.5,), 3, None, "2", (0, -1), [2, 3]]))
whole = st.sampled_from([0, 1, 2, 3, -1, 7, 1.5, True, None, "1"])
indices = st.one_of(whole, places, st.sampled_from([slice(0, 2), ..., (..., ...), (0, 1), slice(1, 0, 0)]))

# What is drawn for a parameter of that name; the others keep their defaults.
KINDS = {
    **dict.fromkeys(["x", "x1", "x2", "condition", "variable", "inputs", "updates", "values"], arrays),
    **dict.fromkeys(["logits", "predictions", "fill_value", "output"], arrays),
    **dict.fromkeys(["indices", "targets", "labels", "target"], st.one_of(arrays, places)),
    **dict.fromkeys(["x_min", "x_max"], st.one_of(arrays, st.sampled_from([0, 1.5]))),
    **dict.fromkeys(["axis", "source", "destination"], axes),
    **dict.fromkeys(["axis1", "axis2"], one_axis),
    **dict.fromkeys(["shape", "newshape", "start_indices"], sizes),
    **dict.fromkeys(["keepdims", "endpoint", "sorted", "approximate", "from_logits"], st.booleans()),
    **dict.fromkeys(["k", "N", "M", "n", "num", "num_classes", "offset", "decimals"], whole),
    **dict.fromkeys(["repeats", "shift", "indices_or_sections"], st.one_of(whole, sizes)),
    **dict.fromkeys(["threshold", "default_value"], st.sampled_from([0.5, 0, -1.5])),
    "axes": st.one_of(axes, st.tuples(axes, axes)),
    "pad_width": st.sampled_from([0, 1, (1, 2), ((1, 0), (0, 2)), -1, 1.5, ((1,),), "1", ()]),
    "mode": st.sampled_from(["constant", "reflect", "symmetric", "edge"]),
    "constant_values": st.sampled_from([None, 0, 1.5, 300, "a"]),
    "dtype": st.sampled_from([None, "float32", "int32", "bool", "float16", "complex64", "nonsense", 3]),
    "index": indices,
    "ord": st.sampled_from([None, 0, 1, 2, np.inf, "fro", "nuc", 3]),
    "order": st.sampled_from([1, 2, np.inf, 0, None]),
    "initial": st.sampled_from([None, 0.0, 1]),
    "subscripts": st.sampled_from(["ij,jk->ik", "ij->j", "i,i", "...i,...i->...", "ii", "ij,k", "i->j", 3]),
    "start": st.sampled_from([0, 1.5, -2, 5]),
    "stop": st.sampled_from([None, 0, 3.5, 10]),
    "step": st.sampled_from([1, 0, -1, 0.5]),
    "indexing": st.sampled_from(["xy", "ij", "yx", None]),
}
LISTS = {"concatenate": "xs", "stack": "x", "hstack": "xs", "vstack": "xs"}
NO_OPERATIONS = {"custom_gradient", "stop_gradient", "convert_to_numpy", "operation"}
NAMES = sorted(
    name
    for name, function in vars(ops).items()
    if inspect.isfunction(function) and name[0] != "_" and name not in NO_OPERATIONS
)


@st.composite
def calls(draw, name):
    """Draw the positional and the named arguments of a call."""
    args, kwargs = [], {}
    for parameter in inspect.signature(getattr(ops, name)).parameters.values():
        if parameter.kind is parameter.VAR_POSITIONAL:
            args += draw(st.lists(arrays, max_size=3))
        elif LISTS.get(name) == parameter.name:
            args.append(draw(several))
        elif parameter.default is parameter.empty:
            args.append(draw(KINDS[parameter.name]))
        elif parameter.name in KINDS and draw(st.booleans()):
            kwargs[parameter.name] = draw(KINDS[parameter.name])
    return args, kwargs


def outcome(function, args, kwargs):
    """Return what a call gives: shapes and dtypes of its tensors, or the error's type and text."""
    try:
        found = function(*args, **kwargs)
    except GradtapeError as error:
        return type(error).__name__, str(error)
    found = found if isinstance(found, list | tuple) else [found]
    return [(t.shape, str(t.dtype)) if isinstance(t, Tensor) else t for t in found]


def assert_same(function, args, kwargs, on_engine):
    """Raise unless both engines give the same; where NumPy has a result, JAX only says its shape and dtype."""
    with on_engine("numpy"):
        expected = outcome(function, args, kwargs)
    with on_engine("jax"):
        found = _traced if isinstance(expected, list) else outcome
        assert found(function, args, kwargs) == expected


def _traced(function, args, kwargs):
    """Return the outcome without compiling a program for each shape."""
    held = [i for i, a in enumerate(args) if isinstance(a, np.ndarray) and a.dtype != "bool"]
    found = []

    def run(*given):
        full = list(args)
        for i, one in zip(held, given, strict=True):
            full[i] = Tensor(one)
        found.append(outcome(function, full, kwargs))

    engine.active.abstractly(run, *[args[i] for i in held])
    return found[0]


@pytest.mark.parametrize("name", NAMES)
def test_both_engines_give_the_same_or_say_the_same(name, on_engine):
    @quick
    @given(calls(name))
    def check(call):
        assert_same(getattr(ops, name), *call, on_engine)

    check()


# What was found to differ, or was no error of gradtape's, before it was mended.
FOUND = {
    "broadcast_to -1": (ops.broadcast_to, [np.float32(1), (-1,)], {}),
    "concatenate ranks": (ops.concatenate, [[np.zeros(0, "uint8"), np.float64(1)]], {}),
    "diag of booleans": (ops.diag, [np.array([True, False])], {}),
    "hard_tanh without signs": (ops.hard_tanh, [np.array([0, 1, 9], "uint8")], {}),
    "roll along no axis": (ops.roll, [np.float64(1), 3], {"axis": ()}),
    "rot90 of one axis": (ops.rot90, [np.zeros((2, 2))], {"axes": 1}),
    "rot90 half": (ops.rot90, [np.zeros((2, 2))], {"k": 1.5}),
    "round overflows": (ops.round, [np.float16([1.5])], {"decimals": 7}),
    "scatter booleans": (ops.scatter, [[[0], [0]], np.array([True, True]), (2,)], {}),
    "scatter nowhere": (ops.scatter, [np.zeros((2, 0), "int32"), np.ones((2, 1)), (1,)], {}),
    "size of a scalar": (ops.size, [np.float32(1)], {}),
    "slice from 3": (ops.slice, [np.zeros(5), 3, (2,)], {}),
    "softmax_crossentropy of booleans": (ops.softmax_crossentropy, [np.array([True, False]), 0], {}),
    "subtract booleans": (ops.subtract, [np.zeros(3, "bool"), np.zeros((3, 1, 2), "bool")], {}),
    "stacks of nothing": (ops.vstack, [None], {}),
    "sum_to_shape -1": (ops.sum_to_shape, [np.zeros((3, 2)), (-1, -1)], {}),
    "sum_to_shape 0": (ops.sum_to_shape, [np.zeros(3), (0, -1)], {}),
}


@pytest.mark.parametrize("what", FOUND)
def test_what_was_found_to_differ(what, on_engine):
    assert_same(*FOUND[what], on_engine)


def test_values_of_what_was_refused():
    assert ops.diag([True, False]).tolist() == [[True, False], [False, False]]
    assert ops.hard_tanh(np.array([0, 1, 9], "uint8")).tolist() == [0, 1, 1]
    assert ops.scatter([[0], [0]], [True, True], (2,)).tolist() == [2, 0]
    assert ops.roll(3.0, 2, axis=()).item() == 3.0
    assert ops.softmax_crossentropy([1, 1], 0).item() == np.float32(np.log(2))


def test_an_error_of_one_engine_is_found(on_engine):
    """The comparison itself: an operation that is wrong on JAX only, and one that raises what NumPy raises."""

    @operation()
    def halved(x: Array) -> Array:
        if engine.active.name == "jax" and x.ndim == 2:
            raise ShapeError("halved: no matrices")
        return x * 0.5

    def raw(x):
        return np.zeros(3) @ np.zeros(4)

    for function, error in [(halved, AssertionError), (raw, ValueError)]:
        with pytest.raises(error):
            quick(given(good)(lambda x: assert_same(function, [x], {}, on_engine)))()  # noqa: B023
