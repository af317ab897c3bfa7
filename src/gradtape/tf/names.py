"""How an entry of the dictionary is made: our function under TensorFlow's argument names."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any


def spelled(function: Callable[..., Any], **arguments: str) -> Callable[..., Any]:
    """Return `function` with some of its arguments called as TensorFlow calls them.

    Args:
        function: one of ours; positional arguments are passed on as they are.
        arguments: TensorFlow's name = our name.  TensorFlow's `name`, which labels a graph's node, is
            accepted and has no effect.

    >>> from gradtape import ops
    >>> spelled(ops.reshape, tensor="x", shape="newshape")(tensor=[1.0, 2.0], shape=(2, 1))
    Tensor([[1.],
            [2.]], shape=(2, 1), dtype=float32)
    """

    @functools.wraps(function)
    def call(*args: Any, **kwargs: Any) -> Any:
        kwargs.pop("name", None)
        return function(*args, **{arguments.get(key, key): value for key, value in kwargs.items()})

    return call
