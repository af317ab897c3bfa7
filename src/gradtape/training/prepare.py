"""Prepares a training: makes the source of batches, and checks that the data fits the model."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from typing import Any

import numpy as np

from gradtape.base.checks import whole
from gradtape.base.trees import leaves, rebuild
from gradtape.data import ArraySource, Source, adapt, split_validation
from gradtape.errors import ArgumentError, show
from gradtape.ops.random.seeds import next_number
from gradtape.training.checks import shapes
from gradtape.training.checks.learns import check_learns
from gradtape.training.checks.lookups import Lookup, check_lookups, looks_up
from gradtape.training.checks.shapes import TrialResult
from gradtape.training.checks.targets import check_targets, check_values
from gradtape.training.fit_arguments import FitArguments
from gradtape.training.loop import Plan
from gradtape.training.trainable import TrainableModel


def planned(model: TrainableModel, given: FitArguments) -> Plan:
    """Return what `fit` is to do; data and model are checked, and the model is built.

    Args:
        model: compiled.
        given: the arguments of `fit`.
    """
    first, last = span(given.initial_epoch, given.epochs)
    source, validation = sources(given, last - first)
    prepare(model, source, validation, is_recorded=given.run is not None)
    steps, frequency = given.validation_steps, given.validation_freq
    return Plan(source, next_number(), last, first, validation, steps, frequency)


def sources(given: FitArguments, epochs: int) -> tuple[Source, Source | None]:
    """Return where training and validation data come from.

    Args:
        given: the arguments of `fit`.
        epochs: for how many epochs.
    """
    data, held_out = (given.x, given.y, given.sample_weight), given.validation_data
    if given.validation_split and held_out is None:
        # Before adapt shuffles: the last samples as they came, as in Keras.
        data, held_out = split_validation(data, given.validation_split)
    x, y, sample_weight = data
    source = adapt(
        x,
        y,
        sample_weight,
        batch_size=given.batch_size,
        shuffle=given.shuffle,
        class_weight=given.class_weight,
        steps=given.steps_per_epoch,
        epochs=epochs,
        check_finite=given.check_finite,
    )
    if held_out is None:
        return source, None
    parts = held_out if isinstance(held_out, tuple | list) else (held_out,)
    if not 1 <= len(parts) <= 3:
        raise ArgumentError(
            f"fit: validation_data must be (x, y) or (x, y, sample_weight), got {len(parts)} parts"
        )
    size = given.batch_size if given.validation_batch_size is None else given.validation_batch_size
    three, where = [*parts, None, None][:3], "fit: validation_data"
    return source, once(three, size, given.validation_steps, where, given.check_finite)


def once(data: Any, batch_size: Any, steps: Any, who: str, check_finite: bool | str = True) -> Source:
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
    x: object,
    y: object,
    sample_weight: object,
    class_weight: object,
    who: str,
    check_finite: bool | str = True,
) -> ArraySource:
    """Return a source with all of x and y as its only batch."""
    # At least 1, so that empty arrays get adapt's message and not one about batch_size.
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


def span(initial_epoch: object, last: object) -> tuple[int, int]:
    """Return the first epoch and the one to stop at, or raise ArgumentError."""
    return whole(initial_epoch, "fit", "initial_epoch", 0), whole(last, "fit", "epochs", 0)


def prepare(
    model: TrainableModel,
    source: Source,
    validation: Source | None,
    who: str = "fit",
    is_recorded: bool = False,
) -> None:
    """Check data and model, and build what is not built yet: weights, metrics, the optimizer's slots.

    Nothing is checked that only holds for the plain step, where the model has a step of its own: that one
    builds what it needs when it runs for the first time.  A run, though, begins with all Variables.

    Args:
        model: compiled.
        source: where the batches come from.
        validation: where those for validation come from, or None.
        who: named in the errors.
        is_recorded: whether a run is written, or done again.
    """
    trains = who in ("fit", "train_on_batch")
    for data in [source] if validation is None else [source, validation]:
        _let_vary(model, data)
    if model.has_own("train_step" if trains else "test_step"):
        if is_recorded:
            _build_if_possible(model, source)
            shapes.check_is_built(model, who)
    else:
        found = _checked(model, source, who)
        if trains and found is not None:
            check_learns(model, found, who)
    if validation is not None and not model.has_own("test_step"):
        _checked(model, validation, f"{who}: validation_data")
    # A run's first checkpoint needs the slots; without a run, a step of its own may never need them.
    if trains and model.trainable_weights and (is_recorded or not model.has_own("train_step")):
        model.optimizer.build(model.trainable_weights)


def _checked(model: TrainableModel, source: Source, who: str) -> TrialResult | None:
    """Raise if the data does not go with the model; return what a trial showed, None if none can be made."""
    x, y = _all_of(source)
    found = shapes.tried(model, x, who)
    if found is None:
        return None
    model.name_outputs(found.outputs)
    check_lookups(found.lookups, x, who)
    if not model.has_own("compute_loss"):  # its own may compare y with something else than the outputs
        is_batch = "on_batch" in who
        is_all = isinstance(source, ArraySource) and not is_batch
        check_targets(model, x, y, found.outputs, who, is_all, looks=not (is_batch and found.is_known))
    found.is_known = True  # train_on_batch in a loop computes the probing predictions once only
    source.check_each(_each(model, found.lookups, found.outputs))
    _build_metrics(model, y, found.outputs)
    return found


def _build_if_possible(model: TrainableModel, source: Source) -> None:
    """Build a model with a step of its own as `call` does, so far as `call` takes what the step takes."""
    x, y = _all_of(source)
    # Its step may call it in another way, with two inputs say, so that a failed trial proves nothing.
    with suppress(Exception):
        found = shapes.tried(model, x, "fit")
        if found is not None:
            model.name_outputs(found.outputs)
            _build_metrics(model, y, found.outputs)


def _let_vary(model: TrainableModel, source: Source) -> None:
    """Let batches differ in length where the model takes any: by its Inputs, or because only `call` knows."""
    graph = model.call_graph
    if graph is None or any(None in entry.shape[1:] for entry in leaves(graph.inputs)):
        source.let_vary()


def check_inputs(model: TrainableModel, source: Source, who: str) -> None:
    """Raise if the inputs do not fit the model, or are looked up and are no rows of the table."""
    _let_vary(model, source)
    x = _all_of(source)[0]
    if model.has_own("predict_step"):
        return
    if not looks_up(model):
        shapes.check_shapes(model, x, who)
        return
    found = shapes.tried(model, x, who)
    if found is not None:
        check_lookups(found.lookups, x, who)
        source.check_each(lambda batch, place: check_lookups(found.lookups, batch[0], place))


def _each(model: TrainableModel, lookups: list[Lookup], outputs: Any) -> Callable[[Any, str], None]:
    """Return what is asked of the values of each batch that was not at hand before."""

    def check(batch: Any, place: str) -> None:
        check_lookups(lookups, batch[0], place)
        if not model.has_own("compute_loss"):
            check_values(model, batch[1], outputs, place)

    return check


def _all_of(source: Source) -> tuple[Any, Any]:
    """Return all x and y that a source has at hand: its arrays, or its first batch."""
    if isinstance(source, ArraySource):
        return source.structure.rebuild(source.arrays)[:2]
    return source.peek()[:2]


def _build_metrics(model: TrainableModel, y: object, outputs: object) -> None:
    found = model.training_state.compiled_metrics
    if found is None or found.built or y is None:
        return
    true = [() if t is None else tuple(t.shape) for t in found.per_output(y)]
    found.build(true, [spec.shape for spec in leaves(outputs)])


def as_numpy(outputs: object) -> Any:
    """Return a structure of tensors as NumPy arrays."""
    return rebuild(outputs, [np.asarray(leaf) for leaf in leaves(outputs)])
