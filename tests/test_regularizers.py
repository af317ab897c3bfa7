"""Regularizers against Keras: value, gradient, configuration."""

import numpy as np
import pytest

from gradtape import GradientTape, Variable, regularizers
from gradtape.errors import ArgumentError, ArgumentTypeError, ShapeError
from tests.keras_parity import assert_parity, keras

CASES = [
    ("L1", {}),
    ("L1", {"l1": 0.3}),
    ("L2", {}),
    ("L2", {"l2": 0.3}),
    ("L1L2", {}),
    ("L1L2", {"l1": 0.2}),
    ("L1L2", {"l1": 0.2, "l2": 0.3}),
    ("OrthogonalRegularizer", {}),
    ("OrthogonalRegularizer", {"factor": 0.3, "mode": "columns"}),
]


@pytest.mark.parametrize(("name", "arguments"), CASES)
def test_value_gradient_and_configuration_are_those_of_keras(name, arguments):
    import jax

    weight = np.random.default_rng(5).standard_normal((4, 3)).astype("float32")
    theirs = getattr(keras().regularizers, name)(**arguments)
    ours = getattr(regularizers, name)(**arguments)
    variable = Variable(weight)
    with GradientTape() as tape:
        cost = ours(variable)
    assert_parity(cost, theirs(jax.numpy.asarray(weight)))
    gradient = tape.gradient(cost, variable)
    if arguments or name != "L1L2":  # without factors the cost does not depend on the weight
        assert_parity(gradient, jax.grad(theirs)(weight), rtol=1e-4)
    assert ours.get_config() == pytest.approx(theirs.get_config())
    again = regularizers.deserialize(regularizers.serialize(ours))
    assert again(weight).item() == cost.item()


def test_dtype_is_kept():
    for name in ("l1", "l2", "l1_l2", "orthogonal_regularizer"):
        assert regularizers.get(name)(np.ones((2, 3), "float64")).dtype == "float64"


def test_one_row_has_no_pair():
    assert regularizers.OrthogonalRegularizer()(np.ones((1, 3))).item() == 0.0


def test_every_name_of_keras_is_known():
    for name, made in keras().src.regularizers.ALL_OBJECTS_DICT.items():
        if made.__name__ != "Regularizer":
            assert type(regularizers.get(name)).__name__ == made.__name__
    exported = {n for n in dir(keras().regularizers) if not n.startswith("_")}
    assert {n for n in exported if not hasattr(regularizers, n)} == set()


def test_a_function_is_taken_as_it_is():
    assert regularizers.get(np.sum) is np.sum
    assert regularizers.get(None) is None


@pytest.mark.parametrize(
    ("made", "error", "text"),
    [
        (lambda: regularizers.get("l3"), ArgumentError, "regularizer: unknown name 'l3'"),
        (lambda: regularizers.L2(-0.1), ArgumentError, r"L2: l2 must be in \[0, inf\), got -0.1"),
        (lambda: regularizers.L1(float("nan")), ArgumentError, r"L1: l1 must be in \[0, inf\), got nan"),
        (lambda: regularizers.L1L2("a"), ArgumentTypeError, "L1L2: l1 must be a number, got 'a'"),
        (lambda: regularizers.OrthogonalRegularizer(mode="x"), ArgumentError, "mode must be one of rows, columns, got 'x'"),
        (lambda: regularizers.OrthogonalRegularizer()([1.0]), ShapeError, r"must have shape \(rows, columns\), got \(1,\)"),
        (lambda: regularizers.Regularizer()([1.0]), ArgumentTypeError, "Regularizer: a regularizer must define __call__"),
    ],
)  # fmt: skip
def test_errors(made, error, text):
    with pytest.raises(error, match=text):
        made()
