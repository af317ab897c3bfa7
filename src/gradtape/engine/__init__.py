"""The array engines.  Only this room knows NumPy from JAX.

Everything above uses `engine.xp`, the array namespace with the names of the Python array API standard,
and `engine.active`, the engine's module, for the functions in which the engines differ.
"""

from __future__ import annotations

import os
import weakref
from collections.abc import Iterator
from contextlib import contextmanager
from types import ModuleType, SimpleNamespace
from typing import Any

from gradtape.engine.numpy import arrays as _numpy
from gradtape.errors import EngineError, show

NAMES = ("numpy", "jax", "auto")

active: ModuleType = _numpy
xp: Any = _numpy.xp

# Every Variable that lives, by id: its array belongs to the engine it was made on.
variables: weakref.WeakValueDictionary[int, Any] = weakref.WeakValueDictionary()


def set_engine(name: str) -> None:
    """Compute on another array engine from now on.

    Args:
        name: ``"numpy"`` (at once, on the CPU), ``"jax"`` (compiled, on CPU, GPU or TPU; needs the extra
            ``gradtape[jax]``), or ``"auto"``: JAX where it is installed, NumPy otherwise.

    Raises:
        EngineError: if the name is unknown, JAX is not installed, or Variables exist that belong to
            the present engine.

    >>> set_engine(get_engine())
    """
    global active, xp
    module = _find(name)
    if module is not active and len(variables):
        names = ", ".join(repr(v.name) for v in list(variables.values())[:5])
        raise EngineError(
            f"set_engine: {len(variables)} Variables live on {active.name} ({names}); "
            f"choose the engine first, or set GRADTAPE_ENGINE={module.name} before starting Python"
        )
    active, xp = module, module.xp


@contextmanager
def hosted() -> Iterator[None]:
    """Compute on the host inside the block, at once, whatever the engine is.

    NumPy computes there, with the random bits of the engine in use, so that a mask is the same.  An engine
    that compiles would need a program for each operation first.  Arrays made outside must be brought to the
    host by the caller, and what is made inside be taken back.
    """
    global active, xp
    engine = active
    if not engine.compiles:
        yield
        return

    def random_bits(state: Any, shape: tuple[int, ...], dtype: str) -> Any:
        return _numpy.to_numpy(engine.random_bits(engine.asarray(state), shape, dtype))

    substitute: Any = SimpleNamespace(**{**vars(_numpy), "random_bits": random_bits})
    active, xp = substitute, _numpy.xp
    try:
        yield
    finally:
        active, xp = engine, engine.xp


def get_engine() -> str:
    """Return the name of the engine in use: ``"numpy"`` or ``"jax"``."""
    return str(active.name)


def engine_info() -> dict[str, Any]:
    """Return engine, version, device, threads and BLAS, as strings and numbers by name."""
    information: dict[str, Any] = active.info()
    return information


def _find(name: str) -> ModuleType:
    if name not in NAMES:
        raise EngineError(f"engine: must be one of {', '.join(NAMES)}, got {show(name)}")
    if name == "numpy":
        return _numpy
    try:
        from gradtape.engine.jax import arrays as _jax
    except ModuleNotFoundError as error:
        if name == "auto":
            return _numpy
        raise EngineError(
            f'engine: jax needs the package {error.name}: pip install "gradtape[jax]"'
        ) from None
    return _jax


if os.environ.get("GRADTAPE_ENGINE"):
    set_engine(os.environ["GRADTAPE_ENGINE"])
