"""tf.Module: an object that finds the Variables in its attributes."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from typing import Any, TypeVar

from gradtape.base.names import snake_case
from gradtape.base.trees import leaves
from gradtape.core.variable import Variable
from gradtape.layers import Layer

F = TypeVar("F", bound=Callable[..., Any])


class Module:
    """The base of a class whose attributes hold Variables, layers and other modules.

    Args:
        name: what it is called; None makes a name of the class's.

    The order is TensorFlow's: a module's own Variables by the name of the attribute, then those of the
    modules in it, each once.

    >>> class Scale(Module):
    ...     def __init__(self):
    ...         super().__init__()
    ...         self.w = Variable(2.0, name="w")
    ...         self.count = Variable(0, trainable=False, name="count")
    >>> [v.name for v in Scale().variables], [v.name for v in Scale().trainable_variables]
    (['count', 'w'], ['w'])
    """

    def __init__(self, name: str | None = None) -> None:
        self._name = name or snake_case(type(self).__name__)

    @property
    def name(self) -> str:
        """What it is called."""
        # A subclass may ask before it calls super().__init__, or never call it.
        return getattr(self, "_name", snake_case(type(self).__name__))

    @property
    def variables(self) -> tuple[Variable, ...]:
        """All Variables in it."""
        return _once(_variables(self, set()))

    @property
    def trainable_variables(self) -> tuple[Variable, ...]:
        """Those that a tape watches by itself."""
        return tuple([v for v in self.variables if v.trainable])

    @property
    def non_trainable_variables(self) -> tuple[Variable, ...]:
        """The others."""
        return tuple([v for v in self.variables if not v.trainable])

    @property
    def submodules(self) -> tuple[Any, ...]:
        """The modules and layers in it, and in those."""
        return tuple(_submodules(self, {id(self)}))

    @property
    def name_scope(self) -> Any:
        """A context that changes nothing: Variables are called as they are made."""
        return contextlib.nullcontext()

    @classmethod
    def with_name_scope(cls, method: F) -> F:
        """Return the method itself: names do not depend on where a Variable is made."""
        return method


def _parts(module: object) -> list[Any]:
    """Return what stands in the attributes of a module, lists and dicts taken apart, by attribute."""
    return [leaf for _, value in sorted(vars(module).items()) for leaf in leaves(value)]


def _variables(module: object, seen: set[int]) -> Iterator[Variable]:
    seen.add(id(module))
    parts = _parts(module)
    yield from (part for part in parts if isinstance(part, Variable))
    for part in parts:
        if isinstance(part, Layer):
            yield from part.variables
        elif isinstance(part, Module) and id(part) not in seen:
            yield from _variables(part, seen)


def _submodules(module: object, seen: set[int]) -> Iterator[Any]:
    # As in TensorFlow: all that are right inside come before those inside them.
    inside = [p for p in _parts(module) if isinstance(p, Module | Layer) and id(p) not in seen]
    for part in inside:
        if id(part) not in seen:
            seen.add(id(part))
            yield part
    for part in inside:
        if isinstance(part, Module):
            yield from _submodules(part, seen)


def _once(variables: Iterator[Variable]) -> tuple[Variable, ...]:
    return tuple({id(v): v for v in variables}.values())
