"""Data that can be found again by name: which set, which part of it, how it was prepared.

A run writes such a name down.  The registries here are all that a name can mean: nothing is imported, and no
file is opened, because a name says so.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from gradtape.datasets import blobs, circles, digits, mnist, moons, sine, spirals, xor
from gradtape.errors import DatasetError, show

Arrays = tuple[Any, Any]
PARTS = {"train": 0, "test": 1}


def flat(images: Any) -> Any:
    """Return uint8 images (samples, height, width) as rows (samples, height * width), float32 in [0, 1]."""
    return images.reshape(len(images), -1).astype("float32") / np.float32(255)


def flat_of_16(images: Any) -> Any:
    """Return images whose ink is 16 as `flat` does those whose ink is 255."""
    return images.reshape(len(images), -1).astype("float32") / np.float32(digits.INK)


def as_they_are(points: object) -> Any:
    """Return points that need no preparation."""
    return points


DATASETS: dict[str, Callable[[], tuple[Arrays, Arrays]]] = {
    "mnist": mnist.load_data,
    "digits": digits.load_data,
    "xor": xor.load_data,
    "moons": moons.load_data,
    "circles": circles.load_data,
    "spirals": spirals.load_data,
    "blobs": blobs.load_data,
    "sine": sine.load_data,
}
PREPARATIONS: dict[str, Callable[[Any], Any]] = {
    "flat": flat,
    "flat_of_16": flat_of_16,
    "as_they_are": as_they_are,
}
_USUAL = {"mnist": "flat", "digits": "flat_of_16"}


def name_of(dataset: str, part: str = "train", preparation: str | None = None) -> dict[str, str]:
    """Return the name of a data set, as `named` takes it and a run writes it down.

    Args:
        dataset: one of `DATASETS`.
        part: "train" or "test".
        preparation: one of `PREPARATIONS`; None takes the one that networks of this set are trained with.
    """
    return {
        "dataset": dataset,
        "part": part,
        "preparation": preparation or _USUAL.get(dataset, "as_they_are"),
    }


def named(name: Mapping[str, str]) -> Arrays:
    """Return (x, y) of the data with this name.

    Args:
        name: "dataset", "part" and "preparation"; see `name_of`.

    Raises:
        DatasetError: if it is not the name of any data.

    >>> x, y = named(name_of("mnist", "test"))
    >>> x.shape, x.dtype, y.shape
    ((10000, 784), dtype('float32'), (10000,))
    """
    check_name(name)
    x, y = DATASETS[name["dataset"]]()[PARTS[name["part"]]]
    return PREPARATIONS[name["preparation"]](x), y


def check_name(name: Mapping[str, str]) -> None:
    """Raise DatasetError if `name` is not the name of any data."""
    known: dict[str, Mapping[str, Any]] = {
        "dataset": DATASETS,
        "part": PARTS,
        "preparation": PREPARATIONS,
    }
    if not isinstance(name, Mapping) or set(name) != set(known):
        raise DatasetError(f"data set: a name has {', '.join(known)}, got {show(name)}")
    for what, registry in known.items():
        if not isinstance(name[what], str) or name[what] not in registry:
            raise DatasetError(
                f"data set: {what} must be one of {', '.join(registry)}, got {show(name[what])}"
            )
