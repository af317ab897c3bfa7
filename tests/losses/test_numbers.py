"""Gradients of every loss in float64, and values where others lose digits or stop learning."""

import numpy as np
import pytest

from gradtape import GradientTape, as_tensor, losses, ops
from gradtape.testing import check_gradients
from tests.losses.cases import EACH, EACH_ID, FUNCTIONS, LOGITS, ONE_HOT, SHARES, of_function


@pytest.mark.parametrize(("name", "true", "predicted", "options"), EACH, ids=EACH_ID)
def test_gradients(name, true, predicted, options):
    function, options = getattr(losses, FUNCTIONS[name]), of_function(name, options)
    check_gradients(lambda p: function(true, p, **options), predicted)
    loss = getattr(losses, name)(**options, dtype="float64")
    check_gradients(lambda p: loss(true, p), predicted)


@pytest.mark.parametrize(
    "name", ["mean_squared_error", "kl_divergence", "poisson", "cosine_similarity", "huber"]
)
def test_gradients_for_the_targets(name):
    check_gradients(getattr(losses, name), SHARES, SHARES[::-1].copy())


def gradient_of(loss, x):
    """Return the loss of x and its gradient."""
    x = as_tensor(np.array(x, "float32"))
    with GradientTape() as tape:
        tape.watch(x)
        value = loss(x)
    return value.numpy(), tape.gradient(value, x).numpy()


@pytest.mark.parametrize(
    "loss",
    [
        lambda x: losses.categorical_crossentropy([[1, 0]], ops.softmax(x)),
        lambda x: losses.categorical_crossentropy([[1, 0]], x, from_logits=True),
        lambda x: losses.kl_divergence([[1, 0]], ops.softmax(x)),
        lambda x: losses.categorical_focal_crossentropy([[1, 0]], ops.softmax(x), alpha=1.0),
        lambda x: losses.categorical_focal_crossentropy([[1, 0]], x, alpha=1.0, from_logits=True),
        lambda x: losses.sparse_categorical_crossentropy([0], ops.softmax(x), ignore_class=7),
    ],
)
def test_a_saturated_softmax_still_learns(loss):
    """NUMERICS, trap 1."""
    value, gradient = gradient_of(loss, [[0.0, 200.0]])
    np.testing.assert_allclose(value, [200.0])
    np.testing.assert_allclose(gradient, [[-1.0, 1.0]])


@pytest.mark.parametrize(
    "loss", [losses.binary_crossentropy, losses.binary_focal_crossentropy], ids=lambda f: f.__name__
)
def test_saturated_binary_logits_still_learn(loss):
    value, gradient = gradient_of(lambda x: loss([[1, 0]], x, from_logits=True), [[-200.0, 200.0]])
    np.testing.assert_allclose(value, [200.0])
    np.testing.assert_allclose(gradient, [[-0.5, 0.5]])


def test_gradients_of_focal_losses_through_softmax():
    check_gradients(lambda x: losses.categorical_focal_crossentropy(ONE_HOT, ops.softmax(x)), LOGITS, order=2)
    check_gradients(lambda x: losses.kl_divergence(SHARES, ops.softmax(x)), LOGITS, order=2)


@pytest.mark.parametrize(
    ("loss", "true"),
    [
        (losses.sparse_categorical_crossentropy, np.array([0, 1])),
        (losses.categorical_crossentropy, np.eye(2)),
        (losses.binary_crossentropy, np.eye(2)),
        (losses.kl_divergence, np.eye(2)),
        (losses.poisson, np.eye(2)),
        (losses.categorical_focal_crossentropy, np.eye(2)),
        (losses.binary_focal_crossentropy, np.eye(2)),
        (losses.CategoricalGeneralizedCrossEntropy(), np.array([0, 1])),
    ],
)
@pytest.mark.parametrize("predicted", [np.eye(2), 1 - np.eye(2)], ids=["all right", "all wrong"])
def test_probabilities_of_0_and_1_give_finite_numbers(loss, true, predicted):
    value, gradient = gradient_of(lambda p: loss(true, p), predicted)
    assert np.isfinite(value).all() and np.isfinite(gradient).all()


def test_log_cosh_keeps_its_digits_near_0_and_does_not_overflow():
    error = np.array([0.0, 1e-12, 1e-4, 0.3, 0.99, 1.0, 1.01, 3.0, 50.0, 1e4, 1e30])
    near = error < 20
    expected = np.where(near, np.log1p(2 * np.sinh(np.where(near, error, 0) / 2) ** 2), error - np.log(2.0))
    for sign in (1, -1):
        value, gradient = gradient_of(lambda x: losses.log_cosh(np.zeros_like(x), x), sign * error[:, None])
        np.testing.assert_allclose(value, expected, rtol=2e-6, atol=1e-30)
        np.testing.assert_allclose(gradient[:, 0], sign * np.tanh(error), rtol=2e-6, atol=1e-30)


def test_negative_values_count_as_0_in_the_logarithmic_error():
    value, gradient = gradient_of(
        lambda x: losses.mean_squared_logarithmic_error([[1.0, 1.0, -5.0]], x), [[-3.0, 0.0, 1.0]]
    )
    np.testing.assert_allclose(value, [np.log(2.0) ** 2], rtol=1e-6)
    np.testing.assert_allclose(gradient, [[0, -2 * np.log(2) / 3, 2 * np.log(2) / 6]], rtol=1e-6)


def test_the_huber_loss_at_its_joint_and_far_away():
    value, gradient = gradient_of(
        lambda x: losses.huber([[0.0], [0.0], [0.0]], x, 0.5), [[0.5], [-2.0], [1e30]]
    )
    np.testing.assert_allclose(value, [0.125, 0.875, 5e29])
    np.testing.assert_allclose(gradient, [[0.5], [-0.5], [0.5]])


def test_zero_vectors_have_no_direction():
    value, gradient = gradient_of(lambda x: losses.cosine_similarity([[1.0, 0.0]], x), [[0.0, 0.0]])
    assert value.tolist() == [0.0] and np.isfinite(gradient).all()
    assert losses.cosine_similarity([[0.0, 0.0]], [[3.0, 4.0]]).tolist() == [0.0]


def test_classes_may_lie_along_any_axis():
    """Keras takes y_true without its last axis for the classes, whatever `axis` says, and so cannot."""
    logits = np.random.default_rng(0).normal(size=(2, 3, 4))
    labels = np.random.default_rng(1).integers(0, 3, (2, 4))
    last = losses.sparse_categorical_crossentropy(labels, np.moveaxis(logits, 1, -1), from_logits=True)
    for true, axis in ((labels, 1), (labels, -2), (labels[..., None], 1)):
        ours = losses.sparse_categorical_crossentropy(true, logits, from_logits=True, axis=axis)
        np.testing.assert_array_equal(ours, last)
    smooth = losses.categorical_crossentropy(
        np.moveaxis(np.eye(3)[labels], -1, 1), logits, from_logits=True, label_smoothing=0.3, axis=1
    )
    expected = losses.categorical_crossentropy(
        np.eye(3)[labels], np.moveaxis(logits, 1, -1), from_logits=True, label_smoothing=0.3
    )
    np.testing.assert_allclose(smooth, expected, rtol=1e-12)
