"""Values in logs: numbers, or NumPy arrays where a metric has several, whatever a callback or a step gave."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from gradtape.display.number_text import metric


def log_value(value: Any) -> Any:
    """Return a value as it stands in logs: a float, a NumPy array, or what it is if it is no number.

    >>> log_value(np.float32(0.5)), log_value([0.5, 1.0]), log_value("done")
    (0.5, array([0.5, 1. ]), 'done')
    """
    if type(value) is float:
        return value
    if not isinstance(value, list | tuple) and getattr(value, "shape", None) in (None, ()):
        try:
            return float(value)
        except (TypeError, ValueError):
            return value
    array = np.array(value)
    return array if array.dtype.kind in "biuf" else value


def json_value(value: object) -> Any:
    """Return a value of logs, or a structure with some, as JSON has it: numbers and lists.

    >>> json_value({"a": np.float32(0.5), "b": [np.array([1.0, 2.0])]})
    {'a': 0.5, 'b': [[1.0, 2.0]]}
    """
    if isinstance(value, Mapping):
        return {name: json_value(one) for name, one in value.items()}
    if isinstance(value, list | tuple):
        return [json_value(one) for one in value]
    return np.asarray(value).tolist() if hasattr(value, "__array__") else value


def log_text(value: object) -> str:
    """Return a value of logs for one place in a line: of several numbers their mean.

    >>> log_text(0.25), log_text(np.array([0.5, 1.0])), log_text("done")
    ('0.2500', '0.7500', 'done')
    """
    if isinstance(value, np.ndarray) and value.dtype.kind in "biuf" and value.size:
        return metric(float(value.mean()))
    return metric(value) if isinstance(value, float) else str(value)
