"""Names, arguments, their order and defaults against Keras, here and under tf.keras."""

import inspect

import pytest

from gradtape import metrics
from gradtape.tf import keras as tf_keras
from tests.keras_parity import keras

OURS_ALONE = {"METRICS", "resolve"}
NEVER = {"name", "dtype", "self", "kwargs"}


def public(module):
    """Return the names that Keras shows in a module."""
    return {name for name in dir(module) if not name.startswith("_")}


def test_every_name_of_keras_is_here():
    assert public(keras().metrics) == set(metrics.__all__) - OURS_ALONE


def test_every_name_of_tf_keras_is_in_the_dictionary():
    keras()
    from keras._tf_keras.keras import metrics as theirs

    assert public(theirs) <= set(tf_keras.metrics.__all__)
    for name in public(theirs):
        assert hasattr(tf_keras.metrics, name)


@pytest.mark.parametrize("name", sorted(set(metrics.__all__) - OURS_ALONE - {"deserialize"}))
def test_arguments_are_those_of_keras(name):
    theirs, ours = getattr(keras().metrics, name), getattr(metrics, name)
    wanted = inspect.signature(theirs).parameters
    found = inspect.signature(ours).parameters
    if "args" in found:  # PositivesCount and _Rate take theirs from a base
        found = inspect.signature(ours.__init__).parameters
    assert list(found) == list(wanted)
    for argument, parameter in wanted.items():
        mine, yours = found[argument].default, parameter.default
        assert mine == yours or (mine is inspect.Parameter.empty and yours is inspect.Parameter.empty), (
            argument
        )


@pytest.mark.parametrize(
    "name",
    sorted(n for n in metrics.METRICS.members if n[0].isupper() and n not in ("Metric", "MeanMetricWrapper")),
)
def test_names_of_figures_and_accumulators_are_those_of_keras(name):
    arguments = {
        "num_classes": 2,
        "target_class_ids": [0],
        "specificity": 0.5,
        "sensitivity": 0.5,
        "recall": 0.5,
        "precision": 0.5,
    }
    made = metrics.METRICS.find(name)
    wanted = {
        k: v
        for k, v in arguments.items()
        if k in inspect.signature(made).parameters and name not in ("Precision", "Recall")
    }
    if made.__name__ == "BinaryIoU":
        wanted = {}
    ours, theirs = made(**wanted), getattr(keras().metrics, made.__name__)(**wanted)
    assert theirs.name in (ours.name, *[f"{ours.name}_{i}" for i in range(200)])
    assert [v.name for v in ours.variables] == [f"{ours.name}/{v.name}" for v in theirs.variables]
    assert ours.direction == getattr(theirs, "_direction", None)
    keys = {k for k, v in metrics.METRICS.members.items() if v is made}
    assert keys >= {n for n, m in keras().src.metrics.ALL_OBJECTS_DICT.items() if m.__name__ == made.__name__}
