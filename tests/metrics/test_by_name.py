"""Which metric a name means, by the shapes of labels and predictions."""

import numpy as np
import pytest

from gradtape import metrics
from tests.keras_parity import keras

SHAPES = [
    ((8, 1), (8, 1)),
    ((8,), (8, 1)),
    ((8,), (8, 5)),
    ((8, 1), (8, 5)),
    ((8, 5), (8, 5)),
    ((8, 4), (8, 4, 5)),
    ((8, 4, 1), (8, 4, 5)),
    ((8, 4, 5), (8, 4, 5)),
    ((8, 4, 1), (8, 4, 1)),
]


@pytest.mark.parametrize("name", ["accuracy", "acc", "Accuracy"])
@pytest.mark.parametrize(("true", "predicted"), SHAPES)
def test_accuracy_is_chosen_as_keras_chooses(name, true, predicted):
    keras()
    from keras.src.trainers.compile_utils import get_metric

    theirs = get_metric(name, np.zeros(true), np.zeros(predicted))
    ours = metrics.resolve(name, true, predicted)
    assert type(ours).__name__ == type(theirs).__name__
    assert ours.name == theirs.name == name


def test_predictions_of_rank_1_are_yes_or_no():
    assert type(metrics.resolve("accuracy", (8,), (8,))) is metrics.BinaryAccuracy


def test_a_name_stays_the_name_of_its_figure():
    assert metrics.resolve("binary_accuracy", (8,), (8,)).name == "binary_accuracy"


def test_metrics_stay_as_they_are_and_functions_are_wrapped():
    def myDistance(y_true, y_pred):
        return y_true - y_pred

    metric = metrics.Mean("mine")
    assert metrics.resolve(metric, (8,), (8,)) is metric
    assert metrics.resolve(metrics.Mean, (8,), (8,)).name == "mean"
    wrapped = metrics.resolve(myDistance, (8,), (8,))
    assert type(wrapped) is metrics.MeanMetricWrapper and wrapped.name == "my_distance"
