"""Placeholders: stand-ins for tensors that do not exist yet; operations record calls on them."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterable
from typing import Any, TypeVar, cast

F = TypeVar("F", bound=Callable[..., Any])


class Placeholder:
    """What stands for a tensor that is not there yet.

    An operation that is given one calls its `_defer` instead of computing.
    """

    def _defer(self, function: Callable[..., Any], args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        """Return what stands for ``function(*args, **kwargs)``."""
        raise NotImplementedError


def placeholder_among(values: Iterable[Any]) -> Placeholder | None:
    """Return the first placeholder among some values and the lists and tuples in them, or None."""
    for value in values:
        if isinstance(value, Placeholder):
            return value
        if isinstance(value, list | tuple):
            found = placeholder_among(value)
            if found is not None:
                return found
    return None


def takes_placeholders(function: F) -> F:
    """Return `function` so that a placeholder among its arguments makes a note of the call.

    Operations do this by themselves; a function made of several is marked, so that it stays one call.

    >>> class Noted(Placeholder):
    ...     def _defer(self, function, args, kwargs):
    ...         return function.__name__
    >>> @takes_placeholders
    ... def double(x):
    ...     return x + x
    >>> double(2), double(Noted())
    (4, 'double')
    """

    @functools.wraps(function)
    def call(*args: Any, **kwargs: Any) -> Any:
        found = placeholder_among((*args, *kwargs.values()) if kwargs else args)
        return function(*args, **kwargs) if found is None else found._defer(call, args, kwargs)

    return cast(F, call)
