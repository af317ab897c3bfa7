"""The traps of NUMERICS that a whole training can fall into, each on both engines.

Others have their tests where they belong: 9 and 10 with the optimizers, 12 with `to_categorical`, 3 and 14 also with
the losses, 15 with the means, and all that is bad input in `test_bad_input.py`.
"""

import numpy as np
import pytest

import gradtape
from gradtape import layers, losses, optimizers
from gradtape.errors import ArgumentError
from gradtape.models import Sequential
from tests.keras_parity import keras

RNG = np.random.default_rng(0)
X = RNG.normal(size=(20, 4)).astype("float32")
Y = np.arange(20, dtype="int32") % 3


@pytest.fixture(params=["numpy", "jax"], autouse=True)
def both_engines(request, on_engine):
    """Run every test here on both engines."""
    with on_engine(request.param):
        gradtape.set_seed(0)
        yield


def stack(*inner, shape=(4,)):
    return Sequential([layers.Input(shape), *inner])


@pytest.mark.parametrize(
    ("activation", "loss"), [("softmax", "sparse_categorical_crossentropy"), ("sigmoid", "bce")]
)
def test_a_saturated_model_shows_its_loss_and_learns(activation, loss):
    """Trap 1: where probabilities are clipped at 1e-7 the loss stops at 16.118, and learning with it."""
    model = stack(layers.Dense(3 if activation == "softmax" else 1, activation=activation))
    model.compile(optimizers.SGD(0.1), loss)
    x = np.ones((8, 4), "float32")
    wrong = [np.array([[100.0, 0.0, -50.0]] * 4), np.zeros(3)]
    model.set_weights(wrong if activation == "softmax" else [np.full((4, 1), 100.0), np.zeros(1)])
    y = np.full(8, 1) if activation == "softmax" else np.zeros(8)
    found = model.fit(x, y, epochs=3, verbose=0).history["loss"]
    assert found[0] == pytest.approx(400.0)
    assert found[0] > found[1] > found[2]


def test_softmax_over_one_unit_is_refused_whatever_the_loss():
    """Trap 3: the loss would be constant, and nothing learned."""
    for loss in ("binary_crossentropy", "mse", "categorical_crossentropy", "sparse_categorical_crossentropy"):
        model = stack(layers.Dense(1, activation="softmax"))
        model.compile("sgd", loss)
        with pytest.raises(ArgumentError, match="one unit|one class"):
            model.fit(X, Y % 2, verbose=0)


@pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")  # of Keras'
def test_normalizing_a_batch_of_one_and_a_constant_feature():
    """Trap 8: the variance is 0, which gives beta and a finite gradient; the numbers are Keras'."""
    x = X.copy()
    x[:, 2] = 7.0
    found = []
    for library in (gradtape, keras()):
        model = library.Sequential(
            [library.Input((4,)), library.layers.BatchNormalization(), library.layers.Dense(1)]
        )
        model.set_weights([*model.get_weights()[:4], np.full((4, 1), 0.5), np.zeros(1)])
        model.compile(library.optimizers.SGD(0.01), "mse")
        history = model.fit(x, Y[:, None], batch_size=1, epochs=2, shuffle=False, verbose=0).history["loss"]
        found.append((history, model.predict(x[:3], verbose=0)))
    (ours, our_outputs), (theirs, their_outputs) = found
    np.testing.assert_allclose(ours, theirs, rtol=1e-5)
    np.testing.assert_allclose(our_outputs, their_outputs, rtol=1e-5, atol=1e-5)


@pytest.mark.parametrize("name", ["Adam", "AdamW", "Adamax", "Nadam", "RMSprop", "Adagrad", "Adadelta"])
def test_gradients_of_zero_leave_the_weights_alone(name):
    """Trap 9: 0 / 0 would make NaN weights behind a finite loss, so epsilon must be above 0."""
    options = {"weight_decay": 0.0} if name == "AdamW" else {}
    model = stack(layers.Dense(1))
    model.compile(getattr(optimizers, name)(**options), "mse")
    before = model.get_weights()
    model.fit(np.zeros((4, 4)), np.zeros((4, 1)), epochs=3, verbose=0)
    assert all((a == b).all() for a, b in zip(before, model.get_weights(), strict=True))
    with pytest.raises(ArgumentError, match=f"{name}: epsilon must be in"):
        model.compile({"class_name": name, "config": {"epsilon": 0.0}}, "mse")


@pytest.mark.parametrize("name", ["Adam", "AdamW", "Adamax", "Nadam"])
def test_a_beta_of_one_is_refused_wherever_it_comes_from(name):
    """Trap 10: the bias correction would divide by 0."""
    for beta in ("beta_1", "beta_2"):
        with pytest.raises(ArgumentError, match=rf"{name}: {beta} must be in \[0, 1\), got 1.0"):
            optimizers.get({"class_name": name, "config": {beta: 1.0}})


def test_a_training_in_which_no_label_counts_is_refused_and_a_batch_of_that_kind_changes_nothing():
    """Trap 11: the mean over nothing must not be NaN, and not be 0 in silence."""
    model = stack(layers.Dense(3, activation="softmax"))
    model.compile("sgd", losses.SparseCategoricalCrossentropy(ignore_class=-100))
    nothing = np.full(20, -100)
    for act in (model.fit, model.evaluate):
        with pytest.raises(ArgumentError, match="every label is -100, the ignore_class: none would count"):
            act(X, nothing, verbose=0)
    before = model.get_weights()
    assert model.train_on_batch(X, nothing) == 0.0
    assert all((a == b).all() for a, b in zip(before, model.get_weights(), strict=True))
    some = np.where(np.arange(20) < 3, Y, -100)
    full = model.evaluate(X[:3], Y[:3], verbose=0)
    assert model.evaluate(X, some, verbose=0) == pytest.approx(full, rel=1e-5)


def test_row_minus_one_is_not_the_last_one():
    """Trap 12: a negative index counts from the end in Python; trap 21: JAX would clamp or fill."""
    model = stack(layers.Embedding(5, 2, name="words"), shape=(1,))
    with pytest.raises(ArgumentError, match=r"predict: words needs whole numbers in \[0, 5\), got -1 to -1"):
        model.predict(np.array([[-1]]), verbose=0)


def test_numbers_beyond_2_to_the_24_stay_whole():
    """Trap 13: float32 has no 2**24 + 1; the numbers of an Embedding and of labels do not pass through it."""
    rows = 2**24 + 2
    table = np.zeros((rows, 1), "float16")
    table[2**24 + 1] = 1
    model = stack(layers.Embedding(rows, 1, weights=table, dtype="float16"), shape=(1,))
    found = model.predict(np.array([[2**24], [2**24 + 1]]), verbose=0)
    assert found.ravel().tolist() == [0.0, 1.0]
    far = stack(layers.Dense(3, activation="softmax"))
    far.compile("sgd", "sparse_categorical_crossentropy")
    with pytest.raises(
        ArgumentError, match=r"class numbers in \[0, 3\), got 0 to 4294967296"
    ):  # 0 as an int32
        far.fit(X[:2], np.array([0, 2**32]), verbose=0)


def test_a_vector_of_targets_meets_a_column_of_outputs_and_nothing_else_is_broadcast():
    """Trap 14: (N,) against (N, 1) would be (N, N), (N, 1) against (N, 3) is taken silently elsewhere."""
    y = X[:, 0]
    found = []
    for targets in (y, y[:, None]):
        model = stack(layers.Dense(1, kernel_initializer="ones"))
        model.compile("sgd", "mse", metrics=["mae", "mse"])
        found.append(model.fit(X, targets, epochs=2, shuffle=False, verbose=0).history)
    assert found[0] == found[1]
    for units, targets in ((3, X[:, :1]), (1, X[:, :3])):
        model = stack(layers.Dense(units))
        model.compile("sgd", "mse")
        with pytest.raises(ArgumentError, match="y_true must have the shape of y_pred"):
            model.fit(X, targets, verbose=0)


def test_a_short_last_batch_counts_by_its_samples():
    """Trap 15: the mean of means of batches is not the mean of samples."""
    model = stack(layers.Dense(3, activation="softmax"))
    model.compile(optimizers.SGD(0.0), "sparse_categorical_crossentropy", metrics=["accuracy"])
    whole = model.evaluate(X, Y, batch_size=20, verbose=0)
    for size in (3, 19):
        history = model.fit(X, Y, batch_size=size, verbose=0).history
        assert [history["loss"][0], history["accuracy"][0]] == pytest.approx(whole, rel=1e-5)
        assert model.evaluate(X, Y, batch_size=size, verbose=0) == pytest.approx(whole, rel=1e-5)
