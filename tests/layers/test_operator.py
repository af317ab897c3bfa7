"""Arithmetic between placeholders."""

import numpy as np
import pytest

from gradtape.errors import ArgumentError
from gradtape.layers import Input, Operator
from gradtape.models import Model

X = np.array([[1.0, 2.0], [3.0, -4.0]], "float32")


@pytest.mark.parametrize(
    "formula",
    [
        lambda a, b: a + b,
        lambda a, b: 2.0 * a - b / 4.0,
        lambda a, b: 1.0 - abs(-a) * b,
        lambda a, b: a**2.0 + [1.0, 2.0],
        lambda a, b: 2.0**b + np.float32(3),
        lambda a, b: a @ np.ones((2, 3), "float32"),
        lambda a, b: 8.0 / a,
    ],
)
def test_a_formula_of_placeholders_is_that_of_arrays(formula):
    a, b = Input((2,)), Input((2,))
    model = Model([a, b], formula(a, b))
    np.testing.assert_allclose(model([X, X + 1]).numpy(), formula(X, X + 1), rtol=1e-6)


def test_an_unknown_operation():
    with pytest.raises(ArgumentError, match="Operator: operation must be one of add, .*got 'eval'"):
        Operator("eval", [None])
