"""fit_recorded: fit that writes a run which can be opened however the training ends."""

from __future__ import annotations

import shlex
import signal
import sys
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from gradtape import engine
from gradtape.callbacks import CallbackList
from gradtape.errors import GradtapeError
from gradtape.runs.options import Origin
from gradtape.runs.run_config import read_config
from gradtape.runs.start import start
from gradtape.runs.writer import RunWriter
from gradtape.training import loop
from gradtape.training.signals import Stop
from gradtape.training.trainable import TrainableModel


@contextmanager
def recorded(
    model: TrainableModel,
    plan: loop.Plan,
    callbacks: CallbackList,
    run: object,
    is_resumed: bool,
    about: dict[str, Any],
    origin: Origin | None = None,
) -> Iterator[loop.Start]:
    """Record the training in the block, and give the position where it starts.

    Args:
        model: built and compiled.
        plan: moved to the position where a resumed run continues.
        callbacks: the callbacks; their state is part of the run.
        run: the folder, or a `Recording`.
        is_resumed: whether an existing run is resumed.
        about: the arguments of `fit` that decide what happens, as JSON values.
        origin: the step of another run that a fork continues; the model has the state of that step.
    """
    recorder = start(run, is_resumed, model, (plan.source, plan.validation), plan.seed, about, origin)
    plan.recorder, plan.seed = recorder, recorder.seed
    recorder.callbacks, callbacks.norms = callbacks, recorder.options.gradient_norms
    if recorder.position.step:
        plan.initial_epoch, plan.initial_batch = recorder.position.epoch, recorder.position.batch
    # an overflow shows in the loss, and ends the run
    with kept(recorder, plan.stop), engine.active.quiet():
        yield loop.Start(recorder.callback_state, recorder.callback_arrays)


@contextmanager
def kept(recorder: RunWriter, stop: Stop) -> Iterator[None]:
    """Record how the block ends: finished, stopped, or failed, and why."""
    try:
        yield
    except KeyboardInterrupt:
        _stopped(recorder, stop)
        raise
    except BaseException as error:
        _failed(recorder, error)
        raise
    recorder.finish("end")


def _failed(recorder: RunWriter, error: BaseException) -> None:
    """Record why it failed; if that cannot be written either, the original error is raised."""
    # the end of a traceback names the cause; an error may quote a whole array
    text = "".join(traceback.format_exception(error))
    try:
        recorder.finish("failure", {"error": str(error)[:2000], "traceback": text[-20000:]})
    except GradtapeError as another:
        print(f"warning: {another}", file=sys.stderr)


def _stopped(recorder: RunWriter, stop: Stop) -> None:
    """Save the state and print how to resume; SystemExit after SIGTERM."""
    recorder.finish("stop", {"signal": stop.signal})
    recorder.callbacks.close()  # a progress line that is written over ends here
    advice = how_to_continue(recorder.folder)
    print(f"stopped after step {recorder.position.step}; to continue: {advice}", file=sys.stderr)
    # KeyboardInterrupt goes on to the caller; for SIGTERM the exit code 143 must not depend on it
    if stop.signal == signal.SIGTERM:
        raise SystemExit(stop.exit_code)


def how_to_continue(folder: Path) -> str:
    """Return how the run is continued: by the command line if that made it, otherwise by its own program."""
    if "recipe" in (read_config(folder).get("about") or {}):
        return f"gradtape resume {shlex.quote(str(folder))}"
    return "the same call, with resume=True"
