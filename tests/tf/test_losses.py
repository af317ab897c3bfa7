"""tf.keras.losses: every name of Keras', meaning ours."""

import importlib

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
