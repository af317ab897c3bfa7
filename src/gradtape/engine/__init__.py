"""The array engines.  Only this room knows NumPy from JAX.

Everything above uses `engine.xp`, the array namespace with the names of the Python array API standard,
and `engine.active`, the engine, for the functions in which the engines differ.  What both owe is written in
`protocol.py` and `namespace.py`; `current.py` gives each context its own engine where blocks ask for one.
"""

from __future__ import annotations

import os
import sys
import weakref
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, cast

from gradtape.engine.current import CurrentEngine, CurrentNamespace, host_of, override
from gradtape.engine.namespace import Namespace
from gradtape.engine.numpy import engine as _numpy
from gradtape.engine.protocol import CompilingEngine, Engine
from gradtape.errors import EngineError, show

NAMES = ("numpy", "jax", "auto")

# The engine of the process, which every thread reads.  A small step on NumPy reads these two 31 times in its
# 50 microseconds, so they must cost what a module's global costs, 30 ns.  A function call that asks a
# ContextVar took 50 ns, a thread-local 58, a module's __getattr__ and an object's 540 to 580 (on a busy
# machine): 1 to 30 % of that step.  So NumPy, on which `hosted` has nothing to do, stands here itself.  Only
# for an engine that compiles, whose single operations take many times as long, do objects stand here that ask
# the ContextVar at each access.
active: Engine = _numpy
xp: Namespace = _numpy.xp
_process: Engine = _numpy  # that of the process, whatever a block asks for

# Every Variable that lives, by id: its array belongs to the engine it was made on.
variables: weakref.WeakValueDictionary[int, Any] = weakref.WeakValueDictionary()


def set_engine(name: str) -> None:
    """Compute on another array engine from now on, in every thread of the process.

    Args:
        name: ``"numpy"`` (at once, on the CPU), ``"jax"`` (compiled, on CPU, GPU or TPU; needs the extra
            ``gradtape[jax]``), or ``"auto"``: JAX where it is installed, NumPy otherwise.

    Raises:
        EngineError: if the name is unknown, JAX is not installed, or Variables exist that belong to
            the present engine.

    >>> set_engine(get_engine())
    """
    module = _find(name)
    if module.name != _process.name and len(variables):
        names = ", ".join(repr(v.name) for v in list(variables.values())[:5])
        raise EngineError(
            f"set_engine: {len(variables)} Variables live on {_process.name} ({names}); "
            f"choose the engine first, or set GRADTAPE_ENGINE={module.name} before starting Python"
        )
    _use(module)


def _use(engine: Engine) -> None:
    """Make `engine` that of the process."""
    global active, xp, _process
    _process = engine
    # Names set anew: everybody reads `engine.active` at each use, and nobody imports the name itself.
    active = cast(Engine, CurrentEngine(engine)) if engine.compiles else engine
    xp = cast(Namespace, CurrentNamespace(engine)) if engine.compiles else engine.xp


@contextmanager
def hosted() -> Iterator[None]:
    """Run eagerly with NumPy inside the block.

    An engine that compiles would need a program for each operation first.  The random bits are those of the
    engine in use, so that a mask is the same.  Arrays made outside must be brought to the host by the caller,
    and what is made inside be taken back.  Other threads compute on as before.
    """
    if not active.compiles:
        yield
        return
    token = override.set(host_of(_process))
    try:
        yield
    finally:
        override.reset(token)


def compiler() -> CompilingEngine:
    """Return the engine in use as one that compiles.

    Raises:
        EngineError: if it does not.
    """
    if not active.compiles:
        raise EngineError(f"engine: {active.name} compiles nothing here")
    return cast(CompilingEngine, active)


def get_engine() -> str:
    """Return the name of the engine in use: ``"numpy"`` or ``"jax"``."""
    return active.name


def engine_info() -> dict[str, Any]:
    """Return engine, version, device, threads and BLAS, as strings and numbers by name."""
    return active.info()


def _find(name: str) -> Engine:
    """Return the engine of this name; here the type checker holds both against the protocol."""
    if name not in NAMES:
        raise EngineError(f"engine: must be one of {', '.join(NAMES)}, got {show(name)}")
    if name == "numpy":
        return _numpy
    try:
        # Imported here: JAX is optional, and takes a second to load.
        from gradtape.engine.jax import engine as _jax
    except ModuleNotFoundError as error:
        if name == "auto":
            return _numpy
        raise EngineError(
            f'engine: jax needs the package {error.name}: pip install "gradtape[jax]"'
        ) from None
    jax_engine: CompilingEngine = _jax
    return jax_engine


def set_engine_of_environment() -> None:
    """Compute on the engine that GRADTAPE_ENGINE names, if it is set; EngineError as from `set_engine`."""
    name = os.environ.get("GRADTAPE_ENGINE")
    try:
        if name:
            set_engine(name)
    except EngineError as error:
        raise EngineError(f"GRADTAPE_ENGINE={name}: {error}") from None


# The command `gradtape` asks again in its `main`, which can say in one line what is wrong; whoever imports
# the package from Python gets the error here.
try:
    set_engine_of_environment()
except EngineError:
    if os.path.basename(sys.argv[0]) not in ("gradtape", "gradtape.exe"):
        raise
