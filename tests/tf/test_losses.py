"""tf.keras.losses: every name of Keras', meaning ours."""

import importlib

import numpy as np

import gradtape.tf as tf
from gradtape import losses
from tests.keras_parity import keras

ABSENT = {"CTC", "Circle", "Reduction", "circle", "ctc"}


def test_every_name_is_here_but_for_those_listed_as_absent():
    theirs = importlib.import_module(f"{keras().__name__}._tf_keras.keras.losses")
    names = {name for name in dir(theirs) if not name.startswith("_")}
    assert names - set(tf.keras.losses.__all__) == ABSENT


def test_names_mean_our_losses():
    for name in tf.keras.losses.__all__:
        assert getattr(tf.keras.losses, name) is getattr(losses, name)


def test_softmax_cross_entropy_along_any_axis():
    rng = np.random.default_rng(0)
    logits, classes = rng.normal(size=(2, 3, 4)), rng.integers(0, 3, (2, 4))
    along = tf.nn.softmax_cross_entropy_with_logits(np.eye(3)[classes].transpose(0, 2, 1), logits, axis=1)
    last = tf.nn.sparse_softmax_cross_entropy_with_logits(classes, logits.transpose(0, 2, 1))
    np.testing.assert_allclose(along, last, rtol=1e-12)
