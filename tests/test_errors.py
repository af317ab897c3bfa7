"""Errors: their kinds, and that their messages stay short."""

import numpy as np
import pytest

import gradtape
from gradtape import as_tensor, errors
from gradtape.errors import ArgumentError

KINDS = [
    kind
    for kind in vars(errors).values()
    if isinstance(kind, type) and issubclass(kind, errors.GradtapeError)
]


@pytest.mark.parametrize("kind", KINDS, ids=lambda k: k.__name__)
def test_every_error_is_one_of_gradtapes_and_says_what_it_is(kind):
    assert kind.__doc__
    error = kind("who: argument must be this, got that")
    assert isinstance(error, errors.GradtapeError)
    assert str(error) == "who: argument must be this, got that"
    assert str(kind()) == ""


@pytest.mark.parametrize(
    ("kind", "builtin"),
    [
        (errors.ArgumentError, ValueError),
        (errors.ArgumentTypeError, TypeError),
        (errors.ArgumentTypeError, ValueError),  # which Keras raises for a wrong type
        (errors.ShapeError, ValueError),
        (errors.DtypeError, TypeError),
        (errors.DtypeError, ValueError),
        (errors.MissingAttributeError, AttributeError),
        (errors.MissingAttributeError, ValueError),
        (errors.AxisError, ValueError),
        (errors.AxisError, IndexError),
        (errors.TapeError, RuntimeError),
        (errors.MissingRuleError, LookupError),
    ],
)
def test_code_that_catches_pythons_errors_keeps_working(kind, builtin):
    with pytest.raises(builtin):
        raise kind("text")


def test_messages_stay_short():
    assert len(str(errors.ArgumentError("x" * 10**6))) == errors.MESSAGE_LIMIT


@pytest.mark.parametrize("length", [0, 1, 20, 21, 50, 1000])
def test_texts_are_cut_in_their_middle(length):
    text = "".join(chr(97 + i % 26) for i in range(length))
    cut = errors.shorten(text, 20)
    assert len(cut) == min(length, 20)
    assert (
        cut == text
        if length <= 20
        else (cut.startswith(text[:10]) and cut.endswith(text[-5:]) and " ... " in cut)
    )


def test_values_are_shown_by_shape_or_in_short():
    assert errors.show(np.ones((2, 3))) == "ndarray of shape (2, 3) and dtype float64"
    assert errors.show(as_tensor([1.0])) == "Tensor of shape (1,) and dtype float32"
    assert errors.show(as_tensor(1.0)) == "Tensor(1., shape=(), dtype=float32)"
    assert errors.show("text") == "'text'"
    assert len(errors.show(list(range(10**4)))) == 80


@pytest.mark.parametrize(
    ("written", "meant"),
    [("adma", "adam"), ("amdaw", "adamw"), ("adamxa", "adamax"), ("rms", "rmsprop"), ("sdg", "sgd")],
)
def test_letters_in_the_wrong_order_are_the_smallest_slip(written, meant):
    with pytest.raises(ArgumentError, match=f"did you mean {meant!r}"):
        gradtape.optimizers.get(written)


def test_the_name_that_one_would_type_is_offered():
    with pytest.raises(ArgumentError, match="did you mean 'mse'"):
        gradtape.losses.get("mes")
