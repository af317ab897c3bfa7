"""The names of instances against Keras', over every class of Keras and over names drawn at random."""

from __future__ import annotations

import inspect

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gradtape import layers, losses, metrics, optimizers
from gradtape.base.names import snake_case
from tests.keras_parity import keras


def theirs(class_name: str) -> str:
    """Return Keras' own name for an instance."""
    keras()
    from keras.src.utils.naming import to_snake_case

    return str(to_snake_case(class_name))


@pytest.mark.parametrize("module", ["layers", "losses", "metrics", "optimizers", "callbacks", "initializers"])
def test_every_class_of_keras_has_its_name(module: str) -> None:
    names = [name for name, made in vars(getattr(keras(), module)).items() if inspect.isclass(made)]
    assert len(names) > 5
    assert {name: snake_case(name) for name in names} == {name: theirs(name) for name in names}


@given(st.from_regex(r"[A-Za-z_][A-Za-z0-9_]{0,12}", fullmatch=True))
def test_any_name(name: str) -> None:
    assert snake_case(name) == theirs(name)


def test_layers_losses_metrics_and_optimizers_take_it() -> None:
    assert layers.SpatialDropout1D(0.5).name.startswith("spatial_dropout1d")
    assert losses.KLDivergence().name == "kl_divergence"
    assert metrics.F1Score().name == "f1_score"
    assert [optimizers.AdamW().name, optimizers.RMSprop().name] == ["adam_w", "rm_sprop"]
