"""Losses: values, gradients, and the traps that others fall into silently."""

from __future__ import annotations

import numpy as np
import pytest

from gradtape import GradientTape, as_tensor, losses, ops
from gradtape.errors import ArgumentError, AxisError, ShapeError
from gradtape.testing import check_gradients

rng = np.random.default_rng(0)
LOGITS = rng.normal(size=(4, 3))
LABELS = np.array([0, 2, 1, 1])
ONE_HOT = np.eye(3)[LABELS]
SHARES = np.exp(LOGITS) / np.exp(LOGITS).sum(axis=1, keepdims=True)
EXPECTED = -np.log(SHARES[np.arange(4), LABELS])


def test_sparse_categorical_crossentropy_by_each_way() -> None:
    for given, from_logits in ((LOGITS, True), (SHARES, False), (ops.softmax(LOGITS), False)):
        result = losses.sparse_categorical_crossentropy(LABELS, given, from_logits)
        np.testing.assert_allclose(result, EXPECTED, rtol=1e-12)
        assert result.dtype == np.float64


def test_categorical_crossentropy_by_each_way() -> None:
    for given, from_logits in ((LOGITS, True), (SHARES, False), (ops.softmax(LOGITS), False)):
        result = losses.categorical_crossentropy(ONE_HOT, given, from_logits)
        np.testing.assert_allclose(result, EXPECTED, rtol=1e-12)


def test_label_smoothing_spreads_the_truth() -> None:
    smooth = ONE_HOT * 0.9 + 0.1 / 3
    result = losses.categorical_crossentropy(ONE_HOT, SHARES, label_smoothing=0.1)
    np.testing.assert_allclose(result, -(smooth * np.log(SHARES)).sum(axis=1), rtol=1e-12)


def test_binary_crossentropy_from_probabilities_and_logits() -> None:
    true, logits = rng.integers(0, 2, (4, 3)).astype(float), LOGITS
    p = 1 / (1 + np.exp(-logits))
    expected = -(true * np.log(p) + (1 - true) * np.log(1 - p)).mean(axis=1)
    np.testing.assert_allclose(losses.binary_crossentropy(true, p), expected, rtol=1e-12)
    np.testing.assert_allclose(
        losses.binary_crossentropy(true, logits, from_logits=True), expected, rtol=1e-12
    )


def test_mean_errors() -> None:
    np.testing.assert_allclose(
        losses.mean_squared_error(ONE_HOT, LOGITS), ((LOGITS - ONE_HOT) ** 2).mean(axis=1), rtol=1e-12
    )
    np.testing.assert_allclose(
        losses.mean_absolute_error(ONE_HOT, LOGITS), np.abs(LOGITS - ONE_HOT).mean(axis=1), rtol=1e-12
    )


@pytest.mark.parametrize(
    "loss",
    [
        lambda x: losses.sparse_categorical_crossentropy(LABELS, x, from_logits=True),
        lambda x: losses.sparse_categorical_crossentropy(LABELS, ops.softmax(x)),
        lambda x: losses.sparse_categorical_crossentropy(LABELS, ops.exp(x)),
        lambda x: losses.categorical_crossentropy(ONE_HOT, x, from_logits=True),
        lambda x: losses.categorical_crossentropy(ONE_HOT, ops.softmax(x), label_smoothing=0.1),
        lambda x: losses.binary_crossentropy(ONE_HOT, x, from_logits=True),
        lambda x: losses.binary_crossentropy(ONE_HOT, ops.sigmoid(x)),
        lambda x: losses.mean_squared_error(ONE_HOT, x),
        lambda x: losses.mean_absolute_error(ONE_HOT, x),
    ],
)
def test_gradients(loss) -> None:
    check_gradients(loss, LOGITS)


def test_a_saturated_softmax_still_learns() -> None:
    """NUMERICS, trap 1: clipping at 1e-7 caps the loss at 16.118 and makes the gradient 0."""
    x = as_tensor([[0.0, 200.0]])
    with GradientTape() as tape:
        tape.watch(x)
        loss = losses.sparse_categorical_crossentropy([0], ops.softmax(x))
    assert loss.tolist() == [200.0]
    np.testing.assert_allclose(tape.gradient(loss, x), [[-1.0, 1.0]])


def test_a_probability_of_zero_gives_a_finite_loss_and_a_gradient() -> None:
    p = as_tensor([[0.0, 1.0]])
    with GradientTape() as tape:
        tape.watch(p)
        loss = losses.sparse_categorical_crossentropy([0], p)
    np.testing.assert_allclose(loss, [-np.log(np.finfo("float32").tiny)], rtol=1e-6)
    assert np.isfinite(tape.gradient(loss, p)).all()


def test_softmax_taken_for_logits_is_refused() -> None:
    p = ops.softmax(as_tensor(LOGITS))
    for loss, true in (
        (losses.sparse_categorical_crossentropy, LABELS),
        (losses.categorical_crossentropy, ONE_HOT),
    ):
        with pytest.raises(
            ArgumentError, match=r"crossentropy: from_logits=True, but y_pred comes from softmax"
        ):
            loss(true, p, from_logits=True)
    with pytest.raises(ArgumentError, match="logits come from softmax, so they are probabilities already"):
        ops.softmax_crossentropy(p, LABELS)


@pytest.mark.parametrize("labels", [[0, 3, 1, 1], [-1, 0, 1, 2]])
def test_labels_outside_the_classes_are_refused(labels: list[int]) -> None:
    with pytest.raises(AxisError, match=r"labels must be class numbers in \[0, 3\), got"):
        losses.sparse_categorical_crossentropy(labels, LOGITS, from_logits=True)


@pytest.mark.parametrize("dtype", ["uint8", "int64", "int32", "float32"])
def test_labels_of_any_whole_dtype(dtype: str) -> None:
    result = losses.sparse_categorical_crossentropy(LABELS.astype(dtype)[:, None], LOGITS, from_logits=True)
    np.testing.assert_allclose(result, EXPECTED, rtol=1e-12)


def test_labels_that_are_not_whole_are_refused() -> None:
    with pytest.raises(ArgumentError, match=r"labels must be whole class numbers, got 0\.5"):
        losses.sparse_categorical_crossentropy(np.array([0.5, 1, 2, 0], "float32"), LOGITS, from_logits=True)


def test_booleans_are_the_classes_0_and_1() -> None:
    numbers = losses.sparse_categorical_crossentropy((LABELS > 0).astype("int32"), LOGITS, from_logits=True)
    flags = losses.sparse_categorical_crossentropy(LABELS > 0, LOGITS, from_logits=True)
    np.testing.assert_array_equal(flags, numbers)


def test_a_wrong_shape_of_the_targets_is_refused_and_the_right_loss_named() -> None:
    with pytest.raises(ShapeError, match=r"y_true must be class numbers in the shape of y_pred without"):
        losses.sparse_categorical_crossentropy(np.zeros((4, 2), "int32"), LOGITS, from_logits=True)
    with pytest.raises(
        ShapeError, match=r"got y_true \(4, 3\) and y_pred \(4, 3\); one-hot y_true are for cat"
    ):
        losses.sparse_categorical_crossentropy(ONE_HOT, LOGITS, from_logits=True)
    for true in (LABELS, LABELS[:, None]):
        with pytest.raises(ShapeError, match="y_true must have the shape of y_pred, got y_true"):
            losses.categorical_crossentropy(true, LOGITS, from_logits=True)
    with pytest.raises(ShapeError, match="for class numbers use sparse_categorical_crossentropy"):
        losses.categorical_crossentropy(LABELS, LOGITS, from_logits=True)


def test_label_smoothing_outside_its_range_is_refused() -> None:
    with pytest.raises(ArgumentError, match=r"label_smoothing must be in \[0, 1\], got 1\.5"):
        losses.categorical_crossentropy(ONE_HOT, SHARES, label_smoothing=1.5)


def test_a_loss_of_no_samples_is_empty() -> None:
    assert losses.sparse_categorical_crossentropy(np.zeros(0, "int32"), np.zeros((0, 3))).shape == (0,)


@pytest.mark.parametrize(
    ("crossentropy", "true"),
    [(losses.sparse_categorical_crossentropy, LABELS), (losses.categorical_crossentropy, ONE_HOT)],
)
def test_the_gradient_for_the_probabilities_themselves(crossentropy, true) -> None:
    """Whether the tape saw softmax or not, and together with the logits."""
    z = as_tensor(LOGITS)
    p = ops.softmax(z)
    expected = -ONE_HOT / SHARES
    with GradientTape() as tape:
        tape.watch(p)
        loss = crossentropy(true, p)
    np.testing.assert_allclose(tape.gradient(loss, p), expected, rtol=1e-12)
    with GradientTape(persistent=True) as tape:
        tape.watch(z)
        p = ops.softmax(z)
        loss = crossentropy(true, p)
    np.testing.assert_allclose(tape.gradient(loss, p), expected, rtol=1e-12)
    for_z, for_p = tape.gradient(loss, [z, p])
    np.testing.assert_allclose(for_z, SHARES - ONE_HOT, rtol=1e-9, atol=1e-12)
    np.testing.assert_allclose(for_p, expected, rtol=1e-12)
    np.testing.assert_allclose(tape.gradient(loss, z), SHARES - ONE_HOT, rtol=1e-9, atol=1e-12)


def test_a_softmax_the_tape_has_not_seen_ends_the_path() -> None:
    z = as_tensor(LOGITS)
    with GradientTape() as tape:
        tape.watch(z)
        with tape.stop_recording():
            p = ops.softmax(z)
        loss = losses.sparse_categorical_crossentropy(LABELS, p)
    assert tape.gradient(loss, z) is None


def test_probabilities_used_twice_get_both_gradients() -> None:
    def loss(x):
        p = ops.softmax(x)
        return losses.sparse_categorical_crossentropy(LABELS, p) + ops.sum(p * p, axis=-1)

    check_gradients(loss, LOGITS)
