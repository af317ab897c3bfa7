"""Targets and last layers that do not go with the loss are refused before the first step."""

import numpy as np
import pytest

from gradtape import losses
from gradtape.errors import ArgumentError
from gradtape.layers import Dense, Input
from gradtape.models import Model, Sequential

X = np.random.default_rng(0).normal(size=(12, 3)).astype("float32")
LABELS = np.arange(12) % 4
ONE_HOT = np.eye(4, dtype="float32")[LABELS]


def model(units=4, activation="softmax", subclassed=False):
    if not subclassed:
        return Sequential([Input((3,)), Dense(units, activation=activation)])

    class Own(Model):
        def __init__(self):
            super().__init__()
            self.last = Dense(units, activation=activation)

        def call(self, inputs):
            return self.last(inputs)

    return Own()


SPARSE, SOFT, BINARY = "sparse_categorical_crossentropy", "categorical_crossentropy", "binary_crossentropy"

REFUSED = [
    (model(), SPARSE, LABELS + 1, r"class numbers in \[0, 4\), got 1 to 4; count the classes from 0"),
    (model(), SPARSE, LABELS - 1, r"class numbers in \[0, 4\), got -1 to 2"),
    (model(), SPARSE, LABELS + 0.5, "needs whole class numbers, got 0.5"),
    (model(), SPARSE, ONE_HOT, "y seems to be one-hot: take categorical_crossentropy"),
    (model(), SOFT, LABELS, r"needs one-hot targets of shape \(None, 4\), got y of shape \(12,\)"),
    (model(), SOFT, LABELS[:, None], "take sparse_categorical_crossentropy, or to_categorical"),
    (model(), SOFT, ONE_HOT * 2, r"needs targets in \[0, 1\], got 0.0 to 2.0"),
    (model(1, "sigmoid"), BINARY, LABELS, r"needs targets in \[0, 1\], got 0 to 3"),
    (model(4, "sigmoid"), BINARY, LABELS % 2, r"needs targets of the outputs' shape \(None, 4\)"),
    (model(1), SOFT, LABELS[:, None] * 0, "needs one unit per class"),
    (model(1), SPARSE, LABELS * 0, "needs one unit per class"),
    (model(1), BINARY, LABELS % 2, "softmax over one unit, which is always 1"),
    (model(1), "mse", LABELS % 2, "softmax over one unit"),
    (model(4, None), SPARSE, LABELS, r"takes probabilities.*activation='softmax', or say Sparse"),
    (model(4, None, subclassed=True), SPARSE, LABELS, r"takes probabilities"),
    (model(1, None), BINARY, LABELS % 2, r"BinaryCrossentropy\(from_logits=True\)"),
    (model(), SPARSE, LABELS[:-1], "12"),
]


@pytest.mark.parametrize(("made", "loss", "y", "fault"), REFUSED, ids=range(len(REFUSED)))
def test_a_mistake_is_refused_and_no_weight_has_changed(made, loss, y, fault):
    made.compile("sgd", loss)
    made(X)
    before = made.get_weights()
    for act in (made.fit, made.evaluate, made.train_on_batch):
        with pytest.raises(ArgumentError, match=fault):
            act(X, y)
    assert all((a == b).all() for a, b in zip(before, made.get_weights(), strict=True))
    assert made.optimizer.iterations.item() == 0


def test_validation_data_is_looked_at_too():
    made = model()
    made.compile("sgd", SPARSE)
    with pytest.raises(ArgumentError, match=r"fit: validation_data: .*got 1 to 4"):
        made.fit(X, LABELS, validation_data=(X, LABELS + 1), verbose=0)


def test_an_output_is_named():
    x = Input((3,))
    made = Model(x, {"a": Dense(4, activation="softmax")(x), "b": Dense(1)(x)})
    made.compile("sgd", {"a": SPARSE, "b": "mse"})
    with pytest.raises(ArgumentError, match=r"fit: output 'a': .*got 1 to 4"):
        made.fit(X, {"a": LABELS + 1, "b": LABELS}, verbose=0)


@pytest.mark.parametrize(
    ("made", "loss", "y"),
    [
        (model(), SPARSE, LABELS),
        (model(), SPARSE, LABELS[:, None].astype("float32")),
        (model(), losses.SparseCategoricalCrossentropy(ignore_class=-1), np.where(LABELS == 3, -1, LABELS)),
        (model(4, None), losses.SparseCategoricalCrossentropy(from_logits=True), LABELS),
        (model(), SOFT, ONE_HOT),
        (model(1, "sigmoid"), BINARY, LABELS % 2),
        (model(1, "sigmoid"), BINARY, LABELS[:, None] % 2),
        (model(4, "sigmoid"), BINARY, ONE_HOT),
        (model(1, None), "mse", LABELS.astype("float32")),
    ],
)
def test_what_is_right_is_let_through(made, loss, y):
    made.compile("sgd", loss)
    assert np.isfinite(made.fit(X, y, verbose=0).history["loss"]).all()
