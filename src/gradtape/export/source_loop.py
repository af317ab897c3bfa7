"""The loop over epochs and batches as a program: the run's order, its learning rates, its starting state."""

from __future__ import annotations

import math

from gradtape.export.loop_facts import Parameters
from gradtape.export.python_source import PythonSource, indented, joined
from gradtape.export.source_data import DataSource


def loop_lines(known: Parameters, data: DataSource, written: PythonSource) -> list[str]:
    """Return the function ``train`` and the call of it.

    Args:
        known: the numbers of the loop.
        data: what the arrays are called.
        written: gathers what the lines import.
    """
    names = ", ".join(data.names)
    load = "load_data()" if data.is_named else "load_data(sys.argv[1])"
    return [
        f"def train({names}):",
        '    """Return the loss of every step."""',
        *[indented(line) for line in _start(known, data)],
        "    found = []",
        *[indented(line) for line in _epochs(known, data, written)],
        '        print(f"epoch {epoch + 1}: loss of the last step {found[-1]:.6f}")',
        "    return found",
        "",
        "",
        'if __name__ == "__main__":',
        f"    found = train(*{load})",
        '    recorded = open_run(RUN).steps["loss"]',
        '    print(f"{np.sum(found == recorded)} of {len(recorded)} losses have the bits of the run\'s")',
    ]


def _start(known: Parameters, data: DataSource) -> list[str]:
    """Return the lines that put the state of the first checkpoint in place."""
    lines = [f"start = open_run(RUN).checkpoint({known.first}).arrays"]
    # a model without a graph learns the shape of its inputs, and so of its weights, from its first call
    if known.model.call_graph is None:
        lines.append(f"model({data.first})  # makes the weights")
    lines += [
        "for name, variable in model.named_variables().items():",
        '    variable.assign(start[f"model.{name}"])',
    ]
    if known.is_started:
        lines += [
            "optimizer.build(model.trainable_weights)  # and the state it had, for this is no beginning",
            "paths = {id(variable): name for name, variable in model.named_variables().items()}",
            "for name, variable in optimizer.named_state(lambda weight: paths[id(weight)]).items():",
            '    if name != "learning_rate":  # which stands above',
            '        variable.assign(start[f"optimizer.{name}"])',
        ]
    return lines


def _epochs(known: Parameters, data: DataSource, written: PythonSource) -> list[str]:
    """Return the loops over epochs and batches."""
    span = f"{known.epoch}, EPOCHS" if known.epoch else "EPOCHS"
    lines = [*_compiled(known, written), f"for epoch in range({span}):"]
    lines += [f"    order = {_order(known, data, written)}"]
    # a fork may begin within an epoch, whose first batches its parent has done
    if known.batch:
        lines += [f"    order = order[{known.batch}:] if epoch == {known.epoch} else order"]
    if known.batch + known.count != known.steps * (known.epochs - known.epoch):
        lines += [f"    order = order[: {known.count} - len(found)]  # the run ended within an epoch"]
    by_epoch = _by_epoch(known)
    if by_epoch:
        lines += ["    if epoch in RATES:", "        optimizer.learning_rate = RATES[epoch]"]
    return [*lines, *_steps(known, data, written, by_epoch is None)]


def _steps(known: Parameters, data: DataSource, written: PythonSource, is_changing: bool) -> list[str]:
    """Return the loop over the batches of an epoch."""
    rows = ", ".join(f"{name}[rows]" for name in data.names)
    # a rate that changes within an epoch has to be set between two steps, where one program leaves no place
    if known.engine == "numpy" or is_changing:
        step = "training_step" if known.engine == "numpy" else "step"
        set_rate = [
            "        if len(found) in RATES:",
            "            optimizer.learning_rate = RATES[len(found)]",
        ]
        return [
            "    for rows in order:",
            *(set_rate if is_changing else []),
            f"        loss = {step}({rows})",
            "        found.append(float(loss))",
        ]
    feed = written.need("gradtape.training.feed", "feed")
    return [
        "    # As in fit: one program does many steps in a call.",
        f"    for call, samples, rows in {feed}([{', '.join(data.names)}], order):",
        "        found += step.over_known(samples, rows, len(call)).tolist()",
    ]


def _by_epoch(known: Parameters) -> dict[int, float] | None:
    """Return the learning rates by the epoch with which they begin; None if one changes within an epoch."""
    places = {known.batch + i: rate for i, rate in known.changes.items()}
    # a table by epoch is shorter, but has no place for a change within one
    if any(place % known.steps for place in places):
        return None
    return {known.epoch + place // known.steps: rate for place, rate in places.items()}


def rate_lines(known: Parameters) -> list[str]:
    """Return the table of the learning rates that are not the first one."""
    lines = []
    if known.changes:
        by_epoch = _by_epoch(known)
        table = known.changes if by_epoch is None else by_epoch
        what = "step" if by_epoch is None else "epoch"
        rows = joined("RATES = {", [f"{k}: {v!r}" for k, v in table.items()], "}")
        lines += [f"# The learning rates that callbacks set, by the {what} with which they begin.", rows]
    return lines


def _compiled(known: Parameters, written: PythonSource) -> list[str]:
    """Return the lines that make one program of the step, where the engine compiles."""
    if known.engine == "numpy":
        return []
    compiled = written.need("gradtape", "compile")
    return [
        "optimizer.build(model.trainable_weights)",
        f"step = {compiled}(training_step)",
    ]


def _order(known: Parameters, data: DataSource, written: PythonSource) -> str:
    """Return the expression for the batches of an epoch, as row numbers."""
    source, one = known.source, data.names[0]
    if known.steps != math.ceil(len(source.arrays[0]) / known.batch_size):  # epochs that are no turns
        make = written.need("gradtape.data", "ArraySource")
        shuffle = written.value(source.shuffle)
        given = [one, "batch_size=BATCH_SIZE", f"shuffle={shuffle}", f"steps={source.steps}"]
        return joined(f"{make}(", given, ").order(SEED, epoch)")
    # the functions of the training itself: written anew, the order could differ
    cut = written.need("gradtape.data.order", "batches")
    if source.shuffle is False:
        return f"{cut}(np.arange(len({one})), BATCH_SIZE)"
    turn = written.need("gradtape.data.order", "epoch_order")
    if source.shuffle is True:
        return f"{cut}({turn}(len({one}), SEED, epoch), BATCH_SIZE)"
    rows = f"{cut}(np.arange(len({one})), BATCH_SIZE)"
    return f"[{rows}[number] for number in {turn}({source.steps}, SEED, epoch)]"
