"""Every operation against a referee: NumPy, JAX and JAX compiled against jax.vjp of the same formula."""

import functools
from itertools import groupby

import jax
import numpy as np
import pytest

import gradtape
from gradtape import GradientTape, as_tensor
from gradtape.core.dtypes import is_floating
from tests.ops.referees import REFEREES, tried
from tests.ops.test_every_rule import MIXED, OURS

RELATIVE = 1e-11  # of the largest element: float64 has 16 digits, cancellation takes a few


def family(name):
    """Return the file of an operation; one family is compiled as one program."""
    return OURS[name].forward.__module__.split(".")[-1]


CHANCE = {"random_uniform", "random_normal", "dropout_mask"}  # tested in test_random_bits.py
CERTAIN = set(OURS) - CHANCE
FAMILIES = {f: list(names) for f, names in groupby(sorted(CERTAIN & set(REFEREES), key=family), key=family)}


def samples(name):
    """Return (tensors, how) for an operation, `how` being its attributes or a function that calls it."""
    return tried(name) or [((MIXED,) * len(OURS[name].tensors), {})]


def _ours(name, how):
    """Return a function of tensors and a cotangent: the value, and the gradients of the floating tensors."""
    made = OURS[name]

    def both(tensors, cotangent):
        tensors = [as_tensor(t) for t in tensors]
        floating = [t for t in tensors if is_floating(t.dtype)]
        with GradientTape() as tape:
            tape.watch(floating)
            value = how(*tensors) if callable(how) else made.apply(tensors, {**made.defaults, **how})
        if not floating or not is_floating(value.dtype):
            return [value]
        return [value, *tape.gradient(value, floating, cotangent, unconnected_gradients="zero")]

    return both


def _referee(name, how):
    """Return the same function, of the referee's formula and with its gradients by jax.vjp."""
    formula = REFEREES[name] if callable(how) else functools.partial(REFEREES[name], **how)
    through = (lambda value: value) if OURS[name].differentiable else jax.lax.stop_gradient

    def both(tensors, cotangent):
        places = [i for i, t in enumerate(tensors) if t.dtype.kind == "f"]

        def of_floats(*floats):
            filled = dict(zip(places, floats, strict=True))
            return through(formula(*[filled.get(i, t) for i, t in enumerate(tensors)]))

        value, pull_back = jax.vjp(of_floats, *[tensors[i] for i in places])
        return [value, *pull_back(cotangent)] if places and value.dtype.kind == "f" else [value]

    return both


def _all_of(functions):
    return lambda arguments: [f(*a) for f, a in zip(functions, arguments, strict=True)]


def _fault(found, expected):
    """Return what is wrong with a value and gradients, or None."""
    if len(found) != len(expected):
        return f"{len(found) - 1} gradients, not {len(expected) - 1}"
    for i, (a, b) in enumerate(zip(map(np.asarray, found), map(np.asarray, expected), strict=True)):
        what = f"gradient {i - 1}" if i else "value"
        finite = np.abs(b[np.isfinite(b)].astype("float64"))
        if a.shape != b.shape:
            return f"{what} of shape {a.shape}, not {b.shape}"
        if not np.allclose(a, b, rtol=0, atol=RELATIVE * finite.max(initial=0), equal_nan=True):
            return f"{what} {a.tolist()}, not {b.tolist()}"
    return None


def faults(names, on_engine):
    """Return a sentence for each sample of the operations that an engine or the referee sees otherwise."""
    tried = [(name, number, *s) for name in names for number, s in enumerate(samples(name))]
    ours = [_ours(name, how) for name, _, _, how in tried]
    referees = [_referee(name, how) for name, _, _, how in tried]
    rng = np.random.default_rng(3)
    with on_engine("numpy"):
        shapes = [f(t, None)[0].shape for f, (_, _, t, _) in zip(ours, tried, strict=True)]
        arguments = [(s[2], rng.standard_normal(shape)) for s, shape in zip(tried, shapes, strict=True)]
        on_numpy = _all_of(ours)(arguments)
    with on_engine("jax"):
        on_jax = _all_of(ours)(arguments)
        compiled = gradtape.compile(_all_of(ours))(arguments)
        expected = jax.jit(_all_of(referees))(arguments)
    said = []
    for i, (name, number, _, _) in enumerate(tried):
        for results, engine in [(on_numpy, "NumPy"), (on_jax, "JAX"), (compiled, "JAX compiled")]:
            fault = _fault(results[i], expected[i])
            kinds = [r.dtype for r in results[i]], [r.dtype for r in on_numpy[i]]
            fault = fault or (None if kinds[0] == kinds[1] else f"dtypes {kinds[0]}, not {kinds[1]}")
            said += [f"{name}, sample {number}, {engine}: {fault}"] if fault else []
    return said


def test_every_operation_has_a_referee():
    assert not CERTAIN - set(REFEREES), f"add to REFEREES: {sorted(CERTAIN - set(REFEREES))}"
    assert not set(REFEREES) - set(OURS), f"no such operations: {sorted(set(REFEREES) - set(OURS))}"


@pytest.mark.parametrize("name", FAMILIES)
def test_values_and_gradients_are_the_referees(name, on_engine):
    assert faults(FAMILIES[name], on_engine) == []


def test_a_wrong_rule_is_found_on_each_engine(on_engine, request):
    rule = OURS["square"].rules["x"]
    request.addfinalizer(lambda: OURS["square"].add_rule("x", rule))
    OURS["square"].add_rule("x", lambda g, y, x: rule(g, y, x) * 1.0000001)
    found = [sentence.split(": gradient 0")[0] for sentence in faults(["square"], on_engine)]
    assert found == [f"square, sample 0, {engine}" for engine in ("NumPy", "JAX", "JAX compiled")]


def test_a_wrong_value_is_found(on_engine, request):
    compute = OURS["square"].compute
    request.addfinalizer(lambda: setattr(OURS["square"], "compute", compute))
    OURS["square"].compute = lambda x: compute(x) + 1e-6
    assert [": value" in sentence for sentence in faults(["square"], on_engine)] == [True] * 3
