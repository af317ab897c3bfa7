"""Class weights, splits and batches are those of Keras."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest

from gradtape.data import adapt, class_weights_to_sample_weights, split_validation
from tests.keras_parity import assert_parity, keras


@pytest.fixture(scope="module")
def adapters() -> Any:
    return keras().src.trainers.data_adapters


@pytest.mark.parametrize("form", ["whole", "column", "one-hot", "float"])
def test_class_weights(adapters: Any, form: str) -> None:
    labels = np.random.default_rng(0).integers(0, 5, 40)
    y = {
        "whole": labels,
        "column": labels[:, None],
        "one-hot": np.eye(5, dtype="float32")[labels],
        "float": labels.astype("float32"),
    }[form]
    weights = {c: float(c) / 3 for c in range(5)}
    theirs = adapters.data_adapter_utils.class_weight_to_sample_weights(y, weights)
    assert_parity(class_weights_to_sample_weights(y, weights), theirs)


@pytest.mark.parametrize("samples", [2, 3, 10, 57])
@pytest.mark.parametrize("fraction", [0.1, 0.2, 0.3, 1 / 3, 0.5, 0.7])
def test_validation_split(adapters: Any, samples: int, fraction: float) -> None:
    parts = (np.arange(samples), np.arange(samples, dtype="float32"), None)
    if int(np.floor(samples * (1.0 - fraction))) == 0:
        return
    ours = split_validation(parts, fraction)
    theirs = adapters.array_slicing.train_validation_split(parts, fraction)
    for our, their in zip(ours, theirs, strict=True):
        for a, b in zip(our[:2], their[:2], strict=True):
            assert_parity(a, b)


@pytest.mark.parametrize("batch_size", [None, 7])
@pytest.mark.parametrize("steps", [None, 3])
def test_batches_of_arrays(adapters: Any, batch_size: int | None, steps: int | None) -> None:
    frame = pd.DataFrame({"a": np.arange(50, dtype="int32"), "b": np.arange(50, dtype="int32")})
    x, y = {"u": np.ones((50, 2), "float32"), "v": frame}, frame["a"]
    theirs = adapters.get_data_adapter(x, y, batch_size=batch_size, steps_per_epoch=steps)
    source = adapt(x, y, batch_size=batch_size, steps=steps)
    assert source.batch_size == theirs.batch_size
    for ours, their in zip(source.batches(0, 0), theirs.get_numpy_iterator(), strict=False):
        assert_parity(ours[0]["u"], their[0]["u"])
        assert_parity(ours[0]["v"], their[0]["v"])
        assert_parity(ours[1], their[1])
