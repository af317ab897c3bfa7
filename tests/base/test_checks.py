"""Checks of numbers and names."""

import numpy as np
import pytest

from gradtape.base.checks import number, one_of
from gradtape.errors import ArgumentError, ArgumentTypeError


@pytest.mark.parametrize(
    ("value", "interval", "fits"),
    [
        (0, "[0, 1)", True),
        (1, "[0, 1)", False),
        (1, "[0, 1]", True),
        (0, "(0, inf)", False),
        (np.float32(0.5), "(0, inf)", True),
        (np.int64(3), "(-inf, inf)", True),
        (float("inf"), "(-inf, inf)", False),
        (float("inf"), "[0, inf]", True),
        (float("nan"), "[0, inf]", False),
    ],
)
def test_number(value, interval, fits):
    if fits:
        assert number(value, "Who", "what", interval) == value
    else:
        with pytest.raises(ArgumentError, match="Who: what must be "):
            number(value, "Who", "what", interval)


@pytest.mark.parametrize("value", [True, "1", None, [1.0]])
def test_what_is_no_number(value):
    with pytest.raises(ArgumentTypeError, match="Who: what must be a number, got "):
        number(value, "Who", "what")


def test_text_names_the_interval():
    with pytest.raises(ArgumentError, match=r"^SGD: momentum must be in \[0, 1\), got -1$"):
        number(-1, "SGD", "momentum", "[0, 1)")
    with pytest.raises(ArgumentError, match=r"^SGD: momentum must be finite, got inf$"):
        number(float("inf"), "SGD", "momentum")


def test_one_of():
    with pytest.raises(ArgumentError, match="Who: what must be one of a, b, got 'c'"):
        one_of("c", "Who", "what", "ab")
    with pytest.raises(ArgumentError, match="got 3"):
        one_of(3, "Who", "what", "ab")
