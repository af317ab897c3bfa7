"""What losses ask of targets and predictions; NUMERICS, traps 1, 3 and 14."""

import numpy as np
import pytest

from gradtape import as_tensor, losses, ops
from gradtape.errors import ArgumentError, ArgumentTypeError, AxisError, ShapeError
from tests.losses.cases import CASES, FUNCTIONS

BY_ELEMENT = sorted(
    FUNCTIONS[name]
    for name in CASES
    if not name.startswith(("Sparse", "Categorical")) or name.endswith("Hinge")
)


@pytest.mark.parametrize("name", BY_ELEMENT)
@pytest.mark.parametrize(
    ("true", "predicted"),
    [((4, 1), (4, 3)), ((4, 3), (4, 1)), ((3,), (4, 3)), ((4,), (1, 4)), ((1, 3), (4, 3))],
)
def test_nothing_is_broadcast_silently(name, true, predicted):
    with pytest.raises(ShapeError) as raised:
        getattr(losses, name)(np.zeros(true), np.full(predicted, 0.5))
    assert f"{name}: y_true must have the shape of y_pred, got y_true {true}" in str(raised.value)


@pytest.mark.parametrize("name", BY_ELEMENT)
def test_a_vector_meets_a_column_either_way(name):
    loss = getattr(losses, name)
    rng = np.random.default_rng(0)
    true, predicted = rng.integers(0, 2, 4).astype("float32"), rng.uniform(0.1, 0.9, 4).astype("float32")
    columns = loss(true[:, None], predicted[:, None])
    assert columns.shape == (() if name in ("dice", "tversky") else (4,))
    np.testing.assert_array_equal(loss(true, predicted[:, None]), columns)
    np.testing.assert_array_equal(loss(true[:, None], predicted), columns)


@pytest.mark.parametrize("name", ["mean_squared_error", "binary_crossentropy"])
def test_a_further_axis_of_length_one_is_left_out(name):
    loss = getattr(losses, name)
    true, predicted = np.zeros((4, 3)), np.full((4, 3), 0.5)
    np.testing.assert_array_equal(loss(true[..., None], predicted), loss(true, predicted))
    np.testing.assert_array_equal(loss(true, predicted[..., None]), loss(true, predicted))


def test_numbers_alone_are_refused():
    with pytest.raises(ShapeError, match=r"huber: y_true must have at least one axis, got y_true \(\) and"):
        losses.huber(1.0, 2.0)


def test_one_class_is_refused():
    """NUMERICS, trap 3: softmax over one unit is always 1, so nothing is learnt."""
    for loss, true in (
        (losses.sparse_categorical_crossentropy, np.zeros(4, "int32")),
        (losses.categorical_crossentropy, np.ones((4, 1))),
        (losses.categorical_focal_crossentropy, np.ones((4, 1))),
        (losses.CategoricalGeneralizedCrossEntropy(), np.zeros(4, "int32")),
    ):
        with pytest.raises(ShapeError, match=r"y_pred must have at least two classes, got shape \(4, 1\)"):
            loss(true, np.ones((4, 1)))
    for loss in (losses.binary_crossentropy, losses.BinaryCrossentropy(), losses.binary_focal_crossentropy):
        with pytest.raises(ShapeError, match="for one unit use sigmoid and binary_crossentropy"):
            loss(np.ones((4, 1)), ops.softmax(np.ones((4, 1))))


@pytest.mark.parametrize(
    "name",
    [
        "BinaryCrossentropy",
        "BinaryFocalCrossentropy",
        "CategoricalCrossentropy",
        "CategoricalFocalCrossentropy",
    ],
)
def test_a_softmax_given_as_logits_is_refused_by_the_classes_too(name):
    loss = getattr(losses, name)(from_logits=True)
    for dtype in ("float32", "float64"):
        with pytest.raises(
            ArgumentError, match=f"{loss.name}: from_logits=True, but y_pred comes from softmax"
        ):
            loss(np.eye(3), ops.softmax(as_tensor(np.ones((3, 3)), dtype)))


@pytest.mark.parametrize(
    ("call", "error", "text"),
    [
        (
            lambda: losses.huber([1.0], [1.0], 0.0),
            ArgumentError,
            r"huber: delta must be in \(0, inf\), got 0",
        ),
        (
            lambda: losses.huber([1.0], [1.0], "1"),
            ArgumentTypeError,
            "huber: delta must be a number, got '1'",
        ),
        (
            lambda: losses.binary_crossentropy([1.0], [0.5], label_smoothing=-0.1),
            ArgumentError,
            r"binary_crossentropy: label_smoothing must be in \[0, 1\], got -0.1",
        ),
        (
            lambda: losses.categorical_generalized_cross_entropy([0], [[0.5, 0.5]], q=1.0),
            ArgumentError,
            r"categorical_generalized_cross_entropy: q must be in \(0, 1\), got 1",
        ),
        (
            lambda: losses.categorical_focal_crossentropy([[1.0, 0.0]], [[0.5, 0.5]], alpha=[0.1, 0.2, 0.3]),
            ShapeError,
            r"alpha must be one number or one for each of the 2 classes, got shape \(3,\)",
        ),
        (
            lambda: losses.sparse_categorical_crossentropy([0], [[0.5, 0.5]], ignore_class=0.5),
            ArgumentTypeError,
            "sparse_categorical_crossentropy: ignore_class must be a whole number, got 0.5",
        ),
        (
            lambda: losses.sparse_categorical_crossentropy([0], [[0.5, 0.5]], axis=2),
            AxisError,
            r"sparse_categorical_crossentropy: axis must be in \[-2, 2\), got 2",
        ),
    ],
)
def test_options_are_checked(call, error, text):
    with pytest.raises(error, match=text):
        call()
