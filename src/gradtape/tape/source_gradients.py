"""SourceGradients: from the records of a tape to the cotangents of the sources that it is asked for."""

from __future__ import annotations

import weakref
from typing import Any

from gradtape.base.trees import leaves
from gradtape.core import hooks
from gradtape.core.dtypes import FLOAT, is_floating
from gradtape.core.tensor import ArrayLike, Tensor
from gradtape.core.variable import Variable
from gradtape.errors import ArgumentTypeError, TapeError, show
from gradtape.tape.backward import walk
from gradtape.tape.operation_recorder import OperationRecorder
from gradtape.tape.output_gradients import of_itself, ones_like, sum_of, wrong_target
from gradtape.tape.record import ways_back
from gradtape.tape.why_none import Evidence, reason


class SourceGradients(OperationRecorder):
    """The differentiating half of a tape, one backward walk at a time; see `gradtape.GradientTape`.

    `start_backward`, `cotangents` once or more often, and `finish_backward` make one `gradient` or Jacobian.
    """

    def start_backward(self, who: str) -> None:
        """Refuse if the records are gone; stop recording if they will not be kept."""
        if self._used and not self._persistent:
            raise TapeError(
                f"{who}: this tape was already used and its records are freed; "
                "make it with GradientTape(persistent=True) to ask it more than once"
            )
        if not self._entered:
            raise TapeError(f"{who}: this tape never recorded; compute the target inside its `with` block")
        if not self._persistent and hooks.is_active(self):
            hooks.remove(self)

    def cotangents(
        self, targets: list[Any], sources: list[Any], seeds: list[Tensor | None]
    ) -> list[Tensor | None]:
        """Return the cotangent of each source, or None, for the seeds given to the targets."""
        if not (hooks.local.phase or hooks.local.rule):
            return self._cotangents(targets, sources, seeds)
        with hooks.phase(hooks.BACKWARD, self):
            return self._cotangents(targets, sources, seeds)

    def _cotangents(
        self, targets: list[Any], sources: list[Any], seeds: list[Tensor | None]
    ) -> list[Tensor | None]:
        reads = self._reads
        values: list[list[Tensor]] = []
        ids: set[int] = set()
        for source in sources:  # a loop: of comprehensions each is a call
            read = reads.get(id(source))
            tensors = self._values(source) if read is None else read[1]
            values.append(tensors)
            ids.update(map(id, tensors))
        start: dict[int, Tensor] = {}
        for target, seed in zip(targets, seeds, strict=True):
            for y in self._target_values(target):
                one = ones_like(y) if seed is None else seed
                # The same tensor may be a target twice.
                start[id(y)] = start[id(y)] + one if id(y) in start else one
        # A copy where the tape goes on recording: it may record this very walk.
        records = list(self._records) if self._persistent else self._records
        # If all that was watched is asked for, whatever is tracked comes from it: the usual case.
        found = walk(records, start, ids, self._tracked if self._given.keys() <= ids else None)
        result: list[Tensor | None] = []
        for source, tensors in zip(sources, values, strict=True):
            g = found.get(id(tensors[0])) if len(tensors) == 1 else None
            if g is None:
                parts = [found[id(t)] for t in tensors if id(t) in found]
                g = sum_of(parts or of_itself(source, targets, seeds))
            result.append(g)
        return result

    def finish_backward(self, targets: list[Any], sources: list[Any], found: list[Tensor | None]) -> None:
        """Remember why a gradient is None, then free the records if they are not to be kept."""
        self._reasons = {}
        for place, g in enumerate(found):
            if g is None:
                self._reasons[place] = self._reason(sources[place], self._tensors(targets))
        # Weak: that why() can answer later must not keep the arrays of a step alive.
        self._asked = list(map(weakref.ref, sources))
        self._targets = list(map(weakref.ref, targets))
        self._used = True
        if not self._persistent:
            self._watched = self.watched_variables()
            self._records, self._tracked, self._given, self._reads = [], {}, {}, {}
            self._assignments, self._beyond = [], {}

    def _values(self, source: object) -> list[Tensor]:
        """Return the tensors of `source` that this tape tracks: for a Variable, every value read."""
        read = self._reads.get(id(source))
        if read is not None:
            return read[1]
        if isinstance(source, Variable):
            return []
        if isinstance(source, Tensor):
            return [source] if id(source) in self._tracked else []
        raise ArgumentTypeError(f"gradient: sources must be Tensors or Variables, got {show(source)}")

    def _target_values(self, target: object) -> list[Tensor]:
        if isinstance(target, Variable):
            # A Variable as a target means the value that was read last.
            return self._values(target)[-1:]
        if isinstance(target, Tensor):
            dtype = target._array.dtype
            return [target] if dtype is FLOAT or is_floating(dtype) else []
        raise wrong_target(target)

    def _tensors(self, target: object) -> list[Tensor]:
        return [t for y in leaves(target) for t in (self._values(y) if isinstance(y, Variable) else [y])]

    def _reason(self, source: ArrayLike, targets: list[Tensor]) -> str:
        values = self._values(source)
        return reason(
            Evidence(
                source,
                values,
                targets,
                list(ways_back(self._records)),
                self._assignments,
                list(self._beyond.values()),
                self._watch_variables,
            )
        )
