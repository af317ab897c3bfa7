"""The one place that imports Keras, on its JAX backend, and compares with it."""

import functools
import os
import warnings
from types import ModuleType

import numpy as np
from numpy.testing import assert_allclose

RTOL = {"float16": 2e-3, "float32": 2e-5, "float64": 1e-10}


@functools.cache
def keras() -> ModuleType:
    """Return Keras, running on JAX, without what it warns of while it is imported."""
    os.environ["KERAS_BACKEND"] = "jax"
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import jax

        jax.config.update("jax_enable_x64", True)  # float64 stays float64, as with gradtape
        import keras
    return keras


def assert_parity(ours, theirs, rtol=None, atol=None):
    """Fail unless `ours` has the shape, the dtype and the values that Keras gives.

    Args:
        ours: a tensor or array of gradtape.
        theirs: the tensor or array of Keras.
        rtol: the relative difference allowed; None: by the dtype.
        atol: the absolute difference allowed; None: `rtol` times the largest value.
    """
    ours, theirs = np.asarray(ours), np.asarray(theirs)
    assert ours.shape == theirs.shape
    assert ours.dtype == theirs.dtype
    rtol = RTOL.get(str(ours.dtype), 0) if rtol is None else rtol
    finite = np.abs(theirs[np.isfinite(theirs)])
    largest = float(finite.max()) if finite.size else 0.0
    assert_allclose(ours, theirs, rtol=rtol, atol=rtol * largest if atol is None else atol)
