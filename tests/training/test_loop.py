"""The loop around the step."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from gradtape import engine
from gradtape.losses import sparse_categorical_crossentropy
from gradtape.naive import NaiveDense, NaiveSequential
from gradtape.ops.seeds import set_seed
from gradtape.ops.softmax import softmax
from gradtape.optimizers import SGD
from gradtape.training.loop import Progress, evaluate, train


@pytest.fixture
def samples() -> tuple[Any, Any]:
    """Points in the plane, told apart by the sign of their first coordinate: (50, 2), (50,)."""
    x = np.random.default_rng(0).normal(size=(50, 2)).astype("float32")
    return x, (x[:, 0] > 0).astype("uint8")


def linear() -> NaiveSequential:
    set_seed(3)
    return NaiveSequential([NaiveDense(2, 2, softmax)])


def run(
    model: Any, samples: tuple[Any, Any], epochs: int = 2, batch_size: int = 16, seed: int = 0
) -> list[Any]:
    reports = train(model, sparse_categorical_crossentropy, SGD(0.5), *samples, epochs, batch_size, seed)
    return [(p.epoch, p.epochs, p.step, p.steps, p.samples, p.loss, p.accuracy, p.seconds) for p in reports]


def test_it_reports_each_step_of_each_epoch(samples: tuple[Any, Any]) -> None:
    reports = run(linear(), samples)
    steps = (3, 4) if engine.active.compiles else (1, 2, 3, 4)  # one call does steps of equal batches
    assert [report[:5] for report in reports] == [
        (epoch, 2, step, 4, min(16 * step, 50)) for epoch in (0, 1) for step in steps
    ]
    seconds = [report[7] for report in reports[: len(steps)]]
    assert 0 < seconds[0] and seconds == sorted(seconds)


def test_it_learns(samples: tuple[Any, Any]) -> None:
    model = linear()
    reports = run(model, samples, epochs=20)
    first = [report for report in reports if report[0] == 0][-1]
    assert reports[-1][5] < 0.5 * first[5] and reports[-1][6] > 0.95
    loss, accuracy = evaluate(model, sparse_categorical_crossentropy, *samples)
    assert accuracy > 0.95 and loss < 0.5 * first[5]


@pytest.mark.skipif(engine.active.compiles, reason="a compiled step is called with stand-ins")
def test_all_samples_are_used_once_an_epoch_and_those_of_a_batch_together(samples: tuple[Any, Any]) -> None:
    x, y = samples
    seen: list[Any] = []

    class Watching(NaiveSequential):
        def __call__(self, inputs: Any) -> Any:
            seen.append(np.asarray(inputs))
            return super().__call__(inputs)

    set_seed(3)
    run(Watching([NaiveDense(2, 2, softmax)]), samples)
    assert [len(batch) for batch in seen] == [16, 16, 16, 2] * 2
    first, second = np.concatenate(seen[:4]), np.concatenate(seen[4:])
    for epoch in (first, second):
        assert np.array_equal(np.sort(epoch[:, 0]), np.sort(x[:, 0]))
    assert not np.array_equal(first, second)


def test_the_same_seed_gives_the_same_training(samples: tuple[Any, Any]) -> None:
    models = [linear() for _ in range(3)]
    for model, seed in zip(models, (1, 1, 2), strict=True):
        run(model, samples, seed=seed)
    first, again, other = (np.asarray(model.layers[0].W) for model in models)
    assert np.array_equal(first, again) and not np.array_equal(first, other)


def test_progress_weighs_each_step_by_its_samples() -> None:
    progress = Progress(0, 1, steps=2)
    progress.add(3, 1.0, 3)
    progress.add(1, 5.0, 0)
    assert (progress.step, progress.samples, progress.loss, progress.accuracy) == (2, 4, 2.0, 0.75)


def test_evaluating_in_batches_changes_nothing(samples: tuple[Any, Any]) -> None:
    model = linear()
    kept = np.asarray(model.layers[0].W).copy()
    whole = evaluate(model, sparse_categorical_crossentropy, *samples, batch_size=50)
    for batch_size in (1, 7, 49, 1000):
        assert evaluate(
            model, sparse_categorical_crossentropy, *samples, batch_size=batch_size
        ) == pytest.approx(whole, rel=1e-6)
    p = np.asarray(model(samples[0]), "float64")
    y = samples[1].astype(int)
    assert whole == pytest.approx(
        (-np.log(p[np.arange(50), y]).mean(), (p.argmax(axis=1) == y).mean()), rel=1e-5
    )
    assert np.array_equal(np.asarray(model.layers[0].W), kept)
