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
]
IDS = [f"{name}-{kind}-{'-'.join(map(str, arguments.values()))}" for name, arguments, kind in CASES]


@pytest.mark.parametrize("weighted", [False, True], ids=["plain", "weighted"])
@pytest.mark.parametrize(("name", "arguments", "kind"), CASES, ids=IDS)
def test_every_metric_is_that_of_keras(name, arguments, kind, weighted):
    data = batches(kind)
    expected = figures(theirs(name, arguments), data, weighted)
    metric = ours(name, arguments)
    for found, wanted in zip(figures(metric, data, weighted), expected, strict=True):
        assert_parity(found, wanted)
    metric.reset_state()
    assert_parity(figures(metric, data[:1], weighted)[0], expected[0])


@pytest.mark.parametrize(("name", "arguments", "kind"), CASES, ids=IDS)
def test_every_metric_is_the_same_compiled(name, arguments, kind, on_engine):
    data = batches(kind)
    expected = figures(ours(name, arguments), data, weighted=True)
    with on_engine("jax"):
        metric = ours(name, arguments)
        update = compile(lambda y_true, y_pred, weight: metric(y_true, y_pred, weight))
        found = [np.asarray(update(*batch)) for batch in data]
        assert update.traces == 2  # one for each length of a batch
    for a, b in zip(found, expected, strict=True):
        assert_parity(a, b)


@pytest.mark.parametrize(("name", "arguments", "kind"), CASES, ids=IDS)
def test_every_metric_is_made_again_from_its_configuration(name, arguments, kind):
    metric = ours(name, {**arguments, "name": "mine", "dtype": "float64"})
    again = metrics.deserialize(metrics.serialize(metric))
    assert type(again) is type(metric) and again.name == "mine" and again.dtype == "float64"
    assert again.get_config() == metric.get_config()
    assert theirs(name, arguments).get_config().keys() <= metric.get_config().keys()
    assert figures(again, batches(kind), True) == figures(metric, batches(kind), True)
