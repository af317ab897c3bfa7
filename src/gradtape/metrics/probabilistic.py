"""How unlikely the true classes are by the predicted probabilities, averaged over all samples."""

from __future__ import annotations

from gradtape import losses
from gradtape.dtypes import DTypeLike
from gradtape.metrics.means import MeanOfFunction
from gradtape.metrics.metric import member


@member("bce", "BCE")
class BinaryCrossentropy(MeanOfFunction):
    """The mean of -(y_true * log(y_pred) + (1 - y_true) * log(1 - y_pred)).

    Args:
        name: what it is called in a history.
        dtype: the dtype of the result; None means float32.
        from_logits: whether predictions are logits, to which sigmoid is still to be applied.
        label_smoothing: the share of the truth, in [0, 1], that is drawn to 0.5.

    >>> BinaryCrossentropy()([[1.0]], [[0.5]])
    Tensor(0.6931472, shape=(), dtype=float32)
    """

    _direction = "down"

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
