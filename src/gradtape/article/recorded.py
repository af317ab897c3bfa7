"""The article's training loop, recorded: every step is written to a run, and it can be resumed."""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Any

from gradtape.article.naive import (
    LEARNING_RATE,
    BatchGenerator,
    NaiveDense,
    NaiveSequential,
    one_training_step,
)
from gradtape.core.variable import Variable
from gradtape.errors import RunError, show
from gradtape.ops.nn.activations import relu
from gradtape.ops.nn.softmax import softmax
from gradtape.runs.environment import fingerprint
from gradtape.runs.fit_recorded import kept
from gradtape.runs.options import Recording
from gradtape.runs.start import begin, resume
from gradtape.runs.writer import Position, RunWriter
from gradtape.training.signals import Stop

NAME = "NaiveSequential"
_ACTIVATIONS: dict[str, Any] = {"relu": relu, "softmax": softmax}
_LINE_EVERY = 100


def model_config(model: NaiveSequential) -> dict[str, Any]:
    """Return a model of the article's as JSON."""
    names = {function: name for name, function in _ACTIVATIONS.items()}
    layers = [
        {"input_size": layer.W.shape[0], "units": layer.W.shape[1], "activation": names[layer.activation]}
        for layer in model.layers
    ]
    return {"class_name": NAME, "config": {"layers": layers}}


def model_from_config(written: Mapping[str, Any]) -> NaiveSequential:
    """Return the model from the JSON of `model_config`, or raise RunError."""
    try:
        return NaiveSequential([_layer(**layer) for layer in written["config"]["layers"]])
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise RunError(f"run: the model cannot be made again: {show(str(error))}") from None


def _layer(input_size: int, units: int, activation: str) -> NaiveDense:
    return NaiveDense(input_size, units, _ACTIVATIONS[activation])


def named_weights(model: NaiveSequential) -> dict[str, Variable]:
    """Return the weights by path, such as ``layers.0.W``."""
    return {
        f"layers.{number}.{weight.name}": weight
        for number, layer in enumerate(model.layers)
        for weight in layer.weights
    }


class _Total:
    """The sum of an epoch's losses, saved in each checkpoint like the state of callbacks."""

    def __init__(self, state: Any) -> None:
        self.value = float(state["total"]) if state else 0.0

    def get_state(self) -> dict[str, float]:
        return {"total": self.value}

    def get_arrays(self) -> dict[str, Any]:
        return {}

    def close(self) -> None: ...


def fit_by_hand(
    model: NaiveSequential,
    samples: tuple[Any, Any],
    epochs: int,
    batch_size: int,
    recording: Recording,
    seed: int,
    is_resumed: bool,
    stop: Stop,
) -> int:
    """Train as `gradtape.naive.fit` does, and write the run; return how many steps have been done.

    Args:
        model: the article's.
        samples: images and labels.
        epochs: how many times all samples are seen.
        batch_size: samples per step.
        recording: where the run goes.
        seed: the seed of the starting weights.
        is_resumed: whether an existing run is continued.
        stop: set by Ctrl-C or SIGTERM.

    Raises KeyboardInterrupt, or SystemExit after SIGTERM, when asked to stop.
    """
    config = _config(model, samples, epochs, batch_size, seed)
    variables = {f"model.{name}": weight for name, weight in named_weights(model).items()}
    if is_resumed:
        recorder = resume(recording, variables, config)
    else:
        recorder = begin(recording, variables, config, Position())
    with kept(recorder, stop):
        recorder.callbacks = _Total(recorder.callback_state)
        for epoch in range(recorder.position.epoch, epochs):
            _epoch(model, samples, batch_size, epoch, recorder, stop)
    return recorder.position.step


def _epoch(
    model: NaiveSequential, samples: Any, batch_size: int, epoch: int, recorder: RunWriter, stop: Stop
) -> None:
    """Run the remaining steps of an epoch, with the article's lines."""
    first, total = recorder.position.batch, recorder.callbacks
    if first == 0:
        print(f"Epoch {epoch}")
        total.value = 0.0
    images, labels = samples
    batches = BatchGenerator(images, labels, batch_size)
    # a resumed epoch goes on after the batches that the checkpoint has seen
    batches.index = first * batch_size
    begun = started = time.perf_counter()
    for batch in range(first, batches.num_batches):
        # between two steps: `kept` then saves a state from which the training can go on
        if stop:
            raise KeyboardInterrupt
        loss = one_training_step(model, *batches.next())
        if batch % _LINE_EVERY == 0:
            print(f"loss at batch {batch}: {loss:.2f}")
        started, before = time.perf_counter(), started
        recorder.steps(epoch, {"loss": loss, "learning_rate": LEARNING_RATE}, started - before)
        total.value += float(loss)
        # at the end of the epoch `end_epoch` saves, and would save this step twice
        if recorder.is_due() and batch + 1 < batches.num_batches:
            recorder.save()
    mean, total.value = total.value / batches.num_batches, 0.0
    recorder.end_epoch(epoch, {"loss": mean}, time.perf_counter() - begun)


def _config(model: Any, samples: Any, epochs: int, batch_size: int, seed: int) -> dict[str, Any]:
    # the parts that `fit` writes down too, so that whatever reads runs needs to know nothing of this loop
    fit = {"epochs": epochs, "shuffle": False, "class_weight": None, "validation_split": 0.0}
    return {
        "model": model_config(model),
        "built_for": None,
        "compile": {
            "update": "w - learning_rate * gradient",
            "learning_rate": LEARNING_RATE,
            "loss": "mean of sparse_categorical_crossentropy",
        },
        "fit": {**fit, "batch_size": batch_size, "steps": -(-len(samples[0]) // batch_size)},
        "data": fingerprint(samples),
        "validation_data": None,
        "seed": seed,
        "global_seed": seed,
    }
