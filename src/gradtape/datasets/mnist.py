"""MNIST, handwritten digits: 70,000 grey images of 28 by 28 pixels with their labels.

The package carries the whole set as `data/mnist.npz`, packed without loss by `tools/pack_mnist.py`.
Four pixels of five are 0, so an image is kept as its outline (which pixels are inked) and the values of
the inked pixels in reading order; those are split again into the nearly saturated and the grey ones,
because the two compress differently.  `data/README.md` gives the figures, the origin and the licence.
"""

from __future__ import annotations

import io
from pathlib import Path
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from gradtape.datasets.packed_file import read_checked

Bytes: TypeAlias = NDArray[np.uint8]
ImagesAndLabels: TypeAlias = tuple[Bytes, Bytes]

SIDE = 28

_FILE = Path(__file__).parent / "data" / "mnist.npz"
_SIZE_BYTES = 9_705_626
_SHA256 = "8e416c7ef421cfe25c7c78c6765db2a9764256327d2af286afc0bcc699ab8b42"
_PARTS = ("outline", "is_bright", "bright", "grey", "labels")
_CHUNK = 1000  # images painted at a time, so that the work stays in the processor's cache


def load_data(path: str = "mnist.npz") -> tuple[ImagesAndLabels, ImagesAndLabels]:
    """Return MNIST as Keras does: training images and labels, then test images and labels.

    Args:
        path: ignored; kept for compatibility with Keras, where it names a file in a cache.

    Returns:
        ``(x_train, y_train), (x_test, y_test)``, new writable arrays at every call:

        - ``x_train``: `(60000, 28, 28) uint8`, 0 (paper) to 255 (ink), row by row from the top left.
        - ``y_train``: `(60000,) uint8`, the digits 0 to 9.
        - ``x_test``: `(10000, 28, 28) uint8`, as ``x_train``.
        - ``y_test``: `(10000,) uint8`, as ``y_train``.

    Raises:
        DatasetError: the file in the package is missing, cut short or damaged.

    Example:
        >>> (x_train, y_train), (x_test, y_test) = load_data()
        >>> x_train.shape, x_test.shape, x_train.dtype
        ((60000, 28, 28), (10000, 28, 28), dtype('uint8'))
        >>> y_train[:10]
        array([5, 0, 4, 1, 9, 2, 1, 3, 1, 4], dtype=uint8)

    Source:
        Y. LeCun, C. Cortes, C. J. C. Burges, The MNIST database of handwritten digits, CC BY-SA 3.0;
        the order and the values are those of the original files.
    """
    return _decode(_read_checked(_FILE))


def _read_checked(file: Path) -> bytes:
    return read_checked(file, _SIZE_BYTES, _SHA256, "mnist.load_data")


def _decode(packed: bytes) -> tuple[ImagesAndLabels, ImagesAndLabels]:
    """Return both splits from checked bytes."""
    with np.load(io.BytesIO(packed), allow_pickle=False) as archive:
        train, test = ({name: archive[f"{split}_{name}"] for name in _PARTS} for split in ("train", "test"))
    return (_images(train), train["labels"]), (_images(test), test["labels"])


def _images(parts: dict[str, Bytes]) -> Bytes:
    """Return the images `(n, 28, 28) uint8` of one split."""
    return _paint(parts["outline"], _inked_values(parts["is_bright"], parts["bright"], parts["grey"]))


def _inked_values(is_bright: Bytes, bright: Bytes, grey: Bytes) -> Bytes:
    """Return the values of the inked pixels `(inked,) uint8`, merged from the two kinds."""
    choice = np.unpackbits(is_bright, count=bright.size + grey.size).view(np.bool_)
    values = np.empty(choice.size, np.uint8)
    values[choice] = bright
    values[~choice] = grey
    return values


def _paint(outline: Bytes, values: Bytes) -> Bytes:
    """Return images `(n, 28, 28) uint8`: `values` in reading order on the pixels set in `outline`.

    `outline` is `(n, 4, 28) uint8`: byte column, then row; a row is 28 bits and 4 bits of padding.
    """
    images = np.zeros((len(outline), SIDE, SIDE), np.uint8)
    start = 0
    for first in range(0, len(images), _CHUNK):
        rows = outline[first : first + _CHUNK].transpose(0, 2, 1)
        inked = np.unpackbits(rows, axis=2, count=SIDE).view(np.bool_)
        stop = start + int(np.count_nonzero(inked))
        images[first : first + _CHUNK][inked] = values[start:stop]
        start = stop
    return images
