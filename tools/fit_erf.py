"""Compute the coefficients in `gradtape/engine/numpy/erf.py` and print them.

Every value is worked out with `decimal` from the power series of erf, to 400 digits, so that nothing
but this file is trusted.  Three fits are made:

    SMALL    erf(x) / x             as a polynomial in x**2, for |x| <= 1
    TAIL     (a + K) * erfcx(a)     as a polynomial in t = SLOPE / (a + K) + SHIFT, for 1 <= a <= 28
    SINGLE   erf(x) / x             as a ratio of two polynomials in x**2, for |x| <= 3.92 (float32)

erfcx(a) = exp(a**2) * erfc(a).  The polynomials interpolate at Chebyshev points; the ratio is a least
squares fit, reweighted (Sanathanan and Koerner 1963, Lawson 1961) until its largest error is even.

    python tools/fit_erf.py
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from decimal import Decimal, getcontext
from typing import Any

import numpy as np

getcontext().prec = 400

K = Decimal(2)
LAST = Decimal(28)
SINGLE_LIMIT = Decimal("3.92")
TINY = Decimal(10) ** -390


def pi() -> Decimal:
    """Return pi by Machin's formula."""
    return 4 * (4 * _arctan_of_inverse(5) - _arctan_of_inverse(239))


def _arctan_of_inverse(n: int) -> Decimal:
    term = total = Decimal(1) / n
    k = 1
    while abs(term) > TINY:
        term /= -n * n
        k += 2
        total += term / k
    return total


ROOT_PI = pi().sqrt()


def scaled_erf(x: Decimal) -> Decimal:
    """Return exp(x**2) * erf(x) by its series, all of whose terms have one sign."""
    term = total = x
    n = 0
    while abs(term) > TINY * abs(total):
        n += 1
        term = term * 2 * x * x / (2 * n + 1)
        total += term
    return 2 * total / ROOT_PI


def erf_over_x(z: Decimal) -> Decimal:
    """Return erf(x) / x for z = x**2."""
    x = z.sqrt()
    return scaled_erf(x) * (-z).exp() / x if x else 2 / ROOT_PI


def tail(t: Decimal) -> Decimal:
    """Return (a + K) * erfcx(a) for the a that belongs to t."""
    slope, shift = tail_map()
    a = slope / (t - shift) - K
    return (a + K) * ((a * a).exp() - scaled_erf(a))


def tail_map() -> tuple[Decimal, Decimal]:
    """Return slope and shift of t = slope / (a + K) + shift, 1 at a = 1 and -1 at a = LAST."""
    first, last = 1 / (1 + K), 1 / (LAST + K)
    slope = 2 / (first - last)
    return slope, 1 - slope * first


def cosine(x: Decimal) -> Decimal:
    """Return cos(x) by its series."""
    term = total = Decimal(1)
    n = 0
    while abs(term) > TINY:
        n += 2
        term *= -x * x / (n * (n - 1))
        total += term
    return total


def interpolate(
    function: Callable[[Decimal], Decimal], low: Decimal, high: Decimal, degree: int
) -> list[Decimal]:
    """Return the coefficients, lowest first, of the polynomial through `function` at Chebyshev points."""
    count = degree + 1
    middle, half = (low + high) / 2, (high - low) / 2
    points = [middle + half * cosine(pi() * (2 * i + 1) / (2 * count)) for i in range(count)]
    table = [function(p) for p in points]
    for order in range(1, count):
        for i in range(count - 1, order - 1, -1):
            table[i] = (table[i] - table[i - 1]) / (points[i] - points[i - order])
    result = [table[-1]]
    for i in range(count - 2, -1, -1):
        shifted = [Decimal(0), *result]
        result = [s - points[i] * r for s, r in zip(shifted, [*result, Decimal(0)], strict=True)]
        result[0] += table[i]
    return result


def ratio(top: int, bottom: int, rounds: int = 60) -> tuple[list[float], list[float]]:
    """Return numerator and denominator, lowest first, of erf(x) / x in x**2 for |x| <= SINGLE_LIMIT."""
    limit = float(SINGLE_LIMIT) ** 2
    z = limit * (1 - np.cos(np.linspace(0, math.pi, 400))) / 2
    f = np.array([float(erf_over_x(Decimal(float(v)))) for v in z])
    s = z / limit
    weights, denominator = np.ones_like(z), np.ones_like(z)
    for _ in range(rounds):
        scale = np.sqrt(weights) / (f * denominator)
        columns = [s**i for i in range(top + 1)] + [-f * s**i for i in range(1, bottom + 1)]
        system = np.stack(columns, axis=1) * scale[:, None]
        found = np.linalg.lstsq(system, f * scale, rcond=None)[0]
        p, q = found[: top + 1], np.concatenate([[1.0], found[top + 1 :]])
        denominator = np.polynomial.polynomial.polyval(s, q)
        error = np.abs(np.polynomial.polynomial.polyval(s, p) / denominator / f - 1)
        weights = weights * np.maximum(error, 1e-12)
        weights = weights / weights.sum()
    print(f"# largest relative error of the ratio before rounding: {error.max():.1e}")
    return _unscaled(p, limit), _unscaled(q, limit)


def _unscaled(coefficients: Iterable[Any], limit: float) -> list[float]:
    return [float(c) / limit**i for i, c in enumerate(coefficients)]


def show(name: str, coefficients: Sequence[Decimal | float]) -> None:
    """Print the coefficients as Python, highest power first, the order in which they are used."""
    print(f"{name} = (")
    for c in reversed(coefficients):
        print(f"    {float(c)!r},")
    print(")")


def main() -> None:
    """Print all tables."""
    slope, shift = tail_map()
    print(f"SLOPE, SHIFT = {float(slope)!r}, {float(shift)!r}")
    show("SMALL", interpolate(erf_over_x, Decimal(0), Decimal(1), 12))
    show("TAIL", interpolate(tail, Decimal(-1), Decimal(1), 21))
    top, bottom = ratio(6, 5)
    show("SINGLE_TOP", top)
    show("SINGLE_BOTTOM", bottom)


if __name__ == "__main__":
    main()
