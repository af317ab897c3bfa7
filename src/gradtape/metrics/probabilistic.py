"""Cross-entropies and divergences of predicted probabilities, averaged over all samples."""

from __future__ import annotations

from gradtape import losses
from gradtape.core.dtypes import DTypeLike
from gradtape.core.tensor import TensorLike, as_tensor
from gradtape.metrics.base.metric import member
from gradtape.metrics.base.sums import WIDE, weights_over
from gradtape.metrics.means import MeanOfLoss
from gradtape.ops.numpy.comparison import not_equal
from gradtape.ops.numpy.shapes import cast, reshape


@member("bce", "BCE")
class BinaryCrossentropy(MeanOfLoss):
    """The mean of -(y_true * log(y_pred) + (1 - y_true) * log(1 - y_pred)).

    Args:
        name: its name in a history.
        dtype: the dtype of the result; None means float32.
        from_logits: whether predictions are logits, to which sigmoid has not been applied yet.
        label_smoothing: how far, in [0, 1], targets are moved towards 0.5.

    >>> BinaryCrossentropy()([[1.0]], [[0.5]])
    Tensor(0.6931472, shape=(), dtype=float32)
    """

    def __init__(
        self,
        name: str | None = "binary_crossentropy",
        dtype: DTypeLike = None,
        from_logits: bool = False,
        label_smoothing: float = 0,
    ) -> None:
        self.from_logits, self.label_smoothing = from_logits, label_smoothing
        super().__init__(
            losses.binary_crossentropy, name, dtype, from_logits=from_logits, label_smoothing=label_smoothing
        )


@member()
class CategoricalCrossentropy(MeanOfLoss):
    """The mean of -sum(y_true * log(y_pred)), labels being one-hot.

    Args:
        name: its name in a history.
        dtype: the dtype of the result; None means float32.
        from_logits: whether predictions are logits, to which softmax has not been applied yet.
        label_smoothing: the part of each target, in [0, 1], that is spread evenly over all classes.
        axis: the axis of the classes.

    >>> f"{CategoricalCrossentropy()([[0.0, 1.0]], [[0.25, 0.75]]).item():.4f}"
    '0.2877'
    """

    def __init__(
        self,
        name: str | None = "categorical_crossentropy",
        dtype: DTypeLike = None,
        from_logits: bool = False,
        label_smoothing: float = 0,
        axis: int = -1,
    ) -> None:
        self.from_logits, self.label_smoothing, self.axis = from_logits, label_smoothing, axis
        options = {"from_logits": from_logits, "label_smoothing": label_smoothing, "axis": axis}
        super().__init__(losses.categorical_crossentropy, name, dtype, **options)


@member()
class SparseCategoricalCrossentropy(MeanOfLoss):
    """The mean of -log of the probability predicted for the true class, labels being class numbers.

    Args:
        name: its name in a history.
        dtype: the dtype of the result; None means float32.
        from_logits: whether predictions are logits, to which softmax has not been applied yet.
        ignore_class: a class number whose samples do not count, as in the loss; None: none.
        axis: the axis of the classes.

    >>> f"{SparseCategoricalCrossentropy()([1], [[0.25, 0.75]]).item():.4f}"
    '0.2877'
    """

    def __init__(
        self,
        name: str | None = "sparse_categorical_crossentropy",
        dtype: DTypeLike = None,
        from_logits: bool = False,
        ignore_class: int | None = None,
        axis: int = -1,
    ) -> None:
        self.from_logits, self.ignore_class, self.axis = from_logits, ignore_class, axis
        options = {"from_logits": from_logits, "ignore_class": ignore_class, "axis": axis}
        super().__init__(losses.sparse_categorical_crossentropy, name, dtype, **options)

    def update_state(  # type: ignore[override]  # Keras' classes inherit alike
        self, y_true: TensorLike, y_pred: TensorLike, sample_weight: TensorLike = None
    ) -> None:
        """Update the metric with one batch of labels and predictions.

        Args:
            y_true: class numbers.
            y_pred: one number for each class.
            sample_weight: the weight of each sample; None means 1.
        """
        if self.ignore_class is not None:
            labels = as_tensor(y_true, None, self.name)
            shape = labels.shape[:-1] if labels.ndim == as_tensor(y_pred).ndim else labels.shape
            # The loss of an ignored label is 0; without a weight of 0 it would still count in the divisor.
            counted = cast(not_equal(reshape(labels, shape), self.ignore_class), WIDE)
            weights = 1.0 if sample_weight is None else sample_weight
            sample_weight = counted * weights_over(self.name, weights, shape)
        super().update_state(y_true, y_pred, sample_weight)


@member()
class KLDivergence(MeanOfLoss):
    """The mean of sum(y_true * log(y_true / y_pred)), both being probabilities.

    Args:
        name: its name in a history.
        dtype: the dtype of the result; None means float32.

    >>> f"{KLDivergence()([[0.5, 0.5]], [[0.25, 0.75]]).item():.4f}"
    '0.1438'
    """

    def __init__(self, name: str | None = "kl_divergence", dtype: DTypeLike = None) -> None:
        super().__init__(losses.kl_divergence, name, dtype)


@member()
class Poisson(MeanOfLoss):
    """mean(y_pred - y_true * log(y_pred)), predictions being rates.

    Args:
        name: its name in a history.
        dtype: the dtype of the result; None means float32.

    >>> f"{Poisson()([[1.0, 2.0]], [[1.0, 1.0]]).item():.4f}"
    '1.0000'
    """

    def __init__(self, name: str | None = "poisson", dtype: DTypeLike = None) -> None:
        super().__init__(losses.poisson, name, dtype)
