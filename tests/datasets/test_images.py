"""Pictures made into what MNIST would hold."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from gradtape.datasets import mnist
from gradtape.datasets.images import like_mnist, read_digit, read_grey
from gradtape.errors import ArgumentError


@pytest.fixture(scope="module")
def samples() -> Any:
    """Test samples of MNIST, (300, 28, 28) uint8."""
    return mnist.load_data()[1][0][:300]


def test_samples_of_mnist_stay_what_they_are(samples: Any) -> None:
    same = [np.allclose(like_mnist(x), x / x.max(), atol=1e-6) for x in samples]
    assert np.mean(same) > 0.96
    assert max(np.abs(like_mnist(x) - x / 255).mean() for x in samples) < 0.03


def test_scale_sign_size_and_place_make_no_difference(samples: Any) -> None:
    for x in samples[:20]:
        plain = like_mnist(x)
        bigger = np.pad(np.kron(x, np.ones((9, 9))), ((5, 60), (33, 1)))
        assert np.abs(like_mnist(bigger) - plain).mean() < 1e-3
        for changed in (255.0 - x, x / 255, -3.0 * x + 1e4, np.pad(x, 5)):
            assert np.abs(like_mnist(changed) - plain).max() < 1e-5


def test_a_photo_with_noise_in_slanting_light_is_read(samples: Any) -> None:
    noise = np.random.default_rng(0)
    for x in samples[:10]:
        ink = np.pad(np.kron(x, np.ones((10, 10))), ((90, 20), (10, 150)))
        light = np.linspace(130, 220, ink.shape[1]) + np.linspace(0, 30, ink.shape[0])[:, None]
        photo = (light - 0.4 * ink + noise.normal(0, 4, ink.shape)).clip(0, 255).round()
        assert np.abs(like_mnist(photo) - like_mnist(x)).mean() < 0.04


def test_the_longer_side_becomes_20_and_the_mass_is_in_the_middle() -> None:
    picture = np.zeros((100, 300))
    picture[10:50, 20:35] = 1  # 40 by 15
    digit = like_mnist(picture)
    rows, columns = np.nonzero(digit)
    assert digit.dtype == np.float32 and digit.shape == (28, 28)
    assert np.ptp(rows) + 1 == 20 and np.ptp(columns) + 1 == 8
    total = digit.sum()
    for axis in (0, 1):
        centre = (digit.sum(axis=1 - axis) * (np.arange(28) + 0.5)).sum() / total
        assert abs(centre - 14.5) <= 0.5


def test_what_weighs_on_one_side_stays_inside() -> None:
    picture = np.zeros((60, 60))
    picture[10:30, 10:12], picture[20, 12:30] = 255, 20
    assert like_mnist(picture).shape == (28, 28)


def test_a_single_pixel_is_a_dot() -> None:
    picture = np.zeros((5, 5))
    picture[2, 2] = 1
    assert np.count_nonzero(like_mnist(picture)) == 400


def test_thin_lines_are_as_dark_as_thick_ones() -> None:
    picture = np.full((400, 400), 255)
    picture[50:350, 200] = 0
    assert like_mnist(picture).max() == 1.0


@pytest.mark.parametrize("level", [0, 7, 255, 1e9])
def test_a_blank_picture_is_refused(level: float) -> None:
    with pytest.raises(ArgumentError, match="shows nothing: all its pixels are alike"):
        like_mnist(np.full((30, 40), level))


def test_the_picture_is_not_changed(samples: Any) -> None:
    picture = samples[0].astype("float64")
    kept = picture.copy()
    like_mnist(picture)
    assert np.array_equal(picture, kept)


def test_numbers_of_any_kind_are_read_from_npy(tmp_path: Path, samples: Any) -> None:
    x = samples[0]
    for dtype in ("uint8", "int32", "float16", "float32", "float64"):
        np.save(tmp_path / "x.npy", x.astype(dtype))
        assert np.array_equal(read_grey(tmp_path / "x.npy"), x)
    np.save(tmp_path / "x.npy", x > 0)
    assert np.array_equal(read_grey(tmp_path / "x.npy"), x > 0)
    np.save(tmp_path / "x.npy", x[None, :, :, None])
    assert np.array_equal(read_grey(tmp_path / "x.npy"), x)


def test_colours_become_brightness(tmp_path: Path) -> None:
    colours = np.zeros((2, 3, 3), "uint8")
    colours[0, 0], colours[1, 2] = (255, 0, 0), (10, 10, 10)
    np.save(tmp_path / "x.npy", colours)
    grey = read_grey(tmp_path / "x.npy")
    assert grey.shape == (2, 3) and grey[0, 0] == pytest.approx(76.245) and grey[1, 2] == pytest.approx(10)


WRONG_ARRAYS = {
    "must be one picture": np.zeros((2, 28, 28)),
    "got \\(784,\\)": np.zeros(784),
    "must be one picture \\(height, width\\)": np.zeros((0, 5)),
    "must hold numbers, got dtype <U1": np.array([["a"]]),
    "must hold numbers, got dtype complex128": np.zeros((3, 3), complex),
    "must hold finite numbers": np.array([[0.0, np.nan], [1.0, 0.0]]),
    "is not a .npy file of numbers": np.array([[None]]),
}


@pytest.mark.parametrize("message", WRONG_ARRAYS)
def test_arrays_that_are_no_picture_are_refused(tmp_path: Path, message: str) -> None:
    np.save(tmp_path / "x.npy", WRONG_ARRAYS[message], allow_pickle=True)
    with pytest.raises(ArgumentError, match=f"^image: .*x.npy: .*{message}"):
        read_digit(tmp_path / "x.npy")


GRAYMAPS = {
    "bytes": b"P5 3 2 255\n\x00\x01\x02\x03\x04\xff",
    "with remarks": b"P5\n# a 2\n3 2 # wide\n255\n\x00\x01\x02\x03\x04\xff",
    "text": b"P2\n3 2\n255\n0 1 2\n3 4 255\n",
    "text with remarks": b"P2 3 2 255\n0 1 2 # row\n3 4 255",
    "more than it needs": b"P5 3 2 255\n\x00\x01\x02\x03\x04\xff\x07\x07\x07",
}


@pytest.mark.parametrize("kind", GRAYMAPS)
def test_graymaps_are_read(tmp_path: Path, kind: str) -> None:
    (tmp_path / "x.PGM").write_bytes(GRAYMAPS[kind])
    assert read_grey(tmp_path / "x.PGM").tolist() == [[0, 1, 2], [3, 4, 255]]


def test_graymaps_of_two_bytes_a_pixel_are_read(tmp_path: Path) -> None:
    (tmp_path / "x.pgm").write_bytes(b"P5 2 1 65535\n\x01\x00\xff\xff")
    assert read_grey(tmp_path / "x.pgm").tolist() == [[256, 65535]]


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"", "is not a .pgm file"),
        (b"P6 1 1 255\nabc", "is not a .pgm file"),
        (b"P5 1", "is not a .pgm file"),
        (b"P5 3 2 255\n\x00\x01", "is cut short: 2 by 3 pixels needed, 2 came"),
        (b"P2 3 2 255\n1 2 3", "is cut short"),
        (b"P2 2 1 255\n1 x", "is not a .pgm file"),
        (b"P5 0 0 255\n", "must be one picture"),
        (b"P5 999999999 999999999 255\n\x00", "is cut short"),
    ],
)
def test_damaged_graymaps_are_refused(tmp_path: Path, data: bytes, message: str) -> None:
    (tmp_path / "x.pgm").write_bytes(data)
    with pytest.raises(ArgumentError, match=message):
        read_digit(tmp_path / "x.pgm")


@pytest.mark.parametrize("mode", ["L", "RGB", "RGBA", "LA", "P", "1", "I;16", "I", "F", "CMYK"])
def test_every_mode_of_pillow_shows_the_same(tmp_path: Path, mode: str) -> None:
    drawn = np.full((40, 30), 255, "uint8")
    drawn[10:30, 12:15] = 0
    picture = Image.fromarray(drawn)
    made = Image.fromarray(drawn.astype("uint16") * 257) if mode == "I;16" else picture.convert(mode)
    ending = "png" if mode not in ("F", "CMYK", "I") else "tif"
    made.save(tmp_path / f"x.{ending}")
    assert np.allclose(read_digit(tmp_path / f"x.{ending}"), like_mnist(drawn), atol=1e-3)


@pytest.mark.parametrize("ink", [0, 255])
def test_ink_on_nothing_is_seen(tmp_path: Path, ink: int) -> None:
    drawn = np.zeros((40, 30, 4), "uint8")
    drawn[..., :3] = ink
    drawn[10:30, 12:15, 3] = 255
    Image.fromarray(drawn).save(tmp_path / "x.png")
    assert np.allclose(read_digit(tmp_path / "x.png"), like_mnist(drawn[..., 3]))


def test_nothing_on_nothing_is_blank(tmp_path: Path) -> None:
    Image.new("RGBA", (9, 9), (200, 3, 4, 0)).save(tmp_path / "x.png")
    with pytest.raises(ArgumentError, match="shows nothing"):
        read_digit(tmp_path / "x.png")


def test_a_camera_held_sideways_is_turned_back(tmp_path: Path) -> None:
    drawn = np.full((40, 30), 255, "uint8")
    drawn[10:30, 12:15], drawn[10:13, 12:22] = 0, 0
    exif = Image.Exif()
    exif[0x0112] = 6  # orientation: to be turned by 90 degrees clockwise
    Image.fromarray(np.rot90(drawn)).save(tmp_path / "x.png", exif=exif)
    assert np.allclose(read_digit(tmp_path / "x.png"), like_mnist(drawn))


@pytest.mark.parametrize("name", ["x.png", "x.npy", "x.pgm", "x"])
def test_files_that_are_not_there_or_folders_are_named(tmp_path: Path, name: str) -> None:
    with pytest.raises(ArgumentError, match=f"^image: .*{name}: No such file or directory$"):
        read_digit(tmp_path / name)
    (tmp_path / name).mkdir()
    with pytest.raises(ArgumentError, match=f"^image: .*{name}: Is a directory$"):
        read_digit(tmp_path / name)


def test_a_picture_cut_short_is_refused(tmp_path: Path) -> None:
    noise = np.random.default_rng(0).integers(0, 255, (50, 50), "uint8")
    Image.fromarray(noise).save(tmp_path / "x.png")
    whole = (tmp_path / "x.png").read_bytes()
    for size in (0, 10, 40, 200, len(whole) // 2):
        (tmp_path / "x.png").write_bytes(whole[:size])
        with pytest.raises(ArgumentError, match="^image: .*x.png: "):
            read_digit(tmp_path / "x.png")
