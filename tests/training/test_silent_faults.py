"""What would train on and be wrong: learning rates and numbers that kill the weights, said before a step."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import gradtape
from gradtape import layers, ops
from gradtape.callbacks import ModelCheckpoint
from gradtape.errors import ArgumentError, WeightsError
from gradtape.models import Sequential, load_model
from gradtape.optimizers import SGD, Adam, schedules
from gradtape.training.objective import as_loss

X = np.random.default_rng(0).normal(size=(12, 4)).astype("float32")
Y = X.sum(axis=1, keepdims=True)


def dense(optimizer: Any = "sgd", **options: Any) -> Any:
    gradtape.set_seed(0)
    model = Sequential([layers.Input((4,)), layers.Dense(1, **options)])
    model.compile(optimizer, "mse")
    return model


class Given(schedules.LearningRateSchedule):
    """What a function of the step says."""

    def __init__(self, rate: Any) -> None:
        self.rate = rate

    def __call__(self, step: Any) -> Any:
        return self.rate(step)


BAD = {
    "nan": lambda step: ops.cast(step, "float32") * float("nan"),
    "below 0": lambda step: 0.0 * ops.cast(step, "float32") - 0.1,
    "infinite": lambda step: ops.cast(step, "float32") + float("inf"),
    "nan later": lambda step: ops.sqrt(1.0 - ops.cast(step, "float32")),
    "below 0 later": lambda step: 0.1 - 0.07 * ops.cast(step, "float32"),
}


@pytest.mark.parametrize("kind", BAD)
@pytest.mark.parametrize("recorded", [False, True])
def test_a_schedule_that_would_kill_the_weights_is_named_before_the_epoch(
    kind: str, recorded: bool, tmp_path: Any
) -> None:
    model = dense(SGD(Given(BAD[kind])))
    before = model.get_weights()
    with pytest.raises(
        ArgumentError, match=r"^SGD: learning_rate must be in \[0, inf\), .* in step \d+ gave"
    ):
        model.fit(X, Y, batch_size=4, verbose=0, run=tmp_path / "run" if recorded else None)
    assert all((a == b).all() for a, b in zip(before, model.get_weights(), strict=True))


def test_a_schedule_that_goes_wrong_in_a_later_epoch_is_named_before_that() -> None:
    model = dense(SGD(Given(lambda step: ops.sqrt(2.0 - ops.cast(step, "float32")))))
    with pytest.raises(ArgumentError, match="in step 3 gave nan"):
        model.fit(X, Y, batch_size=6, epochs=9, verbose=0)
    assert int(model.optimizer.iterations) == 2 and np.isfinite(model.get_weights()[0]).all()


def test_a_function_that_gives_a_bad_rate_is_named_and_a_batch_is_refused() -> None:
    with pytest.raises(ArgumentError, match="got|gave nan"):
        dense(SGD(lambda: float("nan"))).fit(X, Y, verbose=0)
    with pytest.raises(ArgumentError, match="gave -0.1"):
        dense(Adam(Given(BAD["below 0"]))).train_on_batch(X, Y)


def test_good_schedules_are_let_through() -> None:
    for schedule in (
        schedules.ExponentialDecay(0.1, 2, 0.5),
        schedules.CosineDecay(0.1, 3),
        Given(lambda s: 0.0),
    ):
        assert np.isfinite(
            dense(SGD(schedule)).fit(X, Y, batch_size=4, epochs=3, verbose=0).history["loss"]
        ).all()


@pytest.mark.parametrize("part", ["x", "y"])
def test_numbers_beyond_what_the_layers_compute_in_are_refused(part: str) -> None:
    x, y = X.astype("float64"), Y.astype("float64")
    (x if part == "x" else y)[5, 0] = -1e200
    said = rf"{part} must fit into float32, in which the layers compute, got -1e\+200 at \[5, 0\]; scale the data"
    model = dense()
    for act in (
        lambda: model.fit(x, y, verbose=0),
        lambda: model.evaluate(x, y, verbose=0),
        lambda: model.train_on_batch(x, y),
        lambda: model.test_on_batch(x, y),
        lambda: model.fit(((x, y) for _ in range(2)), verbose=0),
        lambda: model.fit(X, Y, validation_data=(x, y), verbose=0),
    ):
        with pytest.raises(ArgumentError, match=said):
            act()
    if part == "x":
        with pytest.raises(ArgumentError, match=said):
            model.predict(x, verbose=0)
    wide = Sequential([layers.Input((4,), dtype="float64"), layers.Dense(1, dtype="float64")])
    assert wide.predict(X.astype("float64"), verbose=0).shape == (12, 1)


def test_large_numbers_that_fit_are_let_through() -> None:
    x = X.astype("float64")
    x[0, 0] = 3e38
    dense().predict(x, verbose=0)
    dense().predict(X.astype("float16"), verbose=0)


@pytest.mark.parametrize(
    ("value", "said"),
    [(float("nan"), "got nan at"), (float("inf"), "got inf at"), (1e200, r"got 1e\+200, beyond float32 at")],
)
def test_weights_must_be_finite_numbers(value: float, said: str) -> None:
    model = dense()
    before = model.get_weights()
    kernel = np.zeros((4, 1))
    kernel[2, 0] = value
    with pytest.raises(
        ArgumentError, match=rf"set_weights: array 0 \(kernel\) must hold finite .* {said} \[2, 0\]"
    ):
        model.set_weights([kernel, np.zeros(1)])
    assert all((a == b).all() for a, b in zip(before, model.get_weights(), strict=True))
    with pytest.raises(ArgumentError, match="add_weight: initializer Constant gave"):
        dense(kernel_initializer=gradtape.initializers.Constant(value))


# Saving


@pytest.mark.parametrize("optimizer", ["sgd", "adam", "rmsprop", "nadam", "lion", "adagrad"])
def test_a_model_that_was_compiled_and_not_trained_is_loaded_and_trains_as_it_would_have(
    optimizer: str, tmp_path: Any
) -> None:
    model = dense(optimizer)
    model.save(tmp_path / "model")
    again = load_model(tmp_path / "model")
    assert again.optimizer.name == model.optimizer.name
    expected = model.fit(X, Y, epochs=2, verbose=0, shuffle=False).history
    assert again.fit(X, Y, epochs=2, verbose=0, shuffle=False).history == expected
    again.save(tmp_path / "model")
    trained = load_model(tmp_path / "model")
    assert trained.optimizer.iterations.item() == 2
    for a, b in zip(trained.optimizer.variables, again.optimizer.variables, strict=True):
        np.testing.assert_array_equal(a, b)


def test_bfloat16_goes_to_files_and_back(tmp_path: Any) -> None:
    model = Sequential([layers.Input((4,)), layers.Dense(3, dtype="bfloat16")])
    model.save(tmp_path / "model")
    model.save_weights(tmp_path / "weights")
    again = load_model(tmp_path / "model")
    assert [w.dtype.name for w in again.weights] == ["bfloat16", "bfloat16"]
    again.load_weights(tmp_path / "weights")
    np.testing.assert_array_equal(again(X).numpy().astype("float32"), model(X).numpy().astype("float32"))
    found = gradtape.losses.CosineSimilarity(dtype="bfloat16")([[1.0, 2.0]], [[1.0, 3.0]])
    assert float(found) == pytest.approx(-7 / np.sqrt(50), rel=1e-2)


def test_weights_of_which_none_fits_are_refused_even_where_some_may_be_skipped(tmp_path: Any) -> None:
    dense().save_weights(tmp_path / "weights")
    other = Sequential([layers.Input((5,)), layers.Dense(2)])
    with pytest.raises(
        WeightsError, match="none of its 2 arrays fits a weight of .*, such as layers.0.kernel"
    ):
        other.load_weights(tmp_path / "weights", skip_mismatch=True)
    half = Sequential([layers.Input((5,)), layers.Dense(1)])
    with pytest.warns(UserWarning, match="^load: .*: nothing in it fits layers"):
        half.load_weights(tmp_path / "weights", skip_mismatch=True)


# What can be had only later, or in another number


@pytest.mark.parametrize(
    "options",
    [
        {"save_best_only": True},
        {"filepath": "{val_loss:.2f}"},
        {"monitor": "val_mae", "save_best_only": True},
    ],
)
def test_a_metric_of_validation_is_not_there_after_batches(options: dict[str, Any]) -> None:
    with pytest.raises(
        ArgumentError, match=r"'val_\w+' is known at the end of an epoch only, and save_freq=3 saves"
    ):
        ModelCheckpoint(**{"filepath": "x", "save_freq": 3, **options})
    ModelCheckpoint(**{"filepath": "x", "save_freq": "epoch", **options})
    ModelCheckpoint("x", save_freq=3)


def test_an_input_with_a_batch_size_takes_any_number_of_samples() -> None:
    for entry in (layers.Input((4,), batch_size=4), layers.Input(batch_shape=(4, 4))):
        model = Sequential([entry, layers.Dense(1)])
        model.compile("sgd", "mse")
        assert np.isfinite(model.fit(X, Y, batch_size=5, verbose=0).history["loss"]).all()
        assert model.predict(X[:3], verbose=0).shape == (3, 1) and model(X).shape == (12, 1)
        with pytest.raises(gradtape.errors.ShapeError, match="got \\(12, 3\\)"):
            model.predict(X[:, :3], verbose=0)


def test_the_place_of_the_first_wrong_label_is_named() -> None:
    model = Sequential([layers.Input((4,)), layers.Dense(3, activation="softmax")])
    model.compile("sgd", "sparse_categorical_crossentropy")
    labels = np.arange(12) % 3
    labels[7] = labels[9] = 5
    with pytest.raises(
        ArgumentError, match=r"class numbers in \[0, 3\), got 0 to 5; the first is 5 at \[7\]$"
    ):
        model.fit(X, labels, verbose=0)
    fractions = labels % 3 + np.where(np.arange(12) == 4, 0.5, 0)
    with pytest.raises(ArgumentError, match=r"needs whole class numbers, got 1.5 at \[4\]$"):
        model.fit(X, fractions, verbose=0)
    model.compile("sgd", gradtape.losses.SparseCategoricalCrossentropy(ignore_class=-1))
    labels[2] = -1
    with pytest.raises(ArgumentError, match=r"the first is 5 at \[7\]$"):
        model.fit(X, labels, verbose=0)


def test_what_an_old_program_writes_is_answered_with_what_to_write() -> None:
    for argument, said in (("input_shape", "write shape="), ("batch_input_shape", "write batch_shape=")):
        with pytest.raises(
            gradtape.errors.ArgumentTypeError, match=f"InputLayer: unknown argument '{argument}'; {said}"
        ):
            layers.InputLayer(**{argument: (None, 4)})


def test_names_and_seeds_that_cannot_be() -> None:
    with pytest.raises(ArgumentError, match="Dense: name must not have a '/' in it, got 'a/b'"):
        layers.Dense(1, name="a/b")
    with pytest.raises(ArgumentError, match="set_random_seed: seed must be .*-1"):
        gradtape.utils.set_random_seed(-1)


def test_a_weight_that_fits_into_no_memory_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    class Huge(gradtape.initializers.Initializer):
        def __call__(self, shape: Any, dtype: Any = None) -> Any:
            raise MemoryError

    with pytest.raises(
        gradtape.errors.ShapeError, match=r"there is not enough memory for a weight of shape \(4, 9\)"
    ):
        Sequential([layers.Input((4,)), layers.Dense(9, kernel_initializer=Huge())])


def test_a_loss_that_is_a_function_has_its_name_in_errors() -> None:
    def rows(y_true: Any, y_pred: Any) -> Any:
        return ops.sum(ops.square(y_true - y_pred), axis=-1)

    with pytest.raises(gradtape.errors.ShapeError, match="^rows: sample_weight"):
        as_loss(rows)(X, X, np.ones((12, 3), "float32"))
