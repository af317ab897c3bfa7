"""Cross-entropy from logits as one operation, so that neither value nor gradient saturates."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NoReturn

from gradtape import engine
from gradtape.core.dtypes import FLOAT, is_floating, smallest
from gradtape.core.op_facts import Attributes, Axes, Shape, per_input, per_output
from gradtape.core.operation import operation
from gradtape.core.placeholder import takes_placeholders
from gradtape.core.tensor import (
    Array,
    Tensor,
    TensorLike,
    as_tensor,
)
from gradtape.errors import ArgumentError, DtypeError, ShapeError
from gradtape.ops.base.rows import keep_all_but_last
from gradtape.ops.nn.softmax import Probabilities, log_softmax, softmax
from gradtape.ops.numpy.arithmetic import negative
from gradtape.ops.numpy.creation import one_hot
from gradtape.ops.numpy.reductions import sum
from gradtape.ops.numpy.selection import maximum
from gradtape.ops.numpy.shapes import cast, reshape


@takes_placeholders
def softmax_crossentropy(
    logits: TensorLike, labels: TensorLike, probabilities: Tensor | None = None
) -> Tensor:
    """Return -log(softmax(logits)[label]) for each sample: log(sum(exp(logits))) - logits[label].

    Args:
        logits: (..., classes); whole numbers become float32.
        labels: (...) integer class numbers in [0, classes).
        probabilities: softmax(logits), if it has been computed already.

    Returns:
        (...) of the logits' dtype.

    Raises:
        ArgumentError: if `logits` come from softmax: they are probabilities then.
        ShapeError: if labels do not have the shape of logits without the last axis.
        AxisError: if a label is not a class number.

    >>> f"{softmax_crossentropy([[0.0, 0.0]], [1]).item():.4f}"
    '0.6931'
    """
    values = as_tensor(logits, None, "softmax_crossentropy")
    if isinstance(values, Probabilities):
        raise ArgumentError(
            "softmax_crossentropy: logits come from softmax, so they are probabilities already; "
            "give what went into softmax, or use a loss with from_logits=False"
        )
    if not values.ndim:
        raise ShapeError("softmax_crossentropy: logits must have a last axis of classes, got shape ()")
    values = values if is_floating(values.dtype) else cast(values, FLOAT)
    return crossentropy_of(values, softmax(values) if probabilities is None else probabilities, labels)


def crossentropy_of(logits: Tensor, probabilities: Tensor, labels: TensorLike) -> Tensor:
    """Return -log of the probability at each label; `probabilities` must be softmax(logits)."""
    return _softmax_crossentropy(logits, labels, probabilities)


@operation(
    name="softmax_crossentropy",
    kind="reduction",
    symbol="-log(softmax(logits)[label])",
    cost=per_input(4),
    rows=keep_all_but_last,
)
def _softmax_crossentropy(logits: Array, labels: Array, probabilities: Array) -> Array:
    """Return the loss; `probabilities`, softmax(logits), spare the gradient computing them again."""
    if labels.shape != logits.shape[:-1] or labels.dtype.kind not in "iu":
        _refuse_labels(logits, labels)
    return engine.active.crossentropy(logits, labels, probabilities)


@_softmax_crossentropy.gradient("logits")
def softmax_crossentropy_logits(
    g: Tensor, y: Tensor, logits: Tensor, labels: Tensor, probabilities: Tensor
) -> Tensor:
    """g * (softmax(logits) - one_hot(labels))"""
    # A Tensor that no tape knows: the second gradient leads through the logits.
    return _minus_one_hot(g, labels, Tensor(probabilities._array), logits)


@_softmax_crossentropy.gradient("probabilities")
def softmax_crossentropy_probabilities(
    g: Tensor, y: Tensor, logits: Tensor, labels: Tensor, probabilities: Tensor
) -> Tensor:
    """-g * one_hot(labels) / probabilities, used only if their own gradient is asked for"""
    # A probability that rounded to 0 would make the quotient infinite.
    p = maximum(probabilities, smallest(probabilities.dtype))
    places = one_hot(labels, p.shape[-1], dtype=p.dtype)
    return negative(places * reshape(g, (*g.shape, 1)) / p)


# The backward pass goes straight to the logits (0), not by the probabilities (2): through softmax the
# gradient would be lost where a probability rounds to 0.
_softmax_crossentropy.operation.shortcut = (0, 2)


def _rows_of_minus_one_hot(axes: Axes, shapes: Sequence[Shape], attributes: Attributes) -> int | None:
    """Return the axis along which all four have the rows; the last one of the logits is the classes'."""
    return axes[0] if len(set(axes)) == 1 else None


@operation(
    name="softmax_minus_one_hot",
    kind="elementwise",
    symbol="g * (softmax(logits) - one_hot(label))",
    cost=per_output(2),
    rows=_rows_of_minus_one_hot,
)
def _minus_one_hot(g: Array, labels: Array, probabilities: Array, logits: Array) -> Array:
    """Return g * (probabilities - one_hot(labels)); `logits` are where the probabilities came from."""
    return engine.active.minus_one_hot(probabilities, labels, g)


@_minus_one_hot.gradient("g")
def minus_one_hot_g(
    c: Tensor, y: Tensor, g: Tensor, labels: Tensor, probabilities: Tensor, logits: Tensor
) -> Tensor:
    """sum(c * (probabilities - one_hot(labels)))"""
    # With g = 1 the operation is the factor of g itself.
    ones = Tensor(engine.xp.ones(g.shape, g.dtype))
    return sum(c * _minus_one_hot(ones, labels, probabilities, logits), axis=-1)


@_minus_one_hot.gradient("logits")
def minus_one_hot_logits(
    c: Tensor, y: Tensor, g: Tensor, labels: Tensor, probabilities: Tensor, logits: Tensor
) -> Tensor:
    """g * (c - sum(c * p)) * p"""
    # one_hot is constant, so only softmax has a slope: this is its Jacobian times g * c.
    p = softmax(logits)
    return reshape(g, (*g.shape, 1)) * (c - sum(c * p, axis=-1, keepdims=True)) * p


@operation(
    risky=True,
    name="soft_crossentropy",
    kind="reduction",
    symbol="-sum(targets * log(softmax(logits)))",
    cost=per_input(7),
    rows=keep_all_but_last,
)
def soft_crossentropy_of(logits: Array, targets: Array, probabilities: Array) -> Array:
    """Return -sum(targets * log(softmax(logits))) over the last axis.

    Args:
        logits: (..., classes) floating.
        targets: (..., classes) the true share of each class, of the logits' dtype.
        probabilities: softmax(logits), for whoever asks for their gradient.

    >>> from gradtape.ops.nn.softmax import softmax
    >>> f"{soft_crossentropy_of([0.0, 0.0], [0.0, 1.0], softmax([0.0, 0.0])).item():.4f}"
    '0.6931'
    """
    # log-softmax of the logits, not log(probabilities), which is -inf where one rounds to 0.
    shifted = logits - engine.xp.max(logits, axis=-1, keepdims=True)
    logs = shifted - engine.xp.log(engine.active.sum(engine.xp.exp(shifted), (-1,), True))
    return -engine.active.sum(targets * logs, (-1,))


@soft_crossentropy_of.gradient("logits")
def soft_crossentropy_logits(
    g: Tensor, y: Tensor, logits: Tensor, targets: Tensor, probabilities: Tensor
) -> Tensor:
    """g * (softmax(logits) * sum(targets) - targets)"""
    # Targets need not add up to 1: a row of zeros, for a sample without a class, has the gradient 0.
    total = sum(targets, axis=-1, keepdims=True)
    return reshape(g, (*g.shape, 1)) * (softmax(logits) * total - targets)


@soft_crossentropy_of.gradient("targets")
def soft_crossentropy_targets(
    g: Tensor, y: Tensor, logits: Tensor, targets: Tensor, probabilities: Tensor
) -> Tensor:
    """-g * log_softmax(logits)"""
    return negative(reshape(g, (*g.shape, 1)) * log_softmax(logits))


@soft_crossentropy_of.gradient("probabilities")
def soft_crossentropy_probabilities(
    g: Tensor, y: Tensor, logits: Tensor, targets: Tensor, probabilities: Tensor
) -> Tensor:
    """-g * targets / probabilities, used only if their own gradient is asked for"""
    p = maximum(probabilities, smallest(probabilities.dtype))
    return negative(reshape(g, (*g.shape, 1)) * targets / p)


# As above: straight to the logits, past probabilities that may have been rounded to 0.
soft_crossentropy_of.operation.shortcut = (0, 2)


def _refuse_labels(logits: Array, labels: Array) -> NoReturn:
    if labels.shape != logits.shape[:-1]:
        raise ShapeError(
            "softmax_crossentropy: labels must have the shape of logits without its last axis, "
            f"got logits {logits.shape} and labels {labels.shape}"
        )
    raise DtypeError(f"softmax_crossentropy: labels must be whole class numbers, got {labels.dtype}")
