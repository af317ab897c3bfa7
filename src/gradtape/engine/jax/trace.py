"""Traces on JAX: which arrays only stand for values, and which errors say that a value is needed."""

from __future__ import annotations

from contextlib import AbstractContextManager
from typing import Any

import jax
import numpy as np

from gradtape.errors import CompileError

Array = Any

LOST = (
    "compile: a tensor that a compiled step kept (in a list, an attribute ...) has no value outside of it; "
    "return it from the step, assign it to a Variable inside, or pass run_eagerly=True"
)


def is_traced(array: Array) -> bool:
    """Tell whether `array` only stands for a value, in a step that is being compiled."""
    return isinstance(array, jax.core.Tracer)


def is_tracing() -> bool:
    """Tell whether a step is being compiled, so that what is computed now only stands for values."""
    # JAX has no public function that tells; in a trace even a constant put on the device is a tracer.
    return is_traced(jax.device_put(np.float32(0)))


def concretely() -> AbstractContextManager[Any]:
    """Return a scope in which arrays are computed at once even while a step is being compiled."""
    return jax.ensure_compile_time_eval()


def abstractly(function: Any, *arguments: Any) -> Any:
    """Return `function(*arguments)` as stand-ins for arrays, with shapes and dtypes: nothing is computed."""
    return jax.eval_shape(function, *arguments)


def is_shape_error(error: Exception) -> bool:
    """Tell whether `error` is about shapes that do not fit; JAX raises TypeErrors for that as well."""
    return isinstance(error, ValueError) or "shape" in str(error)


def is_trace_error(error: Exception) -> bool:
    """Tell whether `error` says that a value is needed which a compiled step does not have yet."""
    return isinstance(error, jax.errors.JAXTypeError | jax.errors.JAXIndexError | CompileError)


def trace_error(error: Exception) -> Exception:
    """Return what to raise for an error that `is_trace_error`: JAX' own text on lost tensors is long."""
    return CompileError(LOST) if isinstance(error, jax.errors.UnexpectedTracerError) else error
