"""Initializers whose spread follows from how many units a weight connects: Glorot, He, LeCun."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from gradtape.base.checks import number, one_of
from gradtape.core.dtypes import DTypeLike
from gradtape.core.tensor import Tensor
from gradtape.errors import ArgumentTypeError, show
from gradtape.initializers.initializer import INITIALIZERS
from gradtape.initializers.random import RandomInitializer
from gradtape.ops.base.axes import many_axes
from gradtape.ops.numpy.shapes import as_shape
from gradtape.ops.random.host import normal, truncated_normal, uniform

# The standard deviation of a standard normal distribution truncated at two deviations.
CUT_STDDEV = 0.87962566103423978

Axes = Sequence[int] | None


@INITIALIZERS.member("variance_scaling")
class VarianceScaling(RandomInitializer):
    """Random numbers with mean 0 and variance scale / n.

        n = units that come in (fan_in), units that go out (fan_out), or the mean of both (fan_avg)
        uniform:  limits -+ sqrt(3 * scale / n);    normal, truncated or not:  stddev sqrt(scale / n)

    Args:
        scale: the variance times n, above 0.
        mode: which n: ``"fan_in"``, ``"fan_out"`` or ``"fan_avg"``.
        distribution: ``"truncated_normal"`` (also called ``"normal"``), ``"untruncated_normal"`` or
            ``"uniform"``.
        seed: a whole number, 0 or more, or None.
        input_axes: the axes whose lengths, multiplied, are fan_in, if `output_axes` are given too.
        output_axes: the axes whose lengths, multiplied, are fan_out, if `input_axes` are given too.

    >>> VarianceScaling(seed=7)((2, 3)).shape
    (2, 3)
    """

    def __init__(
        self,
        scale: float = 1.0,
        mode: str = "fan_in",
        distribution: str = "truncated_normal",
        seed: object = None,
        input_axes: Axes = None,
        output_axes: Axes = None,
    ) -> None:
        super().__init__(seed)
        who = type(self).__name__
        known = ("truncated_normal", "untruncated_normal", "uniform")
        name: Any = distribution.lower() if isinstance(distribution, str) else distribution
        name = known[0] if isinstance(name, str) and name == "normal" else name
        self.scale = number(scale, who, "scale", "(0, inf)")
        self.mode = one_of(mode, who, "mode", ("fan_in", "fan_out", "fan_avg"))
        self.distribution = one_of(name, who, "distribution", known)
        for argument, axes in (("input_axes", input_axes), ("output_axes", output_axes)):
            if axes is not None and not isinstance(axes, list | tuple):
                raise ArgumentTypeError(f"{who}: {argument} must be a list of axes, got {show(axes)}")
        self.input_axes, self.output_axes = input_axes, output_axes

    def __call__(self, shape: object, dtype: DTypeLike = None) -> Tensor:
        """Return random numbers of `shape`; float32 unless `dtype` names another."""
        ins, outs = fans(shape, self.input_axes, self.output_axes)
        n = {"fan_in": ins, "fan_out": outs, "fan_avg": (ins + outs) / 2}[self.mode]
        # As in Keras; an axis of length 0 would divide by 0.
        variance = self.scale / max(1.0, n)
        if self.distribution == "uniform":
            # The variance of a uniform distribution on [-a, a] is a**2 / 3.
            limit = math.sqrt(3 * variance)
            return uniform(shape, -limit, limit, dtype, self.seed)
        if self.distribution == "untruncated_normal":
            return normal(shape, 0.0, math.sqrt(variance), dtype, self.seed)
        # Wider by so much that after the cut the variance is the one asked for.
        return truncated_normal(shape, 0.0, math.sqrt(variance) / CUT_STDDEV, dtype, self.seed)

    def get_config(self) -> dict[str, Any]:
        """Return the arguments of the constructor, as JSON values."""
        return {
            "scale": self.scale,
            "mode": self.mode,
            "distribution": self.distribution,
            **super().get_config(),
            "input_axes": self.input_axes,
            "output_axes": self.output_axes,
        }


def fans(shape: object, input_axes: Axes = None, output_axes: Axes = None) -> tuple[int, int]:
    """Return how many units a weight of `shape` connects on its two sides.

    The last two axes are the sides, and all axes before them one more factor of both: the places of a
    convolution's kernel.

    >>> fans((784, 512)), fans((3, 3, 8, 16)), fans((5,)), fans(())
    ((784, 512), (72, 144), (5, 5), (1, 1))
    """
    size = as_shape(shape, "initializer")
    if input_axes is not None and output_axes is not None:
        ins, outs = [many_axes(tuple(a), len(size), "initializer") for a in (input_axes, output_axes)]
        return math.prod([size[a] for a in ins]), math.prod([size[a] for a in outs])
    # The axes before the last two are the places of a convolution's kernel.
    places = math.prod(size[:-2])
    # As in Keras: a vector has its length on both sides, a number 1.
    sides = (1, 1) if not size else (size * 2)[-2:] if len(size) == 1 else size[-2:]
    return places * sides[0], places * sides[1]


class _Named(VarianceScaling):
    """One of the named choices of scale, mode and distribution."""

    choice: tuple[float, str, str]

    def __init__(self, seed: object = None, input_axes: Axes = None, output_axes: Axes = None) -> None:
        super().__init__(*self.choice, seed, input_axes, output_axes)

    def get_config(self) -> dict[str, Any]:
        """Return the arguments of the constructor, as JSON values."""
        # The others are the class's choice, and no arguments of its constructor.
        return {k: v for k, v in super().get_config().items() if k in ("seed", "input_axes", "output_axes")}


@INITIALIZERS.member("glorot_uniform")
class GlorotUniform(_Named):
    """Uniformly distributed between -+ sqrt(6 / (fan_in + fan_out)); also called Xavier's.

    >>> abs(GlorotUniform(seed=7)((2, 4))).numpy().max() <= 1
    np.True_

    Source: Glorot, Bengio 2010, "Understanding the difficulty of training deep feedforward neural networks"
    """

    choice = (1.0, "fan_avg", "uniform")


@INITIALIZERS.member("glorot_normal")
class GlorotNormal(_Named):
    """Normal, truncated at two deviations, with stddev sqrt(2 / (fan_in + fan_out)); also called Xavier's.

    Source: Glorot, Bengio 2010, "Understanding the difficulty of training deep feedforward neural networks"
    """

    choice = (1.0, "fan_avg", "truncated_normal")


@INITIALIZERS.member("he_uniform")
class HeUniform(_Named):
    """Uniformly distributed between -+ sqrt(6 / fan_in).

    Source: He, Zhang, Ren, Sun 2015, arXiv:1502.01852
    """

    choice = (2.0, "fan_in", "uniform")


@INITIALIZERS.member("he_normal")
class HeNormal(_Named):
    """Normal, truncated at two deviations, with stddev sqrt(2 / fan_in).

    Source: He, Zhang, Ren, Sun 2015, arXiv:1502.01852
    """

    choice = (2.0, "fan_in", "truncated_normal")


@INITIALIZERS.member("lecun_uniform")
class LecunUniform(_Named):
    """Uniformly distributed between -+ sqrt(3 / fan_in).

    Source: LeCun, Bottou, Orr, Mueller 1998, "Efficient BackProp"
    """

    choice = (1.0, "fan_in", "uniform")


@INITIALIZERS.member("lecun_normal")
class LecunNormal(_Named):
    """Normal, truncated at two deviations, with stddev sqrt(1 / fan_in).

    Source: LeCun, Bottou, Orr, Mueller 1998, "Efficient BackProp"; Klambauer et al. 2017, arXiv:1706.02515
    """

    choice = (1.0, "fan_in", "truncated_normal")
