"""Compares gradients with finite differences.

An operation with a wrong rule:

>>> from gradtape.ops import Array, operation
>>> @operation()
... def cube(x: Array) -> Array:
...     return x**3
>>> @cube.gradient("x")
... def cube_x(g, y, x):
...     return 2.0 * g * x * x
>>> check_gradients(cube, [1.0, 2.0])
Traceback (most recent call last):
gradtape.testing.gradients.GradientCheckError: check_gradients: the gradient of cube for argument 0 ...
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np

from gradtape import engine
from gradtape.base.checks import whole
from gradtape.core.dtypes import is_floating
from gradtape.core.tensor import Tensor, as_tensor
from gradtape.errors import ArgumentError, GradtapeError, show
from gradtape.tape.gradient_tape import GradientTape

# Where the two errors of a central difference, eps / h by rounding and h**2 by truncation, are equal.
STEP = np.finfo(np.float64).eps ** (1 / 3)


class GradientCheckError(GradtapeError, AssertionError):
    """A gradient rule and finite differences disagree."""


def check_gradients(
    function: Callable[..., Any],
    *inputs: object,
    order: int = 2,
    directions: int = 3,
    relative: float = 1e-6,
    seed: int = 0,
) -> None:
    """Raise GradientCheckError unless the tape's gradients of `function` agree with finite differences.

    In float64, for a random cotangent c and random directions d, the tape's ``<grad <c, f(x)>, d>`` is
    compared with the central difference ``(<c, f(x + h d)> - <c, f(x - h d)>) / 2h``; for order 2 the same
    is done with the gradient itself.  The gradient is also checked at slightly different inputs: at
    symmetric inputs a wrong rule may be right.  The tolerance is `relative` times the sum of the sizes of the
    terms taking part, so that cancellation neither hides nor causes a failure.

    Args:
        function: takes as many tensors as there are inputs; returns a Tensor.
        inputs: arrays; the floating ones are differentiated in float64, the others only passed on.
        order: 1 checks the gradient; 2 also the gradient of the gradient.
        directions: how many random directions are tried.
        relative: the tolerance relative to the size of the terms.
        seed: of the random cotangents and directions.

    Raises:
        GradientCheckError: if a gradient is wrong; it names the argument, the shapes and both slopes.
        ArgumentError: if no input is floating, or an option is impossible.

    Keep the inputs away from kinks and poles: differences straddle them.  Attributes are fixed with a
    lambda: ``check_gradients(lambda x: ops.sum(x, axis=1), x)``.

    >>> from gradtape import ops
    >>> check_gradients(ops.multiply, [1.0, 2.0], [3.0, 4.0])
    """
    if order not in (1, 2):
        raise ArgumentError(f"check_gradients: order must be 1 or 2, got {show(order)}")
    whole(directions, "check_gradients", "directions", 1)
    rng = np.random.default_rng(seed)
    arrays = [_float64(x) for x in inputs]
    if not any(is_floating(a.dtype) for a in arrays):
        raise ArgumentError("check_gradients: needs at least one floating input")
    _check(function, arrays, rng, directions, relative, "gradient")
    _check(function, [_aside(a, rng) for a in arrays], rng, 1, relative, "gradient")
    if order > 1:
        _check(
            _gradient_function(function, arrays, rng), arrays, rng, directions, relative, "second gradient"
        )


def _aside(array: Any, rng: np.random.Generator) -> Any:
    """Return the array with each element changed by up to a thousandth, which breaks symmetries."""
    return array * (1 + 1e-3 * rng.uniform(-1, 1, array.shape)) if is_floating(array.dtype) else array


def _float64(value: object) -> Any:
    array = np.asarray(as_tensor(value))
    return array.astype("float64") if is_floating(array.dtype) else array


def _check(
    function: Callable[..., Any],
    arrays: list[Any],
    rng: np.random.Generator,
    directions: int,
    relative: float,
    what: str,
) -> None:
    # Random: with ones a wrong rule of softmax would pass, whose outputs always sum to 1.
    cotangent = rng.standard_normal(_value(function, arrays).shape)
    gradients = tape_gradients(function, arrays, cotangent)
    for _ in range(directions):
        for position, gradient in enumerate(gradients):
            if gradient is None:
                continue
            direction = rng.standard_normal(arrays[position].shape)
            terms = gradient * direction
            slope, noise = _difference(function, arrays, position, direction, cotangent)
            scale = float(np.abs(terms).sum()) + abs(slope)
            error = abs(float(terms.sum()) - slope)
            # Not `error > ...`, which is false for NaN.
            if not error <= relative * scale + noise:
                raise GradientCheckError(_report(function, what, position, arrays, terms.sum(), slope))


def _report(
    function: object, what: str, position: int, arrays: list[Any], tape_slope: Any, slope: float
) -> str:
    name = _name_of(function)
    shapes = ", ".join(str(a.shape) for a in arrays)
    return (
        f"check_gradients: the {what} of {name} for argument {position} is wrong for shapes {shapes}: "
        f"along a random direction the tape says {float(tape_slope):.10g}, differences say {slope:.10g}"
    )


def _name_of(function: object) -> str:
    if hasattr(function, "operation"):
        return str(function.operation.name)
    return str(getattr(function, "__name__", repr(function)))


def _value(function: Callable[..., Any], arrays: list[Any]) -> Any:
    return np.asarray(function(*[as_tensor(a) for a in arrays]))


def tape_gradients(function: Callable[..., Any], arrays: list[Any], cotangent: object) -> list[Any]:
    """Return the tape's gradient of ``<cotangent, function(*arrays)>`` for each floating input."""
    tensors = [as_tensor(a) for a in arrays]
    with GradientTape() as tape:
        tape.watch([t for t in tensors if is_floating(t.dtype)])
        y = function(*tensors)
    found = tape.gradient(y, tensors, output_gradients=cotangent, unconnected_gradients="zero")
    return [np.asarray(g) if is_floating(t.dtype) else None for g, t in zip(found, tensors, strict=True)]


def _difference(
    function: Callable[..., Any], arrays: list[Any], position: int, direction: Any, cotangent: Any
) -> tuple[float, float]:
    """Return the slope along `direction`, and the rounding error to expect in it.

    Two central differences, at h and h / 2, are put together so that their errors in h**2 cancel
    (Richardson), which leaves h**4.
    """
    # In proportion to the inputs, as their rounding is.
    h = STEP * max(1.0, float(np.max(np.abs(arrays[position]), initial=0.0)))
    slopes, size = [], 0.0
    for width in (h, h / 2):
        sides = []
        for sign in (1, -1):
            moved = list(arrays)
            moved[position] = arrays[position] + sign * width * direction
            sides.append(_value(function, moved) * cotangent)
        slopes.append(float((sides[0] - sides[1]).sum()) / (2 * width))
        size = float(np.abs(sides[0]).sum() + np.abs(sides[1]).sum())
    # Rounding of a sum of n terms grows with sqrt(n), and the division by h magnifies it.
    noise = 3 * size * float(np.finfo(np.float64).eps) * math.sqrt(max(1, cotangent.size)) / h
    noise += 3 * abs(slopes[1] - slopes[0])  # cancellation inside the function, which its size does not show
    return (4 * slopes[1] - slopes[0]) / 3, noise


def _gradient_function(
    function: Callable[..., Any], arrays: list[Any], rng: np.random.Generator
) -> Callable[..., Any]:
    """Return the function that gives all of `function`'s gradients in one flat tensor."""
    from gradtape.ops.numpy.concatenation import concatenate
    from gradtape.ops.numpy.shapes import reshape

    # Drawn once, outside, as the gradient must be one function of the inputs.
    cotangent = rng.standard_normal(_value(function, arrays).shape)

    def gradients(*tensors: Tensor) -> Tensor:
        watched = [t for t in tensors if is_floating(t.dtype)]
        with GradientTape() as tape:
            tape.watch(watched)
            y = function(*tensors)
        found = tape.gradient(y, watched, output_gradients=cotangent, unconnected_gradients="zero")
        return concatenate([reshape(g, (-1,)) if g.size else Tensor(engine.xp.zeros((0,))) for g in found])

    gradients.__name__ = _name_of(function)
    return gradients
