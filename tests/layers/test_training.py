"""Whole trainings of models with these layers: Keras' history and weights, moving statistics included."""

import numpy as np
import pytest

from gradtape import layers
from gradtape.errors import ShapeError
from tests.models.test_keras_parity import assert_same, histories

pytestmark = pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")  # of Keras'

WORDS = np.random.default_rng(6).integers(0, 20, (150, 6))


def compiled(library):
    return {"optimizer": library.optimizers.SGD(0.05), "loss": "sparse_categorical_crossentropy"}


def stacked(library):
    """Return a model whose layers normalize, and have weights of every kind."""
    return library.Sequential(
        [
            library.Input((6,)),
            library.layers.Dense(12),
            library.layers.BatchNormalization(momentum=0.8),
            library.layers.Activation("relu"),
            library.layers.Reshape((3, 4)),
            library.layers.LayerNormalization(),
            library.layers.GroupNormalization(2),
            library.layers.PReLU(shared_axes=[1]),
            library.layers.ActivityRegularization(l2=0.01),
            library.layers.Flatten(),
            library.layers.Dropout(0.0),
            library.layers.Dense(3, activation="softmax"),
        ]
    )


def branched(library):
    """Return a model of two branches that are merged in several ways."""
    words = library.Input((6,), dtype="int32")
    vectors = library.layers.Embedding(20, 4, embeddings_regularizer="l2")(words)
    first = library.layers.Dense(5, activation="tanh")(library.layers.Flatten()(vectors))
    second = library.layers.Dense(5, kernel_constraint="non_neg")(library.layers.Flatten()(vectors))
    merged = library.layers.concatenate(
        [
            library.layers.add([first, second]),
            library.layers.Maximum()([first, second]),
            library.layers.Dot(axes=1, normalize=True)([first, second]),
        ]
    )
    return library.Model(words, library.layers.Dense(3, activation="softmax")(merged))


def test_a_stack_that_normalizes_trains_as_in_keras():
    assert_same(histories(stacked, compiled, {}))


def test_branches_train_as_in_keras():
    assert_same(histories(branched, compiled, {}, x=WORDS))


@pytest.mark.parametrize(
    "name", ["BatchNormalization", "LayerNormalization", "Normalization", "PReLU", "Dense"]
)
def test_a_weight_of_unknown_length_is_refused(name):
    layer = layers.Dense(3) if name == "Dense" else getattr(layers, name)()
    with pytest.raises(
        ShapeError, match=r"known length, got shape \(None, None\)|whole numbers, got \(None,\)"
    ):
        layer(layers.Input((None,)))
    assert layer.weights == []
