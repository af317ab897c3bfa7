"""One source, two engines: the same weights, the same batches, the same losses."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from gradtape import engine
from gradtape.cli import recipes
from gradtape.replay.run import open_run

STEPS = 200


def trained(folder: Path, x: Any, y: Any, turned: bool = False) -> tuple[Any, Any]:
    """Train the recipe's model on x and y; return the weights it starts from, and the loss of every step.

    Args:
        folder: where it is recorded.
        x: inputs.
        y: class numbers.
        turned: whether the hidden units stand in the reverse order: the same network, other sums.
    """
    model = recipes.starting_model(recipes.find_recipe("default"), 3)
    before = [w.numpy() for w in model.weights]
    if turned:
        model.set_weights([before[0][:, ::-1], before[1][::-1], before[2][::-1], before[3]])
    model.fit(x, y, batch_size=128, epochs=1, verbose=0, run=folder)
    return before, open_run(folder).steps["loss"]


def test_the_losses_of_200_steps_of_the_mnist_recipe(
    on_engine: Any, tmp_path: Path, monkeypatch: Any
) -> None:
    (x, y), _ = recipes.load("mnist")
    x, y = x[: 128 * STEPS], y[: 128 * STEPS]
    with on_engine("numpy"):
        before, losses = trained(tmp_path / "numpy", x, y)
        _, turned = trained(tmp_path / "turned", x, y, turned=True)
    with on_engine("jax"):
        _, others_turned = trained(tmp_path / "jax, turned", x, y, turned=True)
    assert len(losses) == STEPS and losses[-50:].mean() < losses[:50].mean() / 2
    for fits in (True, False):  # all on the device; sent a few batches at a time
        with on_engine("jax"):
            monkeypatch.setattr(engine._find("jax"), "fits", lambda size, fits=fits: fits)
            same, others = trained(tmp_path / f"jax, {fits}", x, y)
        for ours, theirs in zip(before, same, strict=True):
            np.testing.assert_array_equal(ours, theirs, strict=True)
        # One rounding that opens or closes a relu grows: that much is between two orders of one engine's sums.
        apart = np.maximum(np.abs(losses - turned), np.abs(others - others_turned))
        assert (np.abs(others - losses) <= 1e-4 * losses + 4 * np.maximum.accumulate(apart)).all()
        assert (np.abs(others - losses)[:10] <= 1e-5 * losses[:10]).all()


def test_both_engines_see_the_same_batches(on_engine: Any) -> None:
    """The order is a function of (seed, epoch), so is what a batch holds; the last one is smaller."""
    import gradtape
    from gradtape.callbacks import Callback

    class Watching(Callback):
        sees = {"batch", "sample_ids"}

        def on_train_step(self, record: Any) -> None:
            seen.append((record.sample_ids.tolist(), np.asarray(record.x).tolist()))

    x = np.arange(50.0, dtype="float32").reshape(50, 1)
    orders = []
    for name in ("numpy", "jax"):
        seen: list[Any] = []
        with on_engine(name):
            gradtape.set_seed(4)
            model = gradtape.Sequential([gradtape.Input((1,)), gradtape.layers.Dense(1)])
            model.compile("sgd", "mse")
            model.fit(x, x, batch_size=16, epochs=2, verbose=0, callbacks=[Watching()])
        orders.append(seen)
    assert orders[0] == orders[1] and [len(ids) for ids, _ in orders[0]] == [16, 16, 16, 2] * 2
    assert sorted(sum((ids for ids, _ in orders[0][:4]), [])) == list(range(50))
    assert orders[0][:4] != orders[0][4:]
