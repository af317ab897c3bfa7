"""why: the change of one weight as a sum of its causes, to the last digit.

The change of a weight in a step is a sum: the gradient of each sample's loss, other losses, clipping, the
gradients of earlier steps, weight decay, and what is done to the weight after the update.  The
optimizers multiply the gradient by one coefficient, so each share of the gradient is a share of the change.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from gradtape.core.hooks import UPDATE
from gradtape.explain.element import element_of, resolution
from gradtape.explain.optimizer_use import GradientUse, gradient_use
from gradtape.explain.sample_shares import Shares, shares
from gradtape.optimizers.base.update_terms import ACCUMULATION, AVERAGING, UPDATE_STEP
from gradtape.rerun.op_record import OpRecord

LARGEST = 5


@dataclass(frozen=True)
class Part:
    """One of the terms of a change.

    Attributes:
        name: the cause.
        change: by how much it changed the weight.
        gradient: its share of the gradient; None for a cause that is not a gradient.
        sample: the number of the sample; None for other causes.
    """

    name: str
    change: float
    gradient: float | None = None
    sample: int | None = None


@dataclass(eq=False)
class Why:
    """The causes of one weight's change.

    Attributes:
        path: the path of the Variable.
        index: which element.
        step: the step.
        before: its value before the step.
        after: its value after it.
        samples: one part per sample, the largest first.
        terms: all other parts, in the order of the computation.
        residual: what remains of the change: the rounding of gradient and update.
        gradient: the element of the gradient, as the optimizer was given it; None without a gradient.
        coefficient: what the update multiplied the gradient with; None for an optimizer without terms.
        learning_rate: of the step; None without a gradient.
        formula: how the update was computed.
        resolution: the relative rounding error of one operation in the weight's dtype.
        notes: further remarks.
    """

    path: str
    index: tuple[int, ...]
    step: int
    before: float
    after: float
    samples: list[Part] = field(default_factory=list)
    terms: list[Part] = field(default_factory=list)
    residual: float = 0.0
    gradient: float | None = None
    coefficient: float | None = None
    learning_rate: float | None = None
    formula: str = ""
    resolution: float = 0.0
    notes: list[str] = field(default_factory=list)

    @property
    def change(self) -> float:
        """By how much the step changed it; the sum of all parts and the residual."""
        return self.after - self.before

    @property
    def size(self) -> float:
        """The sum of the sizes of all parts, to which rounding is compared."""
        return float(sum(abs(p.change) for p in (*self.samples, *self.terms)))

    def __str__(self) -> str:
        name = f"{self.path}[{', '.join(map(str, self.index))}]" if self.index else self.path
        head = (
            f"Why {name} went from {self.before:.7g} to {self.after:.7g} in step {self.step}: "
            f"{self.change:+.6g}"
        )
        return "\n".join([head, "", *_table(list(self._rows())), *self._explained()])

    def _rows(self) -> Iterator[tuple[str, str, str]]:
        yield "", "gradient", "change"
        for part in self.samples[:LARGEST]:
            yield _row(part)
        others = self.samples[LARGEST:]
        if others:
            gradient, change = sum(p.gradient or 0.0 for p in others), sum(p.change for p in others)
            yield _row(Part(f"{len(others)} other sample{'s' * (len(others) > 1)}", change, gradient))
        for part in self.terms:
            yield _row(part)
        yield _row(Part("residual", self.residual))
        gradients = [p.gradient for p in (*self.samples, *self.terms) if p.gradient is not None]
        yield _row(Part("sum", self.change, sum(gradients) if gradients else None))

    def _explained(self) -> list[str]:
        said = [""]
        if self.coefficient is not None and self.learning_rate is not None:
            scaled = -self.coefficient / self.learning_rate if self.learning_rate else 0.0
            said.append(f"update: {self.formula}")
            said.append(
                f"a gradient of 1 changes it by {self.coefficient:+.6g}: the learning rate "
                f"{self.learning_rate:.6g} scaled by {scaled:.6g}"
            )
        if self.size:
            said.append(
                f"the residual is {abs(self.residual) / self.size:.1e} of the sizes of all parts; "
                f"one rounding is {self.resolution:.1e}"
            )
        return [*said, *self.notes]


def why(step: Any, path: str, index: object = ()) -> Why:
    """Return the causes of the change of one element of a Variable in a step.

    Args:
        step: an opened step.
        path: the path of the Variable, such as ``layers.0.kernel``.
        index: which element: a whole number for each axis.

    Raises:
        ArgumentError: if there is no such Variable.
        AxisError: if the index lies outside.
    """
    place = element_of(step, path, index, "why")
    before, after = _number(step.variables_before[path], place), _number(step.variables_after[path], place)
    found = Why(
        path, place, step.number, before, after, resolution=resolution(step.variables_before[path].dtype)
    )
    how = gradient_use(step, path, place)
    if how is not None:
        _explain_gradient(found, how, shares(step, path, place))
    _explain_assignments(found, step.records, how)
    found.terms = [p for p in found.terms if p.change or p.gradient]
    found.residual = found.change - sum(p.change for p in (*found.samples, *found.terms))
    return found


def _explain_gradient(found: Why, how: GradientUse, parts: Shares) -> None:
    """Split the gradient into its parts and, with the optimizer's coefficient, the change into theirs."""
    found.gradient, found.learning_rate = how.given, how.learning_rate
    found.coefficient, found.formula = how.coefficient, how.formula
    # without terms the change of the update is one part, and the shares of the gradient are shown alone
    by = how.coefficient or 0.0
    scale = by * how.scale

    def part(name: str, gradient: float, sample: int | None = None) -> Part:
        return Part(name, scale * gradient, gradient, sample)

    made = [part(f"sample {i}", share, i) for i, share in parts.samples]
    found.samples = sorted(made, key=lambda p: -abs(p.gradient or 0.0))
    # without shares of samples the rest is the whole loss
    found.terms.append(part("regularizers and other losses" if made else "the loss", parts.rest))
    found.terms.append(part("what the step did to the gradient", how.given - parts.total - parts.rounding))
    # divided by the scale: that column is in units of the gradient as the optimizer was given it
    found.terms.append(Part("gradients of the steps before", by * how.earlier, how.earlier / how.scale))
    found.terms.append(Part(f"clipping, {how.clipping}", by * how.clipped, how.clipped / how.scale))
    found.terms += [Part(name, change) for name, change in how.others.items()]
    found.notes += parts.notes
    if how.scale != 1:
        found.notes.append(f"the optimizer multiplied the gradient by {how.scale:.6g} first")


def _explain_assignments(found: Why, records: list[OpRecord], how: GradientUse | None) -> None:
    """Add the effect of each assignment to the Variable, except for the gradient's part."""
    # `meant` is what was to be added; float32 keeps the rounded sum, and the difference is its rounding
    rounding, end = 0.0, found.after
    for r in records:
        if r.variable != found.path:
            continue
        old, given, new = [_number(v, found.index) for v in (*r.input_values, r.output_value)]
        # a plain assign adds nothing by name: its effect is the difference
        meant = {"assign_add": given, "assign_sub": -given}.get(r.name, new - old)
        rounding, end = rounding + new - old - meant, new
        # the update itself stands there already, as the terms of the optimizer
        if not (r.update_part == UPDATE_STEP and how is not None and how.coefficient is not None):
            found.terms.append(Part(_named(r, how), meant))
    found.terms.append(Part("rounding of the weight", rounding))
    # What is explained was computed operation by operation; the step that counts may be a compiled one.
    found.terms.append(Part("other rounding of the compiled step", found.after - end))


def _named(record: OpRecord, how: GradientUse | None) -> str:
    """Return the purpose of an assignment."""
    if record.phase != UPDATE or not record.update_part:
        by = f" by {record.layer}" if record.layer else ""
        return f"{record.name}{by} at {record.source}"
    kind = "the optimizer" if how is None else how.kind
    return {
        UPDATE_STEP: f"update of {kind}, not taken apart",
        AVERAGING: "its moving average put in its place",
        ACCUMULATION: "put back: gradients are being accumulated",
    }.get(record.update_part, record.update_part)


def _number(array: object, index: tuple[int, ...]) -> float:
    return float(np.asarray(array)[index])


def _row(part: Part) -> tuple[str, str, str]:
    gradient = "" if part.gradient is None else _shown(part.gradient)
    return part.name, gradient, _shown(part.change)


def _shown(value: float) -> str:
    return f"{value:+.6e}" if value else "0"


def _table(rows: list[tuple[str, str, str]]) -> list[str]:
    widths = [max(len(row[i]) for row in rows) for i in range(3)]
    return [
        f"  {name:<{widths[0]}}  {gradient:>{widths[1]}}  {change:>{widths[2]}}".rstrip()
        for name, gradient, change in rows
    ]
