"""compile: the same step, as one program of the engine.

On NumPy a compiled function is the function itself, given and giving what it would elsewhere.  On JAX it is
traced once for each set of argument shapes: first to see which Variables it touches, then as a pure function
in which their values are inputs and outputs.  Whoever listens (a tape, a recorder) hears nothing of a
compiled program, so while somebody does, the function runs operation by operation.
"""

from __future__ import annotations

import functools
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import numpy as np

from gradtape import engine
from gradtape.errors import ArgumentTypeError, CompileError, ShapeError, show
from gradtape.listeners import add, local, remove
from gradtape.source import here, source_text
from gradtape.tensor import ArrayLike, Tensor, as_tensor
from gradtape.trees import leaves, rebuild
from gradtape.variable import Variable

_ARRAYS = (Tensor, np.ndarray, np.generic)
_VALUES = (ArrayLike, np.ndarray, np.generic)


class Compiled:
    """A function of tensors that runs as one compiled program where the engine has such; see `compile`.

    Attributes:
        function: the function as it was written.
        run_eagerly: whether it is to run operation by operation all the same.
        traces: how often it has been traced: a call with new shapes adds one.
    """

    def __init__(self, function: Callable[..., Any], run_eagerly: bool = False) -> None:
        if not callable(function):
            raise ArgumentTypeError(f"compile: needs a function, got {show(function)}")
        self.function = function
        self.run_eagerly = run_eagerly
        self.traces = 0
        self._programs: dict[Any, list[_Program]] = {}
        functools.update_wrapper(self, function, updated=())

    def __get__(self, instance: Any, owner: type | None = None) -> Compiled:
        """Return the compiled method of an instance, which keeps it: programs are made for each instance."""
        if instance is None:
            return self
        bound = Compiled(self.function.__get__(instance, owner), self.run_eagerly)
        getattr(instance, "__dict__", {})[self.__name__] = bound  # type: ignore[attr-defined]
        return bound

    @property
    def _is_plain(self) -> bool:
        return self.run_eagerly or not engine.active.compiles or bool(local.active)

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        args, names = (*args, *kwargs.values()), tuple(kwargs)
        for arg in args:
            if type(arg) is not Tensor:
                args = tuple(rebuild(list(args), [_as_given(leaf) for leaf in leaves(args)]))
                if not self.run_eagerly:
                    rebuild_key(args)  # which refuses what no program can be made for
                break
        if self._is_plain:
            result = _by_name(self.function, names)(*args)
            return result if self.run_eagerly or type(result) is Tensor else _checked(result)
        return self._program(args, loop=False, names=names).run(_arrays(args))

    def over(self, data: Sequence[Any], rows: Any, count: int | None = None) -> Any:
        """Run the function on one batch after the other, in one program where the engine has such.

        Args:
            data: tensors with samples along the first axis; the batch is the same rows of each.
            rows: (steps, batch) integers: which samples make each batch.
            count: how many of the steps are done; None does all.  Steps left out cost nothing, so one
                program serves any number of steps up to ``len(rows)``.

        Returns:
            What the function returns, with the steps along a new first axis, (count, ...).
        """
        tensors = [as_tensor(d) for d in data]
        numbers = np.asarray(rows)
        steps = len(numbers) if count is None else count
        if numbers.ndim != 2 or not 0 <= steps <= len(numbers):
            raise ShapeError(
                f"over: rows must be (steps, batch) with steps >= count, got {numbers.shape}, count {count}"
            )
        engine.active.check_indices(numbers, min(len(t) for t in tensors), "over: rows")
        return self.over_known(tensors, numbers, steps)

    def over_known(self, tensors: list[Tensor], rows: Any, count: int) -> Any:
        """Do what `over` does, for rows that are known to be there."""
        if self._is_plain:
            return self._one_by_one(tensors, rows[:count])
        program = self._program(tensors, loop=True, rows=rows.shape)
        return program.run_loop([t._array for t in tensors], rows, count)

    def _one_by_one(self, tensors: list[Tensor], rows: Any) -> Any:
        results = [self.function(*[Tensor(t._array[r]) for t in tensors]) for r in rows]
        if not results:
            return None
        if len(results) == 1:  # a step of `fit`; stacking takes NumPy ten times as long
            return rebuild(results[0], [Tensor(as_tensor(x)._array[None]) for x in leaves(results[0])])
        columns = zip(*[leaves(result) for result in results], strict=True)
        return rebuild(
            results[0], [Tensor(engine.xp.stack([as_tensor(x)._array for x in c])) for c in columns]
        )

    def _program(
        self, args: Any, loop: bool, rows: tuple[int, ...] = (), names: tuple[str, ...] = ()
    ) -> _Program:
        key = (rebuild_key(args), loop, rows, names)
        programs = self._programs.setdefault(key, [])
        for program in programs:
            if program.holds():
                return program
        self.traces += 1
        example = [_like_batch(a, rows[1]) if loop else a for a in args]
        programs.append(_Program(_by_name(self.function, names), example, loop))
        return programs[-1]


def _by_name(function: Callable[..., Any], names: tuple[str, ...]) -> Callable[..., Any]:
    """Return the function so that its last arguments are given by these names."""
    if not names:
        return function
    return lambda *args: function(*args[: -len(names)], **dict(zip(names, args[-len(names) :], strict=True)))


def _as_given(value: Any) -> Any:
    """Return arrays and data frames as tensors; Variables, and all else, as they are."""
    if isinstance(value, ArrayLike) or not hasattr(value, "__array__"):
        return value
    return as_tensor(value, None, "compile")


def _checked(result: Any) -> Any:
    """Return the result of a step with tensors for leaves, or raise CompileError as a program would."""
    found = leaves(result)
    if all(type(value) is Tensor for value in found):
        return result
    return rebuild(result, [None if value is None else _tensor(value) for value in found])


def _tensor(value: Any) -> Tensor:
    if isinstance(value, _VALUES):
        return as_tensor(value) if type(value) is not Variable else value.value
    raise CompileError(
        f"compile: the function must return tensors, got {show(value)}: what Python computes would be the "
        "same in every call of a compiled program. Return a tensor, or pass run_eagerly=True"
    )


def _like_batch(data: Tensor, samples: int) -> Tensor:
    """Return zeros in a batch's shape: a trace asks for no values, and taking rows would be a program."""
    array = data._array
    return Tensor(np.zeros((samples, *array.shape[1:]), array.dtype))


def compile(function: Callable[..., Any], run_eagerly: bool = False) -> Compiled:
    """Return `function` as one compiled program per set of argument shapes.

    Args:
        function: written with Variables, GradientTape and operations.  Tensors and arrays among its
            arguments, nested too, become inputs of the program, and reach it as tensors; other arguments
            (Variables, numbers, strings, None) are fixed when it is traced, and so is all else that Python
            keeps; only when other weights are to be trained it is traced again.  It returns tensors,
            nested or not, or None.
        run_eagerly: run operation by operation instead, to look at values inside.

    Returns:
        A function with the same result and the same effect on Variables; on NumPy it is `function` itself,
        given tensors and returning them.  As a decorator it serves functions and methods.

    Raises:
        CompileError: when called, if the function needs a value while it is being traced: prints a tensor,
            calls float(), or decides by a tensor's value.  The message names the line.  On every engine,
            if it returns what is no tensor; `run_eagerly` allows that.

    >>> from gradtape import Variable, compile
    >>> total = Variable(0.0)
    >>> step = compile(lambda x: total.assign_add(x).value)
    >>> step(np.float32(2)), step(np.float32(3))
    (Tensor(2., shape=(), dtype=float32), Tensor(5., shape=(), dtype=float32))
    """
    return Compiled(function, run_eagerly)


def rebuild_key(args: Any) -> Any:
    """Return what must be equal in two calls for one program to serve both."""
    if isinstance(args, dict):
        return tuple((k, rebuild_key(v)) for k, v in args.items())
    if isinstance(args, list | tuple):
        return (type(args).__name__, *[rebuild_key(a) for a in args])
    if isinstance(args, _ARRAYS):
        return (tuple(args.shape), str(args.dtype))
    if isinstance(args, Variable):
        return ("Variable", id(args))
    try:
        hash(args)
    except TypeError:
        raise ArgumentTypeError(
            "compile: arguments must be tensors, arrays or Variables, or be hashable, for a compiled program "
            f"is made for one value of each; got {show(args)}"
        ) from None
    return (type(args).__name__, args)


def _arrays(args: Any) -> list[Any]:
    """Return the engine's arrays among the arguments."""
    return [as_tensor(a)._array for a in leaves(args) if isinstance(a, _ARRAYS)]


class _Program:
    """One compiled program: the Variables it touches, and how its results are put together."""

    def __init__(self, function: Callable[..., Any], example: Any, loop: bool) -> None:
        self.function = function
        self.example = example
        self.places = leaves(example)
        self.result: Any = None
        self.fixed: list[Any] = []
        self.asked: dict[int, tuple[Any, list[int]]] = {}
        self.variables, shapes = self._touched()
        self.trainable = [variable.trainable for variable in self.variables]
        self.compiled = (
            engine.active.compiled_loop(self._loop_step, shapes)
            if loop
            else engine.active.compiled(self._pure)
        )

    def holds(self) -> bool:
        """Tell whether those weights are to be trained that were when the program was made."""
        for variable, trainable in zip(self.variables, self.trainable, strict=True):
            if variable.trainable is not trainable:
                return False
        return all(_ids(layer.trainable_weights) == weights for layer, weights in self.asked.values())

    def run(self, arrays: list[Any]) -> Any:
        state, results = self._launch(arrays)
        self._hold(state)
        return self._rebuilt(results)

    def run_loop(self, data: list[Any], rows: Any, count: int) -> Any:
        state, results = self._launch(count, data, rows)
        self._hold(state)
        done = results if count == len(rows) else [r[:count] for r in results]
        return self._rebuilt(done)

    def _rebuilt(self, arrays: Any) -> Any:
        """Return the structure of the results, with None where the function returned None."""
        given = iter(arrays)
        places = leaves(self.result)
        return rebuild(self.result, [None if place is None else Tensor(next(given)) for place in places])

    def _launch(self, *arguments: Any) -> Any:
        try:
            return self.compiled(self._state(), *arguments)
        except Exception as error:
            if engine.active.is_trace_error(error):
                raise engine.active.trace_error(error) from None
            raise

    def _state(self) -> list[Any]:
        state = []
        for variable in self.variables:
            references = sys.getrefcount(variable._tensor)  # asked first, while nothing here holds it
            state.append(engine.active.private(variable._tensor, references))
        return state

    def _hold(self, state: list[Any]) -> None:
        for variable, array in zip(self.variables, state, strict=True):
            variable._tensor = Tensor(array)

    def _call(self, arrays: Any) -> Any:
        """Run the function on `arrays` in the places of the example's arrays."""
        given = iter(arrays)
        filled = [Tensor(next(given)) if isinstance(p, _ARRAYS) else p for p in self.places]
        return self.function(*rebuild(self.example, filled))

    def _touched(self) -> tuple[list[Variable], list[Any]]:
        """Return the Variables that the function reads or assigns, by their first time, and its results."""
        watcher = _Watcher()
        with _traced(watcher):
            local.asked = []
            try:
                results = engine.active.abstractly(self._first_call, _arrays(self.example))
            finally:
                asked, local.asked = local.asked, None
        for layer, weights in asked:
            self.asked.setdefault(id(layer), (layer, _ids(weights)))
        return watcher.variables(), results

    def _first_call(self, arrays: Any) -> list[Any]:
        result = self._call(arrays)
        self.fixed = _fixed(result)
        return _outputs(result)

    def _pure(self, state: list[Any], arrays: list[Any]) -> tuple[list[Any], list[Any]]:
        watcher = _Watcher(self.variables)
        with _traced(watcher):
            self._hold(state)
            self.result = self._call(arrays)
            _check_fixed(self.result, self.fixed)
            return [v._array for v in self.variables], _outputs(self.result)

    def _loop_step(self, state: list[Any], *batch: Any) -> tuple[list[Any], list[Any]]:
        return self._pure(state, list(batch))


def _outputs(result: Any) -> list[Any]:
    return [_tensor(value)._array for value in leaves(result) if value is not None]


def _ids(variables: list[Variable]) -> list[int]:
    return [id(variable) for variable in variables]


def _fixed(result: Any) -> list[Any]:
    """Return what each result is that will be the same in every call; None for those that are computed."""
    arrays = _outputs(result)
    return [None if engine.active.is_traced(array) else engine.active.to_numpy(array) for array in arrays]


def _check_fixed(result: Any, before: list[Any]) -> None:
    """Raise if a result that no tensor goes into was another one in the call before."""
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


class _Watcher:
    """Listens to a trace: keeps each Variable's value from before, to put it back afterwards."""

    def __init__(self, expected: list[Variable] | None = None) -> None:
        self._expected = None if expected is None else {id(v) for v in expected}
        self._before: dict[int, tuple[Variable, Tensor]] = {id(v): (v, v._tensor) for v in expected or []}

    def variables(self) -> list[Variable]:
        return [variable for variable, _ in self._before.values()]

    def on_operation(self, operation: Any, inputs: Any, attributes: Any, output: Any) -> None:
        pass

    def on_read(self, variable: Variable, tensor: Tensor) -> None:
        self._note(variable, tensor)

    def on_assign(self, variable: Variable, value: Tensor, before: Tensor) -> None:
        self._note(variable, before)

    def _note(self, variable: Variable, before: Tensor) -> None:
        if id(variable) in self._before:
            return
        if self._expected is not None:
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
def _traced(watcher: _Watcher) -> Iterator[None]:
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
    found = "the function"
    trace = error.__traceback__
    while trace is not None:
        name = trace.tb_frame.f_globals.get("__name__", "")
        if not name.startswith(("gradtape", "jax")):
            found = source_text(trace.tb_frame.f_code, trace.tb_lasti)
        trace = trace.tb_next
    return found
