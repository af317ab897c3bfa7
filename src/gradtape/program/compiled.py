"""compile: the same step, as one program of the engine.

On NumPy a compiled function is the function itself, with the same kinds of arguments and results.  On JAX it
is traced for each set of argument shapes: first to see which Variables it touches, then as a pure function in
which their values are inputs and outputs.  A hook (a tape, a recorder) is told nothing of a
compiled program, so while there is one, the function runs operation by operation.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from gradtape import engine
from gradtape.base.trees import leaves, mapped, rebuild
from gradtape.core.hooks import local
from gradtape.core.tensor import ArrayLike, Tensor, as_tensor
from gradtape.core.variable import Variable
from gradtape.errors import ArgumentTypeError, ShapeError, show
from gradtape.program.program import (
    ARRAYS,
    Program,
    arrays_among,
    result_tensor,
)


class Compiled:
    """A function of tensors that runs as one compiled program where the engine has such; see `compile`.

    Args:
        function: the function as it was written.
        run_eagerly: whether it is to run operation by operation all the same.
        place_state: returns the array of a Variable where a program reads and writes it; None: where it is.

    Attributes:
        traces: how often it has been traced: a call with new shapes adds one.
    """

    def __init__(
        self,
        function: Callable[..., Any],
        run_eagerly: bool = False,
        place_state: Callable[[Any], Any] | None = None,
    ) -> None:
        if not callable(function):
            raise ArgumentTypeError(f"compile: needs a function, got {show(function)}")
        self.function = function
        self.run_eagerly = run_eagerly
        self.place_state = place_state
        self.traces = 0
        self._programs: dict[Any, list[Program]] = {}
        functools.update_wrapper(self, function, updated=())

    def __get__(self, instance: object, owner: type | None = None) -> Compiled:
        """Return the compiled method of an instance, which keeps it: programs are made for each instance."""
        if instance is None:
            return self
        bound = Compiled(self.function.__get__(instance, owner), self.run_eagerly, self.place_state)
        # Kept in the instance: the next call finds it there, and its programs live as long as the instance.
        getattr(instance, "__dict__", {})[self.__name__] = bound  # type: ignore[attr-defined]
        return bound

    @property
    def _is_plain(self) -> bool:
        return self.run_eagerly or not engine.active.compiles or bool(local.hooks)

    def __call__(self, *args: object, **kwargs: object) -> Any:
        # arguments by name become inputs like the others; `_by_name` gives them their names back
        args, names = (*args, *kwargs.values()), tuple(kwargs)
        # The usual call has tensors only, and pays for no walk over its arguments.
        for arg in args:
            if type(arg) is not Tensor:
                args = tuple(rebuild(list(args), [_as_tensor(leaf) for leaf in leaves(args)]))
                if not self.run_eagerly:
                    rebuild_key(args)  # for its errors: NumPy must refuse what no program can be made for
                break
        if self._is_plain:
            result = _by_name(self.function, names)(*args)
            return result if self.run_eagerly or type(result) is Tensor else _checked(result)
        return self._program(args, loop=False, names=names).run(arrays_among(args))

    def over(self, data: Sequence[Any], rows: object, count: int | None = None) -> Any:
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
        # here, as inside a program a row that does not exist raises nothing
        engine.active.check_indices(numbers, min(len(t) for t in tensors), "over: rows")
        return self.over_known(tensors, numbers, steps)

    def over_known(self, tensors: list[Tensor], rows: Any, count: int) -> Any:
        """Do what `over` does, for rows that are known to be there."""
        if self._is_plain:
            return side_by_side([self.on_rows(tensors, r) for r in rows[:count]])
        program = self._program(tensors, loop=True, rows=rows.shape)
        return program.run_loop([t._array for t in tensors], rows, count)

    def on_rows(self, tensors: list[Tensor], rows: Any) -> Any:
        """Return what the function gives for one batch: rows of each tensor, which are known to be there."""
        take = engine.active.rows_of
        return self.function(*[Tensor(take(t._array, rows)) for t in tensors])

    def _program(
        self, args: Any, loop: bool, rows: tuple[int, ...] = (), names: tuple[str, ...] = ()
    ) -> Program:
        key = (rebuild_key(args), loop, rows, names)
        programs = self._programs.setdefault(key, [])
        # several: trainable may be switched off and on again, and the first program then serves once more
        for program in programs:
            if program.holds():
                return program
        self.traces += 1
        example = [_like_batch(a, rows[1]) if loop else a for a in args]
        programs.append(Program(_by_name(self.function, names), example, loop, self.place_state))
        return programs[-1]


def side_by_side(results: list[Any]) -> Any:
    """Return the results of several steps as one, with the steps along a new first axis; None of none."""
    if len(results) < 2:
        return mapped(_alone, results[0]) if results else None
    columns = zip(*[leaves(result) for result in results], strict=True)
    stack = engine.active.stack
    return rebuild(results[0], [Tensor(stack([as_tensor(x)._array for x in c])) for c in columns])


def _alone(value: object) -> Tensor:
    """Return the value as a tensor with a new first axis of length 1."""
    return Tensor(as_tensor(value)._array[None])


def _by_name(function: Callable[..., Any], names: tuple[str, ...]) -> Callable[..., Any]:
    """Return the function so that its last arguments are given by these names."""
    if not names:
        return function
    return lambda *args: function(*args[: -len(names)], **dict(zip(names, args[-len(names) :], strict=True)))


def _as_tensor(value: object) -> Any:
    """Return an array or a data frame as a tensor; a Variable, and anything else, as it is."""
    if isinstance(value, ArrayLike) or not hasattr(value, "__array__"):
        return value
    return as_tensor(value, None, "compile")


def _checked(result: object) -> Any:
    """Return the result of a step with tensors for leaves, or raise CompileError as a program would."""
    values = leaves(result)
    if all(type(value) is Tensor for value in values):
        return result
    return rebuild(result, [None if value is None else result_tensor(value) for value in values])


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


def rebuild_key(args: object) -> Any:
    """Return what must be equal in two calls for one program to serve both."""
    if isinstance(args, dict):
        return tuple((k, rebuild_key(v)) for k, v in args.items())
    if isinstance(args, list | tuple):
        # with the type: the function is given a list or a tuple as it was, and may treat them differently
        return (type(args).__name__, *[rebuild_key(a) for a in args])
    if isinstance(args, ARRAYS):
        return (tuple(args.shape), str(args.dtype))
    if isinstance(args, Variable):
        # By identity: a program reads and assigns this Variable, whatever its value.
        return ("Variable", id(args))
    try:
        hash(args)
    except TypeError:
        raise ArgumentTypeError(
            "compile: arguments must be tensors, arrays or Variables, or be hashable, for a compiled program "
            f"is made for one value of each; got {show(args)}"
        ) from None
    # With the type: 1, 1.0 and True are equal in Python, and make different programs.
    return (type(args).__name__, args)
