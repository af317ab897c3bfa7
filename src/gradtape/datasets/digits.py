"""Digits: 1,797 grey images of handwritten digits, 8 by 8 pixels, with their labels.

The package carries the set as `data/digits.npz`, packed by `tools/pack_digits.py`; `data/README.md` says
where it comes from and under which licence it is.
"""

from __future__ import annotations

import io
from pathlib import Path
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from gradtape.datasets.packed_file import read_checked

Bytes: TypeAlias = NDArray[np.uint8]
Part: TypeAlias = tuple[Bytes, Bytes]

INK = 16  # the value of a pixel that is all ink
TRAINING_SAMPLES = 1437  # four fifths; the samples after them are written by other people

_FILE = Path(__file__).parent / "data" / "digits.npz"
_SIZE_BYTES = 44_656
_SHA256 = "b3b9c8cc11d765ce4264d8748bf3edbafa5038d91c93cf713ddbd6ae8652b410"


def load_data() -> tuple[Part, Part]:
    """Return the digits: training images and labels, then test images and labels.

    Returns:
        ``(x_train, y_train), (x_test, y_test)``, new writable arrays at every call:

        - ``x_train``: `(1437, 8, 8) uint8`, 0 (paper) to 16 (ink), row by row from the top left.
        - ``y_train``: `(1437,) uint8`, the digits 0 to 9.
        - ``x_test``: `(360, 8, 8) uint8`, as ``x_train``.
        - ``y_test``: `(360,) uint8`, as ``y_train``.

    Raises:
        DatasetError: the file in the package is missing, cut short or damaged.

    >>> (x, y), (x_test, y_test) = load_data()
    >>> x.shape, x_test.shape, int(x.max()), y[:5].tolist()
    ((1437, 8, 8), (360, 8, 8), 16, [0, 1, 2, 3, 4])

    Source: E. Alpaydin and C. Kaynak, Optical Recognition of Handwritten Digits (UCI, 1998), CC BY 4.0, in
    the order of scikit-learn's `load_digits`.
    """
    packed = read_checked(_FILE, _SIZE_BYTES, _SHA256, "digits.load_data")
    with np.load(io.BytesIO(packed), allow_pickle=False) as archive:
        images, labels = archive["images"], archive["labels"]
    return (images[:TRAINING_SAMPLES], labels[:TRAINING_SAMPLES]), (
        images[TRAINING_SAMPLES:],
        labels[TRAINING_SAMPLES:],
    )
