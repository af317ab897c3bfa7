"""Indexing against NumPy: every form of an index, its value, its gradient, and what is refused."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from gradtape import GradientTape, Variable, as_tensor, compile, engine, ops
from gradtape.errors import ArgumentError, ArgumentTypeError, AxisError, CompileError, ShapeError
from gradtape.testing import check_gradients

CUBE = np.random.default_rng(0).standard_normal((3, 4, 2))
ROWS = np.array([[True, False, True, True], [False] * 4, [True, True, False, False]])  # of the first two axes
MASK = CUBE > 0

FORMS = {
    "an int": 1,
    "a negative int": -3,
    "ints for all axes": (1, -1, 0),
    "a NumPy int": np.int64(2),
    "a tensor of rank 0": as_tensor(1),
    "a slice": slice(1, 3),
    "a slice beyond the end": slice(1, 100),
    "a slice of nothing": slice(2, 1),
    "a step": (slice(None), slice(None, None, 2)),
    "a negative step": slice(None, None, -1),
    "a negative step with ends": (slice(None), slice(3, 0, -2)),
    "a slice by tensors": slice(as_tensor(1), np.int32(3)),
    "nothing": (),
    "None": None,
    "several None": (None, 0, None, ..., None),
    "Ellipsis": ...,
    "Ellipsis and an int": (..., 1),
    "an int, Ellipsis and a slice": (0, ..., slice(1)),
    "an array": np.array([2, 0, 2]),
    "a list": [2, 0, 2],
    "a list in a tuple": ([0, 2], [1, 1]),
    "a range": range(2),
    "a tensor": as_tensor([[1, 2], [0, 0]]),
    "an array of uint8": np.array([2, 0], "uint8"),
    "negative numbers in an array": (slice(None), np.array([-1, -4, 3])),
    "an empty list": [],
    "an empty array": (slice(None), np.zeros((0, 2), "int32")),
    "a table of indices": np.array([[0, 1], [2, 2]]),
    "two arrays": (np.array([0, 2, 2]), np.array([1, 1, 1])),
    "arrays that broadcast": (np.array([[0], [2]]), np.array([1, 3, 3])),
    "arrays around a slice": (np.array([0, 2]), slice(None), np.array([1, 0])),
    "an array and an int": (np.array([0, 2]), 1),
    "an int, a slice and an array": (1, slice(1, 3), np.array([1, 1, 0])),
    "an array and Ellipsis": (np.array([0, 0]), ..., None),
    "a slice and an array": (slice(None, None, -1), np.array([3, 0])),
    "None between arrays": (np.array([0, 2]), None, np.array([1, 0])),
    "a mask of all axes": MASK,
    "a mask of the first axes": ROWS,
    "a mask of one axis": np.array([True, False, True]),
    "a list of booleans": [True, False, False],
    "a mask of a later axis": (slice(None), np.array([True, False, False, True])),
    "a mask after Ellipsis": (..., np.array([True, False])),
    "a mask and an int": (np.array([True, False, True]), 1),
    "a mask and an array": (np.array([True, False, True]), np.array([1, 3])),
    "a mask that is false": np.zeros(3, bool),
    "a mask in a tensor": as_tensor(ROWS),
}


def numpys(index):
    """Return the index as NumPy takes it."""
    if isinstance(index, tuple):
        return tuple([numpys(part) for part in index])
    if isinstance(index, slice):
        return slice(*[None if n is None else int(n) for n in (index.start, index.stop, index.step)])
    if isinstance(index, range | list):
        return np.array(index, None if len(index) else "int32")
    return index if index is None or index is ... or isinstance(index, int) else np.asarray(index)


def expected(x, index, cotangent):
    """Return NumPy's value, and the gradient: zeros with the cotangent added at the index."""
    gradient = np.zeros_like(x)
    np.add.at(gradient, numpys(index), cotangent)
    return np.asarray(x[numpys(index)]), gradient


def ours(x, index, cotangent):
    x = as_tensor(x)
    with GradientTape() as tape:
        tape.watch(x)
        y = x[index]
    return y, tape.gradient(y, x, output_gradients=cotangent)


def cotangent_of(x, index):
    return np.random.default_rng(1).standard_normal(x[numpys(index)].shape)


def assert_same(found, wanted):
    for a, b in zip(found, wanted, strict=True):
        np.testing.assert_allclose(np.asarray(a), b, rtol=1e-15, strict=True)


@pytest.mark.parametrize("form", FORMS)
def test_value_and_gradient_are_numpys(form: str) -> None:
    index = FORMS[form]
    cotangent = cotangent_of(CUBE, index)
    assert_same(ours(CUBE, index, cotangent), expected(CUBE, index, cotangent))


@pytest.mark.parametrize(
    "form", ["a step", "arrays that broadcast", "arrays around a slice", "a mask of all axes"]
)
def test_the_gradient_can_be_differentiated_again(form: str) -> None:
    check_gradients(lambda x: ops.square(x[FORMS[form]]), CUBE)


def test_every_form_compiles(on_engine) -> None:
    cotangents = [cotangent_of(CUBE, index) for index in FORMS.values()]
    with on_engine("jax"):
        found = compile(
            lambda x, cs: [ours(x, index, c) for index, c in zip(FORMS.values(), cs, strict=True)],
        )(CUBE, cotangents)
        for form, results, cotangent in zip(FORMS, found, cotangents, strict=True):
            try:
                assert_same(results, expected(CUBE, FORMS[form], cotangent))
            except AssertionError as error:
                raise AssertionError(form) from error


def test_indices_may_be_known_to_the_step_only() -> None:
    """The places are an input of the compiled step."""
    step = compile(lambda x, places: ours(as_tensor(x), (slice(None), as_tensor(places)), np.ones((3, 2, 2))))
    for places in ([0, 3], [-1, -1]):
        at = np.array(places)
        assert_same(step(CUBE, at), expected(CUBE, (slice(None), at), np.ones((3, 2, 2))))


def test_a_mask_known_to_the_step_only_is_refused(on_engine) -> None:
    """How long the result is would depend on values."""
    with on_engine("jax"), pytest.raises(CompileError, match="decide with ops.where instead of if"):
        compile(lambda x: as_tensor(x)[as_tensor(x) > 0])(CUBE)


@st.composite
def indices(draw, shape):
    """Draw an index for `shape`: any mixture of what NumPy takes."""
    together = draw(st.sampled_from([(), (1,), (2,), (3, 1), (2, 2)]))
    parts, axis = [], 0
    for length in shape[: draw(st.integers(0, len(shape)))]:
        kind = draw(st.sampled_from(["int", "slice", "array", "mask", "none"]))
        if kind == "none":
            parts.append(None)
        if kind == "int" and length:
            parts.append(draw(st.integers(-length, length - 1)))
        elif kind == "array" and length:
            parts.append(draw(hnp.arrays("int64", together, elements=st.integers(-length, length - 1))))
        elif kind == "mask" and not any(isinstance(p, np.ndarray) for p in parts):
            parts.append(draw(hnp.arrays(bool, (length,))))
            together = (int(parts[-1].sum()),)
        else:
            ends = st.none() | st.integers(-length - 1, length + 1)
            step = draw(st.sampled_from([None, 1, 2, -1, -2]))
            parts.append(slice(draw(ends), draw(ends), step))
        axis += 1
    if draw(st.booleans()):
        parts.insert(len(parts) if axis < len(shape) else draw(st.integers(0, len(parts))), ...)
    return tuple(parts)


SHAPES = st.sampled_from([(), (3,), (2, 3), (3, 2, 4), (2, 0, 3), (1, 4)])
EXAMPLES = (
    300 if engine.get_engine() == "numpy" else 25
)  # each of another shape is a program of its own on JAX


@settings(max_examples=EXAMPLES, deadline=None, derandomize=True)
@given(st.data())
def test_any_index_is_numpys(data) -> None:
    shape = data.draw(SHAPES)
    x = np.arange(1.0, 1.0 + np.prod(shape)).reshape(shape)
    index = data.draw(indices(shape))
    cotangent = cotangent_of(x, index)
    assert_same(ours(x, index, cotangent), expected(x, index, cotangent))


REFUSED = [
    (3, AxisError, r"indexing: index 3 is outside axis 0 of shape \(3, 4, 2\)"),
    ((0, -5), AxisError, r"indexing: index -5 is outside axis 1 of shape \(3, 4, 2\)"),
    ((..., 2), AxisError, r"indexing: index 2 is outside axis 2 of shape \(3, 4, 2\)"),
    ((0, 0, 0, 0), AxisError, r"indexing: 4 indices are too many for shape \(3, 4, 2\)"),
    ([0, 3], AxisError, r"indexing: axis 0: indices must be in \[-3, 3\), got 0 to 3"),
    ((slice(None), as_tensor([-5, 1])), AxisError, r"axis 1: indices must be in \[-4, 4\), got -5 to 1"),
    ((..., np.array([2])), AxisError, r"axis 2: indices must be in \[-2, 2\), got 2 to 2"),
    ((..., 0, ...), ArgumentError, r"indexing: \.\.\. may stand once only"),
    (slice(None, None, 0), ArgumentError, "indexing: the step of a slice must not be 0"),
    (1.0, ArgumentTypeError, "indexing: needs whole numbers, slices, None, ... or arrays of them, got 1.0"),
    ("a", ArgumentTypeError, "indexing: needs whole numbers, slices, None, ... or arrays of them, got 'a'"),
    (True, ArgumentTypeError, "indexing: needs whole numbers, slices, None, ... or arrays of them, got True"),
    (
        slice(0.5),
        ArgumentTypeError,
        "indexing: needs whole numbers, slices, None, ... or arrays of them, got 0.5",
    ),
    ([0.5], ArgumentTypeError, "indexing: arrays must hold integers or booleans, got float32"),
    (np.array([1.0]), ArgumentTypeError, "indexing: arrays must hold integers or booleans, got float64"),
    (
        np.zeros(4, bool),
        ShapeError,
        r"a mask must have the lengths of its axes, got \(4,\) at axis 0 of shape",
    ),
    (
        (0, np.ones((4, 3), bool)),
        ShapeError,
        r"lengths of its axes, got \(4, 3\) at axis 1 of shape \(3, 4, 2\)",
    ),
    (
        ([0, 1], [0, 1, 2]),
        ShapeError,
        r"indexing: arrays of indices must broadcast together, got \(2,\), \(3,\)",
    ),
]


@pytest.mark.parametrize(("index", "error", "text"), REFUSED)
def test_what_is_no_index_is_refused(index, error, text: str) -> None:
    with pytest.raises(error, match=text):
        as_tensor(CUBE)[index]


@pytest.mark.parametrize(("index", "error", "text"), REFUSED)
def test_what_is_no_index_is_refused_in_a_compiled_step(index, error, text: str, on_engine) -> None:
    """Indices that are known beforehand are checked when the step is traced."""
    with on_engine("jax"), pytest.raises(error, match=text):
        compile(lambda x: as_tensor(x)[index])(CUBE)


def test_constants_of_other_operations_are_checked_in_a_compiled_step(on_engine) -> None:
    logits = np.zeros((2, 3), "float32")
    with on_engine("jax"):
        for function in (
            lambda x: ops.take(x, [3], axis=1),
            lambda x: ops.take_along_axis(x, [[0], [-4]], axis=1),
            lambda x: ops.softmax_crossentropy(x, [0, 3]),
        ):
            with pytest.raises(AxisError, match="must be"):
                compile(function)(logits)


def test_a_constant_of_a_compiled_step_has_elements_to_count_with(on_engine) -> None:
    def rows(x):
        return ops.reshape(x, (int(as_tensor(np.array(x.shape))[1]), -1))

    for name in ("numpy", "jax"):
        with on_engine(name):
            assert compile(rows)(as_tensor(np.zeros((2, 3)))).shape == (3, 2)


def test_variables_and_whole_numbers_are_indexed_alike() -> None:
    v = Variable(CUBE, dtype="float64")
    with GradientTape() as tape:
        y = v[1:, ::2]
    assert_same([y], [CUBE[1:, ::2]])
    assert_same(
        [tape.gradient(y, v)], [expected(CUBE, (slice(1, None), slice(None, None, 2)), np.ones((2, 2, 2)))[1]]
    )
    assert as_tensor([5, 6, 7])[[2, 0]].tolist() == [7, 5] and as_tensor([True, False])[-1].item() is False
