"""function: compile under TensorFlow's name."""

import numpy as np
import pytest

import gradtape
from gradtape import Variable
from gradtape.errors import ArgumentError, ArgumentTypeError


def test_it_compiles_with_and_without_parentheses():
    total = Variable(0.0)

    @gradtape.function
    def add(x):
        return total.assign_add(x).value

    @gradtape.function(autograph=False, jit_compile=True, reduce_retracing=True)
    def double(x):
        return x * 2.0

    assert (add(np.float32(2)).item(), add(np.float32(3)).item(), double(np.float32(4)).item()) == (2, 5, 8)
    assert isinstance(add, type(gradtape.compile(lambda x: x))) and add.__name__ == "add"


def test_what_it_does_not_do_is_refused():
    with pytest.raises(
        ArgumentError, match="input_signature must be None: a program is made for each set of shapes"
    ):
        gradtape.function(lambda x: x, input_signature=[(2,)])
    with pytest.raises(ArgumentTypeError, match="function: func must be a function, got 3"):
        gradtape.function(3)
