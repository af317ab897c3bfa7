"""Initializers that draw every number from one distribution, and their base class."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from gradtape.base.checks import number
from gradtape.core.dtypes import DTypeLike
from gradtape.core.tensor import Tensor
from gradtape.initializers.initializer import INITIALIZERS, Initializer
from gradtape.ops.random.host import normal, truncated_normal, uniform
from gradtape.ops.random.seeds import stream_seed
from gradtape.random.seed_generator import SeedGenerator, key_of


class RandomInitializer(Initializer):
    """The base of the random initializers.

    Args:
        seed: a whole number, 0 or more; None takes the next seed of `set_seed`'s sequence, once;
            a SeedGenerator.

    Called twice with the same shape it returns the same values twice, unless the seed is a SeedGenerator.
    """

    def __init__(self, seed: object = None) -> None:
        # As get_config writes a SeedGenerator.
        if isinstance(seed, Mapping) and "config" in seed:
            seed = SeedGenerator.from_config(seed["config"])
        # What the configuration says: with None a model made of it has weights of its own.
        self._given_seed = seed
        self._seed = stream_seed() if seed is None else seed
        if not isinstance(seed, SeedGenerator | None):
            self._given_seed = self._seed = key_of(seed, type(self).__name__)

    @property
    def seed(self) -> Any:
        """The seed of the next values."""
        # A number gives the same values in every call, as in Keras; a generator goes on.
        return self._seed.next().tolist() if isinstance(self._seed, SeedGenerator) else self._seed

    def get_config(self) -> dict[str, Any]:
        """Return the arguments of the constructor, as JSON values."""
        if isinstance(self._given_seed, SeedGenerator):
            return {"seed": {"class_name": "SeedGenerator", "config": self._given_seed.get_config()}}
        return {"seed": self._given_seed}


@INITIALIZERS.member("random_normal", "normal")
class RandomNormal(RandomInitializer):
    """Normally distributed numbers.

    Args:
        mean: their mean.
        stddev: their standard deviation.
        seed: a whole number, 0 or more, or None.

    >>> RandomNormal(seed=7)((2, 3)).shape
    (2, 3)
    """

    def __init__(self, mean: float = 0.0, stddev: float = 0.05, seed: object = None) -> None:
        super().__init__(seed)
        self.mean = number(mean, type(self).__name__, "mean")
        self.stddev = number(stddev, type(self).__name__, "stddev", "[0, inf)")

    def __call__(self, shape: object, dtype: DTypeLike = None) -> Tensor:
        """Return random numbers of `shape`; float32 unless `dtype` names another."""
        return normal(shape, self.mean, self.stddev, dtype, self.seed)

    def get_config(self) -> dict[str, Any]:
        """Return the arguments of the constructor, as JSON values."""
        return {"mean": self.mean, "stddev": self.stddev, **super().get_config()}


@INITIALIZERS.member("truncated_normal")
class TruncatedNormal(RandomNormal):
    """Normally distributed numbers; those more than two standard deviations away are drawn again.

    Args:
        mean: their mean.
        stddev: their standard deviation before truncation.
        seed: a whole number, 0 or more, or None.

    >>> bool((abs(TruncatedNormal(seed=7)((100,))) <= 0.1).numpy().all())
    True
    """

    def __init__(self, mean: float = 0.0, stddev: float = 0.05, seed: object = None) -> None:
        super().__init__(mean, stddev, seed)

    def __call__(self, shape: object, dtype: DTypeLike = None) -> Tensor:
        """Return random numbers of `shape`; float32 unless `dtype` names another."""
        return truncated_normal(shape, self.mean, self.stddev, dtype, self.seed)


@INITIALIZERS.member("random_uniform", "uniform")
class RandomUniform(RandomInitializer):
    """Uniformly distributed numbers from [minval, maxval).

    Args:
        minval: the lower bound, included.
        maxval: the upper bound, excluded.
        seed: a whole number, 0 or more, or None.

    >>> RandomUniform(seed=7)((2, 3)).shape
    (2, 3)
    """

    def __init__(self, minval: float = -0.05, maxval: float = 0.05, seed: object = None) -> None:
        super().__init__(seed)
        self.minval = number(minval, "RandomUniform", "minval")
        self.maxval = number(maxval, "RandomUniform", "maxval", f"[{self.minval}, inf)")

    def __call__(self, shape: object, dtype: DTypeLike = None) -> Tensor:
        """Return random numbers of `shape`; float32 unless `dtype` names another."""
        return uniform(shape, self.minval, self.maxval, dtype, self.seed)

    def get_config(self) -> dict[str, Any]:
        """Return the arguments of the constructor, as JSON values."""
        return {"minval": self.minval, "maxval": self.maxval, **super().get_config()}
