"""tf.nn: the dictionary's part for activations and cross-entropies."""

from __future__ import annotations

from gradtape import losses, ops
from gradtape.base.absent import answer_for as _answer_for
from gradtape.core.tensor import Tensor
from gradtape.ops.nn.crossentropy import softmax_crossentropy
from gradtape.tf.names import spelled

relu = spelled(ops.relu, features="x")
relu6 = spelled(ops.relu6, features="x")
leaky_relu = spelled(ops.leaky_relu, features="x", alpha="negative_slope")
elu = spelled(ops.elu, features="x")
selu = spelled(ops.selu, features="x")
silu = swish = spelled(ops.silu, features="x")
sigmoid = spelled(ops.sigmoid)
tanh = spelled(ops.tanh)
softplus = spelled(ops.softplus, features="x")
softsign = spelled(ops.softsign, features="x")
softmax = spelled(ops.softmax, logits="x")
top_k = spelled(ops.top_k, input="x")
log_softmax = spelled(ops.log_softmax, logits="x")


def gelu(features: object, approximate: bool = False, name: str | None = None) -> Tensor:
    """Return the Gaussian error linear unit, exact unless `approximate`."""
    return ops.gelu(features, approximate=approximate)


def sparse_softmax_cross_entropy_with_logits(
    labels: object, logits: object, name: str | None = None
) -> Tensor:
    """Return -log(softmax(logits)[label]) for each sample."""
    return softmax_crossentropy(logits, labels)


def softmax_cross_entropy_with_logits(
    labels: object, logits: object, axis: int = -1, name: str | None = None
) -> Tensor:
    """Return -sum(labels * log_softmax(logits)) over `axis`."""
    return losses.categorical_crossentropy(labels, logits, from_logits=True, axis=axis)


_answer_for(__name__)
