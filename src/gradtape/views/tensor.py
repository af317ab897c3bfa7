"""A tensor or a Variable in a notebook: what it is, a heat map, the first numbers."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from gradtape.core.tensor import ArrayLike
from gradtape.core.variable import Variable
from gradtape.display import number_text
from gradtape.display.heat_map import heat_map
from gradtape.display.html import (
    escaped,
    fold,
    framed,
    row,
    table,
)

_ROWS, _COLUMNS = 12, 10  # of numbers


def value_html(value: ArrayLike) -> str:
    """Return a tensor or Variable as HTML."""
    return framed(_parts(value))


def _parts(value: ArrayLike) -> Iterator[str]:
    array = np.asarray(value.numpy())
    kind = type(value).__name__
    name = f" <code>{escaped(value.name)}</code>" if isinstance(value, Variable) else ""
    frozen = "" if not isinstance(value, Variable) or value.trainable else ", not trainable"
    yield (
        f"<b>{kind}</b>{name} <code>{number_text.shape(array.shape)} {array.dtype}</code> "
        f'<span class="soft">{number_text.size(array.nbytes)}{frozen}</span>'
    )
    if not array.ndim:
        yield f" = <code>{escaped(array.item())}</code>"
        return
    yield f'<div class="soft">{array_facts(array)}</div>'
    yield heat_map(array)
    yield fold("numbers", numbers_html(array), is_open=array.size <= 50)


def array_facts(array: object) -> str:
    """Return range, mean and norm of an array in a line.

    >>> array_facts(np.array([1.0, 3.0]))
    'from 1 to 3, mean 2, norm 3.162'
    """
    values = np.asarray(array, "float64")
    # Of the finite ones: one NaN would leave nothing else to say.
    finite = values[np.isfinite(values)]
    if not finite.size:
        return "no finite elements" if values.size else "no elements"
    bad = values.size - finite.size
    text = (
        f"from {number_text.value(finite.min())} to {number_text.value(finite.max())}, "
        f"mean {number_text.value(float(finite.mean()))}, norm {number_text.value(number_text.norm(finite))}"
    )
    return text + (f", {bad} not finite" if bad else "")


def numbers_html(array: Any) -> str:
    """Return the first rows and columns of an array as a table; of more axes those of the first matrix."""
    while array.ndim > 2 and len(array):
        array = array[0]
    matrix = array.reshape(1, -1) if array.ndim < 2 else array
    if not matrix.size or matrix.ndim > 2:
        return '<span class="soft">no elements</span>'
    rows = [row([element_text(v) for v in line[:_COLUMNS]]) for line in matrix[:_ROWS]]
    tall, wide = matrix.shape
    cut = f'<span class="soft">the first of {tall} rows and {wide} columns</span>'
    return table((), rows, "num") + (cut if tall > _ROWS or wide > _COLUMNS else "")


def element_text(value: Any) -> str:
    """Return an element: whole numbers and booleans in full, others in four figures."""
    return str(value) if np.asarray(value).dtype.kind in "biu" else number_text.value(float(value))
