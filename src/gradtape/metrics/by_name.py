"""Finds a metric by its name or function, and by the shapes of labels and predictions."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from gradtape.base.config import custom_objects as known_as
from gradtape.base.names import snake_case
from gradtape.metrics.base.metric import METRICS, Metric
from gradtape.metrics.means import MeanMetricWrapper

_BY_SHAPE = {
    "accuracy": ("binary_accuracy", "sparse_categorical_accuracy", "categorical_accuracy"),
    "crossentropy": ("binary_crossentropy", "sparse_categorical_crossentropy", "categorical_crossentropy"),
}
_SHORT = {"acc": "accuracy", "ce": "crossentropy"}


def get(identifier: object) -> Any:
    """Return the metric for a name, a class, a configuration, a function, or a metric itself.

    Args:
        identifier: as for `Family.get`; a function is returned as it is.

    >>> get("mean"), get({"class_name": "Mean", "config": {"name": "loss"}})
    (<Mean name=mean>, <Mean name=loss>)
    """
    return METRICS.get(identifier)


def serialize(metric: object) -> Any:
    """Return what `deserialize` makes `metric` again from: a configuration, or a name.

    >>> serialize(get("mean"))
    {'class_name': 'Mean', 'config': {'name': 'mean', 'dtype': 'float32'}}
    """
    return METRICS.serialize(metric)


def deserialize(config: object, custom_objects: Mapping[str, Any] | None = None) -> Any:
    """Return the metric that `serialize` wrote down.

    Args:
        config: a configuration, or a name.
        custom_objects: classes and functions of your own that it may name.

    >>> deserialize({"class_name": "BinaryAccuracy", "config": {"threshold": 0.25}}).threshold
    0.25
    """
    with known_as(custom_objects or {}):
        return METRICS.deserialize(config)


def resolve(identifier: object, y_true_shape: tuple[int, ...], y_pred_shape: tuple[int, ...]) -> Metric:
    """Return the metric for `identifier` and labels and predictions of these shapes.

    Args:
        identifier: as for `get`.  "accuracy" and "acc", "crossentropy" and "ce" mean the binary one if there
            is one prediction per sample, the sparse one if labels are class numbers, else the categorical.
        y_true_shape: the shape of a batch of labels.
        y_pred_shape: the shape of a batch of predictions.

    Returns:
        A metric, called by the name that was given; a function becomes the mean of its values.

    >>> resolve("acc", (32,), (32, 10))
    <SparseCategoricalAccuracy name=acc>
    """
    if isinstance(identifier, Metric):
        return identifier
    meant = identifier
    if isinstance(identifier, str):
        word = _SHORT.get(identifier.lower(), identifier.lower())
        if word in _BY_SHAPE:
            meant = _BY_SHAPE[word][_kind(tuple(y_true_shape), tuple(y_pred_shape))]
    found = get(meant)
    metric = found if isinstance(found, Metric) else MeanMetricWrapper(found, _name_of(found))
    if isinstance(identifier, str):
        # As in Keras, a history has the user's own word: "acc" stays "acc".
        metric.name = identifier
    return metric


def _kind(y_true: tuple[int, ...], y_pred: tuple[int, ...]) -> int:
    """Return 0 for one yes or no per sample, 1 for class numbers, 2 for shares of each class."""
    # The order of Keras' own guess for "accuracy": one output first, then the rank of the labels.
    if len(y_pred) < 2 or y_pred[-1] == 1:
        return 0
    return 1 if len(y_true) < len(y_pred) or y_true[-1] == 1 else 2


def _name_of(function: object) -> str:
    return getattr(function, "name", None) or snake_case(
        getattr(function, "__name__", type(function).__name__)
    )
