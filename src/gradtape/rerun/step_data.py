"""StepData: everything that happened in one step of a training, as numbers and records."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np

from gradtape.base.deprecation import renamed
from gradtape.core.hooks import BACKWARD, FORWARD, LOSS
from gradtape.optimizers.base.update_terms import WeightUpdate
from gradtape.rerun.op_record import OpRecord
from gradtape.rerun.verdict import Verdict


# eq=False: == of the arrays among the fields would be an array
@dataclass(eq=False)
class StepData:
    """Everything that happened in one step of a training.

    Attributes:
        session: the session that computed it.
        number: updates before it, from 0.
        epoch: its epoch, from 0.
        batch: its place in the epoch, from 0.
        sample_ids: the numbers of its samples in the data, (batch,) int64; None where batches have none.
        x: the inputs, as the training had them: an array or a structure of arrays.
        y: the targets.
        sample_weight: the weights of the samples; None if there were none.
        loss: the value of the objective; where the engine compiles, that of the compiled step.
        records: every tensor operation, in order; see `OpRecord`.
        predictions: what the model returned.
        activations: what each layer returned, by path.
        gradients: the gradient of each weight, by path, as the optimizer got it.
        updates: how the optimizer changed each weight, by path, with the terms of the change.
        variables_before: the value of each Variable before the step, by path.
        variables_after: the value after it; where the engine compiles, that of the compiled step.
        verdict: whether it is the step that was trained.
    """

    session: Any = field(repr=False)
    number: int
    epoch: int
    batch: int
    sample_ids: Any = field(repr=False)
    x: Any = field(repr=False)
    y: Any = field(repr=False)
    sample_weight: Any = field(repr=False)
    loss: float | None
    records: list[OpRecord] = field(repr=False)
    predictions: Any = field(repr=False)
    activations: dict[str, Any] = field(repr=False)
    gradients: dict[str, Any] = field(repr=False)
    updates: dict[str, WeightUpdate] = field(repr=False)
    variables_before: dict[str, Any] = field(repr=False)
    variables_after: dict[str, Any] = field(repr=False)
    verdict: Verdict = field(repr=False)

    before = renamed("Step.before", "variables_before")
    after = renamed("Step.after", "variables_after")
    stage = renamed("Step.stage", "session")

    def phase(self, name: str) -> list[OpRecord]:
        """Return the records of one phase: forward, loss, backward, update or metrics."""
        return [r for r in self.records if r.phase == name]

    def backward_of(self, record: OpRecord) -> list[OpRecord]:
        """Return the backward records that belong to a forward record."""
        return [r for r in self.records if r.phase == BACKWARD and r.forward == record.index]

    @property
    def sample_losses(self) -> Any:
        """The loss of each sample, (batch,); a list of them where there are several outputs.

        It is what is reduced to the loss: axes besides the first one are averaged here.
        """
        found = [_per_sample(r.input_values[0]) for r in self.reductions()]
        return found[0] if len(found) == 1 else found

    def reductions(self) -> list[OpRecord]:
        """Return the records in which one number is made of one loss per sample."""
        size = self.batch_size
        found = [
            r
            for r in self.records
            if r.kind == "reduction"
            and r.phase in (FORWARD, LOSS)
            and not r.output_shape
            and r.input_shapes[0][:1] == (size,)
        ]
        # a metric, or a loss for show, is reduced too: only what the loss depends on counts
        reaching = self._ancestors()
        return [r for r in found if r.index in reaching]

    @property
    def batch_size(self) -> int:
        """How many samples it used."""
        return len(self.records[0].input_values[0]) if self.sample_ids is None else len(self.sample_ids)

    def _ancestors(self) -> set[int]:
        """Return the indices of all records on which the loss depends."""
        # metrics have a phase of their own, so the last single number of these two phases is the loss
        ends = [r for r in self.records if r.phase in (FORWARD, LOSS) and not r.output_shape]
        # a loop, as a step may have more operations than Python has levels of recursion
        wanted = [ends[-1].index] if ends else []
        found: set[int] = set()
        while wanted:
            index = wanted.pop()
            if index not in found:
                found.add(index)
                wanted += [m for m in self.records[index].made_by if m is not None]
        return found


def _per_sample(values: Any) -> Any:
    return values if values.ndim == 1 else values.reshape(len(values), -1).mean(axis=1, dtype=np.float64)
