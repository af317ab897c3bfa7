"""The moving averages of weights are used where they shall be, and the weights come back."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import gradtape
from gradtape.callbacks import EarlyStopping, LambdaCallback, SwapEMAWeights
from gradtape.errors import ArgumentError
from gradtape.layers import Dense, Input
from gradtape.models import Sequential
from tests.keras_parity import keras

RNG = np.random.default_rng(0)
X, Y = RNG.normal(size=(32, 3)).astype("float32"), RNG.normal(size=(32, 1)).astype("float32")
START = [RNG.normal(size=(3, 1)).astype("float32"), np.zeros(1, "float32")]


def compiled(library: Any, **options: Any) -> Any:
    """Return a model of gradtape or of Keras with the same weights."""
    layers = library.layers
    made = library.Sequential([layers.Input((3,)), layers.Dense(1)])
    made.compile(library.optimizers.SGD(0.1, use_ema=True, ema_momentum=0.9, **options), "mse")
    made.set_weights(START)
    return made


@pytest.mark.filterwarnings("ignore:__array__:DeprecationWarning")  # of Keras' own variables
@pytest.mark.parametrize("swap_on_epoch", [False, True])
def test_validations_and_checkpoints_use_the_averages_as_in_keras(swap_on_epoch: bool) -> None:
    outcomes = []
    for library in (gradtape, keras()):
        made, seen = compiled(library), []
        look = library.callbacks.LambdaCallback(
            on_epoch_end=lambda epoch, logs, made=made, seen=seen: seen.append(made.get_weights()[0])
        )
        swap = library.callbacks.SwapEMAWeights(swap_on_epoch)
        history = made.fit(
            X,
            Y,
            epochs=3,
            batch_size=8,
            shuffle=False,
            verbose=0,
            validation_data=(X, Y),
            callbacks=[swap, look],
        )
        outcomes.append((seen, history.history, made.get_weights()))
    (seen, history, weights), (their_seen, their_history, their_weights) = outcomes
    np.testing.assert_allclose(seen, their_seen, rtol=1e-5)
    for name, values in history.items():
        np.testing.assert_allclose(values, their_history[name], rtol=1e-5)
    np.testing.assert_allclose(weights[0], their_weights[0], rtol=1e-5)


def test_tests_and_predictions_leave_the_weights_as_they_were() -> None:
    made = compiled(gradtape)
    made.fit(X, Y, epochs=2, verbose=0)
    averages = [made.optimizer.slot(w, "average").numpy() for w in made.trainable_weights]
    raw = [w + 1 for w in averages]
    made.set_weights(raw)
    inside: list[Any] = []
    for kind in ("test", "predict"):
        look = LambdaCallback(**{f"on_{kind}_begin": lambda logs: inside.append(made.get_weights())})
        ask = made.predict if kind == "predict" else lambda x, **options: made.evaluate(x, Y, **options)
        ask(X, verbose=0, callbacks=[SwapEMAWeights(), look])
        np.testing.assert_array_equal(inside[-1][0], averages[0])
        np.testing.assert_array_equal(made.get_weights()[0], raw[0])
        assert not np.array_equal(raw[0], averages[0])


def test_before_the_first_update_there_is_nothing_to_swap() -> None:
    made = compiled(gradtape)
    before = made.predict(X, verbose=0)
    np.testing.assert_array_equal(made.predict(X, verbose=0, callbacks=[SwapEMAWeights()]), before)


def test_an_optimizer_without_averages_is_refused() -> None:
    made = Sequential([Input((3,)), Dense(1)])
    made.compile("sgd", "mse")
    with pytest.raises(ArgumentError, match="^SwapEMAWeights: the optimizer must be made with use_ema=True$"):
        made.evaluate(X, Y, verbose=0, callbacks=[SwapEMAWeights()])


def test_its_arrays_are_the_weights_that_wait() -> None:
    swap = SwapEMAWeights(swap_on_epoch=True)
    swap.set_model(compiled(gradtape))
    swap.model.fit(X, Y, epochs=2, verbose=0)
    assert swap.get_arrays() == {}
    raw = [weight + 1 for weight in swap.model.get_weights()]
    swap.model.set_weights(raw)
    swap.on_epoch_end(0)
    assert not np.array_equal(swap.model.get_weights()[0], raw[0])
    again = SwapEMAWeights(swap_on_epoch=True)
    again.set_model(swap.model)
    again.set_arrays(swap.get_arrays())
    again.on_epoch_begin(1)
    np.testing.assert_array_equal(swap.model.get_weights()[0], raw[0])


def test_the_model_keeps_the_averages_when_a_training_is_stopped_early() -> None:
    made, seen = compiled(gradtape), []
    look = LambdaCallback(on_epoch_end=lambda epoch, logs: seen.append(made.get_weights()[0]))
    stop = EarlyStopping("loss", patience=0, min_delta=1e9)
    made.fit(X, Y, epochs=5, verbose=0, callbacks=[SwapEMAWeights(swap_on_epoch=True), look, stop])
    assert len(seen) == 2
    np.testing.assert_array_equal(made.get_weights()[0], seen[-1])


def test_a_training_without_epochs_changes_nothing() -> None:
    made = compiled(gradtape)
    made.fit(X, Y, epochs=0, verbose=0)
    np.testing.assert_array_equal(made.get_weights()[0], START[0])
