"""Layers made and called with arguments drawn at random: both engines give the same shape, or the same error."""

from __future__ import annotations

import inspect

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from gradtape import layers
from gradtape.layers import Layer
from tests.ops.test_bad_calls import DTYPES, NO_TENSORS, SHAPES, array, assert_same, quick

NAMES = sorted(
    name
    for name, made in vars(layers).items()
    if inspect.isclass(made) and issubclass(made, Layer) and made not in (Layer, layers.Lambda)
)
MERGING = {"Add", "Average", "Concatenate", "Dot", "Maximum", "Minimum", "Multiply", "Subtract"}

whole = st.sampled_from([1, 2, 3, 4, 2, 3, 0, -1, 1.5, True, None, "2"])
sizes = st.sampled_from([2, 4, (2,), (4,), (2, 2), (3, 1), (1, 3), (-1,), (-1, 2), (-1, -1), (0,), None, "2"])
axes = st.sampled_from([-1, 1, 2, 0, -2, 5, (1, 2), (-1,), [1], (), None, "1", 1.5, True])
shares = st.sampled_from([0.0, 0.25, 0.5, 1.0, -0.5, 2, None, "a", float("nan")])
tensors = st.sampled_from([None, 0.0, 2.0, np.ones(3, "float32"), np.zeros((2, 2)), "a"])
names = st.sampled_from(["zeros", "ones", "relu", "l2", "non_neg", None, "nonsense", 3])

# What is drawn for a parameter of that name; the others keep their defaults.
KINDS = {
    **dict.fromkeys(["units", "n", "input_dim", "output_dim", "groups"], whole),
    **dict.fromkeys(["target_shape", "dims", "noise_shape"], sizes),
    **dict.fromkeys(["axis", "axes", "shared_axes"], axes),
    **dict.fromkeys(["rate", "momentum", "epsilon", "stddev", "l1", "l2", "alpha"], shares),
    **dict.fromkeys(["negative_slope", "max_value", "threshold"], shares),
    **dict.fromkeys(["mean", "variance", "scale", "offset"], tensors),
    **dict.fromkeys(["center", "use_bias", "normalize", "invert"], st.booleans()),
    **dict.fromkeys(["kernel_initializer", "beta_initializer", "embeddings_initializer"], names),
    **dict.fromkeys(["kernel_regularizer", "gamma_constraint", "activation"], names),
    "data_format": st.sampled_from([None, "channels_first", "channels_last", "a"]),
    "seed": st.sampled_from([None, 1, -1, 1.5]),
    "shape": sizes,
    "operation": st.sampled_from(["exp", "add", "nonsense", 3]),
}
DTYPE = st.sampled_from([*["float32"] * 5, *DTYPES])
inputs = st.builds(array, hnp.array_shapes(min_dims=1, max_dims=4, min_side=0, max_side=4) | SHAPES, DTYPE)


@st.composite
def calls(draw, name):
    """Draw the arguments of a layer, what it is called on, and how."""
    known = [n for n in inspect.signature(getattr(layers, name)).parameters if n in KINDS]
    needed = [
        n
        for n, parameter in inspect.signature(getattr(layers, name)).parameters.items()
        if n in known and parameter.default is inspect.Parameter.empty
    ]
    given = {n: draw(KINDS[n]) for n in known if n in needed or draw(st.integers(0, 4)) == 4}
    if name in MERGING:
        first = draw(inputs)
        fitting = st.builds(array, st.just(first.shape), DTYPE)
        x = [first, *draw(st.lists(st.one_of(fitting, fitting, fitting, inputs), max_size=2))]
    else:
        x = draw(inputs)
    if draw(st.integers(0, 9)) == 9:
        x = draw(st.sampled_from(NO_TENSORS))
    return given, x, draw(st.sampled_from([None, True, False]))


def make_and_call(name):
    """Return the function that makes the layer and calls it."""

    def run(*given, options, training, is_list):
        made = getattr(layers, name)(**options, name="it")
        return made(list(given) if is_list else given[0], **training)

    return run


@pytest.mark.parametrize("name", NAMES)
def test_both_engines_give_the_same_or_say_the_same(name, on_engine):
    @settings(quick, max_examples=60)
    @given(calls(name))
    def check(call):
        options, x, training = call
        is_list = name in MERGING and isinstance(x, list)
        about = {"options": options, "training": {} if training is None else {"training": training}}
        assert_same(make_and_call(name), x if is_list else [x], about | {"is_list": is_list}, on_engine)

    check()


@pytest.mark.parametrize("name", ["Dense", "Add", "LayerNormalization", "Softmax"])
def test_not_all_draws_are_wrong(name, on_engine):
    outcomes = []

    @settings(quick, max_examples=60)
    @given(calls(name))
    def see(call):
        options, x, _ = call
        with on_engine("numpy"):
            try:
                given = x if name in MERGING and isinstance(x, list) else [x]
                make_and_call(name)(*given, options=options, training={}, is_list=name in MERGING)
                outcomes.append(True)
            except (ValueError, TypeError):
                outcomes.append(False)

    see()
    assert 0.15 < np.mean(outcomes) < 0.95
