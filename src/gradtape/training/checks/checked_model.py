"""CheckedModel: what the checks before the first step ask of a model, written down."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Protocol

from gradtape.core.variable import Variable


class CheckedState(Protocol):
    """The part of `gradtape.training.training_state.TrainingState` that checks read.

    Attributes:
        objective: the losses; None if there is none.
        trials: what trials of the model showed, by the inputs' shapes.
    """

    objective: Any
    trials: dict[Any, Any]


class CheckedModel(Protocol):
    """A model as the checks see it; `gradtape.training.trainable.TrainableModel` is one.

    Attributes:
        name: how it is called.
    """

    name: str

    @property
    def training_state(self) -> CheckedState:
        """All that belongs to its training."""

    @property
    def call_graph(self) -> Any:
        """The graph of a functional model or a Sequential with Input; None of others."""

    @property
    def weights(self) -> list[Variable]:
        """All weights."""

    @property
    def trainable_weights(self) -> list[Variable]:
        """The weights that training changes."""

    @property
    def output_names(self) -> list[str]:
        """What the outputs are called."""

    @property
    def outputs(self) -> Sequence[Any]:
        """The placeholders of a functional model's outputs."""

    def has_own(self, *methods: str) -> bool:
        """Tell whether somebody has put another method in the place of one of these."""

    def call(self, *args: Any, **kwargs: Any) -> Any:
        """Return the outputs, given tensors."""

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """Return the outputs."""
