"""function: `compile` as TensorFlow spells it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from gradtape.errors import ArgumentError, ArgumentTypeError, show
from gradtape.program.compiled import compile


def function(
    func: Callable[..., Any] | None = None,
    input_signature: object = None,
    autograph: bool = True,
    jit_compile: bool | None = None,
    reduce_retracing: bool = False,
) -> Any:
    """Return `func` compiled, as `compile` does; as a decorator with or without parentheses.

    Args:
        func: the function; None returns the decorator.
        input_signature: must be None: there is a program for each set of shapes, made when it is needed.
        autograph: ignored; kept for compatibility with TensorFlow: Python's `if` and `for` run while the
            function is traced, and a decision by a tensor's value is an error that names the line.
        jit_compile: ignored; kept for compatibility with TensorFlow: the engine decides.
        reduce_retracing: ignored; kept for compatibility with TensorFlow.

    Returns:
        The compiled function, or the decorator.

    Raises:
        ArgumentError: for an input_signature.
        ArgumentTypeError: if `func` is no function.

    >>> import numpy as np
    >>> @function
    ... def double(x):
    ...     return x * 2.0
    >>> double(np.float32([1]))
    Tensor([2.], shape=(1,), dtype=float32)
    """
    if input_signature is not None:
        raise ArgumentError(
            "function: input_signature must be None: a program is made for each set of shapes when it is "
            f"needed, got {show(input_signature)}"
        )
    if func is not None and not callable(func):
        raise ArgumentTypeError(f"function: func must be a function, got {show(func)}")
    return compile if func is None else compile(func)
