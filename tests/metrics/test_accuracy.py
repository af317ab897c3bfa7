"""Accuracies: the functions against Keras, ties, and shapes that do not fit."""

import numpy as np
import pytest

from gradtape import metrics
from gradtape.errors import ArgumentError, ArgumentTypeError, AxisError, ShapeError
from tests.keras_parity import assert_parity, keras
from tests.metrics.cases import batches

FUNCTIONS = [
    ("binary_accuracy", {}, "yes or no"),
    ("binary_accuracy", {"threshold": 0.2}, "yes or no column"),
    ("binary_accuracy", {}, "labels"),
    ("categorical_accuracy", {}, "one-hot"),
    ("categorical_accuracy", {}, "one-hot sequence"),
    ("sparse_categorical_accuracy", {}, "classes"),
    ("sparse_categorical_accuracy", {}, "class column"),
    ("sparse_categorical_accuracy", {}, "class sequence"),
    ("top_k_categorical_accuracy", {"k": 2}, "one-hot"),
    ("top_k_categorical_accuracy", {}, "one-hot sequence"),
    ("sparse_top_k_categorical_accuracy", {"k": 2}, "classes"),
    ("sparse_top_k_categorical_accuracy", {"k": 2}, "class column"),
    ("sparse_top_k_categorical_accuracy", {"k": 3}, "class sequence"),
    ("sparse_top_k_categorical_accuracy", {"k": 2, "from_sorted_ids": True}, "ids"),
]


@pytest.mark.parametrize(("name", "arguments", "kind"), FUNCTIONS)
def test_the_functions_are_those_of_keras(name, arguments, kind):
    for y_true, y_pred, _ in batches(kind):
        expected = getattr(keras().metrics, name)(y_true, y_pred, **arguments)
        assert_parity(getattr(metrics, name)(y_true, y_pred, **arguments), expected)


def test_of_equally_likely_classes_the_first_is_taken():
    assert metrics.sparse_categorical_accuracy([0, 1], [[0.5, 0.5], [0.5, 0.5]]).tolist() == [1.0, 0.0]


def test_among_the_k_likeliest_ties_count():
    assert metrics.sparse_top_k_categorical_accuracy([0, 1, 2], [[0.5, 0.5, 0.2]] * 3, k=1).tolist() == [
        1,
        1,
        0,
    ]


@pytest.mark.parametrize("dtype", ["uint8", "int64", "float32", "float64"])
def test_labels_of_every_dtype(dtype):
    labels = np.array([1, 0, 2], dtype)
    predictions = np.eye(3, dtype="float32")[[1, 0, 0]]
    assert metrics.SparseCategoricalAccuracy()(labels, predictions).item() == np.float32(2 / 3)


def test_one_prediction_per_sample_meets_labels_without_the_axis():
    assert metrics.BinaryAccuracy()([1, 0], [[0.9], [0.8]]).item() == 0.5
    assert metrics.BinaryAccuracy()([[1], [0]], [0.9, 0.8]).item() == 0.5


def test_nothing_else_is_broadcast():
    """NUMERICS, trap 14: Keras compares (4, 1) with (4, 3), and (4, 4) with (4,), silently."""
    pairs = (((4, 1), (4, 3)), ((4,), (4, 3)), ((4, 3), (4, 1)), ((2, 4, 1), (4, 1)))
    for function in (metrics.binary_accuracy, metrics.Accuracy()):
        for true, predicted in pairs:
            with pytest.raises(
                ShapeError, match="accuracy: y_true must have the shape of y_pred, got y_true"
            ):
                function(np.zeros(true), np.zeros(predicted))
    for function in (metrics.sparse_categorical_accuracy, metrics.sparse_top_k_categorical_accuracy):
        for true, predicted in (((4, 4), (4, 4)), ((3,), (4, 4)), ((), ())):
            with pytest.raises(
                ShapeError, match="y_true must be class numbers in the shape of y_pred without"
            ):
                function(np.zeros(true), np.zeros(predicted))
    for function in (metrics.categorical_accuracy, metrics.top_k_categorical_accuracy):
        for true, predicted in (((4,), (4, 4)), ((4, 3), (4, 4)), ((), ())):
            with pytest.raises(ShapeError, match=r"must both have the shape \(..., classes\), got y_true"):
                function(np.zeros(true), np.zeros(predicted))


def test_a_label_outside_the_classes_is_refused_where_it_would_be_looked_up():
    with pytest.raises(AxisError, match=r"labels must be class numbers in \[0, 2\), got 5 to 5"):
        metrics.sparse_top_k_categorical_accuracy([5], [[0.1, 0.9]], k=1)


def test_bad_arguments():
    with pytest.raises(ArgumentError, match="TopKCategoricalAccuracy: k must be a whole number >= 1, got 0"):
        metrics.TopKCategoricalAccuracy(k=0)
    with pytest.raises(
        ArgumentTypeError, match="SparseTopKCategoricalAccuracy: k must be a whole number, got 1.5"
    ):
        metrics.SparseTopKCategoricalAccuracy(k=1.5)
    with pytest.raises(ArgumentTypeError, match="BinaryAccuracy: threshold must be a number, got '0.5'"):
        metrics.BinaryAccuracy(threshold="0.5")
