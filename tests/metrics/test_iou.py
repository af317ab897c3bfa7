"""Intersection over union: weights, axes, classes that are none, and bad arguments."""

import numpy as np
import pytest

from gradtape import metrics
from gradtape.errors import ArgumentError, ShapeError


def test_broken_weights_count():
    """Keras' default dtype is whole, and cuts 0.5 down to 0."""
    metric = metrics.MeanIoU(2)
    assert metric([0, 0, 1, 1], [0, 1, 0, 1], [0.5, 0.5, 1.0, 1.0]).item() == pytest.approx(
        (0.5 / 2 + 1 / 2.5) / 2, rel=1e-6
    )
    assert metric.result().dtype == "float32"
    assert metrics.MeanIoU(2, dtype="int")([0, 1], [0, 1]).item() == pytest.approx(1.0, rel=1e-6)


def test_weights_of_samples_reach_over_their_pixels():
    labels = np.array([[[0, 1], [1, 1]], [[0, 0], [1, 1]]])
    one = metrics.MeanIoU(2)(labels, labels[::-1], [1.0, 0.0])
    assert one.item() == metrics.MeanIoU(2)(labels[:1], labels[1:]).item()


def test_classes_may_lie_along_any_axis():
    rng = np.random.default_rng(0)
    y_true, y_pred = rng.random((2, 3, 4, 5)), rng.random((2, 3, 4, 5))
    expected = metrics.OneHotMeanIoU(3)(np.moveaxis(y_true, 1, -1), np.moveaxis(y_pred, 1, -1)).item()
    assert metrics.OneHotMeanIoU(3, axis=1)(y_true, y_pred).item() == expected


def test_numbers_that_are_no_class_are_left_out():
    assert metrics.MeanIoU(2)([0, 1, 9, -1, 0], [0, 1, 0, 1, 7]).item() == pytest.approx(1.0, rel=1e-6)


def test_a_class_that_nobody_names_is_left_out_of_the_mean():
    assert metrics.MeanIoU(5)([0, 1], [0, 1]).item() == pytest.approx(1.0, rel=1e-6)


def test_bad_arguments():
    with pytest.raises(ArgumentError, match=r"IoU: target_class_ids must be in \[0, 2\), got \[2\]"):
        metrics.IoU(2, [2])
    with pytest.raises(ArgumentError, match=r"IoU: target_class_ids must be in \[0, 2\), got \[\]"):
        metrics.IoU(2, [])
    with pytest.raises(ArgumentError, match="MeanIoU: num_classes must be a whole number >= 1, got 0"):
        metrics.MeanIoU(0)
    with pytest.raises(ShapeError, match="y_true must have the shape of y_pred"):
        metrics.MeanIoU(2)([0, 1], [0, 1, 1])
