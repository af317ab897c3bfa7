"""Shapes, joining, splitting, padding, scattering and creating, against NumPy, with their gradients."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from gradtape import as_tensor, ops
from gradtape.errors import ArgumentError, ArgumentTypeError, AxisError, DtypeError, ShapeError
from gradtape.testing import check_gradients

rng = np.random.default_rng(0)
X = rng.normal(size=(2, 3))
CUBE = rng.normal(size=(2, 3, 4))
EMPTY = np.zeros((0, 3))
quick = settings(max_examples=30, deadline=None, derandomize=True)
shapes = hnp.array_shapes(min_dims=1, max_dims=3, min_side=1, max_side=4)

# What, the same in NumPy, and arrays it is tried on.
CASES = {
    "reshape": (lambda x: ops.reshape(x, (-1, 2)), lambda x: x.reshape(-1, 2), [X, CUBE]),
    "reshape_empty": (lambda x: ops.reshape(x, (3, 0)), lambda x: x.reshape(3, 0), [EMPTY]),
    "ravel": (ops.ravel, np.ravel, [X, CUBE, EMPTY, np.float64(2)]),
    "transpose": (ops.transpose, np.transpose, [X, CUBE, EMPTY, np.float64(2)]),
    "transpose_by": (lambda x: ops.transpose(x, (1, 2, 0)), lambda x: x.transpose(1, 2, 0), [CUBE]),
    "swapaxes": (lambda x: ops.swapaxes(x, 0, -1), lambda x: np.swapaxes(x, 0, -1), [X, CUBE]),
    "moveaxis": (
        lambda x: ops.moveaxis(x, (0, 2), (-1, 0)),
        lambda x: np.moveaxis(x, (0, 2), (-1, 0)),
        [CUBE],
    ),
    "expand_dims": (lambda x: ops.expand_dims(x, (0, -1)), lambda x: np.expand_dims(x, (0, -1)), [X, EMPTY]),
    "squeeze": (ops.squeeze, np.squeeze, [X[:1], X[:1, :1], X]),
    "squeeze_axis": (lambda x: ops.squeeze(x, 0), lambda x: np.squeeze(x, 0), [X[:1]]),
    "broadcast_to": (
        lambda x: ops.broadcast_to(x, (4, 2, 3)),
        lambda x: np.broadcast_to(x, (4, 2, 3)),
        [X, X[:1]],
    ),
    "rot90": (ops.rot90, np.rot90, [X]),
    "rot90_thrice": (lambda x: ops.rot90(x, 3, (1, 2)), lambda x: np.rot90(x, 3, (1, 2)), [CUBE]),
    "concatenate": (
        lambda x: ops.concatenate([x, 2 * x], -1),
        lambda x: np.concatenate([x, 2 * x], -1),
        [X, CUBE],
    ),
    "stack": (lambda x: ops.stack([x, 2 * x], 1), lambda x: np.stack([x, 2 * x], 1), [X, CUBE, EMPTY]),
    "vstack": (lambda x: ops.vstack([x, x]), lambda x: np.vstack([x, x]), [X, X[0]]),
    "hstack": (lambda x: ops.hstack([x, x]), lambda x: np.hstack([x, x]), [X, X[0], np.float64(1)]),
    "split": (lambda x: ops.split(x, 2)[1], lambda x: np.split(x, 2)[1], [X, CUBE]),
    "split_at": (lambda x: ops.split(x, [1, 2], 1)[2], lambda x: np.split(x, [1, 2], 1)[2], [X, CUBE]),
    "unstack": (lambda x: ops.unstack(x, axis=1)[2], lambda x: x[:, 2], [X, CUBE]),
    "flip": (ops.flip, np.flip, [X, CUBE, EMPTY]),
    "flip_axis": (lambda x: ops.flip(x, -1), lambda x: np.flip(x, -1), [X]),
    "roll": (lambda x: ops.roll(x, 2), lambda x: np.roll(x, 2), [X, CUBE]),
    "roll_axes": (lambda x: ops.roll(x, (1, -2), (0, 1)), lambda x: np.roll(x, (1, -2), (0, 1)), [X, CUBE]),
    "roll_one_for_all": (lambda x: ops.roll(x, 1, (0, 1)), lambda x: np.roll(x, 1, (0, 1)), [X]),
    "tile": (lambda x: ops.tile(x, (2, 1, 3)), lambda x: np.tile(x, (2, 1, 3)), [X, CUBE]),
    "repeat": (lambda x: ops.repeat(x, 2), lambda x: np.repeat(x, 2), [X, CUBE]),
    "repeat_each": (lambda x: ops.repeat(x, [0, 2, 1], 1), lambda x: np.repeat(x, [0, 2, 1], 1), [X, CUBE]),
    "meshgrid": (lambda x: ops.meshgrid(x, x + 1)[1], lambda x: np.meshgrid(x, x + 1)[1], [X[0]]),
    "meshgrid_ij": (
        lambda x: ops.meshgrid(x, x + 1, indexing="ij")[0],
        lambda x: np.meshgrid(x, x + 1, indexing="ij")[0],
        [X[0]],
    ),
    "pad": (lambda x: ops.pad(x, ((1, 2), (0, 1))), lambda x: np.pad(x, ((1, 2), (0, 1))), [X, EMPTY]),
    "pad_value": (
        lambda x: ops.pad(x, 1, constant_values=7),
        lambda x: np.pad(x, 1, constant_values=7),
        [X, CUBE],
    ),
    "slice": (lambda x: ops.slice(x, (0, 1), (2, 2)), lambda x: x[0:2, 1:3], [X]),
    "index": (lambda x: x[..., ::-1], lambda x: x[..., ::-1], [X, CUBE]),
    "index_steps": (lambda x: x[1::-1, None, -2], lambda x: x[1::-1, None, -2], [X, CUBE]),
    "index_arrays": (lambda x: x[[1, 1, 0], [0, 0, 2]], lambda x: x[[1, 1, 0], [0, 0, 2]], [X, CUBE]),
    "index_mixed": (lambda x: x[:, [2, 0, 0]], lambda x: x[:, [2, 0, 0]], [X, CUBE]),
    "index_mask": (lambda x: x[X > 0], lambda x: x[X > 0], [X, CUBE]),
}


@pytest.mark.parametrize("name", CASES)
def test_values_are_numpys_and_gradients_right(name: str) -> None:
    ours, numpys, arrays = CASES[name]
    for x in arrays:
        before = np.array(x)
        result = ours(as_tensor(x))
        expected = numpys(x)
        assert result.dtype == "float64" and result.shape == np.shape(expected)
        np.testing.assert_array_equal(result, expected)
        np.testing.assert_array_equal(x, before)
        check_gradients(ours, x)


@pytest.mark.parametrize("mode", ["reflect", "symmetric"])
@pytest.mark.parametrize("width", [1, ((2, 0), (0, 3)), 5])
def test_mirrored_padding(mode: str, width) -> None:
    np.testing.assert_array_equal(ops.pad(X, width, mode), np.pad(X, width, mode))
    check_gradients(lambda x: ops.pad(x, width, mode), X)


@quick
@given(hnp.arrays("float64", shapes, elements=st.floats(-9, 9)), st.data())
def test_roll_flip_and_index_as_numpy(x, data) -> None:
    axis = data.draw(st.integers(-x.ndim, x.ndim - 1))
    shift = data.draw(st.integers(-7, 7))
    np.testing.assert_array_equal(ops.roll(x, shift, axis), np.roll(x, shift, axis))
    np.testing.assert_array_equal(ops.flip(x, axis), np.flip(x, axis))
    index = data.draw(hnp.basic_indices(x.shape, allow_newaxis=True, allow_ellipsis=True))
    np.testing.assert_array_equal(as_tensor(x)[index], x[index])


def test_scatter_adds_up_and_scatter_update_replaces() -> None:
    indices = np.array([[0, 1], [1, 2], [0, 1]])
    values = rng.normal(size=3)
    expected = np.zeros((2, 3))
    np.add.at(expected, tuple(indices.T), values)
    np.testing.assert_allclose(ops.scatter(indices, values, (2, 3)), expected)
    updated = X.copy()
    updated[0, 1], updated[1, 2] = values[2], values[1]
    np.testing.assert_array_equal(ops.scatter_update(X, indices, values), updated)
    check_gradients(lambda v: ops.scatter(indices, v, (2, 3)), values)
    check_gradients(lambda x, v: ops.scatter_update(x, indices, v), X, values)
    check_gradients(lambda x, v: ops.scatter_update(x, [[1]], v), X, values[None])
    check_gradients(lambda x, v: ops.slice_update(x, (1, 1), v), X, values[None, :2])


def test_creating() -> None:
    assert ops.zeros((2, 0)).shape == (2, 0) and ops.zeros(2).dtype == "float32"
    assert ops.ones((2,), "int64").tolist() == [1, 1]
    assert ops.full((2, 2), [1, 2]).tolist() == [[1, 2], [1, 2]] and ops.full((1,), 3).dtype == "int32"
    assert ops.full_like(X, 2).dtype == "float64" and ops.ones_like(X, "int32").dtype == "int32"
    assert ops.arange(5, 1, -2).tolist() == [5, 3] and ops.arange(1.0, 2.0, 0.25).dtype == "float32"
    np.testing.assert_allclose(ops.linspace(0, 1, 4, endpoint=False), [0, 0.25, 0.5, 0.75])
    np.testing.assert_array_equal(ops.eye(2, 3, k=1), np.eye(2, 3, k=1))
    assert ops.identity(2, "int32").tolist() == [[1, 0], [0, 1]]
    assert ops.shape(X) == (2, 3) and ops.size(X) == 6
    copy = ops.convert_to_numpy(as_tensor(X))
    copy[:] = 0
    assert isinstance(copy, np.ndarray)


def test_one_hot_never_takes_another_class() -> None:
    """NUMERICS, trap 12: -1 as a Python index would set the last class."""
    assert ops.one_hot([0, 2, -1, 3], 3).tolist() == [[1, 0, 0], [0, 0, 1], [0, 0, 0], [0, 0, 0]]
    assert ops.one_hot([[0, 1]], 2, axis=0).shape == (2, 1, 2)
    assert ops.one_hot([0], 2, dtype="int32").dtype == "int32"


ERRORS = [
    (
        lambda: ops.reshape(X, (4,)),
        ShapeError,
        r"reshape: newshape \(4,\) does not hold the 6 elements of shape",
    ),
    (lambda: ops.reshape(X, (-1, -1)), ShapeError, "reshape: newshape"),
    (lambda: ops.reshape(X, (1.5,)), ArgumentTypeError, "reshape: shape must be a whole number, got 1.5"),
    (lambda: ops.transpose(X, (0, 0)), ShapeError, "transpose: axes must name each of the 2 axes once"),
    (lambda: ops.squeeze(X, 0), ShapeError, r"squeeze: the axes left out must have length 1, got \(0,\)"),
    (lambda: ops.expand_dims(X, 5), AxisError, r"expand_dims: axis must be in \[-3, 3\), got 5"),
    (
        lambda: ops.concatenate([]),
        ArgumentError,
        r"concatenate: needs a list of at least one tensor, got \[\]",
    ),
    (lambda: ops.concatenate([X, CUBE]), ShapeError, "concatenate: axes other than 0 must be equally long"),
    (lambda: ops.stack([X, X[:1]]), ShapeError, "stack: all tensors must have one shape"),
    (lambda: ops.split(X, 4), ArgumentError, "split: an axis of length 2 cannot be cut into 4 equal parts"),
    (lambda: ops.unstack(X, num=3), ArgumentError, "unstack: num must be the length of the axis, 2, got 3"),
    (lambda: ops.pad(X, -1), ArgumentError, "pad: pad_width must be whole numbers >= 0, got -1"),
    (lambda: ops.pad(X, ((1, 1),) * 3), ArgumentError, "pad: pad_width must be a number, a pair"),
    (
        lambda: ops.pad(X, 1, "edge"),
        ArgumentError,
        "pad: mode must be constant, reflect or symmetric, got 'edge'",
    ),
    (lambda: ops.pad(EMPTY, 1, "reflect"), ShapeError, "pad: an axis without elements has nothing to mirror"),
    (lambda: ops.roll(X, (1, 2), 0), ArgumentError, "roll: needs one shift per axis"),
    (lambda: ops.repeat(X, [1, 2], 1), ArgumentError, "repeat: repeats must be whole numbers >= 0, one or 3"),
    (
        lambda: ops.repeat(X, [[1], [1, 2]], 1),
        ArgumentError,
        "repeat: repeats must be whole numbers >= 0, got",
    ),
    (lambda: ops.repeat(X, 0.5), ArgumentError, "repeat: repeats must be whole numbers >= 0, got 0.5"),
    (lambda: ops.pad(X, 0.5), ArgumentError, "pad: pad_width must be whole numbers >= 0, got 0.5"),
    (lambda: ops.tile(X, -1), ArgumentError, "tile: repeats must be a whole number >= 0, got -1"),
    (
        lambda: ops.meshgrid(X[0], indexing="yx"),
        ArgumentError,
        "meshgrid: indexing must be xy or ij, got 'yx'",
    ),
    (lambda: ops.scatter([[0.5]], [1.0], (2,)), DtypeError, "scatter: indices must be whole numbers"),
    (
        lambda: ops.scatter([[2]], [1.0], (2,)),
        AxisError,
        r"scatter: indices must be in \[-2, 2\), got 2 to 2",
    ),
    (
        lambda: ops.scatter_update(X, [[0]], [1.0]),
        ShapeError,
        "scatter_update: updates must have the shape of",
    ),
    (lambda: ops.slice(X, (1, 1), (2, 2)), AxisError, "slice: the block of shape"),
    (lambda: ops.zeros((-1,)), ArgumentError, "zeros: shape must not have negative lengths"),
    (lambda: ops.arange(1, 2, 0), ArgumentError, "arange: step must not be 0"),
    (lambda: ops.one_hot([1], -1), ArgumentError, "one_hot: num_classes must be a whole number >= 0, got -1"),
    (lambda: ops.one_hot([0.5], 2), DtypeError, "one_hot: labels must be whole numbers, got float32"),
    (lambda: as_tensor(X)[2], AxisError, r"indexing: index 2 is outside axis 0 of shape \(2, 3\)"),
    (lambda: as_tensor(X)[0, 0, 0], AxisError, r"indexing: 3 indices are too many for shape \(2, 3\)"),
    (lambda: as_tensor(X)[[5]], AxisError, r"indexing: axis 0: indices must be in \[-2, 2\), got 5 to 5"),
    (lambda: as_tensor(X)[1.5], ArgumentTypeError, "indexing: needs whole numbers, slices"),
    (lambda: ops.broadcast_to(X, (2, 2)), ShapeError, "broadcast_to: these arguments do not fit together"),
]


@pytest.mark.parametrize(("call", "error", "text"), ERRORS)
def test_bad_input(call, error, text: str) -> None:
    with pytest.raises(error, match=text):
        call()
