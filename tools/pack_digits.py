"""Pack the digits for the package: ``python tools/pack_digits.py digits.csv.gz``.

Reads scikit-learn's file (`sklearn/datasets/data/digits.csv.gz`: 64 pixels and the label in each line),
checks it, and writes `src/gradtape/datasets/data/digits.npz`.  Size and SHA-256, printed at
the end, belong into `src/gradtape/datasets/digits.py`.
"""

from __future__ import annotations

import argparse
import gzip
import hashlib
import sys
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).parents[1]))

from tools.pack_mnist import archive

TARGET = Path(__file__).parents[1] / "src/gradtape/datasets/data/digits.npz"
LINES_SHA256 = (
    "6ebb3d2fee246a4e99363262ddf8a00a3c41bee6014c373ed9d9216ba7f651b8"  # of the lines, decompressed
)


def main() -> None:
    """Pack the file named on the command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("source", type=Path, help="scikit-learn's digits.csv.gz")
    parser.add_argument("target", type=Path, nargs="?", default=TARGET)
    arguments = parser.parse_args()
    packed = pack(arguments.source)
    arguments.target.write_bytes(packed)
    print(f"_SIZE_BYTES = {len(packed):_}")
    print(f'_SHA256 = "{hashlib.sha256(packed).hexdigest()}"')


def pack(source: Path) -> bytes:
    """Return the packed file made from scikit-learn's."""
    lines = gzip.decompress(source.read_bytes())
    digest = hashlib.sha256(lines).hexdigest()
    if digest != LINES_SHA256:
        raise SystemExit(f"the SHA-256 of the lines must be {LINES_SHA256}, got {digest}")
    table = np.loadtxt(lines.decode().splitlines(), delimiter=",").astype("uint8")
    return archive({"images": table[:, :-1].reshape(-1, 8, 8), "labels": table[:, -1]})


if __name__ == "__main__":
    main()
