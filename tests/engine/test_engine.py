"""The choice of an engine."""

from __future__ import annotations

import os
import subprocess
import sys
import tracemalloc
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import gradtape
from gradtape import Variable, engine
from gradtape.errors import EngineError


def python(code: str, **environment: str) -> str:
    """Return what a new Python prints."""
    env = {k: v for k, v in os.environ.items() if k != "GRADTAPE_ENGINE"} | environment
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, env=env)
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def test_the_library_starts_on_numpy_and_does_not_import_jax() -> None:
    code = "import sys, gradtape; print(gradtape.get_engine(), 'jax' in sys.modules)"
    assert python(code) == "numpy False"


def test_the_environment_variable_chooses() -> None:
    assert python("import gradtape; print(gradtape.get_engine())", GRADTAPE_ENGINE="jax") == "jax"
    assert python("import gradtape; print(gradtape.get_engine())", GRADTAPE_ENGINE="auto") == "jax"


def test_auto_takes_numpy_where_jax_is_missing() -> None:
    code = "import sys; sys.modules['jax'] = None; import gradtape; print(gradtape.get_engine())"
    assert python(code, GRADTAPE_ENGINE="auto") == "numpy"


def test_a_missing_jax_says_how_to_install_it() -> None:
    code = (
        "import sys; sys.modules['jax'] = None; import gradtape\n"
        "try: gradtape.set_engine('jax')\n"
        "except gradtape.errors.EngineError as error: print(error)"
    )
    assert python(code) == 'engine: jax needs the package jax: pip install "gradtape[jax]"'


def test_an_unknown_engine_names_those_there_are() -> None:
    with pytest.raises(EngineError, match=r"^engine: must be one of numpy, jax, auto, got 'torch'$"):
        gradtape.set_engine("torch")


def test_the_engine_cannot_change_while_variables_live() -> None:
    kept = Variable(1.0, name="kept")
    other = "jax" if engine.get_engine() == "numpy" else "numpy"
    with pytest.raises(EngineError, match=r"set_engine: \d+ Variables? lives? on .*choose the engine first"):
        gradtape.set_engine(other)
    gradtape.set_engine(engine.get_engine())
    assert kept.item() == 1.0


def test_engine_info_names_engine_version_device_threads_and_blas() -> None:
    information = gradtape.engine_info()
    assert set(information) == {"engine", "version", "device", "threads", "blas"}
    assert information["engine"] == gradtape.get_engine()
    assert information["threads"] >= 1


@pytest.mark.parametrize("variables", [{"OPENBLAS_NUM_THREADS": "1"}, {"OMP_NUM_THREADS": "1"}])
def test_numpy_says_how_many_threads_its_matrix_products_take(variables: dict[str, str]) -> None:
    assert python("import gradtape; print(gradtape.engine_info()['threads'])", **variables) == "1"


def test_without_a_library_that_says_it_the_processors_are_counted(monkeypatch: Any) -> None:
    from gradtape.engine.numpy import devices

    monkeypatch.setattr(devices, "_COUNTS", ("no_such_function",))
    assert devices.info()["threads"] == devices.processors() >= 1
    monkeypatch.delattr(os, "sched_getaffinity", raising=False)
    assert devices.info()["threads"] == os.cpu_count()


def test_a_wrong_engine_in_the_environment_is_named_with_its_variable() -> None:
    env = os.environ | {"GRADTAPE_ENGINE": "cuda"}
    done = subprocess.run([sys.executable, "-c", "import gradtape"], capture_output=True, text=True, env=env)
    last = done.stderr.splitlines()[-1]
    assert last == (
        "gradtape.errors.EngineError: GRADTAPE_ENGINE=cuda: engine: must be one of numpy, jax, auto, got 'cuda'"
    )


@pytest.mark.parametrize("dtype", ["float16", "float32", "float64", "int8", "int64", "uint32", "bool"])
def test_dtypes_are_kept_on_both_engines(dtype: str, on_engine) -> None:
    for name in ("numpy", "jax"):
        with on_engine(name):
            assert gradtape.as_tensor(np.ones(3, dtype)).dtype == np.dtype(dtype)
            assert (
                gradtape.as_tensor(np.ones(3, dtype)) + gradtape.as_tensor(np.ones(3, dtype))
            ).dtype == dtype


def test_a_quiet_scope_silences_numpy_and_gives_back_what_was_set() -> None:
    huge = np.float64(1e308)
    with np.errstate(over="raise"):
        with engine.active.quiet(), engine.active.quiet():
            assert np.isinf(huge * 10)
        with pytest.raises(FloatingPointError):
            huge * 10
        with pytest.raises(ValueError, match="leave"), engine.active.quiet():
            raise ValueError("leave")
        with pytest.raises(FloatingPointError):
            huge * 10


@pytest.mark.parametrize("dtype", ["float32", "float64", "float16", "int32"])
@pytest.mark.parametrize("shape", [(4,), (0, 3), (5, 0), (40, 7), (3, 2, 2)])
def test_rows_are_added_up(shape: tuple[int, ...], dtype: str) -> None:
    rows = np.random.default_rng(0).normal(size=shape).astype(dtype)
    found = np.asarray(engine.active.sum_of_rows(engine.active.asarray(rows)))
    assert (found.dtype, found.shape) == (rows.dtype, shape[1:])
    rtol = 2e-3 if dtype == "float16" else 1e-5
    np.testing.assert_allclose(found, rows.sum(0, dtype="float64"), rtol=rtol)


STEP = """
import jax
import numpy as np
from gradtape import GradientTape, Variable, compile, ops

heard = []
jax.monitoring.register_event_listener(lambda event, **_: heard.append(event))
weights = [Variable(np.full((8, 8), 0.1 * (n + 1), "float32")) for n in range(6)]

def step(x):
    with GradientTape() as tape:
        y = x
        for w in weights:
            y = ops.log_softmax(ops.tanh(ops.matmul(y, w)))
        loss = ops.sum(ops.logsumexp(y, axis=1))
    for g, w in zip(tape.gradient(loss, weights), weights):
        w.assign_sub(0.1 * g)
    return loss

heard.clear()
loss = compile(step).over([np.ones((32, 8), "float32")], np.arange(32).reshape(4, 8))
print(sum("cache_hits" in e for e in heard), sum("cache_misses" in e for e in heard), loss.numpy()[-1])
"""


def test_a_second_process_does_not_compile_again(tmp_path: Path) -> None:
    """JAX' persistent cache, in the user's cache folder, keeps what took more than a tenth of a second."""
    home = {"XDG_CACHE_HOME": str(tmp_path), "HOME": str(tmp_path), "LOCALAPPDATA": str(tmp_path)}
    first, second = [python(STEP, GRADTAPE_ENGINE="jax", **home).split() for _ in range(2)]
    assert list(tmp_path.glob("**/gradtape/**/jit_loop-*")) != []
    assert int(first[0]) == 0 and int(second[0]) >= 1
    assert first[2] == second[2]


@pytest.mark.parametrize(
    "index",
    [
        ([2, 0, 2, 2],),
        ([-1, 3, 0, 3], [1, 1, 0, -2]),
        (slice(1, 3),),
        ([],),
        ([1, 1], slice(0, 2)),
        ([[1, 1], [0, 1]],),
    ],
)
def test_where_places_are_equal_the_last_value_stays_whatever_the_device(index: Any) -> None:
    from gradtape.engine.jax import engine as on_jax
    from gradtape.engine.jax.places import last_put
    from gradtape.engine.numpy import engine as on_numpy

    index = tuple(part if isinstance(part, slice) else np.array(part, int) for part in index)
    array = np.zeros((4, 3), "f4")
    values = 1 + np.arange(array[index].size, dtype="f4").reshape(array[index].shape)
    wanted = on_numpy.index_put(array, index, values)
    np.testing.assert_array_equal(last_put(on_jax.asarray(array), index, values), wanted)
    np.testing.assert_array_equal(on_jax.index_put(array, index, values), wanted)


@pytest.mark.parametrize(
    "view", [lambda x: x.T, lambda x: x[:, ::2], lambda x: x[::-1], lambda x: np.asfortranarray(x)]
)
def test_rows_of_a_view_are_taken_without_a_copy_of_all(view: Any, on_engine) -> None:
    with on_engine("numpy"):
        array, numbers = view(np.arange(1000.0 * 1000).reshape(1000, 1000)), np.array([3, 1, 3])
        tracemalloc.start()
        try:
            rows = engine.active.rows_of(array, numbers)
            peak = tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()
    np.testing.assert_array_equal(rows, array[numbers])
    assert peak < array.nbytes / 10


def test_hosted_computes_with_numpy_and_gives_the_engine_back():
    before = engine.active, engine.xp
    with engine.hosted():
        assert type(engine.xp.asarray([1.0])) is np.ndarray
        assert engine.active.name == "numpy" and not engine.active.compiles
        assert (engine.active is before[0]) == (not before[0].compiles), "NumPy is there already"
    assert (engine.active, engine.xp) == before
