"""Custom gradients: stop_gradient passes none, custom_gradient replaces the chain rule."""

from __future__ import annotations

import functools
import weakref
from collections.abc import Callable
from typing import Any

from gradtape.core import hooks
from gradtape.core.op_facts import keep_rows
from gradtape.core.operation import operation
from gradtape.core.tensor import Array, Tensor, as_tensor
from gradtape.errors import ArgumentError, ArgumentTypeError, show


@operation(differentiable=False, kind="move", symbol="x; no gradient goes back", rows=keep_rows)
def stop_gradient(variable: Array) -> Array:
    """Return the value itself, through which no gradient passes.

    >>> stop_gradient([1.0, 2.0])
    Tensor([1., 2.], shape=(2,), dtype=float32)
    """
    return variable


def custom_gradient(function: Callable[..., Any]) -> Callable[..., Tensor]:
    """Return `function` with the gradient that it gives itself.

    Args:
        function: takes tensors (and other things by keyword) and returns ``(output, grad_fn)``, one tensor
            and a function.
            ``grad_fn(g)`` takes the cotangent of the output and returns that of each tensor: one
            tensor, or a tuple or list of as many as there are arguments.

    Returns:
        A function that takes the same arguments and returns the output.  A tape sees one record named
        ``custom_gradient``, not what `function` did.  Variables that `function` reads by itself get no
        gradient: pass them as arguments.

    If a hook is told of operations while the gradient is computed (a tape, for second derivatives),
    `function` is run again, so that what its ``grad_fn`` uses is on that tape.

    >>> from gradtape import GradientTape, Variable
    >>> @custom_gradient
    ... def clipped(x):
    ...     return x * 1.0, lambda g: g * 0.5
    >>> v = Variable(3.0)
    >>> with GradientTape() as tape:
    ...     y = clipped(v)
    >>> tape.gradient(y, v)
    Tensor(0.5, shape=(), dtype=float32)

    Source: the public behaviour of TensorFlow's function of this name.
    """

    @functools.wraps(function)
    def call(*args: Any, **kwargs: Any) -> Tensor:
        inputs = tuple([as_tensor(a, None, "custom_gradient") for a in args])
        backward = _Backward(functools.partial(function, **kwargs))
        with hooks.silence():
            output, backward.grad_fn = _run(backward.function, inputs)
        return _custom_gradient(*inputs, output=output, backward=backward)

    return call


def _run(function: Callable[..., Any], inputs: tuple[Tensor, ...]) -> tuple[Tensor, Callable[..., Any]]:
    pair = function(*inputs)
    if not (isinstance(pair, tuple) and len(pair) == 2 and callable(pair[1])):
        raise ArgumentTypeError(
            f"custom_gradient: the function must return (output, grad_fn), got {show(pair)}"
        )
    output, grad_fn = pair
    if isinstance(output, tuple | list | dict):
        raise ArgumentTypeError(
            f"custom_gradient: the function must return one output, got a {type(output).__name__} of "
            f"{len(output)}; stack or concatenate them, or write a function for each"
        )
    return as_tensor(output, None, "custom_gradient"), grad_fn


class _Backward:
    """Calls `grad_fn` once for a cotangent and gives out the results one by one."""

    def __init__(self, function: Callable[..., Any]) -> None:
        self.function = function
        self.grad_fn: Callable[..., Any] = function
        self._cotangent: Any = None
        self._results: dict[int, Any] = {}

    def __repr__(self) -> str:
        return getattr(self.function.func, "__name__", "function")  # type: ignore[attr-defined]

    def __call__(self, position: int, g: Tensor, inputs: tuple[Tensor, ...]) -> Tensor:
        if self._cotangent is None or self._cotangent() is not g or position not in self._results:
            # grad_fn gives all cotangents at once, but the rule is called for one input after the other: the
            # first call computes them.  Weak, so that the tape can free g; an id might be used again.
            self._cotangent = weakref.ref(g)
            self._results = dict(enumerate(self._all(g, inputs)))
        back = self._results.pop(position)
        if back is None:
            raise ArgumentError(f"custom_gradient: grad_fn returned None for argument {position}; give zeros")
        return as_tensor(back, g.dtype if isinstance(back, int | float) else None, "custom_gradient")

    def _all(self, g: Tensor, inputs: tuple[Tensor, ...]) -> list[Any]:
        grad_fn = _run(self.function, inputs)[1] if hooks.local.operation else self.grad_fn
        cotangents = grad_fn(g)
        results = list(cotangents) if isinstance(cotangents, tuple | list) else [cotangents]
        if len(results) != len(inputs):
            raise ArgumentError(
                f"custom_gradient: grad_fn must return {len(inputs)} cotangents, one per argument, "
                f"got {len(results)}"
            )
        return results


@operation(name="custom_gradient")
def _custom_gradient(*xs: Array, output: Tensor, backward: _Backward) -> Array:
    return output._array


@_custom_gradient.gradient("xs")
def custom_gradient_xs(
    position: int, g: Tensor, y: Tensor, xs: tuple[Tensor, ...], output: Tensor, backward: _Backward
) -> Tensor:
    """grad_fn(g)[position]"""
    return backward(position, g, xs)


def _run_again(*xs: Tensor, output: Tensor, backward: _Backward) -> Tensor:
    """Return the output for other inputs."""
    return _run(backward.function, xs)[0]


_custom_gradient.operation.again = _run_again
