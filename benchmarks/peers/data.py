"""The data of the workloads: MNIST as a plain file that every peer reads in the same way."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.peers.roster import Workload


def export(path: Path) -> None:
    """Write MNIST from gradtape's package: rows of 784 pixels, and of 64 for the small network."""
    from gradtape.datasets import mnist

    arrays: dict[str, Any] = {}
    for split, (images, labels) in zip(("train", "test"), mnist.load_data(), strict=True):
        arrays[f"{split}_784"] = images.reshape(len(images), 784)
        arrays[f"{split}_64"] = shrunk(images)
        arrays[f"{split}_labels"] = labels
    np.savez(path, **arrays)


def shrunk(images: Any) -> Any:
    """Return images (n, 28, 28) as rows of 64 pixels: the middle, each the mean of 3 by 3."""
    middle = images[:, 2:26, 2:26].reshape(len(images), 8, 3, 8, 3)
    return middle.mean(axis=(2, 4)).astype("uint8").reshape(len(images), 64)


def load(path: Path, work: Workload, split: str, samples: int | None = None) -> tuple[Any, Any]:
    """Return inputs, float32 in [0, 1], and labels, int32; the first `samples` of them."""
    with np.load(path, allow_pickle=False) as arrays:
        pixels, labels = arrays[f"{split}_{work.sizes[0]}"], arrays[f"{split}_labels"]
    return pixels[:samples].astype("float32") / np.float32(255), labels[:samples].astype("int32")


def starting_weights(work: Workload) -> list[Any]:
    """Return W1, b1, W2, b2, float32: uniform within sqrt(6 / (rows + columns)), biases 0."""
    rng = np.random.default_rng(0)
    weights: list[Any] = []
    for rows, columns in zip(work.sizes, work.sizes[1:], strict=False):
        limit = (6 / (rows + columns)) ** 0.5
        weights += [rng.uniform(-limit, limit, (rows, columns)).astype("float32")]
        weights += [np.zeros(columns, "float32")]
    return weights


if __name__ == "__main__":
    import sys

    export(Path(sys.argv[1]))
