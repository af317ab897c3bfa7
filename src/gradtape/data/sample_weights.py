"""Combines sample weights and class weights into one weight per sample."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from gradtape.base.trees import leaves, rebuild
from gradtape.base.weight_shape import weight_shape
from gradtape.data.checks import check_weights
from gradtape.data.conversion import is_nested, named_leaves
from gradtape.errors import ArgumentError, ArgumentTypeError, ShapeError, show


def class_weights_to_sample_weights(
    y: object,
    class_weight: Mapping[int, float],
    sample_weight: object = None,
    who: str = "fit",
    every_class: bool = True,
) -> Any:
    """Return each sample's weight, (samples,) float32: that of its class, times its own if it has one.

    Args:
        y: (samples,) or (samples, 1) class numbers, or (samples, classes) with a row of probabilities each.
        class_weight: the weight of each class that is in `y`.
        sample_weight: (samples,) or (samples, 1) weights; None counts as 1.
        who: the caller's name, for error messages.
        every_class: whether each class named must be in `y`; a batch need not have all of them.

    Raises:
        ArgumentError: if a class in `y` has no weight, or a class with a weight is not in `y`.

    >>> class_weights_to_sample_weights(np.array([0, 1, 1]), {0: 1.0, 1: 0.5})
    array([1. , 0.5, 0.5], dtype=float32)
    """
    weights = _checked(class_weight, who)
    present, places = np.unique(_class_numbers(y, who), return_inverse=True)
    # Keras would take 1 for a class without a weight, also where its number is only mistyped.
    unweighted = [int(c) for c in present if int(c) not in weights]
    if unweighted:
        raise ArgumentError(
            f"{who}: class_weight must name every class in y, it lacks {_some(unweighted)} and names "
            f"{_some(sorted(weights))}"
        )
    absent = sorted(weights.keys() - {int(c) for c in present})
    if absent and every_class:
        raise ArgumentError(
            f"{who}: class_weight names {_some(absent)}, but y has only the classes {_some(present.tolist())}"
        )
    of_class = np.array([weights[int(c)] for c in present], "float32")[places.reshape(-1)]
    # Multiplied; Keras refuses class_weight beside sample_weight.
    return of_class if sample_weight is None else of_class * _one_each(sample_weight, len(of_class), who)


def _checked(class_weight: object, who: str) -> dict[int, float]:
    if not isinstance(class_weight, Mapping):
        raise ArgumentTypeError(
            f"{who}: class_weight must be a dict from class numbers to weights, got {show(class_weight)}"
        )
    for key, value in class_weight.items():
        is_whole = isinstance(key, int | np.integer) or (
            isinstance(key, float | np.floating) and key == key // 1
        )
        if isinstance(key, bool) or not is_whole:
            raise ArgumentTypeError(f"{who}: class_weight must name classes by whole numbers, got {key!r}")
        if isinstance(value, bool) or not isinstance(value, int | float | np.number):
            raise ArgumentTypeError(f"{who}: class_weight[{key}] must be a number, got {show(value)}")
        if not (value >= 0 and np.isfinite(value)):
            raise ArgumentError(f"{who}: class_weight[{key}] must be finite and not negative, got {value}")
    return {int(key): float(value) for key, value in class_weight.items()}


def _class_numbers(y: Any, who: str) -> Any:
    """Return the class of each sample, (samples,)."""
    if not hasattr(y, "shape") or not 1 <= len(y.shape) <= 2:
        raise ArgumentError(
            f"{who}: class_weight needs y as one array, (samples,) class numbers or (samples, classes), "
            f"got {show(y)}"
        )
    # One-hot rows, or probabilities, whose sum is 1 only up to rounding.
    if len(y.shape) == 2 and y.shape[1] > 1:
        if not (np.abs(y.sum(axis=1) - 1) < 1e-3).all():
            raise ArgumentError(
                f"{who}: class_weight needs one class per sample, but the rows of y, {y.shape}, "
                "do not add up to 1; give sample_weight instead"
            )
        return y.argmax(axis=1)
    numbers = np.rint(y.reshape(-1))
    if y.dtype.kind == "f" and (numbers != y.reshape(-1)).any():
        raise ArgumentError(f"{who}: class_weight needs y to hold class numbers, got fractions")
    return numbers


def _one_each(sample_weight: object, samples: int, who: str) -> Any:
    weights = np.asarray(sample_weight)
    if weight_shape(weights.shape, (samples,)) != (samples,):
        raise ShapeError(
            f"{who}: with class_weight, sample_weight must have one weight per sample, ({samples},), "
            f"got shape {weights.shape}"
        )
    return weights.reshape(-1).astype("float32")


def _some(values: list[Any]) -> str:
    """Return a list of classes, cut after ten."""
    shown = ", ".join(str(int(v)) for v in values[:10])
    return f"{shown} ..." if len(values) > 10 else shown or "none"


def class_weighted(y: Any, class_weight: Any, weights: Any, who: str, every_class: bool = True) -> Any:
    """Return sample weights that hold the class weights too."""
    if y is None or is_nested(y):
        got = "none" if y is None else f"{len(leaves(y))} arrays"
        raise ArgumentError(f"{who}: class_weight needs y as one array, got {got}")
    combined = class_weights_to_sample_weights(y, class_weight, weights, who, every_class)
    return check_weights(combined, None, who, "class_weight", may_be_zero=not every_class)


def checked_weights(weights: Any, y: Any, who: str, may_be_zero: bool = False) -> Any:
    """Return sample weights in y's structure, each checked; a single array counts for every part of y."""
    if y is None:
        raise ArgumentError(f"{who}: sample_weight needs y, which is None")
    if is_nested(y) and not is_nested(weights):
        if weight_shape(weights.shape, weights.shape[:1]) is None:
            raise ArgumentError(
                f"{who}: one sample_weight for several parts of y must be (samples,), got {weights.shape}; "
                "give one per part"
            )
        checked = check_weights(weights, None, who, "sample_weight", may_be_zero)
        return rebuild(y, [checked] * len(leaves(y)))
    names, labels = dict(named_leaves(weights, "sample_weight")), dict(named_leaves(y, "y"))
    if [name.removeprefix("sample_weight") for name in names] != [n.removeprefix("y") for n in labels]:
        raise ArgumentTypeError(
            f"{who}: sample_weight must have the structure of y, got {', '.join(names)} for "
            f"{', '.join(labels)}"
        )
    pairs = zip(names.items(), labels.values(), strict=True)
    found = [check_weights(w, label, who, name, may_be_zero) for (name, w), label in pairs]
    return rebuild(weights, found)
