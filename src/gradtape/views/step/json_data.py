"""A step as JSON, for a program to read: the schema's data, and single operations with their values."""

from __future__ import annotations

from typing import Any

import numpy as np

from gradtape.views.step.array_pool import Pool
from gradtape.views.step.schema import SCHEMA, as_json
from gradtape.views.step.step_view import finite, record_view, step_view

MOST_VALUES = 1000  # of one array


def step_data(step: object) -> dict[str, Any]:
    """Return a step as JSON data (a `StepView`), without the values of arrays."""
    return as_json(step_view(step)[0])


def op_data(step: Any, index: int) -> dict[str, Any]:
    """Return one operation of a step (a `RecordView`) and its arrays with the first 1000 values of each."""
    pool = Pool(0)
    record = record_view(step.records[index], pool)
    arrays = [
        as_json(view) | {"values": first_values(entry.array)}
        for view, entry in zip(pool.described(), pool.entries, strict=True)
    ]
    return {"schema": SCHEMA, "record": as_json(record), "arrays": arrays}


def first_values(array: object) -> list[Any]:
    """Return the first elements of an array, row by row.

    >>> first_values(np.array([[1.5, np.inf]]))
    [1.5, 'inf']
    """
    flat = np.asarray(array).ravel()[:MOST_VALUES]
    return [finite(value) if flat.dtype.kind == "f" else value.item() for value in flat]
