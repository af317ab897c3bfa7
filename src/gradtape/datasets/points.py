"""What the small worlds share: numbers drawn from a seed, a little noise, and a part kept for testing."""

from __future__ import annotations

from typing import Any, TypeAlias

import numpy as np

from gradtape.base.checks import number, whole

Arrays: TypeAlias = tuple[Any, Any]
LEAST = 10  # samples, so that both parts have some
TEST_PART = 5  # one sample of so many is kept for testing


class Points:
    """Draws the samples of a small world; the same arguments give the same samples on every machine.

    Args:
        who: the world, for error messages.
        samples: how many there are in all, training and test, at least 10.
        noise: standard deviation of the noise, 0 or more.
        seed: a whole number, 0 or more.

    Attributes:
        samples: how many there are.
        random: the generator that all of them come from.
    """

    def __init__(self, who: str, samples: int, noise: float, seed: int) -> None:
        self.samples = whole(samples, who, "samples", LEAST)
        self._noise = number(noise, who, "noise", "[0, inf)")
        # On the host and by NumPy on every engine: the points do not depend on where they are used.
        self.random = np.random.Generator(np.random.Philox(whole(seed, who, "seed", 0)))

    def uniform(self, low: float, high: float, *more: int) -> Any:
        """Return uniformly distributed numbers from [low, high): (samples, *more)."""
        return low + (high - low) * self.random.random((self.samples, *more))

    def classes(self, count: int) -> Any:
        """Return the class of each sample, as many of each as possible: (samples,) int32."""
        return np.arange(self.samples, dtype="int32") % count

    def noise(self, columns: int) -> Any:
        """Return the noise for `columns` numbers of each sample: (samples, columns)."""
        return self._noise * self.random.standard_normal((self.samples, columns))

    def parts(self, x: Any, y: Any) -> tuple[Arrays, Arrays]:
        """Return samples in a random order, a fifth of them apart: ((x, y), (x_test, y_test))."""
        order = self.random.permutation(self.samples)
        x, y, cut = x[order].astype("float32"), y[order], self.samples - self.samples // TEST_PART
        return (x[:cut], y[:cut]), (x[cut:], y[cut:])
