"""GradientTape: remembers the operations inside its block and differentiates them by the chain rule."""

from __future__ import annotations

import weakref
from typing import Any

from gradtape.base.trees import leaves, rebuild
from gradtape.core.tensor import ArrayLike, Tensor
from gradtape.errors import ArgumentTypeError, show
from gradtape.tape.jacobian import batch_jacobian, jacobian
from gradtape.tape.output_gradients import seeds, wants_zeros, zeros_like
from gradtape.tape.source_gradients import SourceGradients
from gradtape.tape.why_none import connected, describe


class GradientTape(SourceGradients):
    """Records the operations on watched tensors, for `gradient` to differentiate them.

    Args:
        persistent: keep the records after `gradient`, so that it can be asked again.
        watch_accessed_variables: watch every trainable Variable that is read.

    >>> from gradtape import GradientTape, Variable
    >>> x = Variable(3.0)
    >>> with GradientTape() as tape:
    ...     y = x * x
    >>> tape.gradient(y, x)
    Tensor(6., shape=(), dtype=float32)

    Source: the public behaviour of TensorFlow's class of this name; `records`, `why` and the printed
    table are ours.
    """

    def gradient(
        self,
        target: object,
        sources: object,
        output_gradients: object = None,
        unconnected_gradients: str = "none",
    ) -> Any:
        """Return the gradient of the sum of `target` with respect to each of `sources`.

        Args:
            target: a Tensor or Variable, or a nested structure of them, whose elements are all summed.
            sources: a Tensor or Variable, or a nested structure of them.
            output_gradients: the cotangent of each target, of its shape; None means ones.
            unconnected_gradients: ``"none"`` gives None for a source that the target does not depend on,
                ``"zero"`` zeros.

        Returns:
            The structure of `sources`, with Tensors of the shape and dtype of each source, or None.

        Raises:
            TapeError: if a tape that is not persistent is asked for the second time.
        """
        # Checked before the walk, which uses the records up.
        zeros = unconnected_gradients != "none" and wants_zeros(unconnected_gradients)
        self.start_backward("gradient")
        # One loss, the usual target, needs no walk through a structure.
        targets, wanted = [target] if type(target) is Tensor else leaves(target), leaves(sources)
        given: list[Tensor | None] = [None] * len(targets)
        if output_gradients is not None:
            given = seeds(target, output_gradients)
        found = self.cotangents(targets, wanted, given)
        self.finish_backward(targets, wanted, found)
        if zeros:
            found = [zeros_like(s) if g is None else g for s, g in zip(wanted, found, strict=True)]
        return rebuild(sources, found)

    def jacobian(
        self,
        target: object,
        sources: object,
        unconnected_gradients: str = "none",
        parallel_iterations: int | None = None,
        experimental_use_pfor: bool = True,
    ) -> Any:
        """Return d target / d source: shape of `target`, then shape of the source.

        One backward walk per element of `target`.  The last two arguments are TensorFlow's, without effect.
        """
        return jacobian(self, target, sources, wants_zeros(unconnected_gradients))

    def batch_jacobian(
        self,
        target: object,
        source: object,
        unconnected_gradients: str = "none",
        parallel_iterations: int | None = None,
        experimental_use_pfor: bool = True,
    ) -> Any:
        """Return d target[i] / d source[i] for each i of the first axis: (batch, target's, source's axes).

        Right where a row of `target` depends on the same row of `source` only; one backward walk per
        element of a row.  The last two arguments are TensorFlow's and change nothing.
        """
        return batch_jacobian(self, target, source, wants_zeros(unconnected_gradients))

    def why(self, source: object, target: object = None) -> str:
        """Return in one sentence why the gradient for `source` is None.

        Args:
            source: the Tensor or Variable whose gradient is None.
            target: what was differentiated; None means the target of the last `gradient`, or, before
                any, what was recorded last.
        """
        if not isinstance(source, ArrayLike):
            raise ArgumentTypeError(f"why: source must be a Tensor or Variable, got {show(source)}")
        # The reasons were kept by gradient(), which may have freed the records since.
        if target is None or _same(leaves(target), self._targets):
            for place, asked in enumerate(self._asked):
                if asked() is source:
                    return self._reasons.get(place) or connected(describe(source))
        if self._used and not self._persistent:
            return (
                f"gradient() was not asked for {describe(source)} and this target, and it freed the records: "
                "GradientTape(persistent=True) keeps them."
            )
        if target is None:
            last = [y for y in (asked() for asked in self._targets) if y is not None]
            target = last or (list(self._records[-1].outputs) if self._records else [])
        return self._reason(source, self._tensors(target))


def _same(targets: list[Any], asked: list[weakref.ref[Any]]) -> bool:
    return len(targets) == len(asked) and all(r() is t for t, r in zip(targets, asked, strict=True))
