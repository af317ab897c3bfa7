"""The engine of the running context: that of the process, or NumPy where a `hosted` block is open.

A ContextVar holds the engine of a block, so that a block in one thread, task or notebook cell leaves the
others as they are.
"""

from __future__ import annotations

from contextvars import ContextVar
from types import SimpleNamespace
from typing import Any, cast

from gradtape.engine.numpy import engine as _numpy
from gradtape.engine.protocol import Engine

override: ContextVar[Engine | None] = ContextVar("gradtape.engine", default=None)


class CurrentEngine:
    """Stands for `engine`, and inside a block for the engine of the block."""

    __slots__ = ("_engine",)

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def __getattr__(self, name: str) -> Any:
        return getattr(override.get() or self._engine, name)


class CurrentNamespace:
    """Stands for the array namespace of `engine`, and inside a block for that of the block's engine."""

    __slots__ = ("_engine",)

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def __getattr__(self, name: str) -> Any:
        return getattr((override.get() or self._engine).xp, name)


def host_of(engine: Engine) -> Engine:
    """Return NumPy's engine with the random bits of `engine`: the same masks, computed at once."""

    def random_bits(state: object, shape: tuple[int, ...], dtype: str) -> Any:
        return _numpy.to_numpy(engine.random_bits(engine.asarray(state), shape, dtype))

    # An engine is a module, so a copy of its names with one replaced is an engine too.
    return cast(Engine, SimpleNamespace(**{**vars(_numpy), "random_bits": random_bits}))
