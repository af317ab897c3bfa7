"""Traces of a step: Variables get their values back, and errors say what a trace cannot do."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from gradtape import engine
from gradtape.core.hooks import Hook, add, remove
from gradtape.core.source_line import here, source_text
from gradtape.core.tensor import Tensor
from gradtape.core.variable import Variable
from gradtape.errors import CompileError


class VariableWatcher(Hook):
    """Watches a trace: keeps each Variable's value from before, to put it back afterwards."""

    def __init__(self, expected: list[Variable] | None = None) -> None:
        self._expected = None if expected is None else {id(v) for v in expected}
        self._before: dict[int, tuple[Variable, Tensor]] = {id(v): (v, v._tensor) for v in expected or []}

    def variables(self) -> list[Variable]:
        return [variable for variable, _ in self._before.values()]

    def on_read(self, variable: Variable, tensor: Tensor) -> None:
        self._note(variable, tensor)

    def on_assign(self, variable: Variable, value: Tensor, before: Tensor, method: str) -> None:
        self._note(variable, before)

    def _note(self, variable: Variable, before: Tensor) -> None:
        # only the first value is from before: what comes later belongs to the trace
        if id(variable) in self._before:
            return
        if self._expected is not None:
            # `restore` does not know this Variable: without this line it would keep a value of the trace.
            variable._tensor = before
            raise CompileError(
                f"compile: {here()} uses Variable {variable.name!r}, which was not touched when the function "
                "was first traced; make Variables once, outside, and do the same each time, "
                "or pass run_eagerly=True"
            )
        self._before[id(variable)] = (variable, before)

    def restore(self) -> None:
        for variable, before in self._before.values():
            variable._tensor = before


@contextmanager
def traced(watcher: VariableWatcher) -> Iterator[None]:
    """Trace inside the block: Variables get their values back, and errors say what to do."""
    add(watcher)
    try:
        yield
    except Exception as error:
        if engine.active.is_trace_error(error):
            raise _explained(error) from None
        raise
    finally:
        remove(watcher)
        watcher.restore()


def _explained(error: Exception) -> CompileError:
    # it was raised by a check of ours, and names the line already
    if isinstance(error, CompileError) and "compile:" in str(error):
        return error
    where = _line(error)
    return CompileError(
        f"compile: {where} needs the value of a tensor, which a compiled step only has when it runs. "
        "Return the tensor and look at it outside, decide with ops.where instead of if, "
        "or pass run_eagerly=True to run operation by operation"
    )


def _line(error: Exception) -> str:
    """Return the source line of the innermost frame outside the library's machinery."""
    line = "the function"
    trace = error.__traceback__
    while trace is not None:
        name = trace.tb_frame.f_globals.get("__name__", "")
        # no break: a traceback runs from the outermost frame inwards, so the last one that fits is wanted
        if not name.startswith(("gradtape", "jax")):
            line = source_text(trace.tb_frame.f_code, trace.tb_lasti)
        trace = trace.tb_next
    return line
