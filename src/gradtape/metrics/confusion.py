"""True and false positives and negatives at thresholds, from which precision, recall and AUC are computed."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from gradtape import engine
from gradtape.base.checks import number
from gradtape.core.dtypes import is_floating, wide_for
from gradtape.core.op_facts import Attributes, Axes, Shape, keep_rows, size
from gradtape.core.operation import operation
from gradtape.core.tensor import Array, Tensor, TensorLike
from gradtape.errors import ArgumentError, ShapeError, show
from gradtape.metrics.base.metric import Metric
from gradtape.metrics.base.sums import WIDE, same_rank, weights_over
from gradtape.ops.numpy.comparison import less
from gradtape.ops.numpy.creation import ones
from gradtape.ops.numpy.order import argsort, descending
from gradtape.ops.numpy.selection import where
from gradtape.ops.numpy.shapes import cast

ROWS = {"true_positives": 0, "false_positives": 1, "true_negatives": 2, "false_negatives": 3}


def _confusion_cost(shapes: Sequence[Shape], output_shape: Shape, attributes: Attributes) -> int:
    """Return, for each element and threshold, one comparison and one addition."""
    return 2 * len(attributes["thresholds"]) * max(map(size, shapes))


def _confusion_rows(axes: Axes, shapes: Sequence[Shape], attributes: Attributes) -> int | None:
    """Return the axis of the labels, if they are counted apart and are what is asked for."""
    is_label = keep_rows(axes, shapes, attributes) == max(map(len, shapes)) - 1
    return 2 if attributes["by_label"] and is_label else None


@operation(differentiable=False, kind="reduction", cost=_confusion_cost, rows=_confusion_rows)
def confusion(
    y_true: Array, y_pred: Array, weights: Array, thresholds: tuple[float, ...], by_label: bool
) -> Array:
    """Return the weight of true and false positives and negatives at each threshold, in float64.

    A prediction is positive where it is larger than the threshold, a label where it is not 0.  NaN is not
    a positive prediction.

    Args:
        y_true: any shape.
        y_pred: the same shape.
        weights: of that many axes; they broadcast.
        thresholds: in any order; compared in the dtype of the predictions.
        by_label: whether each element of the last axis is counted by itself.

    Returns:
        (4, thresholds), or (4, thresholds, labels) by label, in the order of ROWS.

    >>> confusion([1, 0, 1], [0.9, 0.8, 0.1], [1.0], thresholds=(0.5,), by_label=False)
    Tensor([[1.],
            [1.],
            [0.],
            [1.]], shape=(4, 1), dtype=float64)
    """
    xp, labels = engine.xp, y_pred.shape[-1] if by_label else 1
    predicted = engine.active.astype(y_pred, wide_for(y_pred.dtype))
    # In the dtype of the predictions: 0.3 in float32 is above 0.3 in float64, by rounding alone.
    steps = np.asarray(thresholds, predicted.dtype)
    order = np.argsort(steps)
    # How many thresholds lie below each prediction.  One table then takes all weights, and the sums from
    # the highest threshold downwards are what lies above each: n log(t) work instead of n * t.
    # NaN is above no threshold; a search would sort it to the end, above all of them.
    finite = xp.where(xp.isnan(predicted), -np.inf, predicted)
    places = xp.reshape(xp.searchsorted(steps[order], finite, side="left"), (-1, labels))
    truths = engine.active.astype(xp.reshape(y_true != 0, (-1, labels)), np.dtype("int32"))
    wide = xp.broadcast_to(engine.active.astype(weights, WIDE), y_pred.shape)
    columns = xp.broadcast_to(xp.arange(labels), places.shape)
    shape = (2, len(steps) + 1, labels)
    table = engine.active.index_add(shape, (truths, places, columns), xp.reshape(wide, (-1, labels)))
    above = xp.cumsum(table[:, ::-1], axis=1)[:, ::-1]
    positive = above[:, 1:][:, np.argsort(order)]  # back in the order of the thresholds
    negative = above[:, :1] - positive
    counts = xp.stack([positive[1], positive[0], negative[0], negative[1]])
    return counts if by_label else counts[..., 0]


class Confusion(Metric):
    """A metric that counts some of the true and false positives and negatives at thresholds.

    A subclass says in `counted` which: the name of each accumulator, and the row of ROWS it counts.
    """

    counted: dict[str, str] = dict(zip(ROWS, ROWS, strict=True))

    def count_at(self, thresholds: tuple[float, ...], labels: int | None = None) -> None:
        """Make the accumulators: (thresholds,), or (thresholds, labels) if labels are counted one by one."""
        self._steps, self._by_label = thresholds, labels is not None
        shape = (len(thresholds),) if labels is None else (len(thresholds), labels)
        for name in self.counted:
            setattr(self, name, self.add_variable(shape, name=name))

    def count(self, y_true: Tensor, y_pred: Tensor, weights: Tensor) -> None:
        """Add one batch, of labels and predictions in one shape."""
        counts = confusion(y_true, y_pred, weights, self._steps, self._by_label)
        for name, row in self.counted.items():
            getattr(self, name).assign_add(counts[ROWS[row]])


def pair(
    who: str, y_true: TensorLike, y_pred: TensorLike, sample_weight: TensorLike
) -> tuple[Tensor, Tensor, Tensor]:
    """Return labels, floating predictions in the same shape, and weights of as many axes."""
    true, predicted = same_rank(who, y_true, y_pred)
    if not is_floating(predicted.dtype):
        predicted = cast(predicted, "float32")
    if sample_weight is None:
        return true, predicted, ones((1,) * predicted.ndim, "float64")
    return true, predicted, weights_over(who, sample_weight, predicted.shape)


def only_top_k(who: str, y_pred: Tensor, k: int) -> Tensor:
    """Return the predictions, with -inf for all but the k largest of the last axis."""
    if not y_pred.ndim or y_pred.shape[-1] < k:
        raise ShapeError(
            f"{who}: top_k={k} needs y_pred (..., classes) with as many classes, got {y_pred.shape}"
        )
    # The argsort of an order is the rank of each class; of equal ones the first has the better rank.
    return where(less(argsort(descending(y_pred)), k), y_pred, -np.inf)


def only_class(
    who: str, y_true: Tensor, y_pred: Tensor, weights: Tensor, class_id: int
) -> tuple[Tensor, Tensor, Tensor]:
    """Return labels, predictions and weights of one class, the last axis having length 1."""
    if y_pred.ndim < 2:
        raise ShapeError(f"{who}: class_id={class_id} needs y_pred (samples, classes), got {y_pred.shape}")
    if class_id >= y_pred.shape[-1]:
        raise ArgumentError(f"{who}: class_id must be in [0, {y_pred.shape[-1]}), got {class_id}")
    column = (..., slice(class_id, class_id + 1))
    return y_true[column], y_pred[column], weights if weights.shape[-1] == 1 else weights[column]


def as_thresholds(who: str, thresholds: object, otherwise: float) -> tuple[float, ...]:
    """Return the thresholds given as None, a number or several, as a tuple of numbers in [0, 1]."""
    if thresholds is None:
        return (otherwise,)
    several = thresholds if isinstance(thresholds, list | tuple | np.ndarray) else [thresholds]
    if not len(several):
        raise ArgumentError(f"{who}: thresholds must be at least one, got {show(thresholds)}")
    return tuple([number(t, who, "thresholds", "[0, 1]") for t in several])


def even_thresholds(count: int, margin: float = 0.0) -> tuple[float, ...]:
    """Return `count` thresholds evenly from 0 to 1, the first and the last moved out by `margin`.

    >>> even_thresholds(3)
    (0.0, 0.5, 1.0)
    """
    inner = [i / (count - 1) for i in range(1, count - 1)]
    return (0.0 - margin, *inner, 1.0 + margin)
