"""Binary cross-entropy from logits, as one operation that does not saturate."""

from __future__ import annotations

from gradtape import engine
from gradtape.core.dtypes import smallest
from gradtape.core.operation import operation
from gradtape.core.tensor import Array, Tensor
from gradtape.ops.nn.activations import sigmoid
from gradtape.ops.numpy.arithmetic import negative
from gradtape.ops.numpy.selection import maximum


@operation(risky=True, name="sigmoid_crossentropy", kind="elementwise")
def sigmoid_crossentropy_of(logits: Array, targets: Array, probabilities: Array) -> Array:
    """Return -(targets * log(p) + (1 - targets) * log(1 - p)) for p = sigmoid(logits), elementwise.

    It is max(logits, 0) - logits * targets + log(1 + e**-abs(logits)): all digits for targets 0 and 1.

    Args:
        logits: any shape, floating.
        targets: the true probabilities, of the logits' shape and dtype.
        probabilities: sigmoid(logits), for whoever asks for their gradient.

    >>> f"{sigmoid_crossentropy_of([1000.0], [0.0], sigmoid([1000.0])).item():.1f}"
    '1000.0'
    """
    xp = engine.xp
    # softplus(z) - t * z: the sum above, as log(p) = z - softplus(z) and log(1 - p) = -softplus(z).
    return xp.maximum(logits, 0) - logits * targets + xp.log1p(xp.exp(-xp.abs(logits)))


@sigmoid_crossentropy_of.gradient("logits")
def sigmoid_crossentropy_logits(
    g: Tensor, y: Tensor, logits: Tensor, targets: Tensor, probabilities: Tensor
) -> Tensor:
    """g * (sigmoid(logits) - targets)"""
    return g * (sigmoid(logits) - targets)


@sigmoid_crossentropy_of.gradient("targets")
def sigmoid_crossentropy_targets(
    g: Tensor, y: Tensor, logits: Tensor, targets: Tensor, probabilities: Tensor
) -> Tensor:
    """-g * logits"""
    return negative(g * logits)


@sigmoid_crossentropy_of.gradient("probabilities")
def sigmoid_crossentropy_probabilities(
    g: Tensor, y: Tensor, logits: Tensor, targets: Tensor, probabilities: Tensor
) -> Tensor:
    """g * ((1 - targets) / (1 - p) - targets / p), used only if the gradient of p itself is asked for"""
    # A saturated p is 0 or 1 in its dtype: divided by, it would give inf or NaN.
    least = smallest(probabilities.dtype)
    yes, no = maximum(probabilities, least), maximum(1.0 - probabilities, least)
    return g * ((1.0 - targets) / no - targets / yes)


# The backward pass goes straight to the logits (0), not by the probabilities (2), which were made of them.
sigmoid_crossentropy_of.operation.shortcut = (0, 2)
