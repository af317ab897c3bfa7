"""Jacobians against those written down by hand."""

import numpy as np
import pytest

from gradtape import GradientTape, Variable, as_tensor, ops
from gradtape.errors import ArgumentError, ArgumentTypeError, ShapeError

RNG = np.random.default_rng(5)


def test_a_matrix_product():
    a, x = RNG.standard_normal((4, 3)), Variable(RNG.standard_normal((3, 2)))
    with GradientTape() as tape:
        y = as_tensor(a) @ x
    found = tape.jacobian(y, x)
    assert (found.shape, found.dtype) == ((4, 2, 3, 2), "float64")
    np.testing.assert_allclose(found.numpy(), np.einsum("ik,jl->ijkl", a, np.eye(2)))


def test_an_elementwise_function_is_diagonal():
    x = Variable(RNG.standard_normal((2, 3)))
    with GradientTape() as tape:
        y = ops.exp(x)
    expected = np.diag(np.exp(x.numpy()).ravel()).reshape(2, 3, 2, 3)
    np.testing.assert_allclose(tape.jacobian(y, x).numpy(), expected, rtol=1e-12)


def test_softmax():
    x = Variable(RNG.standard_normal(5))
    with GradientTape() as tape:
        y = ops.softmax(x)
    p = y.numpy()
    np.testing.assert_allclose(tape.jacobian(y, x).numpy(), np.diag(p) - np.outer(p, p), atol=1e-15)


def test_scalars_and_structures():
    x, w = Variable([1.0, 2.0]), Variable(3.0)
    with GradientTape() as tape:
        y = x * x * w
    found = tape.jacobian(y, {"x": x, "w": [w]})
    assert found["x"].tolist() == [[6, 0], [0, 12]]
    assert found["w"][0].tolist() == [1, 4]
    with GradientTape() as tape:
        y = w * w
    assert tape.jacobian(y, w).item() == 6


def test_unconnected_and_empty():
    x, other = Variable([1.0, 2.0]), Variable(np.ones((3,)))
    with GradientTape(persistent=True) as tape:
        y = x * 2.0
        nothing = x[:0]
    assert tape.jacobian(y, other) is None
    zeros = tape.jacobian(y, other, unconnected_gradients="zero")
    assert (zeros.shape, zeros.dtype) == ((2, 3), "float64")
    assert not zeros.numpy().any()
    assert tape.jacobian(nothing, x).shape == (0, 2)


def test_partly_connected_rows_are_zero():
    x, w = Variable([1.0, 2.0]), Variable([5.0])
    with GradientTape() as tape:
        y = ops.concatenate([x * 2.0, w * 3.0])
    dx, dw = tape.jacobian(y, [x, w])
    assert dx.tolist() == [[2, 0], [0, 2], [0, 0]]
    assert dw.tolist() == [[0], [0], [3]]


def test_the_hessian_is_the_jacobian_of_the_gradient():
    a = RNG.standard_normal((3, 3))
    x = Variable(RNG.standard_normal(3))
    with GradientTape() as outer:
        with GradientTape() as inner:
            y = ops.sum(x * (as_tensor(a) @ x))
        g = inner.gradient(y, x)
    np.testing.assert_allclose(outer.jacobian(g, x).numpy(), a + a.T, atol=1e-12)


def test_a_jacobian_can_be_differentiated():
    x = Variable([1.0, 2.0])
    with GradientTape() as outer:
        with GradientTape() as inner:
            y = x * x * x
        j = inner.jacobian(y, x)
    assert outer.gradient(j, x).tolist() == [6, 12]


def test_batch_jacobian_of_a_layer():
    w = RNG.standard_normal((3, 2))
    x = as_tensor(RNG.standard_normal((4, 3)))
    with GradientTape(persistent=True) as tape:
        tape.watch(x)
        y = ops.tanh(x @ w)
    found = tape.batch_jacobian(y, x)
    slopes = 1 - y.numpy() ** 2
    np.testing.assert_allclose(found.numpy(), np.einsum("bj,ij->bji", slopes, w), rtol=1e-12)
    full = tape.jacobian(y, x).numpy()
    np.testing.assert_allclose(found.numpy(), np.stack([full[i, :, i] for i in range(4)]), rtol=1e-12)


@pytest.mark.parametrize("inner", [(), (2,), (2, 3)])
def test_batch_jacobian_shapes(inner):
    x = as_tensor(RNG.standard_normal((4, *inner)))
    with GradientTape() as tape:
        tape.watch(x)
        y = (x * x)[..., None]
    assert tape.batch_jacobian(y, x).shape == (4, *inner, 1, *inner)


def test_batch_jacobian_of_nothing():
    x, other = as_tensor(np.ones((2, 3))), as_tensor(np.ones((2, 2)))
    with GradientTape(persistent=True) as tape:
        tape.watch([x, other])
        y = x * 2.0
    assert tape.batch_jacobian(y, other) is None
    assert tape.batch_jacobian(y, other, unconnected_gradients="zero").shape == (2, 3, 2)


def test_arguments_that_do_not_fit():
    x = as_tensor(np.ones((2, 3)))
    with GradientTape(persistent=True) as tape:
        tape.watch(x)
        y = ops.sum(x, axis=0)
    text = "^batch_jacobian: target and source must have a first axis of the same length, "
    with pytest.raises(ShapeError, match=text + r"got target \(3,\) and source \(2, 3\)$"):
        tape.batch_jacobian(y, x)
    with pytest.raises(ShapeError, match=text):
        tape.batch_jacobian(ops.sum(y), x)
    with pytest.raises(
        ArgumentTypeError, match="^batch_jacobian: source must be a Tensor or Variable, got 3$"
    ):
        tape.batch_jacobian(y, 3)
    with pytest.raises(ArgumentTypeError, match="^jacobian: target must be one Tensor or Variable, got "):
        tape.jacobian([y, y], x)
    with pytest.raises(ArgumentTypeError, match="^batch_jacobian: target must be a Tensor or Variable, got "):
        tape.batch_jacobian([y], x)
    with pytest.raises(ArgumentTypeError, match="sources must be Tensors or Variables"):
        tape.jacobian(y, "x")
    with pytest.raises(ArgumentError, match="unconnected_gradients must be 'none' or 'zero'"):
        tape.jacobian(y, x, unconnected_gradients="other")
    assert tape.jacobian(y, x).shape == (3, 2, 3)
