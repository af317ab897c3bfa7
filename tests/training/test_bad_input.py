"""Every mistake that issue after issue reports of Keras: a clear error before the first step, nothing changed.

Each case runs on both engines, in a fresh model, and has the same text on both.
"""

import contextlib

import numpy as np
import pytest

import gradtape
from gradtape import callbacks, layers, losses, optimizers
from gradtape.errors import GradtapeError
from gradtape.models import Model, Sequential

RNG = np.random.default_rng(0)
X = RNG.normal(size=(20, 4)).astype("float32")
Y = np.arange(20, dtype="int32") % 3
WORDS = RNG.integers(0, 5, size=(20, 2))
SPARSE, SOFT, BINARY = "sparse_categorical_crossentropy", "categorical_crossentropy", "binary_crossentropy"


@pytest.fixture(params=["numpy", "jax"], autouse=True)
def both_engines(request, on_engine):
    """Run every test here on both engines."""
    with on_engine(request.param):
        gradtape.set_seed(0)
        yield


def stack(*inner, loss=SPARSE, shape=(4,)):
    found = inner or (layers.Dense(3, activation="softmax"),)
    model = Sequential([layers.Input(shape), *found])
    model.compile("adam", loss)
    return model


def plain():
    return stack()


def two_inputs():
    a, b = layers.Input((4,), name="a"), layers.Input((4,), name="b")
    model = Model([a, b], layers.Dense(3, activation="softmax")(layers.Add()([a, b])))
    model.compile("adam", SPARSE)
    return model


def last(units, activation=None, loss=SPARSE):
    return lambda: stack(layers.Dense(units, activation=activation), loss=loss)


def words():
    return stack(
        layers.Embedding(5, 3, name="words"), layers.Flatten(), layers.Dense(1), loss="mse", shape=(2,)
    )


class Own(Model):
    def __init__(self):
        super().__init__()
        self.words = layers.Embedding(5, 3, name="words")
        self.last = layers.Dense(1)

    def call(self, inputs):
        return self.last(self.words(inputs["words"])[:, 0])


def own():
    model = Own()
    model.compile("adam", "mse")
    model({"words": WORDS})
    return model


class Batches(tuple):
    """Batches that each test takes from a generator of its own."""


def spoiled(array, value):
    copy = np.array(array, "float32")
    copy[3] = value
    return copy


FIT = {
    # lengths
    "x against y": (
        plain,
        (X, Y[:-1]),
        {},
        "fit: all arrays must have equally many samples, got x: 20, y: 19",
    ),
    "weights": (plain, (X, Y), {"sample_weight": np.ones(3)}, "equally many samples.*sample_weight: 3"),
    "validation": (plain, (X, Y), {"validation_data": (X, Y[:3])}, "fit: validation_data: .*x: 20, y: 3"),
    "one input": (two_inputs, ([X, X[:7]], Y), {}, r"x\[0\]: 20, x\[1\]: 7, y: 20"),
    # labels
    "label too large": (
        plain,
        (X, Y + 1),
        {},
        r"needs class numbers in \[0, 3\), got 1 to 3; count the classes",
    ),
    "label negative": (plain, (X, Y - 1), {}, r"needs class numbers in \[0, 3\), got -1 to 1"),
    "label not whole": (plain, (X, Y + 0.5), {}, "needs whole class numbers, got 0.5"),
    "label in batch 2": (
        plain,
        (Batches(((X, Y), (X, Y + 1))),),
        {},
        r"fit: batch 2 of epoch 1: .*needs class numbers in \[0, 3\), got 1 to 3",
    ),
    "one-hot for numbers": (
        plain,
        (X, np.eye(3)[Y]),
        {},
        "y seems to be one-hot: take categorical_crossentropy",
    ),
    "numbers for one-hot": (last(3, "softmax", SOFT), (X, Y), {}, "needs one-hot targets .*to_categorical"),
    # the last layer
    "one unit": (last(1, None, SOFT), (X, Y % 2), {}, "needs one unit per class"),
    "softmax over one": (
        last(1, "softmax", BINARY),
        (X, Y % 2),
        {},
        "softmax over one unit, which is always 1",
    ),
    "logits": (last(3), (X * 100, Y), {}, "takes probabilities, but outputs .*activation='softmax'"),
    "probabilities": (
        last(3, "softmax", losses.SparseCategoricalCrossentropy(from_logits=True)),
        (X, Y),
        {},
        "from_logits=True, but y_pred comes from softmax",
    ),
    # values and shapes
    "nan in x": (plain, (spoiled(X, np.nan), Y), {}, r"fit: x must hold finite numbers, got nan at \[3, 0\]"),
    "inf in y": (
        last(1, None, "mse"),
        (X, spoiled(Y, np.inf)),
        {},
        r"y must hold finite numbers, got inf at \[3\]",
    ),
    "nan in batch 2": (
        plain,
        (Batches(((X, Y), (spoiled(X, np.nan), Y))),),
        {},
        "batch 2 of epoch 1: x must hold",
    ),
    "empty": (plain, (X[:0], Y[:0]), {}, r"x must not be empty, got shape \(0, 4\)"),
    "no batch": (plain, (Batches(),), {}, "x must give at least one batch"),
    "rank": (plain, (X[:, 0], Y), {}, r"must have shape \(None, 4\), got \(20,\)"),
    "features": (plain, (X[:, :3], Y), {}, r"must have shape \(None, 4\), got \(20, 3\)"),
    "broadcast": (last(3, None, "mse"), (X, X[:, :1]), {}, r"y_true \(\d+, 1\) and y_pred \(\d+, 3\)"),
    "no y": (plain, (X,), {}, "fit: y must be given, sparse_categorical_crossentropy compares .*got None"),
    "another shape": (
        plain,
        (Batches(((X, Y), (X[:, :3], Y))),),
        {},
        r"batch 2 of epoch 1 must have the shapes of the first.*x was \(20, 4\), now it is \(20, 3\)",
    ),
    "row too large": (
        words,
        (WORDS + 1, Y),
        {},
        r"words needs whole numbers in \[0, 5\), got 1 to 5 in x; input_dim",
    ),
    "row negative": (
        words,
        (WORDS - 1, Y),
        {},
        r"fit: words needs whole numbers in \[0, 5\), got -1 to 3 in x",
    ),
    "row not whole": (words, (WORDS + 0.5, Y), {}, r"words needs whole numbers in \[0, 5\), got \d.5 in x"),
    "row in a dict": (own, ({"words": WORDS + 1}, Y), {}, r"words needs .*got 1 to 5 in x\['words'\]"),
    "row in batch 2": (
        words,
        (Batches(((WORDS, Y), (WORDS + 1, Y))),),
        {},
        "batch 2 of epoch 1: words needs",
    ),
    # counts
    "batch size 0": (plain, (X, Y), {"batch_size": 0}, "fit: batch_size must be a whole number >= 1, got 0"),
    "batch size -1": (plain, (X, Y), {"batch_size": -1}, "batch_size must be a whole number >= 1, got -1"),
    "batch size True": (plain, (X, Y), {"batch_size": True}, "batch_size must be a whole number, got True"),
    "batch size 1.5": (plain, (X, Y), {"batch_size": 1.5}, "batch_size must be a whole number, got 1.5"),
    "validation batch size": (
        plain,
        (X, Y),
        {"validation_data": (X, Y), "validation_batch_size": 0},
        "fit: validation_data: batch_size must be a whole number >= 1, got 0",
    ),
    "epochs": (plain, (X, Y), {"epochs": -1}, "fit: epochs must be a whole number >= 0, got -1"),
    "runs dry": (
        plain,
        (Batches(((X, Y), (X, Y), (X, Y))),),
        {"steps_per_epoch": 2, "epochs": 2},
        "x ended after 1 of the 2 batches of epoch 2; a generator must give as many for every epoch",
    ),
    # kinds of arrays
    "objects": (plain, (X.astype(object), Y), {}, "fit: x must hold numbers, got Python objects"),
    "strings": (plain, (X, Y.astype(str)), {}, "fit: y must hold numbers, got strings"),
    "masked": (
        plain,
        (np.ma.masked_array(X, X > 1), Y),
        {},
        r"fit: x is a masked array; fill it first: x.filled",
    ),
    # weights
    "all weights 0": (plain, (X, Y), {"sample_weight": np.zeros(20)}, "must not be 0 for every sample"),
    "class lacks": (
        plain,
        (X, Y),
        {"class_weight": {0: 1.0, 2: 1.0}},
        "must name every class in y, it lacks 1",
    ),
    "class missing": (
        plain,
        (X, Y),
        {"class_weight": {0: 1, 1: 1, 2: 1, 3: 1}},
        "class_weight names 3, but y has",
    ),
    # splits
    **{
        f"split {share}": (plain, (X, Y), {"validation_split": share}, r"must be in \(0, 1\)|leaves none")
        for share in (1.0, -0.1, 1.5, 0.999)
    },
    "split of batches": (
        plain,
        (Batches([(X, Y)]),),
        {"validation_split": 0.5},
        "validation_split needs arrays",
    ),
    # names
    "monitor": (
        plain,
        (X, Y),
        {"callbacks": [callbacks.EarlyStopping("val_los")], "validation_split": 0.2},
        "EarlyStopping: 'val_los' is not among the metrics; did you mean 'val_loss'",
    ),
    "monitor of nothing": (
        plain,
        (X, Y),
        {"callbacks": [callbacks.EarlyStopping()]},
        "'val_loss' needs validation, and fit was given none",
    ),
}


# How many good batches come before the bad one.
STEPS_BEFORE = {
    **{"label in batch 2": 1, "nan in batch 2": 1, "another shape": 1, "row in batch 2": 1, "runs dry": 3}
}


@pytest.mark.parametrize("name", FIT)
def test_fit_refuses_and_no_weight_has_changed(name):
    make, data, options, fault = FIT[name]
    data = tuple([(batch for batch in part) if isinstance(part, Batches) else part for part in data])
    model = make()
    before = model.get_weights()
    with pytest.raises(GradtapeError, match=fault):
        model.fit(*data, **{"verbose": 0} | options)
    done = STEPS_BEFORE.get(name, 0)
    assert int(model.optimizer.iterations) == done
    if not done:
        assert all((a == b).all() for a, b in zip(before, model.get_weights(), strict=True))


@pytest.mark.parametrize(
    ("act", "fault"),
    [
        (lambda m: m.compile("adm"), "optimizer: unknown name 'adm'; did you mean 'adam'"),
        (lambda m: m.compile("adam", "msee"), "loss: unknown name 'msee'; did you mean 'mse'"),
        (
            lambda m: m.compile("adam", "mse", metrics=["acuracy"]),
            "metric: unknown name 'acuracy'; did you mean 'accuracy'",
        ),
        (
            lambda m: layers.Dense(3, activation="rleu"),
            "activation: unknown name 'rleu'; did you mean 'relu'",
        ),
        (
            lambda m: layers.Dense(3, kernel_initializer="glorot"),
            "initializer: unknown name 'glorot'; did you mean",
        ),
        (lambda m: optimizers.Adam(-1.0), r"Adam: learning_rate must be in \[0, inf\), got -1.0"),
        (lambda m: setattr(m.optimizer, "learning_rate", -1.0), "Adam: learning_rate must be in"),
        (lambda m: Sequential([layers.Dense(2)]).fit(X, Y), "fit: call compile"),
        (lambda m: m.predict(X[:, :3], verbose=0), r"predict: .*must have shape \(None, 4\), got \(20, 3\)"),
        (
            lambda m: words().predict(WORDS + 1, verbose=0),
            r"predict: words needs whole numbers in \[0, 5\), got 1",
        ),
        (lambda m: words().predict_on_batch(WORDS - 1), "predict_on_batch: words needs whole numbers"),
        (lambda m: words().evaluate(WORDS - 1, Y, verbose=0), "evaluate: words needs whole numbers"),
        (lambda m: words().train_on_batch(WORDS - 1, Y), "train_on_batch: words needs whole numbers"),
    ],
)
def test_other_calls_refuse_too(act, fault):
    model = plain()
    before = model.get_weights()
    with pytest.raises(GradtapeError, match=fault):
        act(model)
    assert all((a == b).all() for a, b in zip(before, model.get_weights(), strict=True))


@pytest.mark.parametrize("of_weight", [False, True])
def test_trainable_changed_after_compile_says_what_happens(of_weight):
    model = plain()
    model.fit(X, Y, verbose=0)
    before, steps = model.get_weights(), int(model.optimizer.iterations)
    part = model.layers[0].kernel if of_weight else model.layers[0]
    part.trainable = False
    fault = "was True when compile was called and is False now.*call compile again, or set it back"
    for act in (model.fit, model.train_on_batch):
        with pytest.raises(GradtapeError, match=fault):
            act(X, Y)
    assert int(model.optimizer.iterations) == steps
    assert all((a == b).all() for a, b in zip(before, model.get_weights(), strict=True))
    part.trainable = True
    model.fit(X, Y, verbose=0)
    assert int(model.optimizer.iterations) == steps + 1
    part.trainable = False
    model.compile("adam", SPARSE)
    kernel = model.layers[0].kernel.numpy()
    with contextlib.nullcontext() if of_weight else pytest.warns(UserWarning, match="weights are frozen"):
        model.fit(X, Y, verbose=0)
    assert (model.layers[0].kernel.numpy() == kernel).all()


def test_what_is_accepted():
    swapped = plain()
    swapped.fit(X.astype(">f4"), Y.astype(">i4"), verbose=0)
    plain_one = plain()
    plain_one.set_weights([np.zeros((4, 3)), np.zeros(3)])
    assert plain_one.fit(X, Y, batch_size=None, verbose=0).params["steps"] == 1
    assert plain_one.fit(np.tile(X, (2, 1)), np.tile(Y, 2), verbose=0).params["steps"] == 2  # None means 32
    assert np.isnan(plain().fit(spoiled(X, np.nan), Y, check_finite=False, verbose=0).history["loss"][0])


def test_rows_are_followed_through_a_cast_but_not_through_arithmetic():
    numbers = layers.Input((2,), dtype="float32")
    found = layers.Embedding(5, 3, name="words")(layers.Reshape((2, 1))(numbers))
    model = Model(numbers, found)
    with pytest.raises(GradtapeError, match="words needs whole numbers in"):
        model.predict(WORDS.astype("float32") + 1, verbose=0)
    shifted = Model(numbers, layers.Embedding(5, 3)(numbers - 1.0))
    assert shifted.predict(WORDS.astype("float32") + 1, verbose=0).shape == (20, 2, 3)
