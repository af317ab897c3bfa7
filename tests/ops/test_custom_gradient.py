"""stop_gradient and custom_gradient."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal

from gradtape import GradientTape, Variable, as_tensor, ops
from gradtape.errors import ArgumentError, ArgumentTypeError
from gradtape.testing import check_gradients


@ops.custom_gradient
def log1pexp(x):
    """The example of TensorFlow's documentation: its grad_fn uses what the function computed."""
    e = ops.exp(x)
    return ops.log(1 + e), lambda g: g * (1 - 1 / (1 + e))


def test_stop_gradient():
    x = Variable([1.0, 2.0])
    with GradientTape() as tape:
        y = ops.stop_gradient(x) * x
    assert_array_equal(np.asarray(tape.gradient(y, x)), [1, 2])


def test_stop_gradient_tells_why():
    x = Variable([1.0, 2.0])
    with GradientTape() as tape:
        y = ops.stop_gradient(x)
    assert tape.gradient(y, x) is None
    assert "ends at stop_gradient, at test_custom_gradient.py:" in tape.why(x)


def test_custom_gradient_is_the_one_given():
    double = ops.custom_gradient(lambda x: (x * 1.0, lambda g: g * 2))
    x = Variable([1.0, 2.0])
    with GradientTape() as tape:
        y = double(x) * 3
    assert_array_equal(np.asarray(y), [3, 6])
    assert_array_equal(np.asarray(tape.gradient(y, x)), [6, 6])


def test_custom_gradient_is_one_record():
    x = Variable([1.0, 2.0])
    with GradientTape() as tape:
        log1pexp(x)
    assert [r.name for r in tape.records] == ["custom_gradient"]
    assert "custom_gradient" in str(tape)


@pytest.mark.parametrize("shape", [(), (3,), (1, 2), (0,)])
def test_custom_gradient_can_be_differentiated_again(shape):
    check_gradients(log1pexp, np.random.default_rng(0).uniform(-2, 2, shape))


def test_custom_gradient_is_exact_where_the_chain_rule_gives_nan():
    x = Variable(1000.0)
    with GradientTape() as tape:
        y = log1pexp(x)
    assert float(tape.gradient(y, x)) == 1


def test_third_derivative():
    x = Variable(np.float64(0.3))
    with GradientTape() as t3:
        with GradientTape() as t2:
            with GradientTape() as t1:
                y = log1pexp(x)
            g1 = t1.gradient(y, x)
        g2 = t2.gradient(g1, x)
    s = 1 / (1 + np.exp(-0.3))
    assert_allclose(float(t3.gradient(g2, x)), s * (1 - s) * (1 - 2 * s), rtol=1e-12)


def test_several_arguments_keywords_and_one_call_of_grad_fn():
    calls = []

    @ops.custom_gradient
    def product(a, b, factor=1.0):
        def grad_fn(g):
            calls.append(g)
            return g * b * factor, g * a * factor

        return a * b * factor, grad_fn

    a, b = Variable([1.0, 2.0]), Variable([3.0, 4.0])
    with GradientTape(persistent=True) as tape:
        y = product(a, b, factor=2.0)
    ga, gb = tape.gradient(y, [a, b])
    assert_array_equal(np.asarray(ga), [6, 8])
    assert_array_equal(np.asarray(gb), [2, 4])
    assert len(calls) == 1
    tape.gradient(y, [a, b])
    check_gradients(product, [1.0, 2.0], [3.0, 4.0])


def test_only_one_of_several_arguments_is_watched():
    @ops.custom_gradient
    def scaled(x, factor):
        return x * factor, lambda g: (g * factor, ops.stop_gradient(0.0))

    x = Variable([1.0, 2.0])
    with GradientTape() as tape:
        y = scaled(x, 3)
    assert_array_equal(np.asarray(tape.gradient(y, x)), [3, 3])


def test_mistakes_are_told():
    x = as_tensor([1.0])
    with pytest.raises(ArgumentTypeError, match=r"the function must return \(output, grad_fn\)"):
        ops.custom_gradient(lambda x: x)(x)
    with pytest.raises(ArgumentTypeError, match="must return one output, got a tuple of 2; stack or concat"):
        ops.custom_gradient(lambda x: ((x, x), lambda g: g))(x)
    for grad_fn, text in [
        (lambda g: (g, g), "grad_fn must return 1 cotangents, one per argument, got 2"),
        (lambda g: None, "grad_fn returned None for argument 0"),
    ]:
        f = ops.custom_gradient(lambda x, grad_fn=grad_fn: (x, grad_fn))
        with GradientTape() as tape:
            tape.watch(x)
            y = f(x)
        with pytest.raises(ArgumentError, match=text):
            tape.gradient(y, x)


def test_the_name_and_the_docstring_stay():
    assert log1pexp.__name__ == "log1pexp" and log1pexp.__doc__.startswith("The example")
