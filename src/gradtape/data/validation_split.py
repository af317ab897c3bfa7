"""Splits off the last samples for validation."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from gradtape.base.trees import leaves, rebuild
from gradtape.data.checks import check_lengths
from gradtape.data.conversion import as_parts, named_parts
from gradtape.errors import ArgumentError, ArgumentTypeError, show

Triple = tuple[Any, Any, Any]


def split_validation(arrays: Triple, fraction: float, who: str = "fit") -> tuple[Triple, Triple]:
    """Return the first samples for training and the last `fraction` of them for validation, nothing copied.

    Args:
        arrays: x, y and sample_weight, each a structure of arrays or None.
        fraction: the share of the samples, in (0, 1), that validates.
        who: the caller's name, for error messages.

    Raises:
        ArgumentError: if `fraction` is not in (0, 1) or leaves nothing on one side.

    >>> train, validation = split_validation((np.arange(10), None, None), 0.2)
    >>> validation[0]
    array([8, 9])
    """
    if isinstance(fraction, bool) or not isinstance(fraction, int | float | np.number):
        raise ArgumentTypeError(f"{who}: validation_split must be a number in (0, 1), got {show(fraction)}")
    if not 0 < fraction < 1:
        raise ArgumentError(f"{who}: validation_split must be in (0, 1), got {fraction}")
    if hasattr(arrays[0], "__next__") or (
        hasattr(arrays[0], "__iter__") and not hasattr(arrays[0], "__len__")
    ):
        raise ArgumentTypeError(
            f"{who}: validation_split needs arrays, got {type(arrays[0]).__name__}; "
            "pass batches to validate with as validation_data"
        )
    parts = as_parts(*arrays, who)
    samples = check_lengths(named_parts(parts), who)
    # Rounded as Keras does, so that the same samples are split off.
    for_training = math.floor(samples * (1.0 - fraction))
    if not 0 < for_training < samples:
        side = "training" if for_training == 0 else "validation"
        raise ArgumentError(f"{who}: validation_split={fraction} of {samples} samples leaves none for {side}")
    return _sliced(parts, slice(for_training)), _sliced(parts, slice(for_training, None))


def _sliced(parts: list[Any], rows: slice) -> Triple:
    x, y, weights = (
        None if part is None else rebuild(part, [leaf[rows] for leaf in leaves(part)]) for part in parts
    )
    return x, y, weights
