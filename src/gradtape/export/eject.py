"""eject: the training loop of a run, written as a short program.

The program makes model, loss and optimizer by constructor calls, takes the starting weights from the run's
first checkpoint, and uses the run's batches in the run's order, with five lines per step.  On the engine,
machine and versions of the run its losses have the run's bits.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from gradtape.errors import RunError
from gradtape.export.loop_facts import Parameters, parameters_of
from gradtape.export.python_source import (
    PythonSource,
    indented,
    joined,
    quoted,
)
from gradtape.export.source_data import DataSource
from gradtape.export.source_loop import loop_lines, rate_lines
from gradtape.export.source_model import ModelSource, adds_losses
from gradtape.training.checks.per_output import per_output
from gradtape.training.objective import LossOfFunction
from gradtape.training.trainable import TrainableModel

# what the program itself uses: a layer called "loss" gets another name
_TAKEN = {
    *("Path", "np", "gradtape", "open_run", "GradientTape", "Input", "Model", "Sequential", "layers", "ops"),
    *("losses", "optimizers", "model", "loss", "loss_function", "optimizer", "gradients", "tape", "step"),
    *("predictions", "training_step", "load_data", "train", "found", "epoch", "rows", "order", "start"),
    *("x", "y", "sample_weight", "data", "RUN", "SEED", "BATCH_SIZE", "EPOCHS", "RATES", "fingerprint"),
}


def eject(run: object, path: Any = "loop.py", overwrite: bool = False) -> Path:
    """Write the training loop that a run executed as a program, and return its path.

    Args:
        run: an opened run.
        path: the file to write.
        overwrite: whether a file that is there already is replaced.

    Raises:
        RunError: if the run's training cannot be written as a plain loop, or the file is there.
    """
    target = Path(path)
    text = program(run, target.resolve().parent)
    if target.exists() and not overwrite:
        raise RunError(f"eject: {target} is there already; overwrite=True replaces it")
    target.write_text(text, encoding="utf-8")
    return target


def program(run: Any, folder: Path) -> str:
    """Return the text of the program.

    Args:
        run: an opened run.
        folder: the program's folder; the path of the run is relative to it.
    """
    known = parameters_of(run)
    written, model = PythonSource(), known.model
    models = ModelSource(written, set(_TAKEN))
    models.make(model, "model")
    data = DataSource(run, known.source, written)
    pieces = [*models.lines, *_losses(model, written), _optimizer(known, written)]
    step = _step(model, data, written)
    loop = loop_lines(known, data, written)
    where = os.path.relpath(run.path.resolve(), folder)
    constants = [*_constants(known, where), f"SHA256 = {data.sha256}", *rate_lines(known)]
    body = [*constants, "", *pieces, "", "", *data.lines, "", "", *step, "", "", *loop]
    # the imports come first in the text, but are known only when all else is written
    return "\n".join([*_head(known, data), "", *_imports(written), "", *_engine(known), *body, ""])


def _head(known: Parameters, data: DataSource) -> list[str]:
    call = "python loop.py" if data.is_named else "python loop.py data.npz"
    return [
        '"""The training loop of a recorded run, as a program of its own.',
        "",
        f"    {call}",
        "",
        f"It does {known.count} steps and says how many of its losses have the bits of the run's.  Metrics,",
        "validation and callbacks are left out, for they are no part of a step; the learning rates that",
        "callbacks set are here, but nothing else that a callback may have changed between two steps.",
        '"""',
    ]


def _imports(written: PythonSource) -> list[str]:
    written.need("gradtape", "GradientTape")
    written.need("gradtape", "open_run")
    written.need("gradtape", "set_engine")
    return [
        # under "" are modules that are imported whole, not names from one
        *(["import sys"] if "sys" in written.imports.pop("", set()) else []),
        "from pathlib import Path",
        "",
        "import numpy as np",
        "",
        *written.import_lines(),
    ]


def _engine(known: Parameters) -> list[str]:
    return [f"set_engine({quoted(known.engine)})", ""]


def _constants(known: Parameters, where: str) -> list[str]:
    return [
        f"RUN = Path(__file__).resolve().parent / {quoted(where)}",
        f"SEED, BATCH_SIZE, EPOCHS = {known.seed!r}, {known.batch_size!r}, {known.epochs!r}",
    ]


def _losses(model: TrainableModel, written: PythonSource) -> list[str]:
    """Return the lines that make the losses of the outputs."""
    objective = model.training_state.objective
    if objective is None:
        return []
    texts = [_loss(one, written) for one in objective.losses if one is not None]
    if len(texts) == 1:
        return [f"loss_function = {texts[0]}"]
    return [joined("loss_functions = [", texts, "]")]


def _loss(loss: object, written: PythonSource) -> str:
    if isinstance(loss, LossOfFunction):
        made = written.need("gradtape.training.objective", "LossOfFunction")
        return f"{made}({written.name(loss.function)})"
    written.need("gradtape", "losses")
    return written.call(loss)


def _optimizer(known: Parameters, written: PythonSource) -> str:
    optimizer = known.model.optimizer
    schedule = optimizer._rate if known.rates is None else known.rates[0]
    return f"optimizer = {written.call(optimizer, learning_rate=schedule)}"


def _step(model: TrainableModel, data: DataSource, written: PythonSource) -> list[str]:
    """Return the function with the five lines."""
    loss = [
        "predictions = model(" + data.x + ", training=True)",
        *_loss_lines(model, data),
        *(["for extra in model.losses:", "    loss = loss + extra"] if adds_losses(model) else []),
    ]
    return [
        f"def training_step({', '.join(data.names)}):",
        '    """Change the weights by one batch, and return its loss."""',
        "    with GradientTape() as tape:",
        *[indented(line, 8) for line in loss],
        f"    gradients = tape.gradient(loss, model.trainable_weights{_unconnected(model)})",
        "    optimizer.apply(gradients, model.trainable_weights)",
        "    return loss",
    ]


def _unconnected(model: TrainableModel) -> str:
    """Return the argument that gives zeros to weights which only serve outputs without a loss."""
    return "" if model.unconnected == "none" else f', unconnected_gradients="{model.unconnected}"'


def _loss_lines(model: TrainableModel, data: DataSource) -> list[str]:
    """Return the lines that compute the loss of predictions."""
    objective = model.training_state.objective
    if objective is None:
        return ["loss = 0.0"]
    names = objective.names
    goals = per_output(data.y_names, names, "y")
    weights = per_output(data.weight_names, names, "sample_weight", spread=True)
    ends = _predictions(model, names)
    terms: list[str] = []
    for i, one in enumerate(objective.losses):
        if one is None:
            continue
        function = f"loss_functions[{len(terms)}]" if len(objective.losses) > 1 else "loss_function"
        given = [str(goals[i]), ends[i], *([] if weights[i] is None else [weights[i]])]
        factor = "" if objective.weights[i] is None else f" * {objective.weights[i]!r}"
        terms.append(f"{function}({', '.join(given)}){factor}")
    if sum(one is not None for one in objective.losses) == 1:
        terms = [term.replace("loss_functions[0]", "loss_function") for term in terms]
    return [f"loss = {terms[0]}", *[f"loss = loss + {term}" for term in terms[1:]]]


def _predictions(model: TrainableModel, names: list[str]) -> list[str]:
    """Return the expression for each output."""
    if len(names) == 1 and (
        model.call_graph is None or not isinstance(model.call_graph.outputs, list | tuple | dict)
    ):
        return ["predictions"]
    if model.call_graph is None:
        raise RunError("eject: the outputs of a model without a graph are not known; only one can be written")
    outputs = model.call_graph.outputs
    keys = [quoted(str(k)) for k in outputs] if isinstance(outputs, dict) else range(len(outputs))
    return [f"predictions[{key}]" for key in keys]
