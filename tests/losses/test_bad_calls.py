"""Losses called with arguments drawn at random: both engines give the same shape, or the same error in the same words."""

from __future__ import annotations

import inspect

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from gradtape import losses
from gradtape.errors import ShapeError
from tests.losses.cases import FUNCTIONS, of_function
from tests.ops.test_bad_calls import DTYPES, NO_TENSORS, SHAPES, array, assert_same, quick

# Each option, seldom given, and more often right than not.
OPTIONS = {
    "axis": st.sampled_from([0, 1, -1, -2, 5, "a"]),
    "from_logits": st.booleans(),
    "ignore_class": st.sampled_from([0, -1, 1.5]),
    "label_smoothing": st.sampled_from([0.1, 1.0, -1, "a"]),
    "delta": st.sampled_from([0.5, 0, "a"]),
}


@st.composite
def calls(draw, function):
    """Draw targets, predictions, weights and options of a loss; most pairs have shapes that fit."""
    shape = draw(st.one_of(SHAPES, hnp.array_shapes(max_dims=3, max_side=3)))
    kind = st.sampled_from([*["float32"] * 4, *DTYPES])
    predicted = array(shape, draw(kind))
    others = st.one_of(st.just(shape[:-1]), st.just((*shape, 1)), SHAPES)
    true = array(shape if draw(st.integers(0, 3)) else draw(others), draw(kind))
    if draw(st.integers(0, 9)) == 0:
        true = draw(st.sampled_from(NO_TENSORS))
    weights = draw(
        st.one_of(st.none(), st.builds(array, st.just(shape[:1]), kind), st.builds(array, SHAPES, kind))
    )
    given = draw(st.fixed_dictionaries({}, optional=OPTIONS)) if draw(st.booleans()) else {}
    names = inspect.signature(function).parameters
    return true, predicted, weights, {name: value for name, value in given.items() if name in names}


@pytest.mark.parametrize("name", FUNCTIONS)
def test_both_engines_give_the_same_or_say_the_same(name, on_engine):
    function = getattr(losses, FUNCTIONS[name])

    def of_class(true, predicted, weights, **options):
        return getattr(losses, name)(**options)(true, predicted, weights)

    @settings(quick, max_examples=40)
    @given(calls(function))
    def check(call):
        true, predicted, weights, options = call
        assert_same(function, [true, predicted], of_function(name, options), on_engine)
        assert_same(of_class, [true, predicted, weights], options, on_engine)

    check()


@pytest.mark.parametrize("name", ["categorical_crossentropy", "categorical_focal_crossentropy"])
def test_no_classes_are_too_few(name):
    nothing = np.zeros((2, 0), "float32")
    with pytest.raises(
        ShapeError, match=rf"^{name}: y_pred must have at least two classes, got shape \(2, 0\)$"
    ):
        getattr(losses, name)(nothing, nothing)


def test_most_draws_fit(on_engine):
    """Not all calls are wrong: about every second pair has a loss."""
    outcomes = []

    @settings(quick, max_examples=40)
    @given(calls(losses.mean_squared_error))
    def see(call):
        with on_engine("numpy"):
            try:
                outcomes.append(losses.mean_squared_error(*call[:2]) is None)
            except (ValueError, TypeError):
                outcomes.append(True)

    see()
    assert np.mean(outcomes) < 0.7
