"""Counts at thresholds, precision, recall and areas: by hand, at the edges, and bad arguments."""

import numpy as np
import pytest

from gradtape import metrics
from gradtape.errors import ArgumentError, ArgumentTypeError, ShapeError

rng = np.random.default_rng(0)
COUNTS = ("TruePositives", "FalsePositives", "TrueNegatives", "FalseNegatives")


def by_hand(y_true, y_pred, weights, threshold):
    """Return the four counts, in the order of COUNTS."""
    positive, label = y_pred > threshold, y_true != 0
    pairs = ((label, positive), (~label, positive), (~label, ~positive), (label, ~positive))
    return [float(np.sum(weights[a & b])) for a, b in pairs]


def test_counts_are_those_by_hand_at_every_threshold():
    y_true, y_pred = rng.integers(0, 2, 200), rng.random(200).astype("float32")
    weights, thresholds = rng.integers(1, 5, 200), [0.9, 0.1, 0.5, 0.5, 0.0]
    expected = np.array([by_hand(y_true, y_pred, weights, np.float32(t)) for t in thresholds]).T
    for name, row in zip(COUNTS, expected, strict=True):
        np.testing.assert_array_equal(getattr(metrics, name)(thresholds)(y_true, y_pred, weights), row)


def test_a_prediction_at_a_threshold_is_negative():
    y_pred = np.array([0.1, 0.3, 0.7], "float32")
    assert metrics.TruePositives([0.1, 0.3, 0.7])([1, 1, 1], y_pred).tolist() == [2, 1, 0]
    assert metrics.TruePositives(0.3)([1, 1, 1], y_pred.astype("float64")).item() == 2, (
        "0.3 as float64 is more"
    )


def test_predictions_that_are_not_numbers_are_negative():
    counts = [getattr(metrics, name)()([1, 0], [np.nan, np.nan]).item() for name in COUNTS]
    assert counts == [0, 0, 1, 1]


@pytest.mark.parametrize("dtype", ["float16", "float64", "int32"])
def test_predictions_of_every_dtype(dtype):
    assert metrics.Precision()([1, 0, 1], np.array([1, 1, 0], dtype)).item() == 0.5


def test_counts_do_not_stop_at_2_to_the_24():
    metric = metrics.TruePositives()
    metric.accumulator.assign([2.0**24])
    metric.update_state([1, 1, 1], [1.0, 1.0, 1.0])
    assert metric.accumulator.tolist() == [2**24 + 3]


def test_a_rate_of_nothing_is_zero():
    assert metrics.Precision().result().item() == 0.0
    assert metrics.Recall()([0, 0], [1.0, 0.0]).item() == 0.0
    assert metrics.AUC().result().item() == 0.0


def test_weights_reach_over_the_axes_they_lack():
    y_true, y_pred = np.ones((2, 3)), np.full((2, 3), 0.9)
    assert metrics.TruePositives()(y_true, y_pred, [1.0, 2.0]).item() == 9.0
    assert metrics.TruePositives()(np.ones((2, 3, 4)), np.full((2, 3, 4), 0.9), [1.0, 2.0]).item() == 36.0
    assert metrics.Recall(class_id=1)(y_true, y_pred, np.ones((2, 3))).item() == 1.0
    with pytest.raises(ShapeError, match="sample_weight must have the shape of the first axes"):
        metrics.TruePositives()(y_true, y_pred, [1.0, 2.0, 3.0])


def test_of_equal_predictions_the_first_are_the_top_k():
    assert metrics.Recall(top_k=1)([[1, 0, 0], [0, 1, 0]], [[0.5, 0.5, 0.1], [0.5, 0.5, 0.1]]).item() == 0.5


def exact_area(y_true, y_pred):
    """Return how often a positive is above a negative: the area under the whole ROC curve."""
    pairs = y_pred[y_true == 1][:, None] - y_pred[y_true == 0]
    return np.mean((pairs > 0) + 0.5 * (pairs == 0))


def test_the_area_comes_close_to_the_true_one():
    y_true = rng.integers(0, 2, 2000)
    y_pred = (0.3 * y_true + 0.7 * rng.random(2000)).astype("float32")
    found = metrics.AUC(num_thresholds=2000)(y_true, y_pred).item()
    assert found == pytest.approx(exact_area(y_true, y_pred), abs=1e-4)


CURVES = [(c, m) for c in ("ROC", "pr", "PRGAIN") for m in ("interpolation", "majoring", "minoring")]


@pytest.mark.parametrize(("curve", "method"), CURVES)
def test_what_is_told_apart_without_doubt_has_the_area_1(curve, method):
    metric = metrics.AUC(curve=curve, summation_method=method)
    # Above all predictions precision is 0, as in Keras: the smaller side of the last rectangle.
    expected = 0.5 if (curve, method) == ("pr", "minoring") else 1.0
    assert metric([0, 0, 1, 1], [0.0, 0.1, 0.9, 1.0]).item() == pytest.approx(expected, abs=1e-6)


def test_labels_of_a_first_batch_shape_the_area():
    metric = metrics.AUC(multi_label=True)
    assert metric.variables == []
    metric.update_state(np.ones((4, 3)), np.full((4, 3), 0.5))
    assert [v.shape for v in metric.variables] == [(200, 3)] * 4
    with pytest.raises(
        ShapeError, match=r"AUC: with multi_label y_pred must be \(samples, 3\), got \(4, 2\)"
    ):
        metrics.AUC(multi_label=True, num_labels=3).update_state(np.ones((4, 2)), np.ones((4, 2)))


BAD = [
    (lambda: metrics.Precision(thresholds=1.5), r"Precision: thresholds must be in \[0, 1\], got 1.5"),
    (lambda: metrics.TruePositives([]), r"TruePositives: thresholds must be at least one, got \[\]"),
    (lambda: metrics.Recall(top_k=0), "Recall: top_k must be a whole number >= 1, got 0"),
    (lambda: metrics.Recall(class_id=-1), "Recall: class_id must be a whole number >= 0, got -1"),
    (lambda: metrics.PrecisionAtRecall(2), r"PrecisionAtRecall: recall must be in \[0, 1\], got 2"),
    (
        lambda: metrics.PrecisionAtRecall(0.5, 0),
        "PrecisionAtRecall: num_thresholds must be a whole number >= 1, got 0",
    ),
    (lambda: metrics.AUC(1), "AUC: num_thresholds must be a whole number >= 2, got 1"),
    (lambda: metrics.AUC(curve="PRC"), "AUC: curve must be one of ROC, PR, PRGAIN, got 'PRC'"),
    (lambda: metrics.AUC(summation_method="x"), "AUC: summation_method must be one of interpolation, maj"),
    (lambda: metrics.AUC(num_labels=3), "AUC: num_labels needs multi_label=True, got num_labels=3"),
    (lambda: metrics.AUC(label_weights=[-1]), r"AUC: label_weights must be in \[0, inf\), got -1"),
    (lambda: metrics.Precision(class_id=3)([[1, 0]], [[1, 0]]), r"class_id must be in \[0, 2\), got 3"),
    (lambda: metrics.Precision(class_id=0)([1, 0], [1, 0]), r"class_id=0 needs y_pred \(samples, classes\)"),
    (
        lambda: metrics.Precision(top_k=3)([[1, 0]], [[1, 0]]),
        r"top_k=3 needs y_pred \(\.\.\., classes\) with as",
    ),
    (
        lambda: metrics.Precision()(np.ones((4, 1)), np.ones((4, 3))),
        "y_true must have the shape of y_pred, got",
    ),
    (lambda: metrics.FBetaScore(beta=0), r"FBetaScore: beta must be in \(0, inf\), got 0"),
    (lambda: metrics.F1Score("mean"), "F1Score: average must be one of micro, macro, weighted, got 'mean'"),
    (lambda: metrics.F1Score(threshold=2), r"F1Score: threshold must be in \(0, 1\], got 2"),
    (lambda: metrics.F1Score()([1, 0], [1, 0]), r"F1Score: y_pred must be \(samples, classes\), got \(2,\)"),
    (lambda: metrics.F1Score().result(), "F1Score: result has no shape before the first update_state"),
]


@pytest.mark.parametrize(("call", "text"), BAD, ids=range(len(BAD)))
def test_bad_arguments(call, text):
    with pytest.raises(ArgumentError, match=text):
        call()


def test_arguments_of_another_type():
    with pytest.raises(ArgumentTypeError, match="Precision: top_k must be a whole number, got 1.5"):
        metrics.Precision(top_k=1.5)
    with pytest.raises(ArgumentTypeError, match="Precision: thresholds must be a number, got 'half'"):
        metrics.Precision(thresholds="half")


def test_a_row_of_zeros_names_no_class():
    assert metrics.F1Score("micro")([[1, 0]], [[0.0, 0.0]]).item() == 0.0
