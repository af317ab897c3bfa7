"""The way from fit to the five lines: how many calls, in how many files, and what a user's mistake shows."""

import traceback
from pathlib import Path

import numpy as np
import pytest

import gradtape
from gradtape import callbacks, layers
from gradtape.models import Model, Sequential

PACKAGE = str(Path(gradtape.__file__).parent)
X = np.random.default_rng(0).normal(size=(12, 3)).astype("float32")
Y = X[:, :1]


@pytest.fixture(params=["numpy", "jax"], autouse=True)
def name(request, on_engine):
    """Run every test here on both engines."""
    with on_engine(request.param):
        yield request.param


class Mistake(Exception):
    """Raised by the user's own code."""


class Ready:
    """Raises once somebody says so: a trial before the first step must not meet the mistake."""

    is_on = False

    def __call__(self):
        if self.is_on:
            raise Mistake


class TurnsOn(callbacks.Callback):
    """Turns the mistake on when the training begins; with a hook for batches if there is to be one."""

    def __init__(self, ready):
        self.ready = ready

    def on_train_begin(self, logs=None):
        self.ready.is_on = True


def frames_of(act):
    """Return (file, function) of each frame between the call and the place of the mistake."""
    with pytest.raises(Mistake) as caught:
        act()
    return [(f.filename, f.name) for f in traceback.extract_tb(caught.value.__traceback__)]


def own(frames):
    return [(file, function) for file, function in frames if file.startswith(PACKAGE)]


def failing(place, ready):
    """Return a compiled model whose mistake is in a layer's call, in the loss, or in a metric."""

    class Bad(layers.Layer):
        def call(self, inputs):
            if place == "call":
                ready()
            return inputs * 1.0

    def loss(y, p):
        if place == "loss":
            ready()
        return gradtape.ops.square(y - p)

    def metric(y, p):
        if place == "metric":
            ready()
        return gradtape.ops.abs(y - p)

    model = Sequential([layers.Input((3,)), layers.Dense(1), Bad()])
    model.compile("sgd", loss, metrics=[metric])
    return model


@pytest.mark.parametrize("run", [False, True])
def test_from_fit_to_the_five_lines(name, run, tmp_path):
    ready = Ready()
    model = failing("loss", ready)
    folder = tmp_path / "run" if run else None
    found = own(frames_of(lambda: model.fit(X, Y, verbose=0, callbacks=[TurnsOn(ready)], run=folder)))
    functions = [function for _, function in found]
    way = found[functions.index("fit") : functions.index("training_step") + 1]
    assert len(way) <= (8 if name == "numpy" else 12), way
    if name == "numpy":
        assert len({file for file, _ in way}) <= 6, way


@pytest.mark.parametrize("place", ["call", "loss", "metric"])
@pytest.mark.parametrize("verb", ["fit", "train_on_batch", "evaluate", "generator"])
def test_no_nameless_function_stands_in_the_traceback_of_a_mistake(place, verb):
    ready = Ready()
    model = failing(place, ready)
    model.train_on_batch(X[:4], Y[:4])
    ready.is_on = True
    if verb == "generator":
        frames = frames_of(lambda: model.fit(((X[:6], Y[:6]) for _ in range(1)), verbose=0))
    elif verb == "train_on_batch":
        frames = frames_of(lambda: model.train_on_batch(X[:5], Y[:5]))
    else:
        frames = frames_of(lambda: getattr(model, verb)(X, Y, batch_size=5, verbose=0))
    assert [f for f in own(frames) if f[1] == "<lambda>"] == []


def test_a_mistake_in_the_trial_has_no_nameless_function_either_and_says_what_it_was_tried_with():
    class Bad(Model):
        def __init__(self):
            super().__init__()
            self.dense = layers.Dense(1)

        def call(self, inputs):
            raise Mistake

    model = Bad()
    model.compile("sgd", "mse")
    with pytest.raises(Mistake) as caught:
        model.fit(X, Y, verbose=0)
    frames = traceback.extract_tb(caught.value.__traceback__)
    assert [f for f in frames if f.filename.startswith(PACKAGE) and f.name == "<lambda>"] == []
    note = f"fit: {model.name} was tried with 2 samples of zeros, to learn its shapes"
    assert note in caught.value.__notes__
