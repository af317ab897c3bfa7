"""What holds for every operation there is: inputs stay, bits repeat, layout is no matter, NaN is not hidden."""

from __future__ import annotations

import numpy as np
import pytest

from gradtape import GradientTape, as_tensor
from gradtape.core.dtypes import is_floating
from tests.ops.referees import tried
from tests.ops.test_every_rule import MIXED, OURS
from tests.ops.test_referees import CHANCE

NAMES = sorted(set(OURS) - CHANCE)


def cases(name):
    """Return (function, arrays) for every sample of an operation."""
    made = OURS[name]
    found = tried(name) or [((MIXED,) * len(made.tensors), {})]

    def call(how):
        return how if callable(how) else lambda *ts: made.apply(ts, {**made.defaults, **how})

    return [(call(how), [np.asarray(t) for t in tensors]) for tensors, how in found]


def value_and_gradients(function, tensors):
    """Return the value, and the gradients for the floating tensors, as NumPy arrays."""
    floating = [t for t in tensors if is_floating(t.dtype)]
    with GradientTape() as tape:
        tape.watch(floating)
        value = function(*tensors)
    if not floating or not is_floating(value.dtype):
        return [np.asarray(value)]
    cotangent = np.random.default_rng(1).standard_normal(value.shape)
    found = tape.gradient(value, floating, cotangent, unconnected_gradients="zero")
    return [np.asarray(t) for t in [value, *found]]


@pytest.mark.parametrize("name", NAMES)
def test_inputs_are_not_changed_and_twice_gives_the_same_bits(name):
    """Trap 17: in-place update of an array held by the tape; trap 20: deterministic backward"""
    for function, arrays in cases(name):
        tensors = [as_tensor(a) for a in arrays]
        first, second = [value_and_gradients(function, tensors) for _ in range(2)]
        assert [a.tobytes() for a in first] == [a.tobytes() for a in second]
        for tensor, array in zip(tensors, arrays, strict=True):
            np.testing.assert_array_equal(np.asarray(tensor), array, strict=True)


def _misaligned(x):
    buffer = np.empty(x.nbytes + 1, "uint8")
    moved = buffer[1:].view(x.dtype).reshape(x.shape) if x.size else x.copy()
    moved[...] = x
    return moved


def _every_other(x):
    return np.repeat(x, 2, axis=-1)[..., ::2] if x.ndim else x


def _read_only(x):
    x = x.copy()
    x.flags.writeable = False
    return x


LAYOUTS = {
    "by columns": np.asfortranarray,
    "reversed": lambda x: x[..., ::-1].copy()[..., ::-1] if x.ndim else x,
    "every other": _every_other,
    "transposed": lambda x: x.T.copy().T,
    "read-only": _read_only,
    "byte-swapped": lambda x: x.astype(x.dtype.newbyteorder()),
    "misaligned": _misaligned,
}


@pytest.mark.parametrize("name", NAMES)
def test_the_layout_in_memory_does_not_matter(name):
    for function, arrays in cases(name):
        expected = value_and_gradients(function, [as_tensor(a) for a in arrays])
        for layout in LAYOUTS.values():
            found = value_and_gradients(function, [as_tensor(layout(a)) for a in arrays])
            for a, b in zip(found, expected, strict=True):
                np.testing.assert_allclose(a, b, rtol=1e-12, atol=1e-12)


# What does not look at every element, or is told of a NaN by another argument.
MAY_HIDE = {
    **dict.fromkeys(["gather", "getitem"], "takes other elements"),
    **dict.fromkeys(["share", "tie_shares"], "parts of rules: y is NaN too where they are called"),
    "confusion": "counts: NaN is above no threshold",
    "gate": "is closed there",
    "nan_to_num": "is to replace it",
    "recurrence": "has no use for the first factor",
    "scatter_update": "puts another number in its place",
}


@pytest.mark.parametrize("name", [n for n in NAMES if n not in MAY_HIDE])
def test_nan_is_never_hidden(name):
    """relu(nan): never hide NaN; so for the first element of each floating tensor of every operation"""
    for function, arrays in cases(name):
        for position, array in enumerate(arrays):
            if not is_floating(array.dtype):
                continue
            broken = [a.copy() for a in arrays]
            broken[position].flat[0] = np.nan
            value = np.asarray(function(*[as_tensor(a) for a in broken]))
            if is_floating(value.dtype):
                assert np.isnan(value).any(), f"argument {position}"
