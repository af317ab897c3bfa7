"""The cross-entropies that `keras.ops` spells (target, output), against hand-computed numbers and Keras."""

import numpy as np
import pytest

from gradtape import GradientTape, as_tensor, ops
from gradtape.errors import ArgumentError, DtypeError, ShapeError
from tests.keras_parity import assert_parity as assert_same_dtype
from tests.keras_parity import keras


def assert_parity(ours, theirs):
    """Compare with Keras, whose one-hot rows are float64 where JAX has 64 bits."""
    assert_same_dtype(ours, np.asarray(theirs, "float32"))


LOGITS = np.array([[1.0, -2.0, 0.5], [0.0, 3.0, -1.0]], "float32")


@pytest.mark.parametrize("from_logits", [True, False])
def test_they_give_the_numbers_of_keras(from_logits):
    theirs = keras().ops
    output = LOGITS if from_logits else np.exp(LOGITS) / np.exp(LOGITS).sum(-1, keepdims=True)
    labels, rows = np.array([2, 1]), np.array([[0.0, 0.25, 0.75], [0, 1, 0]], "float32")
    assert_parity(
        ops.sparse_categorical_crossentropy(labels, output, from_logits=from_logits),
        theirs.sparse_categorical_crossentropy(labels, output, from_logits=from_logits),
    )
    assert_parity(
        ops.sparse_categorical_crossentropy(labels[:, None], output, from_logits=from_logits),
        theirs.sparse_categorical_crossentropy(labels[:, None], output, from_logits=from_logits),
    )
    for axis, turn in ((-1, lambda a: a), (0, np.transpose)):
        assert_parity(
            ops.categorical_crossentropy(turn(rows), turn(output), from_logits=from_logits, axis=axis),
            theirs.categorical_crossentropy(turn(rows), turn(output), from_logits=from_logits, axis=axis),
        )
    assert_parity(
        ops.binary_crossentropy(rows, output, from_logits=from_logits),
        theirs.binary_crossentropy(rows, output, from_logits=from_logits),
    )


def test_numbers_by_hand():
    assert ops.sparse_categorical_crossentropy([1], [[1.0, 3.0]]).item() == pytest.approx(np.log(4 / 3))
    assert ops.categorical_crossentropy([[0.5, 0.5]], [[0.25, 0.75]]).item() == pytest.approx(
        -0.5 * np.log(0.25 * 0.75)
    )
    assert ops.binary_crossentropy([0.0, 1.0], [0.25, 0.25]).tolist() == pytest.approx(
        [-np.log(0.75), -np.log(0.25)]
    )


def test_probabilities_of_softmax_and_sigmoid_keep_their_logits():
    x = as_tensor([[200.0, 0.0]])
    assert ops.sparse_categorical_crossentropy([1], ops.softmax(x)).item() == 200
    assert ops.categorical_crossentropy([[0, 1]], ops.softmax(x)).item() == 200
    assert ops.binary_crossentropy([[0, 1]], ops.sigmoid(x)).tolist()[0][0] == 200
    with GradientTape() as tape:
        tape.watch(x)
        loss = ops.sparse_categorical_crossentropy([1], ops.softmax(x))
    assert tape.gradient(loss, x).tolist() == [[1.0, -1.0]]


def test_what_does_not_fit_is_refused():
    with pytest.raises(
        DtypeError, match="sparse_categorical_crossentropy: target must be whole class numbers"
    ):
        ops.sparse_categorical_crossentropy([1.5], [[0.5, 0.5]])
    with pytest.raises(
        ShapeError, match=r"target must have the shape of output without its classes, got target \(2,\)"
    ):
        ops.sparse_categorical_crossentropy([1, 0], [[0.5, 0.5]])
    with pytest.raises(ShapeError, match=r"must have one shape, got \(2,\) and \(1, 2\)"):
        ops.categorical_crossentropy([0, 1], [[0.5, 0.5]])
    with pytest.raises(ArgumentError, match="from_logits=True, but y_pred comes from sigmoid"):
        ops.binary_crossentropy([1], ops.sigmoid([0.5]), from_logits=True)
    with pytest.raises(ShapeError, match="at least two classes"):
        ops.categorical_crossentropy([[1]], [[0.5]])
