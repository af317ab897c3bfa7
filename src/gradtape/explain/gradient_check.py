"""check_gradient: compares the gradient of a step with finite differences.

In float32 a difference has few correct digits, because the loss has only seven.  So the step's operations
and gradient rules are computed again in float64, and compared with central differences (extrapolated from
two widths, after Richardson): that tests the rules.  The gradient of the step itself, in float32, may differ
from the float64 one by rounding only.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from gradtape.base.checks import whole
from gradtape.core import hooks
from gradtape.core.tensor import Tensor, as_tensor
from gradtape.errors import ArgumentError
from gradtape.explain.element import resolution, variable_of
from gradtape.explain.float64_loss import Float64Loss
from gradtape.explain.rebuilt_tape import RebuiltRecord, RebuiltTape, flat, taped
from gradtape.tape.backward import walk
from gradtape.tape.output_gradients import ones_like

RELATIVE = 1e-6
EPSILON = float(np.finfo(np.float64).eps)
# at this width, rounding leaves half of the digits of a difference
SMALLEST = EPSILON ** (1 / 2)  # of a difference's width, relative
_NARROWER = 8.0


@dataclass(frozen=True)
class CheckedElement:
    """One element of a gradient.

    Attributes:
        index: which element.
        tape: the gradient in the step, from the tape.
        wide: the gradient by the same rules in float64.
        numerical: the finite difference.
        tolerance: by how much `wide` and `numerical` may differ: noise of the differences, and 1e-6 of both.
        rounding: by how much `tape` and `wide` may differ: half of the digits of the terms added up.
        kink: the operation whose slope jumps between the values compared; "" if there is none.
    """

    index: tuple[int, ...]
    tape: float
    wide: float
    numerical: float
    tolerance: float
    rounding: float
    kink: str = ""

    @property
    def difference(self) -> float:
        """By how much the gradient in float64 is larger than the numerical one."""
        return self.wide - self.numerical

    @property
    def verdict(self) -> str:
        """right, wrong, or kink: where the slope jumps, a difference decides nothing."""
        if abs(self.difference) <= self.tolerance and abs(self.tape - self.wide) <= self.rounding:
            return "right"
        return "kink" if self.kink else "wrong"


@dataclass(eq=False)
class GradientCheck:
    """A gradient compared with finite differences.

    Attributes:
        path: the path of the weight.
        step: the step.
        elements: what was compared.
        loss: the recorded loss.
        recomputed: the same, computed again in float64.
        operations: how many operations lie between the weight and the loss.
        resolution: the relative rounding error of one of them.
    """

    path: str
    step: int
    elements: list[CheckedElement] = field(default_factory=list)
    loss: float = 0.0
    recomputed: float = 0.0
    operations: int = 0
    resolution: float = 0.0

    @property
    def is_right(self) -> bool:
        """Whether no element is wrong and one at least is right."""
        verdicts = [e.verdict for e in self.elements]
        # kinks alone show nothing
        return "wrong" not in verdicts and "right" in verdicts

    @property
    def lost(self) -> float:
        """The largest rounding error of an element, as a part of the allowed one."""
        return max([abs(e.tape - e.wide) / e.rounding for e in self.elements if e.rounding], default=0.0)

    def __str__(self) -> str:
        verdicts = [e.verdict for e in self.elements]
        counts = ", ".join(f"{verdicts.count(v)} {v}" for v in ("right", "wrong", "kink") if v in verdicts)
        word = "right" if self.is_right else "WRONG" if "wrong" in verdicts else "not decided"
        rows: list[tuple[str, ...]] = [
            ("element", "tape", "in float64", "numerical", "difference", "tolerance", "")
        ]
        rows += [_row(e) for e in self.elements]
        widths = [max(len(row[i]) for row in rows) for i in range(7)]
        table = ["  " + "  ".join(c.rjust(w) for c, w in zip(row, widths, strict=True)) for row in rows]
        return "\n".join(
            [
                f"The gradient of {self.path} in step {self.step} is {word}: {counts} of "
                f"{len(self.elements)} elements",
                *[line.rstrip() for line in table],
                f"tolerance: {RELATIVE:g} of both and the noise of the differences",
                f"between tape and float64: half of the digits of the terms added up, "
                f"{math.sqrt(self.resolution):.1e}; at most {self.lost:.1e} of it is used",
                f"the loss in float64 is {self.recomputed:.9g}, in the step it was {self.loss:.9g}, by "
                f"{self.operations} operations from the weight on",
            ]
        )


def check_gradient(step: Any, path: str, samples: int = 16, seed: int = 0) -> GradientCheck:
    """Return the comparison of a weight's gradient in a step with finite differences.

    Args:
        step: an opened step.
        path: the path of the weight.
        samples: how many random elements are tested, besides the one with the largest gradient.
        seed: chooses the elements.

    Raises:
        ArgumentError: if there is no such weight, or no gradient reaches it.
    """
    dtype = variable_of(step, path, "check_gradient").dtype
    whole(samples, "check_gradient", "samples", 0)
    tape = taped(step, path)
    if tape is None or tape.total is None:
        raise ArgumentError(
            f"check_gradient: no gradient of step {step.number} reaches {path!r}; those it has are of "
            f"{', '.join(step.gradients) or 'nothing'}"
        )
    nudged = Float64Loss(tape)
    recomputed, sides = nudged.loss()
    found = GradientCheck(path, step.number, recomputed=recomputed, resolution=resolution(dtype))
    found.loss = float(np.sum(np.asarray(tape.target, "float64")))
    found.operations = len(nudged.records)
    wide, rounding = nudged.tape().total, _rounding(tape, found)
    # rounding alone may have put a value on the other side of a kink, where the slope is another one
    kink = nudged.crossed(nudged.recorded, sides)
    for index in _chosen(tape.total, samples, seed):
        gradients = float(tape.total[index]), float(wide[index])
        found.elements.append(_compared(nudged, index, gradients, float(rounding[index]), kink))
    return found


def _chosen(gradient: Any, samples: int, seed: int) -> list[tuple[int, ...]]:
    """Return the indices of some elements, that of the largest first."""
    size = gradient.size
    # a NaN counts as the largest, so that it is among the elements that are tested
    largest = int(np.argmax(np.abs(np.nan_to_num(gradient, nan=np.inf)))) if size else 0
    drawn = np.random.default_rng(seed).choice(size, min(samples, size), replace=False).tolist()
    numbers = [largest, *sorted(n for n in drawn if n != largest)] if size else []
    return [tuple([int(i) for i in np.unravel_index(n, gradient.shape)]) for n in numbers]


def _compared(
    nudged: Float64Loss, index: tuple[int, ...], gradients: tuple[float, float], rounding: float, kink: str
) -> CheckedElement:
    """Compare one element; the width of the difference is reduced as long as there is a kink inside."""
    weight = float(np.asarray(nudged.sources[0], "float64")[index])
    scale = max(1.0, abs(weight))
    # where rounding, eps / h, and truncation, h**2, of a central difference are of one size
    h = EPSILON ** (1 / 3) * scale
    slope, noise, crossed = _slope(nudged, index, h)
    while crossed and h / _NARROWER >= SMALLEST * scale:
        h /= _NARROWER
        slope, noise, crossed = _slope(nudged, index, h)
    tape, wide = gradients
    tolerance = RELATIVE * (abs(wide) + abs(slope)) + noise
    return CheckedElement(index, tape, wide, slope, tolerance, rounding, crossed or kink)


def _slope(nudged: Float64Loss, index: tuple[int, ...], h: float) -> tuple[float, float, str]:
    """Return the slope from central differences of widths h and h / 2, its noise, and the kink between."""
    slopes, size, crossed = [], 0.0, ""
    for width in (h, h / 2):
        above, one = nudged.loss(index, width)
        below, other = nudged.loss(index, -width)
        slopes.append((above - below) / (2 * width))
        size, crossed = max(size, abs(above) + abs(below)), crossed or nudged.crossed(one, other)
    # the error of a sum of n roundings grows with sqrt(n); dividing by the width makes a slope of it
    noise = 3 * size * EPSILON * math.sqrt(max(1, len(nudged.records))) / h
    # Richardson extrapolation: the error of order h**2 cancels, that of order h**4 is left
    return (4 * slopes[1] - slopes[0]) / 3, noise + 3 * abs(slopes[1] - slopes[0]), crossed


def _rounding(tape: RebuiltTape, found: GradientCheck) -> Any:
    """Return by how much rounding may change each element of the gradient: half of the digits of its terms.

    The terms are those that the last rules add up, computed by the rules from absolute values of upstream
    gradients and inputs.  An upstream gradient has at least the rounding error of the largest one on its way.
    """
    ids = {id(t) for t in tape.sources}
    records = flat(tape.records)
    last = [r for r in records if r.passes and any(id(t) in ids for t in r.inputs)]
    outputs = {id(y) for r in records if r.passes for y in r.outputs}
    total: Any = np.abs(np.asarray(tape.total, "float64")) * math.sqrt(found.resolution)
    with hooks.silence():
        known = walk(tape.records, {id(tape.target): ones_like(tape.target)}, outputs | ids)
        sizes = {key: np.abs(np.asarray(known[key], "float64")) for key in outputs if key in known}
        largest = max([float(np.max(s, initial=0.0)) for s in sizes.values()], default=0.0)
        floor = 2 * found.operations * found.resolution * largest
        for r in last:
            size = {
                id(y): as_tensor(math.sqrt(found.resolution) * sizes[id(y)] + floor, y.dtype)
                for y in r.outputs
                if id(y) in sizes
            }
            total = total + _size_of(r, size, ids)
    return total


def _size_of(record: RebuiltRecord, g: dict[int, Tensor], ids: set[int]) -> Any:
    """Return the result of the record's rules for absolute values, given cotangents by output id."""
    sizes = RebuiltRecord(record.kept)
    sizes.inputs = tuple([_size(t) for t in record.inputs])
    own = {id(s) for s, t in zip(sizes.inputs, record.inputs, strict=True) if id(t) in ids}
    back = walk([sizes], g, own)
    return sum(np.abs(np.asarray(back[key])) for key in own if key in back)


def _size(tensor: Tensor) -> Tensor:
    return as_tensor(np.abs(np.asarray(tensor))) if tensor.dtype.kind != "b" else tensor


def _row(e: CheckedElement) -> tuple[str, ...]:
    said = f"{e.verdict}: {e.kink}" if e.verdict == "kink" else e.verdict
    numbers = [f"{value:+.6e}" for value in (e.tape, e.wide, e.numerical)]
    index = f"[{', '.join(map(str, e.index))}]"
    return index, *numbers, f"{e.difference:+.1e}", f"{e.tolerance:.1e}", said
