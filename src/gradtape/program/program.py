"""Program: a step that has been traced for arguments of some shapes, as one program of the engine."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Any

import numpy as np

from gradtape import engine
from gradtape.base.trees import leaves, rebuild
from gradtape.core.hooks import local
from gradtape.core.tensor import ArrayLike, Tensor, as_tensor
from gradtape.core.variable import Variable
from gradtape.errors import CompileError, show
from gradtape.program.tracing import VariableWatcher, traced

ARRAYS = (Tensor, np.ndarray, np.generic)
_VALUES = (ArrayLike, np.ndarray, np.generic)


class Program:
    """One compiled program: the Variables it touches, and how its results are put together.

    Args:
        function: what is compiled.
        example: arguments of the shapes that it serves.
        loop: whether it does many steps in a call.
        place_state: returns the array of a Variable where the program reads and writes it; None: where it is.
    """

    def __init__(
        self,
        function: Callable[..., Any],
        example: object,
        loop: bool,
        place_state: Callable[[Any], Any] | None = None,
    ) -> None:
        self.function = function
        self.place_state = place_state
        self.example = example
        self.places = leaves(example)
        self.result: Any = None
        self.fixed: list[Any] = []
        self.asked: dict[int, tuple[Any, list[int]]] = {}
        # Traced twice: this first time finds the Variables that the function reads or assigns, in the order
        # of their first use, and the shapes of its results.  Only then can they be inputs of a program.
        watcher = VariableWatcher()
        with traced(watcher):
            local.asked = []
            try:
                shapes = engine.active.abstractly(self._first_call, arrays_among(example))
            finally:
                asked, local.asked = local.asked, None
        for layer, weights in asked:
            # which weights train is fixed in the program, so `holds` asks these layers again
            self.asked.setdefault(id(layer), (layer, _ids(weights)))
        self.variables = watcher.variables()
        self.trainable = [variable.trainable for variable in self.variables]
        self.compiled = (
            engine.compiler().compiled_loop(self._loop_step, shapes)
            if loop
            else engine.compiler().compiled(self._pure)
        )

    def holds(self) -> bool:
        """Tell whether the weights to be trained are those for which the program was made."""
        for variable, trainable in zip(self.variables, self.trainable, strict=True):
            if variable.trainable is not trainable:
                return False
        return all(_ids(layer.trainable_weights) == weights for layer, weights in self.asked.values())

    def run(self, arrays: list[Any]) -> Any:
        # The program took the old values' memory: the Variables need the new ones before anything else runs.
        state, results = self._launch(arrays)
        self._hold(state)
        return self._rebuilt(results)

    def run_loop(self, data: list[Any], rows: Any, count: int) -> Any:
        state, results = self._launch(count, data, rows)
        self._hold(state)
        # the results of steps that were left out are zeros
        done = results if count == len(rows) else [r[:count] for r in results]
        return self._rebuilt(done)

    def _rebuilt(self, arrays: Any) -> Any:
        """Return the structure of the results, with None where the function returned None."""
        remaining = iter(arrays)
        places = leaves(self.result)
        return rebuild(self.result, [None if place is None else Tensor(next(remaining)) for place in places])

    def _launch(self, *arguments: object) -> Any:
        try:
            return self.compiled(self._state(), *arguments)
        except Exception as error:
            if engine.active.is_trace_error(error):
                raise engine.active.trace_error(error) from None
            raise

    def _state(self) -> list[Any]:
        state = []
        for variable in self.variables:
            references = sys.getrefcount(variable._tensor)  # counted before a name here holds it
            state.append(engine.compiler().private(variable._tensor, references))
        return state if self.place_state is None else [self.place_state(array) for array in state]

    def _hold(self, state: list[Any]) -> None:
        for variable, array in zip(self.variables, state, strict=True):
            # not `assign`, of which hooks are told: here nobody assigns
            variable._tensor = Tensor(array)

    def _arguments(self, arrays: Any) -> Any:
        """Return the function's arguments, with `arrays` in the places of the example's arrays."""
        remaining = iter(arrays)
        return rebuild(
            self.example, [Tensor(next(remaining)) if isinstance(p, ARRAYS) else p for p in self.places]
        )

    def _first_call(self, arrays: object) -> list[Any]:
        result = self.function(*self._arguments(arrays))
        self.fixed = _fixed(result)
        return _outputs(result)

    def _pure(self, state: list[Any], arrays: list[Any]) -> tuple[list[Any], list[Any]]:
        watcher = VariableWatcher(self.variables)
        with traced(watcher):
            self._hold(state)
            # its tensors only stand for values: kept for the structure, which `_rebuilt` fills
            self.result = self.function(*self._arguments(arrays))
            _check_fixed(self.result, self.fixed)
            return [v._array for v in self.variables], _outputs(self.result)

    def _loop_step(self, state: list[Any], *batch: object) -> tuple[list[Any], list[Any]]:
        return self._pure(state, list(batch))


def _outputs(result: object) -> list[Any]:
    return [result_tensor(value)._array for value in leaves(result) if value is not None]


def _ids(variables: list[Variable]) -> list[int]:
    return [id(variable) for variable in variables]


def _fixed(result: object) -> list[Any]:
    """Return the value of each result that does not depend on a tensor; None for the others."""
    arrays = _outputs(result)
    return [None if engine.active.is_traced(array) else engine.active.to_numpy(array) for array in arrays]


def _check_fixed(result: object, before: list[Any]) -> None:
    """Raise if a result that does not depend on a tensor differs between the two traces.

    Such a result is a constant of the program; a counter kept in Python would stand still.
    """
    for old, new in zip(before, _fixed(result), strict=True):
        if (
            old is not None
            and new is not None
            and not np.array_equal(old, new, equal_nan=old.dtype.kind == "f")
        ):
            raise CompileError(
                f"compile: a result changes from call to call, {old} and then {new}, though no tensor goes "
                "into it: it would stay as it is now. What changes must be kept in a Variable (in a metric: "
                "add_weight), or pass run_eagerly=True"
            )


def arrays_among(args: object) -> list[Any]:
    """Return the engine's arrays among the arguments."""
    return [as_tensor(a)._array for a in leaves(args) if isinstance(a, ARRAYS)]


def result_tensor(value: object) -> Tensor:
    """Return one of the results of a step as a tensor, or raise CompileError."""
    if isinstance(value, _VALUES):
        return as_tensor(value) if type(value) is not Variable else value.value
    raise CompileError(
        f"compile: the function must return tensors, got {show(value)}: what Python computes would be the "
        "same in every call of a compiled program. Return a tensor, or pass run_eagerly=True"
    )
