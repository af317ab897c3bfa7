"""Metrics made and called with arguments drawn at random: both engines give the same shape, or the same error."""

from __future__ import annotations

import inspect

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from gradtape import metrics
from gradtape.metrics import Metric
from tests.ops.test_bad_calls import DTYPES, NO_TENSORS, SHAPES, array, assert_same, quick

NAMES = sorted(
    name
    for name, made in vars(metrics).items()
    if inspect.isclass(made) and issubclass(made, Metric) and made not in (Metric, metrics.MeanMetricWrapper)
)
OF_VALUES = {"Mean", "Sum"}

shares = st.sampled_from([0.5, 0.25, 0.0, 1.0, -0.5, 1.5, [0.25, 0.5], [], None, "a", float("nan")])
whole = st.sampled_from([2, 3, 1, 4, 0, -1, 1.5, True, None, "2"])

# What is drawn for a parameter of that name; the others keep their defaults.
KINDS = {
    **dict.fromkeys(["threshold", "thresholds"], shares),
    **dict.fromkeys(
        ["specificity", "sensitivity", "recall", "precision"], st.sampled_from([0.5, 0.0, 1.0, 2, "a"])
    ),
    **dict.fromkeys(
        ["k", "top_k", "class_id", "num_classes", "num_thresholds", "num_labels", "num_regressors"], whole
    ),
    "target_class_ids": st.sampled_from([[0], [0, 1], [], [5], "a", 1, None]),
    "ignore_class": st.sampled_from([None, 0, -1, 1.5, "a"]),
    "axis": st.sampled_from([-1, 0, 1, 5, "a", None]),
    "average": st.sampled_from([None, "micro", "macro", "weighted", "a", 1]),
    "class_aggregation": st.sampled_from([None, "uniform_average", "variance_weighted_average", "a"]),
    "beta": st.sampled_from([1.0, 0.5, 0, -1, "a"]),
    "delta": st.sampled_from([1.0, 0, "a"]),
    "normalizer": st.sampled_from([1.0, [1.0, 2.0, 3.0], "a"]),
    "curve": st.sampled_from(["ROC", "PR", "a", 1]),
    "summation_method": st.sampled_from(["interpolation", "majoring", "minoring", "a"]),
    "from_logits": st.booleans(),
    "multi_label": st.booleans(),
    "sparse_y_true": st.booleans(),
    "sparse_y_pred": st.booleans(),
    "label_smoothing": st.sampled_from([0, 0.1, -1, "a"]),
    "dtype": st.sampled_from([None, "float64", "float16", "int32", "nonsense", 3]),
}


@st.composite
def calls(draw, name):
    """Draw the arguments of a metric, and a batch of labels, predictions and weights; most shapes fit."""
    parameters = inspect.signature(getattr(metrics, name)).parameters
    needed = [n for n, p in parameters.items() if n in KINDS and p.default is inspect.Parameter.empty]
    options = {
        n: draw(KINDS[n]) for n in parameters if n in KINDS and (n in needed or draw(st.integers(0, 4)) == 4)
    }
    shape = draw(st.one_of(hnp.array_shapes(max_dims=3, max_side=3), SHAPES))
    kind = st.sampled_from([*["float32"] * 4, *DTYPES])
    predicted = array(shape, draw(kind)) * 0.25
    others = st.one_of(st.just(shape[:-1]), st.just((*shape, 1)), SHAPES)
    true = array(shape if draw(st.integers(0, 3)) else draw(others), draw(kind))
    if draw(st.integers(0, 9)) == 9:
        true = draw(st.sampled_from(NO_TENSORS))
    weights = draw(
        st.one_of(st.none(), st.builds(array, st.just(shape[:1]), kind), st.builds(array, SHAPES, kind))
    )
    return options, [predicted, weights] if name in OF_VALUES else [true, predicted, weights]


def make_and_call(name):
    """Return the function that makes the metric and gives it a batch."""
    return lambda *batch, options: getattr(metrics, name)(**options)(*batch)


@pytest.mark.parametrize("name", NAMES)
def test_both_engines_give_the_same_or_say_the_same(name, on_engine):
    @settings(quick, max_examples=50)
    @given(calls(name))
    def check(call):
        options, batch = call
        assert_same(make_and_call(name), batch, {"options": options}, on_engine)

    check()


@pytest.mark.parametrize("name", ["MeanSquaredError", "Mean", "BinaryAccuracy", "AUC"])
def test_not_all_draws_are_wrong(name, on_engine):
    outcomes = []

    @settings(quick, max_examples=60)
    @given(calls(name))
    def see(call):
        options, batch = call
        with on_engine("numpy"):
            try:
                make_and_call(name)(*batch, options=options)
                outcomes.append(True)
            except (ValueError, TypeError):
                outcomes.append(False)

    see()
    assert 0.15 < np.mean(outcomes) < 0.95
