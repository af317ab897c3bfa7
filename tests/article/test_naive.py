"""The article's system: TensorFlow's losses from equal weights, and the article's faults mended."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from gradtape import engine, ops, optimizers
from gradtape.article import naive
from gradtape.datasets import mnist
from gradtape.errors import ArgumentError, ShapeError
from gradtape.layers import Dense, Input
from gradtape.models import Sequential
from gradtape.ops.random.seeds import set_seed

RECORDED = json.loads((Path(__file__).parents[1] / "data" / "tensorflow.json").read_text(encoding="utf-8"))[
    "training"
]
STEPS = 200
# Both sum float32 numbers in their own order; TensorFlow's own float32 run is up to 7e-6 from float64.
RELATIVE = 1e-5


@pytest.fixture(scope="module")
def samples() -> tuple[Any, Any]:
    (x, y), _ = mnist.load_data()
    return x.reshape(60000, 784).astype("float32") / 255, y


def recorded_model(start: str) -> naive.NaiveSequential:
    """Return the article's model with the starting weights of a recorded run."""
    generator = np.random.Generator(np.random.PCG64(RECORDED["seed"]))
    layers = []
    for (inputs, outputs), activation in zip(RECORDED["layers"], (ops.relu, ops.softmax), strict=True):
        limit = np.sqrt(6 / (inputs + outputs))
        low, high = (0, 0.1) if start == "uniform" else (-limit, limit)
        layer = naive.NaiveDense(inputs, outputs, activation)
        layer.W.assign(generator.uniform(low, high, (inputs, outputs)).astype("float32"))
        layers.append(layer)
    return naive.NaiveSequential(layers)


def losses_of(step: Any, samples: tuple[Any, Any], count: int) -> list[float]:
    """Return the losses of the first `count` batches in file order."""
    batches = naive.BatchGenerator(*samples, batch_size=RECORDED["batch_size"])
    return [float(step(*batches.next())) for _ in range(count)]


def assert_weights(model: Any, recorded: dict[str, Any], rounding: float = 0.0) -> None:
    """Compare the weights with recorded ones, of which each may be off by what rounding makes of it besides."""
    for weight, name in zip(model.weights, ("W1", "b1", "W2", "b2"), strict=True):
        ours, theirs = weight.numpy().astype("float64"), recorded[name]
        squares, spread = theirs["sum_of_squares"], 2 * np.abs(ours).sum() * 4 * rounding
        assert abs((ours**2).sum() - squares) <= 1e-5 * squares + spread
        entries, atol = ours.reshape(-1)[theirs["positions"]], 1e-6 + 4 * rounding
        np.testing.assert_allclose(entries, theirs["entries"], rtol=1e-4, atol=atol)


def test_the_articles_step_gives_tensorflows_losses_and_weights(samples: tuple[Any, Any]) -> None:
    run = RECORDED["runs"]["article_by_hand"]
    model = recorded_model(run["start"])
    losses = losses_of(lambda x, y: naive.one_training_step(model, x, y), samples, STEPS)
    np.testing.assert_allclose(losses, run["losses"]["graph_float32"], rtol=RELATIVE)
    assert_weights(model, run["weights"])


def of_layers(start: list[Any], optimizer: Any) -> Any:
    """Return the network as a Sequential, compiled, with these weights."""
    layers = [Dense(start[0].shape[1], activation="relu"), Dense(start[2].shape[1], activation="softmax")]
    model = Sequential([Input((start[0].shape[0],)), *layers])
    model.set_weights(start)
    model.compile(optimizer, "sparse_categorical_crossentropy")
    return model


def turned_round(weights: list[Any]) -> list[Any]:
    """Return the weights of the network with its hidden units in the reverse order."""
    return [weights[0][:, ::-1], weights[1][::-1], weights[2][::-1], weights[3]]


@pytest.mark.parametrize(
    ("name", "optimizer"),
    [
        ("article_sgd", lambda: optimizers.SGD(learning_rate=1e-3)),
        ("glorot_rmsprop", optimizers.RMSprop),
        ("glorot_adam", optimizers.Adam),
    ],
)
def test_the_librarys_step_gives_tensorflows_losses_and_weights(
    samples: tuple[Any, Any], name: str, optimizer: Any
) -> None:
    run = RECORDED["runs"][name]
    start = [weight.numpy() for weight in recorded_model(run["start"]).weights]
    recorded = np.array(run["losses"]["graph_float32"])
    model = of_layers(start, optimizer())
    losses = losses_of(model.train_on_batch, samples, len(recorded))
    # Dividing by roots of running squares lets a rounding grow that opens or closes a relu.  By how much, the
    # same network shows with its hidden units turned round: other sums of the same numbers.
    turned = of_layers(turned_round(start), optimizer())
    others = losses_of(turned.train_on_batch, samples, len(recorded))
    rounding = np.maximum.accumulate(np.abs(np.subtract(losses, others)))
    assert rounding[-1] < 1e-3, "were it larger, rounding would hide anything"
    relative = RELATIVE if name == "article_sgd" else 1e-4
    assert (np.abs(losses - recorded) <= relative * recorded + 4 * rounding).all()
    if not any(run["clipped"]):  # the weights are those of eager TensorFlow, which clips probabilities
        back = zip(model.get_weights(), turned_round(turned.get_weights()), strict=True)
        assert_weights(model, run["weights"], max(float(np.abs(a - b).max()) for a, b in back))


@pytest.mark.skipif(engine.active.compiles, reason="938 steps operation by operation; NumPy stands for both")
def test_fit_prints_the_articles_lines(samples: tuple[Any, Any], capsys: pytest.CaptureFixture[str]) -> None:
    run = RECORDED["runs"]["article_by_hand"]
    model = recorded_model(run["start"])
    naive.fit(model, *samples, epochs=1)
    lines = capsys.readouterr().out.splitlines()
    assert lines == run["lines"][: len(lines)] and len(lines) == 6


def tiny() -> tuple[naive.NaiveSequential, Any, Any]:
    set_seed(1)
    model = naive.NaiveSequential([naive.NaiveDense(3, 4, ops.relu), naive.NaiveDense(4, 2, ops.softmax)])
    rng = np.random.default_rng(0)
    return model, rng.normal(size=(10, 3)).astype("float32"), rng.integers(0, 2, 10)


def test_fit_honours_its_batch_size(monkeypatch: pytest.MonkeyPatch) -> None:
    model, x, y = tiny()
    seen: list[int] = []
    step = naive.one_training_step
    monkeypatch.setattr(naive, "one_training_step", lambda m, a, b: seen.append(len(a)) or step(m, a, b))
    naive.fit(model, x, y, epochs=2, batch_size=4)
    assert seen == [4, 4, 2] * 2


def test_weights_start_as_in_the_article() -> None:
    layer = naive.NaiveDense(30, 20, ops.relu)
    w, b = (weight.numpy() for weight in layer.weights)
    assert w.shape == (30, 20) and b.tolist() == [0] * 20
    assert 0 <= w.min() < 0.01 and 0.09 < w.max() < 0.1 and w.dtype == b.dtype == np.float32


def test_two_layers_do_not_start_alike_but_a_seed_repeats_them() -> None:
    def make() -> list[Any]:
        set_seed(5)
        return [naive.NaiveDense(3, 3, ops.relu).W.numpy() for _ in range(2)]

    first, second = make()
    assert not np.array_equal(first, second)
    assert np.array_equal(make(), [first, second])


def test_batches_come_in_order_once_and_the_last_is_smaller() -> None:
    x, y = np.arange(10), np.arange(10) * 10
    generator = naive.BatchGenerator(x, y, batch_size=4)
    assert generator.num_batches == 3
    assert [generator.next()[0].tolist() for _ in range(3)] == [[0, 1, 2, 3], [4, 5, 6, 7], [8, 9]]
    with pytest.raises(
        ArgumentError, match=r"BatchGenerator.next: all 3 batches have been given; make a new"
    ):
        generator.next()
    assert [b.tolist() for _, b in naive.BatchGenerator(x, y, 6)] == [
        [0, 10, 20, 30, 40, 50],
        [60, 70, 80, 90],
    ]
    assert naive.BatchGenerator(x[:0], y[:0]).num_batches == 0


def test_lengths_that_differ_are_refused() -> None:
    with pytest.raises(ShapeError, match="images and labels must be equally many, got 3 and 2"):
        naive.BatchGenerator(np.zeros(3), np.zeros(2))


@pytest.mark.parametrize("batch_size", [0, -1, 2.5, True, None])
def test_a_batch_size_that_cannot_be_is_refused(batch_size: Any) -> None:
    with pytest.raises(ArgumentError, match=re.escape(f"must be a whole number > 0, got {batch_size!r}")):
        naive.BatchGenerator(np.zeros(3), np.zeros(3), batch_size)


def test_evaluate_prints_and_returns_the_accuracy(capsys: pytest.CaptureFixture[str]) -> None:
    model, x, _ = tiny()
    labels = np.argmax(model(x).numpy(), axis=1)
    labels[0] = 1 - labels[0]
    assert naive.evaluate(model, x, labels) == 0.9
    assert capsys.readouterr().out == "accuracy: 0.90\n"


def test_a_step_lowers_the_loss_of_its_batch() -> None:
    model, x, y = tiny()
    losses = [float(naive.one_training_step(model, x, y)) for _ in range(20)]
    assert losses[-1] < losses[0]
