"""Data as people have it: frames whose rows are in another order, batches that a length promises, no end."""

from __future__ import annotations

import itertools
from typing import Any

import numpy as np
import pytest

from gradtape import layers
from gradtape.data import adapt, iterator_source
from gradtape.errors import ArgumentError, ArgumentTypeError, ShapeError
from gradtape.models import Sequential

pandas = pytest.importorskip("pandas")


def frames() -> Any:
    x = pandas.DataFrame({"a": [1.0, 2.0, 3.0], "b": [4.0, 5.0, 6.0]}, index=[3, 5, 7])
    return x, pandas.Series([1.0, 2.0, 3.0], index=[3, 5, 7], name="y")


def test_rows_of_one_name_in_another_order_are_refused() -> None:
    x, y = frames()
    weight = pandas.Series([1.0, 1.0, 1.0], index=[7, 5, 3])
    for given, name in (
        ((x, y[::-1]), "y"),
        ((x, y, weight), "sample_weight"),
        (([x, x[::-1]], y), r"x\[1\]"),
    ):
        with pytest.raises(
            ArgumentError, match=rf"fit: the rows of x(\[0\])? and {name} have the same names in another"
        ):
            adapt(*given)
    adapt(x, y.loc[x.index])
    adapt(x, y[::-1].to_numpy())
    adapt(x, y.reset_index(drop=True))  # other names: by place
    adapt(x, y)


class Lying:
    """Says that it has three batches, and has two."""

    def __init__(self, error: type[Exception]) -> None:
        self.error = error

    def __len__(self) -> int:
        return 3

    def __getitem__(self, number: int) -> Any:
        if number >= 2:
            raise self.error("nothing there")
        return np.ones((2, 3), "float32"), np.ones((2, 1), "float32")


@pytest.mark.parametrize("error", [IndexError, StopIteration])
def test_a_batch_that_the_length_promised_and_that_is_not_there_is_named(error: type[Exception]) -> None:
    model = Sequential([layers.Input((3,)), layers.Dense(1)])
    model.compile("sgd", "mse")
    said = rf"x has no x\[2\] \({error.__name__}: nothing there\), though its length is 3"
    with pytest.raises(ArgumentError, match=f"^fit: {said}"):
        model.fit(Lying(error), shuffle=False, verbose=0)
    with pytest.raises(ArgumentError, match=f"^evaluate: {said}"):
        model.evaluate(Lying(error), verbose=0)


def test_an_iterable_that_may_never_end_is_told_of(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(iterator_source, "MANY_BATCHES", 5)
    batch = (np.ones((2, 3), "float32"), np.ones((2, 1), "float32"))
    source = adapt(batch for _ in itertools.count())
    batches = source.batches(0, 0)
    for _ in range(4):
        next(batches)
    with pytest.warns(
        UserWarning, match="fit: x has given 5 batches .*; if it never ends, say how many make an"
    ):
        next(batches)
    list(adapt((batch for _ in itertools.count()), steps=9).batches(0, 0))
    list(adapt([batch] * 9).batches(0, 0))


def test_class_weights_may_have_whole_floats_for_keys() -> None:
    y = np.array([0.0, 1.0, 1.0], "float32")
    x = np.ones((3, 2), "float32")
    for weights in ({0.0: 2.0, 1.0: 0.5}, {np.float32(0): 2.0, np.float64(1): 0.5}):
        assert adapt(x, y, class_weight=weights).peek()[2].tolist() == [2.0, 0.5, 0.5]
    for key in (0.5, float("nan"), "0", True):
        with pytest.raises(ArgumentTypeError, match="class_weight must name classes by whole numbers"):
            adapt(x, y, class_weight={key: 2.0, 1.0: 0.5})


def test_batches_may_differ_in_length_where_the_model_takes_any() -> None:
    rng = np.random.default_rng(0)

    def batches() -> Any:
        for steps in (5, 7, 3, 5):
            yield rng.normal(size=(4, steps, 2)).astype("float32"), np.ones((4, 1), "float32")

    class Mean(layers.Layer):
        def call(self, inputs: Any) -> Any:
            return inputs.mean(axis=1)

    model = Sequential([layers.Input((None, 2)), Mean(), layers.Dense(1)])
    model.compile("sgd", "mse")
    history = model.fit(batches(), validation_data=batches(), verbose=0).history
    assert np.isfinite(history["loss"]).all() and np.isfinite(history["val_loss"]).all()
    assert int(model.optimizer.iterations) == 4
    assert model.predict((x for x, _ in batches()), verbose=0).shape == (16, 1)
    fixed = Sequential([layers.Input((5, 2)), Mean(), layers.Dense(1)])
    fixed.compile("sgd", "mse")
    with pytest.raises(ShapeError, match=r"x was \(4, 5, 2\), now it is \(4, 7, 2\)"):
        fixed.fit(batches(), verbose=0)
