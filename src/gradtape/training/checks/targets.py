"""Checks for mistakes that would train silently: targets, or a last layer, that do not match the loss."""

from __future__ import annotations

from typing import Any

import numpy as np

from gradtape.base.trees import leaves
from gradtape.errors import ArgumentError, ShapeError
from gradtape.layers.base.placeholders import Spec
from gradtape.losses import BinaryCrossentropy, CategoricalCrossentropy, SparseCategoricalCrossentropy
from gradtape.ops.nn.activations import sigmoid
from gradtape.ops.nn.softmax import softmax
from gradtape.training.checks.checked_model import CheckedModel
from gradtape.training.checks.per_output import per_output

_SAMPLES = 8  # as many predictions are looked at to tell logits from probabilities
_OVER_CLASSES = (CategoricalCrossentropy, SparseCategoricalCrossentropy)


def check_targets(
    model: CheckedModel,
    x: object,
    y: object,
    outputs: object,
    who: str,
    is_all: bool = False,
    looks: bool = True,
) -> None:
    """Raise if the targets or the model's outputs do not go with the losses.

    Args:
        model: a compiled and built model.
        x: all inputs that are at hand: a structure of NumPy arrays.
        y: the targets that go with them.
        outputs: the Specs of the model's outputs.
        who: named in the errors.
        is_all: whether these are all targets there are, and not the first of many batches.
        looks: whether to look at a few predictions, to tell probabilities from logits.
    """
    if model.training_state.objective is None:
        return
    if y is None:
        _check_needless(model, who)
        return
    names, specs = model.output_names, leaves(outputs)
    targets = per_output(y, names, f"{who}: y")
    for i, loss in enumerate(model.training_state.objective.losses):
        place = who if len(names) == 1 else f"{who}: output {names[i]!r}"
        if loss is None:
            continue
        if targets[i] is None:
            raise ArgumentError(
                f"{place}: y must be given, {loss.name} compares the output with it, got None"
            )
        _check_last_layer(model, i, loss, specs[i], place)
        _check_shape(loss, targets[i], specs[i].shape, place)
        if is_all:
            _check_something_counts(loss, targets[i], place)
    check_values(model, y, outputs, who)
    if looks:
        _check_probabilities(model, x, who)


def check_values(model: CheckedModel, y: object, outputs: object, who: str) -> None:
    """Raise if the values of the targets, all of them or one batch, do not go with the losses."""
    if model.training_state.objective is None or y is None:
        return
    names, specs = model.output_names, leaves(outputs)
    for i, (loss, target) in enumerate(
        zip(model.training_state.objective.losses, per_output(y, names, "y"), strict=True)
    ):
        if loss is not None and target is not None:
            place = who if len(names) == 1 else f"{who}: output {names[i]!r}"
            _check_values(loss, target, specs[i].shape, place)


def _check_needless(model: CheckedModel, who: str) -> None:
    """Raise where there are no targets, unless the model has steps of its own that may do without."""
    if not model.has_own("train_step", "test_step", "compute_loss"):
        names = ", ".join(loss.name for loss in model.training_state.objective.losses if loss is not None)
        raise ArgumentError(f"{who}: y must be given, {names} compares the outputs with it, got None")


def _activation(model: CheckedModel, number: int) -> Any:
    """Return the activation of the layer that an output of a functional model comes from, or None."""
    if model.call_graph is None:
        return None
    node = model.outputs[number].node
    return getattr(node.layer, "activation", None)


def _check_last_layer(model: CheckedModel, number: int, loss: object, spec: Spec, who: str) -> None:
    units = spec.shape[-1] if spec.shape else None
    if units == 1 and isinstance(loss, _OVER_CLASSES):
        raise ArgumentError(
            f"{who}: {loss.name} needs one unit per class, but the outputs have shape {spec.shape}: with one "
            "class the loss is 0 whatever is learned. For two classes take Dense(1, activation='sigmoid') "
            "with binary_crossentropy, or Dense(2, activation='softmax')"
        )
    if units == 1 and _activation(model, number) is softmax:
        raise ArgumentError(
            f"{who}: the last layer is a softmax over one unit, which is always 1, so nothing is learned; "
            "take activation='sigmoid'"
        )


def _check_shape(loss: Any, y: Any, predicted: tuple[int | None, ...], who: str) -> None:
    """Tell one-hot targets from class numbers, each where the other is needed."""
    classes, one_per_sample = predicted[-1] if predicted else None, len(y.shape) == len(predicted) - 1
    # Labels in a column, (samples, 1), are taken as Keras takes them.
    in_column = len(y.shape) == len(predicted) and y.shape[-1] == 1
    if isinstance(loss, SparseCategoricalCrossentropy) and not (one_per_sample or in_column):
        hint = ""
        if y.shape[-1:] == (classes,):
            hint = "; y seems to be one-hot: take categorical_crossentropy, or y.argmax(axis=-1)"
        raise ShapeError(
            f"{who}: {loss.name} needs class numbers of shape {predicted[:-1]} for outputs {predicted}, "
            f"got y of shape {y.shape}{hint}"
        )
    if isinstance(loss, CategoricalCrossentropy) and (one_per_sample or (in_column and classes != 1)):
        raise ShapeError(
            f"{who}: {loss.name} needs one-hot targets of shape {predicted}, got y of shape {y.shape}; "
            "for class numbers take sparse_categorical_crossentropy, or to_categorical(y)"
        )
    if isinstance(loss, BinaryCrossentropy) and one_per_sample and classes not in (1, None):
        raise ShapeError(
            f"{who}: {loss.name} needs targets of the outputs' shape {predicted}, got y of shape {y.shape}; "
            "for class numbers take sparse_categorical_crossentropy with a softmax"
        )


def _check_values(loss: object, y: object, predicted: tuple[int | None, ...], who: str) -> None:
    values = np.asarray(y)
    if not values.size or values.dtype.kind not in "biuf":
        return
    if isinstance(loss, SparseCategoricalCrossentropy):
        ignored = getattr(loss, "ignore_class", None)
        counted = np.ones(values.shape, bool) if ignored is None else values != ignored
        _check_class_numbers(values, counted, predicted[-1], loss.name, who)
    elif isinstance(loss, BinaryCrossentropy | CategoricalCrossentropy):
        low, high = values.min(), values.max()
        if low < 0 or high > 1:
            raise ArgumentError(f"{who}: {loss.name} needs targets in [0, 1], got {low} to {high}")


def _check_something_counts(loss: Any, y: Any, who: str) -> None:
    ignored = getattr(loss, "ignore_class", None)
    if ignored is not None and np.size(y) and bool((np.asarray(y) == ignored).all()):
        raise ArgumentError(
            f"{who}: {loss.name}: every label is {ignored}, the ignore_class: none would count"
        )


def _check_class_numbers(labels: Any, counted: Any, classes: int | None, loss: str, who: str) -> None:
    """Raise ArgumentError, with the place of the first wrong one, unless the labels are class numbers.

    Args:
        labels: the labels.
        counted: which of them count, as booleans.
        classes: how many classes there are; None: not known.
        loss: the loss's name.
        who: named in the error.
    """
    values = labels[counted]
    if not values.size:
        return
    if values.dtype.kind == "f" and (values != np.floor(values)).any():
        found = _first_of(labels, counted & (labels != np.floor(labels)))
        raise ArgumentError(f"{who}: {loss} needs whole class numbers, got {found}")
    low, high = int(values.min()), int(values.max())
    if low < 0 or (classes is not None and high >= classes):
        limit = "classes" if classes is None else str(classes)
        hint = "; count the classes from 0" if low == 1 and high == classes else ""
        wrong = (labels < 0) if classes is None else (labels < 0) | (labels >= classes)
        raise ArgumentError(
            f"{who}: {loss} needs class numbers in [0, {limit}), got {low} to {high}{hint}; "
            f"the first is {_first_of(labels, counted & wrong)}"
        )


def _first_of(labels: Any, wrong: Any) -> str:
    place = np.argwhere(wrong)[0]
    return f"{labels[tuple(place)]} at {place.tolist()}"


def _check_probabilities(model: CheckedModel, x: object, who: str) -> None:
    """Look at a few predictions where a loss takes probabilities and the last layer may give others."""
    losses = model.training_state.objective.losses
    doubtful = [
        i
        for i, loss in enumerate(losses)
        if isinstance(loss, BinaryCrossentropy | CategoricalCrossentropy | SparseCategoricalCrossentropy)
        and not getattr(loss, "from_logits", False)
        and _activation(model, i) not in (softmax, sigmoid)
    ]
    if not doubtful:
        return
    few = _first(x)
    outputs = leaves(model(few, training=False))
    for i in doubtful:
        found = np.asarray(outputs[i])
        low, high = found.min(initial=0.0), found.max(initial=0.0)
        # Probabilities that were rounded may lie slightly outside.
        if low < -1e-3 or high > 1 + 1e-3:
            wanted = "sigmoid" if isinstance(losses[i], BinaryCrossentropy) else "softmax"
            raise ArgumentError(
                f"{who}: {losses[i].name} takes probabilities, but outputs for the first samples go "
                f"from {low:.3g} to {high:.3g}; give the last layer activation={wanted!r}, or say "
                f"{type(losses[i]).__name__}(from_logits=True)"
            )


def _first(x: Any) -> Any:
    if isinstance(x, dict):
        return {k: _first(v) for k, v in x.items()}
    if isinstance(x, list | tuple):
        return [_first(v) for v in x]
    return np.asarray(x[:_SAMPLES])
