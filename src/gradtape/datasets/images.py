"""Reads pictures of digits from files and converts them to the format of MNIST.

MNIST's makers cropped each digit to its ink, scaled it into a box of 20 by 20 pixels, and placed it in
28 by 28 so that its centre of mass is in the middle.  `like_mnist` does the same with any picture.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import numpy as np

from gradtape.errors import ArgumentError, GradtapeError

SIDE, BOX = 28, 20
MIDDLE = 14.5  # where the centres of mass lie in MNIST: the middle of the pixel (14, 14)
LUMINANCE = (0.299, 0.587, 0.114)  # of red, green and blue, ITU-R BT.601
FAINT = 0.02  # ink below this share of the strongest does not count when the picture is cropped
NOISE_REACH = 7  # times the median deviation: 4.7 standard deviations, 1 pixel in 400,000


def read_digit(path: Path) -> Any:
    """Return the picture in the file as MNIST would hold it: (28, 28) float32 in [0, 1], ink bright.

    Args:
        path: a .npy or .pgm file, or any picture that Pillow reads.

    Raises:
        ArgumentError: the file cannot be read, or shows nothing.
    """
    try:
        return like_mnist(read_grey(path))
    except OSError as error:
        raise ArgumentError(f"image: {path}: {error.strerror or error}") from None
    except ArgumentError as error:
        raise ArgumentError(f"image: {path}: {error}") from None


def read_grey(path: Path) -> Any:
    """Return the picture in the file as brightness, (height, width) float64, on any scale."""
    readers = {".npy": _read_npy, ".pgm": _read_pgm}
    return _grey(readers.get(path.suffix.lower(), _read_picture)(path))


def like_mnist(picture: object) -> Any:
    """Return a picture as MNIST would hold it: (28, 28) float32 in [0, 1], ink bright.

    Args:
        picture: (height, width) brightness on any scale; ink is what differs from the picture's edge.

    >>> picture = np.full((90, 70), 255)
    >>> picture[20:70, 30:36] = 0
    >>> like_mnist(picture).sum(axis=0).round().astype(int).tolist()[10:18]
    [0, 0, 0, 0, 20, 20, 0, 0]
    """
    ink = _ink(np.asarray(picture, "float64"))
    rows, columns = np.nonzero(ink > FAINT)
    ink = ink[rows.min() : rows.max() + 1, columns.min() : columns.max() + 1]
    return _centred(_boxed(ink)).astype("float32")


def _ink(picture: Any) -> Any:
    """Return how much ink is where, in [0, 1]: 0 is the paper, 1 the strongest ink."""
    paper, noise = _paper(picture)
    difference = picture - paper
    # Dark ink on bright paper, or bright on dark: whichever is further from the paper is the ink.
    if -difference.min() > difference.max():
        difference = -difference
    most = difference.max()
    # Rounding on any scale is below 1e-6 of the brightness; less than that is no ink.
    if most <= max(noise, 1e-6 * np.abs(picture).max()):
        raise ArgumentError("shows nothing: all its pixels are alike")
    return np.clip((difference - noise) / (most - noise), 0.0, 1.0)


def _paper(picture: Any) -> tuple[Any, float]:
    """Return the brightness of the paper, (height, width), and how far its noise reaches.

    The paper is a plane, as light falls unevenly on a photographed sheet, through the pixels at the
    picture's edge without those that stand out.
    """
    height, width = picture.shape
    down, right = np.arange(height)[:, None] / height, np.arange(width) / width
    at_edge = np.ones(picture.shape, bool)
    at_edge[1:-1, 1:-1] = False
    rows, columns = np.nonzero(at_edge)
    values = picture[rows, columns]
    places = np.stack([np.ones(len(rows)), rows / height, columns / width], axis=1)
    # Medians, as a stroke may reach the edge: it must not tilt the plane.
    deviation = np.abs(values - np.median(values))
    kept = deviation <= 3 * np.median(deviation)
    plane = np.linalg.lstsq(places[kept], values[kept])[0]
    rest = np.abs(values[kept] - places[kept] @ plane)
    return plane[0] + plane[1] * down + plane[2] * right, float(NOISE_REACH * np.median(rest))


def _boxed(ink: Any) -> Any:
    """Return the ink scaled so that its longer side is 20 pixels."""
    scale = BOX / max(ink.shape)
    height, width = (max(1, round(side * scale)) for side in ink.shape)
    small = _resampling(ink.shape[0], height) @ ink @ _resampling(ink.shape[1], width).T
    # Averaging makes thin strokes grey; in MNIST the strongest ink of each image is nearly white.
    return small / small.max()


def _resampling(old: int, new: int) -> Any:
    """Return the (new, old) matrix that averages where it makes smaller and interpolates where larger.

    A new pixel is a window on the old ones, one old pixel wide at least; each counts by its overlap.
    """
    scale = old / new
    centre = (np.arange(new)[:, None] + 0.5) * scale
    reach = max(scale, 1.0) / 2
    left = np.arange(old)
    overlap = np.minimum(centre + reach, left + 1) - np.maximum(centre - reach, left)
    weights = np.maximum(overlap, 0.0)
    return weights / weights.sum(axis=1, keepdims=True)


def _centred(ink: Any) -> Any:
    """Return the ink in a field of 28 by 28, its centre of mass in the middle."""
    field = np.zeros((SIDE, SIDE))
    corner = []
    for axis, size in enumerate(ink.shape):
        along = ink.sum(axis=1 - axis)
        mass_centre = (along * (np.arange(size) + 0.5)).sum() / along.sum()
        # Clipped: the ink stays inside the field even if its mass lies far to one side.
        corner.append(int(np.clip(round(MIDDLE - mass_centre), 0, SIDE - size)))
    field[corner[0] : corner[0] + ink.shape[0], corner[1] : corner[1] + ink.shape[1]] = ink
    return field


def _grey(picture: Any) -> Any:
    """Return brightness (height, width) from a grey or coloured picture, or raise saying what came."""
    array = np.squeeze(picture) if picture.ndim > 2 else picture
    if array.dtype.kind not in "biuf":
        raise ArgumentError(f"must hold numbers, got dtype {picture.dtype}")
    if array.ndim == 3 and array.shape[2] in (3, 4):
        array = array[..., :3] @ np.array(LUMINANCE)
    if array.ndim != 2 or not array.size:
        raise ArgumentError(f"must be one picture (height, width) or (height, width, 3), got {picture.shape}")
    if not np.isfinite(array).all():
        raise ArgumentError("must hold finite numbers, got nan or inf")
    return array.astype("float64")


def _read_npy(path: Path) -> Any:
    try:
        return np.load(path, allow_pickle=False)
    except (ValueError, EOFError) as error:
        raise ArgumentError(f"is not a .npy file of numbers: {error}") from None


def _read_pgm(path: Path) -> Any:
    """Return the picture in a "portable graymap": P2 holds numbers as text, P5 as bytes."""
    data = path.read_bytes()
    header = re.match(rb"(P[25])" + rb"(?:\s|#[^\n]*\n)+(\d+)" * 3 + rb"(?:#[^\n]*\n)?\s", data)
    if header is None:
        raise ArgumentError("is not a .pgm file: it must begin with P2 or P5, width, height and maximum")
    width, height, most = (int(header[part]) for part in (2, 3, 4))
    pixels = data[header.end() :]
    if header[1] == b"P2":
        values = np.array(_numbers(pixels)[: width * height], "float64")
    else:
        values = np.frombuffer(
            pixels[: len(pixels) // 2 * 2] if most > 255 else pixels, ">u2" if most > 255 else "u1"
        )
    if len(values) < width * height:
        raise ArgumentError(f"is cut short: {height} by {width} pixels needed, {len(values)} came")
    return values[: width * height].reshape(height, width)


def _numbers(text: bytes) -> list[float]:
    """Return the numbers in the text, without the comments between them."""
    try:
        return [float(word) for word in re.sub(rb"#[^\n]*", b"", text).split()]
    except ValueError as error:
        raise ArgumentError(f"is not a .pgm file: {error}") from None


def _read_picture(path: Path) -> Any:
    """Return the brightness that Pillow reads, upright."""
    with path.open("rb") as file:
        try:
            from PIL import Image, ImageOps, UnidentifiedImageError
        except ModuleNotFoundError:
            raise GradtapeError(
                f'image: {path}: files other than .npy and .pgm need Pillow: pip install "gradtape[images]"'
            ) from None
        try:
            picture = ImageOps.exif_transpose(Image.open(file))
            # Modes I, F and 1 (32 bits, floats, black and white) have no alpha; RGBA would cut them to bytes.
            if picture.mode[0] in "IF1":
                return np.asarray(picture, "float64")
            pixels = np.asarray(picture.convert("RGBA"), "float64")
        except (UnidentifiedImageError, Image.DecompressionBombError, SyntaxError, ValueError) as error:
            raise ArgumentError(f"is not a picture that Pillow reads: {error}") from None
    return _on_background(pixels[..., :3] @ np.array(LUMINANCE), pixels[..., 3] / 255)


def _on_background(brightness: Any, opacity: Any) -> Any:
    """Return the brightness over white paper, or over black if what is drawn is bright."""
    if not opacity.any():
        return brightness * 0.0
    is_bright = np.average(brightness, weights=opacity) > 127.5
    return brightness * opacity + (0.0 if is_bright else 255.0) * (1.0 - opacity)
