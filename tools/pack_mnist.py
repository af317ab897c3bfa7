"""Pack MNIST for the package: ``python tools/pack_mnist.py mnist.npz``.

Reads the arrays `x_train`, `y_train`, `x_test`, `y_test` (Keras' file), checks the images against the
SHA-256 of the original IDX files, and writes `src/gradtape/datasets/data/mnist.npz`.  Size and SHA-256,
printed at the end, belong into `src/gradtape/datasets/mnist.py`.
"""

from __future__ import annotations

import argparse
import hashlib
import io
import zipfile
from pathlib import Path
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

Bytes: TypeAlias = NDArray[np.uint8]

TARGET = Path(__file__).parents[1] / "src/gradtape/datasets/data/mnist.npz"
IMAGES_SHA256 = {
    "train": "ba891046e6505d7aadcbbe25680a0738ad16aec93bde7f9b65e87a2fc25776db",
    "test": "0fa7898d509279e482958e8ce81c8e77db3f2f8254e26661ceb7762c4d494ce7",
}
BRIGHT = 251  # the values from here on are 38 % of the inked pixels and deflate to 1.2 bits each once apart


def main() -> None:
    """Pack the file named on the command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("source", type=Path, help="an .npz with x_train, y_train, x_test, y_test")
    parser.add_argument("target", type=Path, nargs="?", default=TARGET)
    arguments = parser.parse_args()
    packed = pack(arguments.source)
    arguments.target.write_bytes(packed)
    print(f"_SIZE_BYTES = {len(packed):_}")
    print(f'_SHA256 = "{hashlib.sha256(packed).hexdigest()}"')


def pack(source: Path) -> bytes:
    """Return the packed file made from an .npz with Keras' four arrays."""
    parts: dict[str, Bytes] = {}
    with np.load(source, allow_pickle=False) as arrays:
        for split, required in IMAGES_SHA256.items():
            images, labels = arrays[f"x_{split}"], arrays[f"y_{split}"]
            check(images, labels, split, required)
            parts |= {f"{split}_{name}": part for name, part in split_parts(images, labels).items()}
    return archive(parts)


def check(images: Bytes, labels: Bytes, split: str, required: str) -> None:
    """Exit with a message unless the images are the original ones, and the labels fit."""
    if labels.dtype != np.uint8 or labels.shape != images.shape[:1]:
        raise SystemExit(f"{split}: labels must be ({len(images)},) uint8, got {labels.shape} {labels.dtype}")
    digest = hashlib.sha256(idx_bytes(images)).hexdigest()
    if digest != required:
        raise SystemExit(f"{split}: the SHA-256 of the images must be {required}, got {digest}")


def idx_bytes(array: Bytes) -> bytes:
    """Return an array of bytes in the IDX format: magic number, big-endian sizes, data."""
    return bytes([0, 0, 8, array.ndim]) + np.array(array.shape, ">u4").tobytes() + array.tobytes()


def split_parts(images: Bytes, labels: Bytes) -> dict[str, Bytes]:
    """Return the arrays kept for one split; `gradtape.datasets.mnist` puts them together again."""
    values = images[images != 0]
    bright = values >= BRIGHT
    return {
        # all first bytes of an image's rows, then all second bytes: vertical strokes become repeats
        "outline": np.ascontiguousarray(np.packbits(images != 0, axis=2).transpose(0, 2, 1)),
        "is_bright": np.packbits(bright),
        "bright": values[bright],
        "grey": values[~bright],
        "labels": labels,
    }


def archive(parts: dict[str, Bytes]) -> bytes:
    """Return an .npz at the highest deflate level and with fixed dates, so that it can be made again."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as file:
        for name, part in parts.items():
            entry = zipfile.ZipInfo(f"{name}.npy", date_time=(1980, 1, 1, 0, 0, 0))
            npy = io.BytesIO()
            np.lib.format.write_array(npy, part, version=(1, 0), allow_pickle=False)
            file.writestr(entry, npy.getvalue(), zipfile.ZIP_DEFLATED, compresslevel=9)
    return out.getvalue()


if __name__ == "__main__":
    main()
