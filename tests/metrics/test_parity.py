"""Every metric against Keras: several batches, with and without weights, eager and compiled."""

import numpy as np
import pytest

from gradtape import compile, metrics
from tests.keras_parity import assert_parity
from tests.metrics.cases import batches, figures, ours, theirs

CASES = [
    ("Accuracy", {}, "numbers"),
    ("BinaryAccuracy", {}, "yes or no"),
    ("BinaryAccuracy", {}, "yes or no column"),
    ("BinaryAccuracy", {"threshold": 0.3}, "labels"),
    ("CategoricalAccuracy", {}, "one-hot"),
    ("CategoricalAccuracy", {}, "one-hot sequence"),
    ("SparseCategoricalAccuracy", {}, "classes"),
    ("SparseCategoricalAccuracy", {}, "class column"),
    ("SparseCategoricalAccuracy", {}, "class sequence"),
    ("TopKCategoricalAccuracy", {"k": 2}, "one-hot"),
    ("TopKCategoricalAccuracy", {}, "one-hot sequence"),
    ("SparseTopKCategoricalAccuracy", {"k": 2}, "classes"),
    ("SparseTopKCategoricalAccuracy", {"k": 2}, "class column"),
    ("SparseTopKCategoricalAccuracy", {"k": 3}, "class sequence"),
    ("SparseTopKCategoricalAccuracy", {"k": 2, "from_sorted_ids": True}, "ids"),
    ("TruePositives", {}, "yes or no"),
    ("TruePositives", {"thresholds": [0.2, 0.7]}, "labels"),
    ("FalsePositives", {"thresholds": 0.3}, "yes or no column"),
    ("TrueNegatives", {"thresholds": [0.7, 0.2, 0.4]}, "labels"),
    ("FalseNegatives", {"thresholds": [0.0, 0.5, 1.0]}, "labels"),
    ("Precision", {}, "yes or no"),
    ("Precision", {"thresholds": [0.9, 0.2, 0.4]}, "labels"),
    ("Precision", {"top_k": 2}, "one-hot"),
    ("Precision", {"top_k": 2, "thresholds": 0.2}, "one-hot"),
    ("Precision", {"class_id": 1}, "labels"),
    ("Precision", {"top_k": 3, "class_id": 4}, "one-hot"),
    ("Recall", {}, "yes or no column"),
    ("Recall", {"thresholds": [0.25, 0.5, 0.75]}, "labels"),
    ("Recall", {"top_k": 2}, "one-hot"),
    ("Recall", {"class_id": 2, "thresholds": 0.3}, "labels"),
    ("SensitivityAtSpecificity", {"specificity": 0.4}, "yes or no"),
    ("SensitivityAtSpecificity", {"specificity": 0.4, "num_thresholds": 1}, "yes or no"),
    ("SpecificityAtSensitivity", {"sensitivity": 0.6, "num_thresholds": 7}, "labels"),
    ("PrecisionAtRecall", {"recall": 0.5, "class_id": 1}, "labels"),
    ("RecallAtPrecision", {"precision": 0.7}, "labels"),
    ("AUC", {}, "yes or no"),
    ("AUC", {"num_thresholds": 11}, "yes or no column"),
    ("AUC", {"curve": "PR"}, "labels"),
    ("AUC", {"curve": "PR", "num_thresholds": 7, "summation_method": "majoring"}, "yes or no"),
    ("AUC", {"curve": "PR", "summation_method": "minoring"}, "yes or no"),
    ("AUC", {"curve": "PRGAIN", "num_thresholds": 20}, "labels"),
    ("AUC", {"summation_method": "minoring"}, "labels"),
    ("AUC", {"thresholds": [0.7, 0.2, 0.3]}, "labels"),
    ("AUC", {"thresholds": [0.25, 0.5, 0.75], "curve": "PR"}, "labels"),
    ("AUC", {"from_logits": True}, "values"),
    ("AUC", {"multi_label": True}, "labels"),
    ("AUC", {"multi_label": True, "num_labels": 3, "curve": "PR"}, "labels"),
    ("AUC", {"multi_label": True, "thresholds": [0.1, 0.5]}, "labels"),
    ("AUC", {"multi_label": True, "label_weights": [0.5, 2.0, 1.0], "num_thresholds": 9}, "labels"),
    ("AUC", {"label_weights": [0.5, 2.0, 1.0], "num_thresholds": 9}, "labels"),
    ("FBetaScore", {}, "one-hot"),
    ("FBetaScore", {"beta": 2.0, "average": "micro"}, "one-hot"),
    ("FBetaScore", {"beta": 0.5, "average": "macro", "threshold": 0.4}, "labels"),
    ("FBetaScore", {"average": "weighted"}, "labels"),
    ("F1Score", {"threshold": 0.5}, "labels"),
    ("F1Score", {"average": "weighted"}, "one-hot"),
    ("IoU", {"num_classes": 3, "target_class_ids": [0, 2]}, "whole numbers"),
    ("IoU", {"num_classes": 2, "target_class_ids": [1]}, "whole numbers"),
    ("MeanIoU", {"num_classes": 3}, "whole numbers"),
    ("MeanIoU", {"num_classes": 3, "ignore_class": 1}, "whole numbers"),
    ("MeanIoU", {"num_classes": 6, "sparse_y_pred": False}, "class sequence"),
    ("BinaryIoU", {}, "yes or no"),
    ("BinaryIoU", {"target_class_ids": [1], "threshold": 0.3}, "labels"),
    ("OneHotIoU", {"num_classes": 6, "target_class_ids": [1, 3]}, "one-hot"),
    ("OneHotMeanIoU", {"num_classes": 6}, "one-hot sequence"),
    ("PearsonCorrelation", {}, "values"),
    ("PearsonCorrelation", {"axis": 1}, "sequence"),
    ("ConcordanceCorrelation", {}, "values"),
    ("ConcordanceCorrelation", {"axis": 1}, "sequence"),
    ("CosineSimilarity", {}, "values"),
    ("CosineSimilarity", {"axis": 1}, "sequence"),
    ("R2Score", {}, "values"),
    ("R2Score", {"class_aggregation": None}, "values"),
    ("R2Score", {"class_aggregation": "variance_weighted_average"}, "values"),
    ("R2Score", {"num_regressors": 2}, "values"),
    ("R2Score", {}, "column"),
    ("MeanSquaredError", {}, "values"),
    ("MeanSquaredError", {}, "sequence"),
    ("MeanAbsoluteError", {}, "values"),
    ("RootMeanSquaredError", {}, "values"),
    ("RootMeanSquaredError", {}, "sequence"),
    ("RootMeanSquaredError", {}, "column"),
    ("MeanSquaredError", {}, "column"),
    ("MeanAbsolutePercentageError", {}, "positive"),
    ("MeanSquaredLogarithmicError", {}, "positive"),
    ("LogCoshError", {}, "values"),
    ("Hinge", {}, "labels"),
    ("SquaredHinge", {}, "labels"),
    ("CategoricalHinge", {}, "one-hot"),
    ("BinaryCrossentropy", {}, "labels"),
    ("BinaryCrossentropy", {"label_smoothing": 0.2}, "labels"),
    ("BinaryCrossentropy", {"from_logits": True}, "labels"),
    ("CategoricalCrossentropy", {}, "one-hot"),
    ("CategoricalCrossentropy", {"label_smoothing": 0.2}, "shares"),
    ("CategoricalCrossentropy", {"from_logits": True}, "one-hot sequence"),
    ("CategoricalCrossentropy", {"axis": 1}, "one-hot"),
    ("SparseCategoricalCrossentropy", {}, "classes"),
    ("SparseCategoricalCrossentropy", {"from_logits": True}, "class sequence"),
    ("KLDivergence", {}, "shares"),
    ("Poisson", {}, "positive"),
]
ALL = [*CASES, ("SparseCategoricalCrossentropy", {"ignore_class": 2}, "class column")]
IDS = [f"{name}-{kind}-{'-'.join(map(str, arguments.values()))}" for name, arguments, kind in ALL]


def each_weighted(y_true, y_pred, weight, of_rows):
    """Return the batch with a weight for each label, where it had one for each sample."""
    shape = y_true.shape[:-1] if of_rows else y_true.shape
    return y_true, y_pred, np.broadcast_to(weight.reshape(-1, *[1] * (len(shape) - 1)), shape)


@pytest.mark.parametrize("weighted", [False, True], ids=["plain", "weighted"])
@pytest.mark.parametrize(("name", "arguments", "kind"), CASES, ids=IDS[:-1])
def test_every_metric_is_that_of_keras(name, arguments, kind, weighted):
    data = batches(kind)
    if "IoU" in name:  # Keras takes one weight for each label only
        data = [each_weighted(*batch, of_rows="OneHot" in name) for batch in data]
    expected = figures(theirs(name, arguments), data, weighted)
    metric = ours(name, arguments)
    for found, wanted in zip(figures(metric, data, weighted), expected, strict=True):
        assert_parity(found, wanted, atol=1e-6)
    metric.reset_state()
    assert_parity(figures(metric, data[:1], weighted)[0], expected[0], atol=1e-6)


@pytest.mark.parametrize(("name", "arguments", "kind"), ALL, ids=IDS)
def test_every_metric_is_the_same_compiled(name, arguments, kind, on_engine):
    data = batches(kind)[:2]
    expected = figures(ours(name, arguments), data, weighted=True)
    with on_engine("jax"):
        metric = ours(name, arguments)
        update = compile(lambda y_true, y_pred, weight: metric(y_true, y_pred, weight))
        found = [np.asarray(update(*batch)) for batch in data]
        assert update.traces == 1
    for a, b in zip(found, expected, strict=True):
        assert_parity(a, b, atol=1e-6)


@pytest.mark.parametrize(("name", "arguments", "kind"), ALL, ids=IDS)
def test_every_metric_is_made_again_from_its_configuration(name, arguments, kind):
    metric = ours(name, {**arguments, "name": "mine", "dtype": "float64"})
    again = metrics.deserialize(metrics.serialize(metric))
    assert type(again) is type(metric) and again.name == "mine" and again.dtype == "float64"
    assert again.get_config() == metric.get_config()
    assert theirs(name, arguments).get_config().keys() <= metric.get_config().keys()
    for a, b in zip(figures(again, batches(kind), True), figures(metric, batches(kind), True), strict=True):
        np.testing.assert_array_equal(a, b)
