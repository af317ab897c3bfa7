"""Nested structures: lists, tuples, named tuples and dicts of things."""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterable, Iterator
from typing import Any

_SEQUENCES = (list, tuple)
_NESTED = (list, tuple, dict)


def leaves(tree: object) -> list[Any]:
    """Return what is at the ends of the nested structure, in order; a dict in the order of its keys.

    >>> leaves({"a": 1, "b": (2, [3])})
    [1, 2, 3]
    """
    if isinstance(tree, dict):
        return [leaf for value in tree.values() for leaf in leaves(value)]
    if not isinstance(tree, _SEQUENCES):
        return [tree]
    for value in tree:
        if isinstance(value, _NESTED):
            return [leaf for value in tree for leaf in leaves(value)]
    return list(tree)


def leaves_like(tree: object, other: object) -> list[Any]:
    """Return the leaves of `other` in the order of those of `tree`: dicts are matched by key.

    Where `tree` has a leaf, a list of numbers is one leaf of `other`.

    >>> leaves_like({"a": 1, "b": 2}, {"b": 20, "a": 10})
    [10, 20]
    """
    # Dicts keep the order of insertion (JAX sorts the keys), so equal keys may come in different orders.
    if isinstance(tree, dict) and isinstance(other, dict) and tree.keys() == other.keys():
        return [leaf for key in tree for leaf in leaves_like(tree[key], other[key])]
    if isinstance(tree, _SEQUENCES) and isinstance(other, list | tuple) and len(tree) == len(other):
        return [leaf for a, b in zip(tree, other, strict=True) for leaf in leaves_like(a, b)]
    others = leaves(other)
    is_nested = isinstance(tree, dict | list | tuple) or (len(others) == 1 and hasattr(others[0], "shape"))
    return others if is_nested else [other]


def rebuild(tree: object, values: Iterable[Any]) -> Any:
    """Return the structure of `tree` with `values` in the places of its leaves.

    >>> rebuild({"a": 1, "b": (2, [3])}, [4, 5, 6])
    {'a': 4, 'b': (5, [6])}
    """
    if type(tree) is not list:
        return _rebuild(tree, iter(values))
    for value in tree:
        if isinstance(value, _NESTED):
            return _rebuild(tree, iter(values))
    return list(values)


def mapped(function: Callable[[Any], Any], tree: object) -> Any:
    """Return the structure with what `function` makes of each of its leaves.

    >>> mapped(abs, {"a": -1, "b": (2, [-3])})
    {'a': 1, 'b': (2, [3])}
    """
    if not isinstance(tree, _NESTED):
        return function(tree)
    if type(tree) is dict:
        return {key: mapped(function, value) for key, value in tree.items()}
    return _rebuild(tree, iter([function(leaf) for leaf in leaves(tree)]))


def _rebuild(tree: object, values: Iterator[Any]) -> Any:
    if isinstance(tree, dict):
        rebuilt = copy.copy(tree)  # of the same kind of dict
        for key, value in tree.items():
            rebuilt[key] = _rebuild(value, values)
        return rebuilt
    # A named tuple takes its parts one by one, a tuple as one iterable.
    if isinstance(tree, tuple) and hasattr(tree, "_fields"):
        return type(tree)(*[_rebuild(value, values) for value in tree])
    if isinstance(tree, _SEQUENCES):
        return type(tree)([_rebuild(value, values) for value in tree])
    return next(values)
