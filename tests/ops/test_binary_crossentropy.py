"""Cross-entropy of a sigmoid: exact where a probability rounds to 0 or 1, whichever way is asked for."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal

from gradtape import GradientTape, as_tensor, compile, losses, ops
from gradtape.ops.nn.binary_crossentropy import sigmoid_crossentropy_of
from gradtape.ops.nn.softmax import BinaryProbabilities
from gradtape.testing import check_gradients

FAR = np.array([[-1000.0, 1000.0, -1000.0, 1000.0, 0.0, 40.0]], "float32")
TRUE = np.array([[0.0, 1.0, 1.0, 0.0, 0.5, 1.0]], "float32")


def gradients(function, x, asked=lambda x, p: (x, p)):
    """Return the gradients of a loss of sigmoid(x) for what is asked, and the tape."""
    x = as_tensor(x)
    with GradientTape(persistent=True) as tape:
        tape.watch(x)
        p = ops.sigmoid(x)
        y = function(p)
    return [None if g is None else np.asarray(g) for g in tape.gradient(y, list(asked(x, p)))]


def test_sigmoid_remembers_its_logits() -> None:
    x = as_tensor([1.0, 2.0])
    p = ops.sigmoid(x)
    assert type(p) is BinaryProbabilities and p.logits is x and type(p * 1.0) is not BinaryProbabilities


def test_values_do_not_saturate() -> None:
    found = np.asarray(sigmoid_crossentropy_of(FAR, TRUE, ops.sigmoid(FAR)))
    assert_allclose(found, [[0, 0, 1000, 1000, np.log(2), np.exp(-40.0)]], rtol=1e-6)


def test_the_loss_of_a_sigmoid_is_traced_back_to_its_logits() -> None:
    (g,) = gradients(lambda p: losses.binary_crossentropy(TRUE, p), FAR, lambda x, p: (x,))
    assert_allclose(g * 6, [[0, 0, -1, 1, 0, 0]], atol=1e-6)
    assert losses.binary_crossentropy(TRUE, ops.sigmoid(FAR)).item() > 300  # not capped at 16 by a clip


def test_logits_and_probabilities_have_the_same_loss() -> None:
    x, true = np.array([[-2.0, 0.3, 1.5]]), np.array([[0.0, 1.0, 0.25]])
    p = 1 / (1 + np.exp(-x))
    for found in (
        losses.binary_crossentropy(true, p),
        losses.binary_crossentropy(true, ops.sigmoid(x)),
        losses.binary_crossentropy(true, x, from_logits=True),
    ):
        assert_allclose(found, -np.mean(true * np.log(p) + (1 - true) * np.log(1 - p), -1), rtol=1e-12)


def test_the_gradient_of_the_probabilities_themselves() -> None:
    x, true = np.array([[-2.0, 0.3]]), np.array([[0.0, 1.0]])
    p = 1 / (1 + np.exp(-x))
    expected = -(true / p - (1 - true) / (1 - p)) / 2
    gx, gp = gradients(lambda p: losses.binary_crossentropy(true, p), x)
    assert_allclose(gp, expected, rtol=1e-12)
    assert_allclose(gx, expected * p * (1 - p), rtol=1e-12)


def test_the_tape_may_know_the_probabilities_only() -> None:
    p = ops.sigmoid(np.array([[-2.0, 0.3]]))
    with GradientTape() as tape:
        tape.watch(p)
        y = losses.binary_crossentropy([[0.0, 1.0]], p)
    shares = np.asarray(p)
    assert_allclose(tape.gradient(y, p), [[1 / (1 - shares[0, 0]) / 2, -1 / shares[0, 1] / 2]], rtol=1e-12)


def test_probabilities_of_another_shape_than_the_targets() -> None:
    for shape in [(2, 1), (2,)]:
        (g,) = gradients(
            lambda p: losses.binary_crossentropy([0.0, 1.0], p), np.zeros(shape, "float32"), lambda x, p: (x,)
        )
        assert g.shape == shape and np.allclose(np.abs(g), 0.5 if shape == (2, 1) else 0.25)


@pytest.mark.parametrize("shape", [(), (3,), (2, 3), (0,)])
def test_gradients(shape: tuple[int, ...]) -> None:
    rng = np.random.default_rng(0)
    x, t = rng.standard_normal(shape), rng.uniform(size=shape)
    check_gradients(lambda x, t: sigmoid_crossentropy_of(x, t, ops.sigmoid(x)), x, t)


@pytest.mark.parametrize("kind", ["float16", "bfloat16", "float32", "float64"])
def test_every_floating_dtype_has_the_gradient_of_its_probabilities(kind: str) -> None:
    x = ops.cast(np.array([[0.0, 0.0]]), kind)
    for activation, loss in [
        (ops.sigmoid, losses.binary_crossentropy),
        (ops.softmax, losses.categorical_crossentropy),
    ]:
        with GradientTape() as tape:
            tape.watch(x)
            p = activation(x)
            y = loss(np.array([[1.0, 0.0]]), p)
        g = tape.gradient(y, p)
        assert g.dtype == kind and np.asarray(ops.cast(g, "float32"))[0, 0] == (
            -1 if loss is losses.bce else -2
        )


def test_compiled() -> None:
    def step(x, true):
        with GradientTape() as tape:
            tape.watch(x)
            y = losses.binary_crossentropy(true, ops.sigmoid(x))
        return y, tape.gradient(y, x)

    tensors = as_tensor(FAR), as_tensor(TRUE)
    for found, expected in zip(compile(step)(*tensors), step(*tensors), strict=True):
        assert_allclose(found, expected, rtol=1e-6)


def test_nan_is_not_hidden() -> None:
    nan = np.full((1, 2), np.nan, "float32")
    assert_array_equal(losses.binary_crossentropy([[0.0, 1.0]], ops.sigmoid(nan)), [np.nan])
