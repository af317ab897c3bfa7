"""Functions as hooks."""

from __future__ import annotations

from typing import Any

import pytest

from gradtape.callbacks import CallbackList, LambdaCallback
from gradtape.callbacks.callback import HOOKS
from gradtape.errors import ArgumentError, ArgumentTypeError
from tests.callbacks.scripted import Model, play


@pytest.mark.parametrize("hook", [hook for hook in HOOKS if "predict" not in hook])
def test_every_hook_can_be_a_function(hook: str) -> None:
    found: list[Any] = []
    made = LambdaCallback(**{hook: lambda *args: found.append(args)})
    model = Model()
    play(CallbackList([made], model=model), model, [{"loss": 1.0, "val_loss": 2.0}])
    assert found
    assert len(found[0]) == (2 if "batch" in hook or "epoch" in hook else 1)


def test_a_hook_that_there_is_not_is_named() -> None:
    with pytest.raises(ArgumentError) as caught:
        LambdaCallback(on_epoch_ends=print)
    assert str(caught.value) == (
        "LambdaCallback: there is no hook 'on_epoch_ends'; did you mean 'on_epoch_end'?"
    )
    with pytest.raises(ArgumentTypeError, match="^LambdaCallback: on_epoch_end must be a function, got 3$"):
        LambdaCallback(on_epoch_end=3)  # type: ignore[arg-type]
