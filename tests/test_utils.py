"""utils and the package's top: Keras' small helpers, rooms that come when asked for."""

import os
import subprocess
import sys

import numpy as np
import pytest

import gradtape
from gradtape.errors import ArgumentError, ArgumentTypeError
from gradtape.utils import normalize, set_random_seed, to_categorical


def test_to_categorical():
    assert to_categorical([0, 2]).tolist() == [[1, 0, 0], [0, 0, 1]]
    assert to_categorical([[1.0], [0.0]], 2).tolist() == [[0, 1], [1, 0]]
    assert to_categorical([[0, 1]]).shape == (1, 2, 2)
    assert to_categorical([], 3).shape == (0, 3)


@pytest.mark.parametrize(
    ("x", "classes", "fault"),
    [
        ([-1], None, r"class numbers must be in \[0, 0\), got -1 to -1"),
        ([0, 3], 3, r"class numbers must be in \[0, 3\), got 0 to 3"),
        ([0.5], None, "whole class numbers, got 0.5"),
        (["a"], None, "must be class numbers"),
    ],
)
def test_to_categorical_refuses(x, classes, fault):
    with pytest.raises((ArgumentError, ArgumentTypeError), match=fault):
        to_categorical(x, classes)


def test_normalize():
    np.testing.assert_allclose(normalize([[3.0, 4.0], [0.0, 0.0]]), [[0.6, 0.8], [0.0, 0.0]])
    np.testing.assert_allclose(normalize([[3.0, 1.0]], order=1), [[0.75, 0.25]])


def test_a_seed_makes_everything_repeatable():
    draws = []
    for _ in range(2):
        set_random_seed(5)
        draws.append((gradtape.layers.Dense(2)(np.ones((1, 3))).tolist(), np.random.rand()))
    assert draws[0] == draws[1]


def test_all_that_is_promised_is_there():
    for name in gradtape.__all__:
        assert getattr(gradtape, name) is not None
    assert set(gradtape.__all__) == set(dir(gradtape))
    with pytest.raises(AttributeError, match=r"gradtape has no nothing; dir\(gradtape\) lists"):
        _ = gradtape.nothing


IMPORTED = """
import sys, numpy
before = set(sys.modules)
import gradtape
new = {name.split(".")[0] for name in set(sys.modules) - before} - set(sys.stdlib_module_names)
rooms = {name.split(".")[1] for name in sys.modules if name.startswith("gradtape.")}
slow = {"asyncio", "concurrent", "email", "http", "json", "logging", "sqlite3", "unittest", "urllib"} & set(sys.modules)
print(sorted(new), sorted(slow), *sorted(rooms & set(sys.argv[1:])))
"""


def test_rooms_that_nobody_asked_for_are_not_imported():
    """`import gradtape` is to cost little more than `import numpy`: no other package, no room but the tape's."""
    rooms = """activations callbacks cli constraints data datasets initializers layers losses metrics models naive
        optimizers recipes regularizers replay runs saving tf training utils""".split()
    environment = {k: v for k, v in os.environ.items() if k != "GRADTAPE_ENGINE"}
    done = subprocess.run(
        [sys.executable, "-c", IMPORTED, *rooms], capture_output=True, text=True, env=environment
    )
    assert done.stdout == "['gradtape'] []\n", done.stderr
