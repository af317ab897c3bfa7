"""Numbers as short text for people: counts, bytes, times and values."""

from __future__ import annotations

import math

import numpy as np

_PREFIXES = ((1e12, "T"), (1e9, "G"), (1e6, "M"), (1e3, "k"))


def count(number: float) -> str:
    """Return a count with three digits.

    >>> count(950), count(102_760_448), count(0)
    ('950', '103M', '0')
    """
    return _scaled(number, "")


def size(number_of_bytes: float) -> str:
    """Return a number of bytes, in powers of ten.

    >>> size(512), size(1_605_632), size(0)
    ('512 B', '1.61 MB', '0 B')
    """
    return _scaled(number_of_bytes, " ") + "B" if number_of_bytes >= 1e3 else f"{number_of_bytes:.0f} B"


def _scaled(number: float, between: str) -> str:
    for limit, prefix in _PREFIXES:
        # What three digits round up to the next unit is written in that unit: 999,600 as 1.00M.
        if number >= 0.9995 * limit:
            scaled = number / limit
            digits = 2 if scaled < 9.995 else 1 if scaled < 99.95 else 0
            return f"{scaled:.{digits}f}{between}{prefix}"
    return f"{number:.0f}{between}".strip()


def seconds(time: float) -> str:
    """Return a time in the unit that fits.

    >>> seconds(0.0000312), seconds(0.00294), seconds(1.5)
    ('31 us', '2.9 ms', '1.5 s')
    """
    for unit, name in ((1.0, "s"), (1e-3, "ms")):
        if time >= unit:
            scaled = time / unit
            # From 99.95 on, one digit behind the point would make four figures: 100.0.
            return f"{scaled:.{1 if scaled < 99.95 else 0}f} {name}"
    return f"{time * 1e6:.0f} us"


def value(number: float) -> str:
    """Return a value with four significant digits.

    >>> value(0.30124), value(12345.6), value(0.0000123), value(float("nan")), value(-0.0)
    ('0.3012', '1.235e+04', '1.23e-05', 'nan', '0')
    """
    number = float(number)
    if not math.isfinite(number) or number == 0:
        return f"{number + 0.0:g}"
    # At most one zero goes from the end: 1.230e-05 becomes 1.23e-05.
    return f"{number:.4g}" if 1e-3 <= abs(number) < 1e4 else f"{number:.3e}".replace("0e", "e")


def duration(time: float) -> str:
    """Return a time as `2s`, `1:05` or `1:00:05`.

    >>> duration(2.4), duration(65), duration(3605)
    ('2s', '1:05', '1:00:05')
    """
    whole = round(time)
    if whole < 60:
        return f"{whole}s"
    minutes, rest = divmod(whole, 60)
    return f"{minutes}:{rest:02}" if minutes < 60 else f"{minutes // 60}:{minutes % 60:02}:{rest:02}"


def per_step(time: float) -> str:
    """Return the time of one step in the unit that fits.

    >>> per_step(2.0), per_step(0.004), per_step(0.0003)
    ('2s/step', '4ms/step', '300us/step')
    """
    if time >= 1:
        return f"{time:.0f}s/step"
    return f"{time * 1e3:.0f}ms/step" if time >= 1e-3 else f"{time * 1e6:.0f}us/step"


def metric(number: float) -> str:
    """Return a loss or an accuracy as Keras writes it.

    >>> metric(0.30124), metric(0.00004)
    ('0.3012', '4.0000e-05')
    """
    return f"{number:.4f}" if number == 0 or abs(number) > 1e-3 or number != number else f"{number:.4e}"


def shape(lengths: tuple[int, ...]) -> str:
    """Return a shape as Python writes it, without spaces if there are many axes.

    >>> shape((128, 10)), shape((10,)), shape((128, 28, 28, 32))
    ('(128, 10)', '(10,)', '(128,28,28,32)')
    """
    text = str(tuple(lengths))
    return text if len(lengths) < 4 else text.replace(" ", "")


def norm(array: object) -> float:
    """Return the root of the sum of the squares, also where a square alone would be too large.

    >>> norm([3.0, 4.0]), norm([3e300, 4e300]), norm([])
    (5.0, 5e+300, 0.0)
    """
    values = np.asarray(array, "float64").ravel()
    with np.errstate(all="ignore"):
        largest = float(np.max(np.abs(values), initial=0.0))
        if not math.isfinite(largest) or largest == 0:
            return largest
        # A power of two, as dividing by it rounds nothing; only where a square would overflow or vanish.
        power = 2.0 ** math.frexp(largest)[1] if largest > 1e100 or largest < 1e-100 else 1.0
        return float(np.linalg.norm(values / power)) * power
