"""adapt: turns whatever a user passes as data into a source of batches."""

from __future__ import annotations

from typing import Any

import numpy as np

from gradtape.base.checks import whole
from gradtape.data.array_source import ArraySource
from gradtape.data.batch_reader import Reader
from gradtape.data.conversion import is_nested
from gradtape.data.iterator_source import IteratorSource
from gradtape.data.sequence_source import SequenceSource
from gradtape.data.source import Source
from gradtape.errors import ArgumentError, ArgumentTypeError, show


def adapt(
    x: object,
    y: object = None,
    sample_weight: object = None,
    batch_size: int | None = None,
    shuffle: bool | str = False,
    class_weight: object = None,
    steps: int | None = None,
    epochs: int = 1,
    repeat: bool = True,
    who: str = "fit",
    steps_name: str = "steps_per_epoch",
    check_finite: bool | str = True,
) -> Source:
    """Return a source of batches for the data, after checking what can be checked before training.

    Args:
        x: an array or a structure of arrays (see `ArraySource`), a generator or an iterable of batches (see
            `IteratorSource`), or an object that gives batches by their number (see `SequenceSource`).
        y: the targets, where x is arrays.
        sample_weight: weights of the samples, where x is arrays.
        batch_size: samples per batch, where x is arrays; None takes 32.
        shuffle: True shuffles the samples in each pass, "batch" only whole batches.
        class_weight: a dict from class numbers to weights.
        steps: batches in an epoch; None takes all there are.
        epochs: for how many epochs there must be batches.
        repeat: whether an epoch of `steps` may go on with the data from its beginning; if not, each epoch
            begins with the first batch.
        who: the caller's name, for error messages.
        steps_name: the name of `steps` there.
        check_finite: whether to search x and y for NaN and infinity.

    Returns:
        An ArraySource, IteratorSource or SequenceSource.

    Raises:
        ArgumentError, ArgumentTypeError, ShapeError, DtypeError: for data that cannot be used.

    >>> adapt(np.zeros((100, 4)), np.zeros(100), batch_size=30).steps
    4
    """
    if steps is not None:
        steps = whole(steps, who, steps_name, 1)
    # A list of tuples is several inputs if there is a y, and a list of batches if not.
    if _is_arrays(x) and not (y is None and _is_batches(x)):
        return ArraySource(
            x, y, sample_weight, batch_size, shuffle, class_weight, steps, repeat, who, check_finite
        )
    _refuse_besides_batches(x, who, y=y, sample_weight=sample_weight, batch_size=batch_size)
    reader = Reader(who, class_weight, check_finite)
    # By number where that is possible: such data can be shuffled, and any epoch begun without those before.
    if hasattr(x, "__getitem__") and (hasattr(x, "__len__") or hasattr(x, "num_batches")):
        _refuse_single_samples(x, who)
        return SequenceSource(x, reader, shuffle, steps, repeat, who)
    if hasattr(x, "__iter__"):
        return IteratorSource(x, reader, steps, epochs, repeat, who)
    raise ArgumentTypeError(
        f"{who}: x must be arrays, an iterable of batches or an object with __len__ and __getitem__, "
        f"got {type(x).__name__}: {show(x)}"
    )


def _is_arrays(x: object) -> bool:
    plain = (list, tuple, dict, range, str, bytes, int, float, np.generic)
    return x is None or isinstance(x, plain) or is_nested(x) or hasattr(x, "__array__") or hasattr(x, "tocsr")


def _is_batches(x: Any) -> bool:
    """Tell whether `x` is a list of batches (x, y) or (x, y, sample_weight), and not of inputs."""
    is_list = isinstance(x, list) and bool(x)
    return is_list and all(isinstance(b, tuple) and len(b) in (2, 3) and is_nested(b) for b in x)


def _refuse_besides_batches(x: Any, who: str, **arguments: object) -> None:
    for name, value in arguments.items():
        if value is not None:
            raise ArgumentError(
                f"{who}: {name} must be None where x gives batches: {type(x).__name__} brings its own"
            )


def _refuse_single_samples(x: object, who: str) -> None:
    """Raise for a data set of PyTorch's, which looks like a sequence of batches but holds single samples."""
    if any(c.__module__.startswith("torch.utils.data") for c in type(x).__mro__):
        raise ArgumentTypeError(
            f"{who}: {type(x).__name__} gives single samples; wrap it in a torch.utils.data.DataLoader"
        )
