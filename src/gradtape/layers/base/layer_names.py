"""Names for layers that were given none."""

from __future__ import annotations

import itertools

from gradtape.base.names import snake_case

_used_names: dict[str, itertools.count[int]] = {}


def unique_name(class_name: str) -> str:
    """Return the class's name in small letters, with a number from the second layer on.

    >>> unique_name("BigDense"), unique_name("BigDense")
    ('big_dense', 'big_dense_1')
    """
    base = snake_case(class_name)
    number = next(_used_names.setdefault(base, itertools.count()))
    return f"{base}_{number}" if number else base
