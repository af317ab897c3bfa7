"""Intersection over union: how well predicted classes cover the true ones, as in segmentation."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np

from gradtape import engine
from gradtape.base.checks import number, whole
from gradtape.core.dtypes import (
    FLOAT,
    INT,
    DTypeLike,
    is_floating,
)
from gradtape.core.op_facts import mix_rows
from gradtape.core.operation import operation
from gradtape.core.tensor import (
    Array,
    Tensor,
    TensorLike,
    as_tensor,
)
from gradtape.errors import ArgumentError, ArgumentTypeError, show
from gradtape.metrics.base.metric import Metric, member
from gradtape.metrics.base.sums import WIDE, same_rank, weights_over
from gradtape.ops.numpy.comparison import greater, greater_equal
from gradtape.ops.numpy.diagonals import diagonal
from gradtape.ops.numpy.order import argmax
from gradtape.ops.numpy.reductions import sum
from gradtape.ops.numpy.shapes import cast

_EPSILON = 1e-7  # added to every divisor, as in Keras


@operation(differentiable=False, kind="reduction", rows=mix_rows)
def class_table(y_true: Array, y_pred: Array, weights: Array, classes: int, ignored: int | None) -> Array:
    """Return the weight of each pair of true and predicted class, (classes, classes) float64.

    Args:
        y_true: class numbers of any shape; those that are no class are left out.
        y_pred: class numbers of the same shape; those that are no class are left out.
        weights: of that many axes; they broadcast.
        classes: how many there are.
        ignored: a true class that is left out; None: none.

    >>> class_table([0, 1, 1, 7], [0, 1, 0, 1], [1.0], classes=2, ignored=None)
    Tensor([[1., 0.],
            [1., 1.]], shape=(2, 2), dtype=float64)
    """
    xp = engine.xp
    # Pairs outside [0, classes) go to (0, 0) with weight 0: JAX would wrap or drop such places, NumPy
    # wrap or raise.
    counts = (y_true >= 0) & (y_true < classes) & (y_pred >= 0) & (y_pred < classes)
    if ignored is not None:
        counts = counts & (y_true != ignored)
    wide = xp.broadcast_to(engine.active.astype(weights, WIDE), counts.shape)
    places = [engine.active.astype(xp.where(counts, y, 0), np.dtype("int32")) for y in (y_true, y_pred)]
    flat = [xp.reshape(x, (-1,)) for x in (*places, xp.where(counts, wide, 0.0))]
    return engine.active.index_add((classes, classes), tuple(flat[:2]), flat[2])


@member()
class IoU(Metric):
    """The mean over some classes of true positives / (true positives + false positives + false negatives).

    Classes that neither labels nor predictions name are left out of the mean.

    Args:
        num_classes: how many classes there are.
        target_class_ids: the classes that the mean is over.
        name: its name in a history; None takes the name of the class.
        dtype: the dtype of the result; None and whole dtypes mean float32.
        ignore_class: a true class whose samples do not count; None: none.
        sparse_y_true: whether labels are class numbers, and not one number per class.
        sparse_y_pred: whether predictions are class numbers, and not one number per class.
        axis: the axis of the classes, if not sparse.

    >>> f"{IoU(num_classes=2, target_class_ids=[0])([0, 0, 1, 1], [0, 1, 0, 1]).item():.4f}"
    '0.3333'
    """

    direction = "up"

    def __init__(
        self,
        num_classes: int,
        target_class_ids: Sequence[int],
        name: str | None = None,
        dtype: DTypeLike = None,
        ignore_class: int | None = None,
        sparse_y_true: bool = True,
        sparse_y_pred: bool = True,
        axis: int = -1,
    ) -> None:
        super().__init__(dtype, name)
        who = type(self).__name__
        self.num_classes = whole(num_classes, who, "num_classes", 1)
        targets: Any = target_class_ids
        if isinstance(targets, str) or not isinstance(targets, Iterable):
            raise ArgumentTypeError(
                f"{who}: target_class_ids must be a list of class numbers, got {show(targets)}"
            )
        self.target_class_ids = [whole(i, who, "target_class_ids") for i in target_class_ids]
        if not self.target_class_ids or not all(0 <= i < self.num_classes for i in self.target_class_ids):
            raise ArgumentError(
                f"{who}: target_class_ids must be in [0, {num_classes}), got {show(target_class_ids)}"
            )
        self.ignore_class = None if ignore_class is None else whole(ignore_class, who, "ignore_class")
        self.sparse_y_true, self.sparse_y_pred = bool(sparse_y_true), bool(sparse_y_pred)
        self.axis = whole(axis, who, "axis")
        self.total_cm = self.add_variable((num_classes, num_classes), name="total_confusion_matrix")

    def update_state(self, y_true: TensorLike, y_pred: TensorLike, sample_weight: TensorLike = None) -> None:
        """Update the metric with one batch.

        Args:
            y_true: class numbers of any shape, or one number per class along `axis`.
            y_pred: the same for predictions.
            sample_weight: the weight of each sample; None means 1.
        """
        true = as_tensor(y_true, None, self.name)
        predicted = as_tensor(y_pred, None, self.name)
        true = true if self.sparse_y_true else argmax(true, axis=self.axis)
        predicted = predicted if self.sparse_y_pred else argmax(predicted, axis=self.axis)
        true, predicted = same_rank(self.name, true, predicted)
        weights = weights_over(self.name, 1.0 if sample_weight is None else sample_weight, true.shape)
        self.total_cm.assign_add(class_table(true, predicted, weights, self.num_classes, self.ignore_class))

    def result(self) -> Tensor:
        """Return the mean over the target classes so far, ()."""
        table, targets = self.total_cm.value, np.array(self.target_class_ids)
        right = diagonal(table)
        right, either = right[targets], (sum(table, axis=0) + sum(table, axis=1) - right)[targets]
        # As in Keras, a class that is neither in the labels nor in the predictions has no part in the mean.
        named = cast(greater(either, 1e-9), WIDE)
        mean = sum(right / (either + _EPSILON)) / (sum(named) + _EPSILON)
        return cast(mean, self._dtype if is_floating(self._dtype) else FLOAT)

    def get_config(self) -> dict[str, Any]:
        """Return the arguments of the constructor, as JSON values."""
        own = {name: getattr(self, name) for name in self._arguments}
        return {**super().get_config(), **own}

    _arguments: tuple[str, ...] = (
        "num_classes", "target_class_ids", "ignore_class", "sparse_y_true", "sparse_y_pred", "axis",
    )  # fmt: skip


@member()
class BinaryIoU(IoU):
    """The mean IoU of the two classes below and from a threshold on.

    Args:
        target_class_ids: which of the classes 0 and 1 the mean is over.
        threshold: predictions that are at least so large mean class 1.
        name: its name in a history; None takes the name of the class.
        dtype: the dtype of the result; None and whole dtypes mean float32.

    >>> f"{BinaryIoU(threshold=0.3)([0, 1, 0, 1], [0.1, 0.2, 0.4, 0.7]).item():.4f}"
    '0.3333'
    """

    _arguments = ("target_class_ids", "threshold")

    def __init__(
        self,
        target_class_ids: Sequence[int] = (0, 1),
        threshold: float = 0.5,
        name: str | None = None,
        dtype: DTypeLike = None,
    ) -> None:
        super().__init__(2, target_class_ids, name, dtype)
        self.threshold = number(threshold, type(self).__name__, "threshold")

    def update_state(self, y_true: TensorLike, y_pred: TensorLike, sample_weight: TensorLike = None) -> None:
        """Update the metric with one batch.

        Args:
            y_true: 0 or 1.
            y_pred: of the same shape.
            sample_weight: the weight of each sample; None means 1.
        """
        # As in Keras >= here, though BinaryAccuracy asks for more than the threshold.
        positive = cast(greater_equal(as_tensor(y_pred, None, self.name), self.threshold), INT)
        super().update_state(y_true, positive, sample_weight)


@member()
class MeanIoU(IoU):
    """The mean over all classes of true positives / (true positives + false positives + false negatives).

    Args:
        num_classes: how many classes there are.
        name: its name in a history; None takes the name of the class.
        dtype: the dtype of the result; None and whole dtypes mean float32.
        ignore_class: a true class whose samples do not count; None: none.
        sparse_y_true: whether labels are class numbers, and not one number per class.
        sparse_y_pred: whether predictions are class numbers, and not one number per class.
        axis: the axis of the classes, if not sparse.

    >>> f"{MeanIoU(num_classes=2)([0, 0, 1, 1], [0, 1, 0, 1]).item():.4f}"
    '0.3333'
    """

    _arguments: tuple[str, ...] = ("num_classes", "ignore_class", "sparse_y_true", "sparse_y_pred", "axis")

    def __init__(
        self,
        num_classes: int,
        name: str | None = None,
        dtype: DTypeLike = None,
        ignore_class: int | None = None,
        sparse_y_true: bool = True,
        sparse_y_pred: bool = True,
        axis: int = -1,
    ) -> None:
        targets = range(whole(num_classes, type(self).__name__, "num_classes"))
        super().__init__(num_classes, targets, name, dtype, ignore_class, sparse_y_true, sparse_y_pred, axis)


@member()
class OneHotIoU(IoU):
    """The IoU of some classes, labels being one number per class.

    Args:
        num_classes: how many classes there are.
        target_class_ids: the classes that the mean is over.
        name: its name in a history; None takes the name of the class.
        dtype: the dtype of the result; None and whole dtypes mean float32.
        ignore_class: a true class whose samples do not count; None: none.
        sparse_y_pred: whether predictions are class numbers, and not one number per class.
        axis: the axis of the classes, if not sparse.

    >>> f"{OneHotIoU(2, [1])([[1, 0], [0, 1], [0, 1]], [[0.8, 0.2], [0.4, 0.6], [0.7, 0.3]]).item():.4f}"
    '0.5000'
    """

    _arguments = ("num_classes", "target_class_ids", "ignore_class", "sparse_y_pred", "axis")

    def __init__(
        self,
        num_classes: int,
        target_class_ids: Sequence[int],
        name: str | None = None,
        dtype: DTypeLike = None,
        ignore_class: int | None = None,
        sparse_y_pred: bool = False,
        axis: int = -1,
    ) -> None:
        super().__init__(num_classes, target_class_ids, name, dtype, ignore_class, False, sparse_y_pred, axis)


@member()
class OneHotMeanIoU(MeanIoU):
    """The IoU of all classes, labels being one number per class.

    Args:
        num_classes: how many classes there are.
        name: its name in a history; None takes the name of the class.
        dtype: the dtype of the result; None and whole dtypes mean float32.
        ignore_class: a true class whose samples do not count; None: none.
        sparse_y_pred: whether predictions are class numbers, and not one number per class.
        axis: the axis of the classes, if not sparse.

    >>> f"{OneHotMeanIoU(2)([[1, 0], [0, 1], [0, 1]], [[0.8, 0.2], [0.4, 0.6], [0.7, 0.3]]).item():.4f}"
    '0.5000'
    """

    _arguments = ("num_classes", "ignore_class", "sparse_y_pred", "axis")

    def __init__(
        self,
        num_classes: int,
        name: str | None = None,
        dtype: DTypeLike = None,
        ignore_class: int | None = None,
        sparse_y_pred: bool = False,
        axis: int = -1,
    ) -> None:
        super().__init__(num_classes, name, dtype, ignore_class, False, sparse_y_pred, axis)
