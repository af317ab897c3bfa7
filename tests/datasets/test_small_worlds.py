"""The small worlds: what their points are, that the seed decides them, and that they stay the same."""

from __future__ import annotations

import hashlib
from typing import Any

import numpy as np
import pytest

from gradtape.datasets import blobs, circles, digits, moons, sine, spirals, xor
from gradtape.datasets.by_name import DATASETS, name_of, named
from gradtape.errors import ArgumentError, ArgumentTypeError, DatasetError

WORLDS: dict[str, Any] = {
    "xor": xor, "moons": moons, "circles": circles, "spirals": spirals, "blobs": blobs, "sine": sine
}  # fmt: skip
# A run knows its data by name and compares a digest, so the samples must stay what they are.
ROUNDED = {
    "xor": "19c4d1a0ff448363",
    "moons": "fb8bcff2400ef080",
    "circles": "c0089cc1dedb30d1",
    "spirals": "3e2aaf56f9b48356",
    "blobs": "c802e0e1511bc8ba",
    "sine": "38e9d2f2a006091a",
}


def rounded(data: Any) -> str:
    """Return a digest of the samples to 5 decimals: cos and sin may differ in the last bit elsewhere."""
    found = hashlib.sha256()
    for x, y in data:
        found.update(
            (np.round(x * 1e5).astype("int64") // 10).tobytes() + np.round(y * 1e4).astype("int64").tobytes()
        )
    return found.hexdigest()[:16]


@pytest.mark.parametrize("name", WORLDS)
def test_a_world_is_a_function_of_its_arguments(name: str) -> None:
    load = WORLDS[name].load_data
    (x, y), (x_test, y_test) = load(samples=101, seed=3)
    columns = 1 if name == "sine" else 2
    assert (x.shape, x_test.shape, x.dtype) == ((81, columns), (20, columns), np.float32)
    assert y.dtype == ("float32" if name == "sine" else "int32") and len(y) == 81 and len(y_test) == 20
    again, other = load(samples=101, seed=3), load(samples=101, seed=4)
    assert np.array_equal(x, again[0][0]) and np.array_equal(y_test, again[1][1])
    assert not np.array_equal(x, other[0][0])
    x[:] = 0
    assert np.array_equal(load(samples=101, seed=3)[0][0], again[0][0]), "new arrays each time"


@pytest.mark.parametrize("name", WORLDS)
def test_the_samples_stay_the_same_from_release_to_release(name: str) -> None:
    assert rounded(WORLDS[name].load_data()) == ROUNDED[name]


def test_without_noise_the_points_lie_where_the_world_says() -> None:
    (x, y), _ = xor.load_data(noise=0)
    assert np.abs(x).max() <= 1 and ((x[:, 0] * x[:, 1] < 0) == (y == 1)).all()
    (x, y), _ = moons.load_data(noise=0)
    np.testing.assert_allclose(np.hypot(*x[y == 0].T), 1, rtol=1e-5)
    np.testing.assert_allclose(np.hypot(*(x[y == 1] - [1, 0.5]).T), 1, rtol=1e-5)
    assert x[y == 0][:, 1].min() >= 0 and x[y == 1][:, 1].max() <= 0.5
    (x, y), _ = circles.load_data(noise=0, factor=0.25)
    np.testing.assert_allclose(np.hypot(*x.T), np.where(y == 0, 1, 0.25), rtol=1e-5)
    (x, y), _ = spirals.load_data(noise=0, turns=1)
    angle = np.arctan2(x[:, 1], x[:, 0]) - 2 * np.pi * np.hypot(*x.T) - np.pi * y
    np.testing.assert_allclose(np.cos(angle), 1, atol=1e-4)
    (x, y), _ = blobs.load_data(noise=0, classes=4)
    np.testing.assert_allclose(x, [[[1, 0], [0, 1], [-1, 0], [0, -1]][label] for label in y], atol=1e-6)
    (x, y), _ = sine.load_data(noise=0)
    np.testing.assert_allclose(y, np.sin(x), atol=1e-6)
    assert x.min() < -3 and x.max() > 3


@pytest.mark.parametrize("name", ["xor", "moons", "circles", "spirals", "blobs"])
def test_classes_are_balanced_in_both_parts(name: str) -> None:
    for x, y in WORLDS[name].load_data():
        counts = np.bincount(y)
        assert counts.min() > 0.35 * len(x) * 2 / len(counts), counts


def test_the_noise_is_as_large_as_it_is_asked_to_be() -> None:
    (x, y), _ = sine.load_data(samples=20_000, noise=0.5)
    assert (y - np.sin(x)).std() == pytest.approx(0.5, rel=0.03)
    exact, noisy = (blobs.load_data(samples=20_000, noise=n)[0][0] for n in (0, 0.5))
    assert (noisy - exact).std() == pytest.approx(0.5, rel=0.03)


@pytest.mark.parametrize(
    ("call", "text"),
    [
        (lambda: xor.load_data(samples=9), "xor.load_data: samples must be a whole number >= 10, got 9"),
        (lambda: moons.load_data(noise=-1), r"moons.load_data: noise must be in \[0, inf\), got -1"),
        (lambda: sine.load_data(noise=float("nan")), "sine.load_data: noise must be in"),
        (lambda: xor.load_data(seed=-1), "xor.load_data: seed must be a whole number >= 0, got -1"),
        (lambda: circles.load_data(factor=1), r"circles.load_data: factor must be in \(0, 1\), got 1"),
        (lambda: spirals.load_data(turns=0), "spirals.load_data: turns must be in"),
        (lambda: blobs.load_data(classes=1), "blobs.load_data: classes must be a whole number >= 2, got 1"),
        (lambda: blobs.load_data(samples="many"), "blobs.load_data: samples must be a whole number"),
    ],
)
def test_what_cannot_be_is_named(call: Any, text: str) -> None:
    with pytest.raises((ArgumentError, ArgumentTypeError), match=f"^{text}"):
        call()


def test_digits_are_scikit_learns() -> None:
    (x, y), (x_test, y_test) = digits.load_data()
    assert (x.shape, x_test.shape, x.dtype, y.dtype) == ((1437, 8, 8), (360, 8, 8), np.uint8, np.uint8)
    assert (x.min(), x.max(), len(x_test)) == (0, 16, 360)
    # as published: samples of each class, and the first image
    assert np.bincount([*y, *y_test]).tolist() == [178, 182, 177, 183, 181, 182, 181, 179, 174, 180]
    assert x[0].tolist()[:2] == [[0, 0, 5, 13, 9, 1, 0, 0], [0, 0, 13, 15, 10, 15, 5, 0]]
    assert int(x.sum(dtype="int64") + x_test.sum(dtype="int64")) == 561718
    x[:] = 0
    assert digits.load_data()[0][0].max() == 16


def test_digits_that_were_damaged_are_refused(tmp_path: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = digits._FILE.read_bytes()
    for bytes_, said in (
        (whole[:-1], "size check"),
        (whole + b"x", "got more"),
        (whole[:-1] + b"x", "SHA-256"),
    ):
        file = tmp_path / "digits.npz"
        file.write_bytes(bytes_)
        monkeypatch.setattr(digits, "_FILE", file)
        with pytest.raises(DatasetError, match=f"^digits.load_data: .*{said}"):
            digits.load_data()


@pytest.mark.parametrize("name", sorted(set(DATASETS) - {"mnist"}))
def test_each_is_found_by_its_name(name: str) -> None:
    for number, part in enumerate(("train", "test")):
        x, y = named(name_of(name, part))
        raw, labels = DATASETS[name]()[number]
        expected = raw.reshape(len(raw), -1) / 16 if name == "digits" else raw
        assert x.dtype == np.float32 and np.array_equal(x, expected.astype("float32"))
        assert np.array_equal(y, labels)
