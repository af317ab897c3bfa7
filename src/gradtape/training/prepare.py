"""What is settled before the first step: where the data comes from, and that it fits the model."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from gradtape.base.trees import leaves, rebuild
from gradtape.data import ArraySource, Source, adapt, split_validation
from gradtape.errors import ArgumentError, show
from gradtape.ops.base.axes import whole
from gradtape.training.checks import shapes
from gradtape.training.checks.lookups import Lookup, check_lookups, looks_up
from gradtape.training.checks.per_output import per_output
from gradtape.training.checks.shapes import TrialResult
from gradtape.training.checks.targets import check_targets, check_values


def sources(
    data: tuple[Any, Any, Any],
    how: tuple[Any, Any, Any, Any, int],
    checks: tuple[Any, Any, Any, Any],
    check_finite: bool,
) -> tuple[Source, Source | None]:
    """Return where training and validation data come from.

    Args:
        data: x, y and sample_weight.
        how: batch_size, shuffle, class_weight, steps_per_epoch, and for how many epochs.
        checks: validation_split, validation_data, validation_batch_size and validation_steps.
        check_finite: whether to search them for NaN and infinity.
    """
    share, given, size, steps = checks
    if share and given is None:
        data, given = split_validation(data, share)
    batch_size, shuffle, class_weight, steps_per_epoch, epochs = how
    x, y, sample_weight = data
    source = adapt(
        x,
        y,
        sample_weight,
        batch_size=batch_size,
        shuffle=shuffle,
        class_weight=class_weight,
        steps=steps_per_epoch,
        epochs=epochs,
        check_finite=check_finite,
    )
    if given is None:
        return source, None
    parts = given if isinstance(given, tuple | list) else (given,)
    if not 1 <= len(parts) <= 3:
        raise ArgumentError(
            f"fit: validation_data must be (x, y) or (x, y, sample_weight), got {len(parts)} parts"
        )
    return source, once([*parts, None, None][:3], size, steps, "fit: validation_data", check_finite)


def once(data: Any, batch_size: Any, steps: Any, who: str, check_finite: bool = True) -> Source:
    """Return where the batches come from that are gone through once, in their order."""
    name = "validation_steps" if "validation" in who else "steps"
    x, y, sample_weight = data
    return adapt(
        x,
        y,
        sample_weight,
        batch_size=batch_size,
        steps=steps,
        repeat=False,
        who=who,
        steps_name=name,
        check_finite=check_finite,
    )


def one_batch(
    x: Any, y: Any, sample_weight: Any, class_weight: Any, who: str, check_finite: bool = True
) -> ArraySource:
    """Return a source with all of x and y as its only batch."""
    size = max(len(leaves(x)[0]) if np.ndim(leaves(x)[0]) else 1, 1)
    source = adapt(
        x,
        y,
        sample_weight,
        batch_size=size,
        class_weight=class_weight,
        who=who,
        check_finite=check_finite,
    )
    if not isinstance(source, ArraySource):
        raise ArgumentError(f"{who}: x must be arrays, got {show(x)}")
    return source


def span(initial_epoch: Any, last: Any) -> tuple[int, int]:
    """Return the first epoch and the one to stop at, or raise ArgumentError."""
    first, end = whole(initial_epoch, "fit", "initial_epoch"), whole(last, "fit", "epochs")
    for argument, value in (("initial_epoch", first), ("epochs", end)):
        if value < 0:
            raise ArgumentError(f"fit: {argument} must be a whole number >= 0, got {value}")
    return first, end


def prepare(model: Any, source: Source, validation: Source | None, who: str = "fit") -> None:
    """Build what is not built yet: weights, names of outputs, metrics, the optimizer's slots."""
    for number, given in enumerate([source, validation]):
        if given is None:
            continue
        place = who if number == 0 else f"{who}: validation_data"
        found = shapes.tried(model, _all_of(given)[0], place)
        if found is None:
            return
        _check(model, given, found, place)
        if number == 0:
            _build_metrics(model, _all_of(given)[1], found.outputs)
    if who in ("fit", "train_on_batch"):
        model.optimizer.build(model.trainable_weights)


def _check(model: Any, source: Source, found: TrialResult, who: str) -> None:
    """Raise if inputs or targets do not go with the model, so far as they are at hand."""
    model._name_outputs(found.outputs)
    x, y = _all_of(source)
    check_lookups(found.lookups, x, who)
    is_batch = "on_batch" in who
    is_all = isinstance(source, ArraySource) and not is_batch
    check_targets(model, x, y, found.outputs, who, is_all, looks=not (is_batch and found.is_known))
    found.is_known = True
    source.check_each(_each(model, found.lookups, found.outputs))


def check_inputs(model: Any, source: Source, who: str) -> None:
    """Raise if the inputs do not fit the model, or are looked up and are no rows of the table."""
    x = _all_of(source)[0]
    if not looks_up(model):
        shapes.check_shapes(model, x, who)
        return
    found = shapes.tried(model, x, who)
    if found is not None:
        check_lookups(found.lookups, x, who)
        source.check_each(lambda batch, place: check_lookups(found.lookups, batch[0], place))


def _each(model: Any, lookups: list[Lookup], outputs: Any) -> Callable[[Any, str], None]:
    """Return what is asked of the values of each batch that was not at hand before."""

    def check(batch: Any, place: str) -> None:
        check_lookups(lookups, batch[0], place)
        check_values(model, batch[1], outputs, place)

    return check


def _all_of(source: Source) -> tuple[Any, Any]:
    """Return all x and y that a source has at hand: its arrays, or its first batch."""
    if isinstance(source, ArraySource):
        return source.structure.rebuild(source.arrays)[:2]
    return source.peek()[:2]


def _build_metrics(model: Any, y: Any, outputs: Any) -> None:
    scores = model._scores
    if scores is None or scores.built or y is None:
        return
    true = [() if t is None else tuple(t.shape) for t in per_output(y, model.output_names, "y")]
    scores.build(true, [spec.shape for spec in leaves(outputs)])


def as_numpy(outputs: Any) -> Any:
    """Return a structure of tensors as NumPy arrays."""
    return rebuild(outputs, [np.asarray(leaf) for leaf in leaves(outputs)])
