"""Constraints against Keras: value and configuration."""

import numpy as np
import pytest

from gradtape import Variable, constraints
from gradtape.errors import ArgumentError, ArgumentTypeError
from tests.keras_parity import assert_parity, keras

CASES = [
    ("MaxNorm", {}),
    ("MaxNorm", {"max_value": 0.5, "axis": 1}),
    ("MaxNorm", {"max_value": 0.5, "axis": [0, 1]}),
    ("MinMaxNorm", {}),
    ("MinMaxNorm", {"min_value": 1.5, "max_value": 1.7, "rate": 0.3, "axis": 1}),
    ("NonNeg", {}),
    ("UnitNorm", {}),
    ("UnitNorm", {"axis": 1}),
]


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize(("name", "arguments"), CASES)
def test_value_and_configuration_are_those_of_keras(name, arguments, dtype):
    weight = np.random.default_rng(5).standard_normal((4, 3)).astype(dtype)
    weight[:, 1] = 0
    theirs = getattr(keras().constraints, name)(**arguments)
    ours = getattr(constraints, name)(**arguments)
    result = ours(Variable(weight))
    assert_parity(result, np.asarray(theirs(weight)).astype(dtype), rtol=2e-6)
    assert ours.get_config() == theirs.get_config()
    again = constraints.deserialize(constraints.serialize(ours))
    np.testing.assert_array_equal(again(weight), result)


def test_every_name_of_keras_is_known():
    for name, made in keras().src.constraints.ALL_OBJECTS_DICT.items():
        if made.__name__ != "Constraint":
            assert type(constraints.get(name)).__name__ == made.__name__
    exported = {n for n in dir(keras().constraints) if not n.startswith("_")}
    assert {n for n in exported if not hasattr(constraints, n)} == set()


@pytest.mark.parametrize(
    ("made", "error", "text"),
    [
        (lambda: constraints.get("maxnorm"), ArgumentError, "constraint: unknown name 'maxnorm'; did you mean 'max_norm'"),
        (lambda: constraints.MaxNorm(-1), ArgumentError, r"MaxNorm: max_value must be in \[0, inf\), got -1"),
        (lambda: constraints.MinMaxNorm(2, 1), ArgumentError, "MinMaxNorm: max_value must not be below min_value 2, got 1"),
        (lambda: constraints.MinMaxNorm(rate=2), ArgumentError, r"MinMaxNorm: rate must be in \[0, 1\], got 2"),
        (lambda: constraints.Constraint()([1.0]), ArgumentTypeError, "Constraint: a constraint must define __call__"),
    ],
)  # fmt: skip
def test_errors(made, error, text):
    with pytest.raises(error, match=text):
        made()
