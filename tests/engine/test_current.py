"""Which engine a thread, a task or a notebook cell computes on: the process's, unless a block of its own asks."""

from __future__ import annotations

import asyncio
import contextvars
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np
import pytest

import gradtape
from gradtape import engine, ops
from gradtape.ops.random.in_step import dropout_mask
from tests.engine.test_engine import python


@pytest.fixture
def on_jax(on_engine: Any) -> Iterator[None]:
    """Let the process compute on JAX."""
    with on_engine("jax"):
        yield


def kind() -> str:
    """Return what an operation computes with here and now, and check that all that is asked agrees."""
    array = ops.exp(gradtape.as_tensor(np.float32([0, 1])))._array
    name = "numpy" if isinstance(array, np.ndarray) else "jax"
    assert (engine.get_engine(), engine.active.name) == (name, name)
    assert engine.xp.exp is engine._find(name).xp.exp
    return name


SET_IN_A_CELL = """
import threading, queue
from concurrent.futures import ThreadPoolExecutor
import gradtape

def answers(asked, told):
    while asked.get():
        told.put(gradtape.get_engine())

asked, told = queue.Queue(), queue.Queue()
early = threading.Thread(target=answers, args=(asked, told))
early.start()
asked.put(True)
print(told.get())

def cell(): gradtape.set_engine("jax")  # another thread, as some notebooks run their cells

setter = threading.Thread(target=cell); setter.start(); setter.join()
asked.put(True)
print(told.get())
asked.put(None); early.join()
with ThreadPoolExecutor(1) as late: print(late.submit(gradtape.get_engine).result())
print(gradtape.get_engine())
"""


def test_set_engine_is_seen_by_threads_that_started_before_and_after() -> None:
    assert python(SET_IN_A_CELL).split() == ["numpy", "jax", "jax", "jax"]


def test_a_hosted_block_in_one_thread_is_none_of_the_others(on_jax: None) -> None:
    both, found = threading.Barrier(3, timeout=60), {}

    def inside() -> None:
        with engine.hosted():
            both.wait()
            found["inside"] = kind()
            both.wait()
        found["after"] = kind()

    def outside() -> None:
        both.wait()  # while the other's block is open
        found["outside"] = kind()
        both.wait()

    with ThreadPoolExecutor(2) as pool:
        done = [pool.submit(inside), pool.submit(outside)]
        both.wait()
        found["here"] = kind()
        both.wait()
        for future in done:
            future.result()
    assert found == {"inside": "numpy", "after": "jax", "outside": "jax", "here": "jax"}


def test_a_thread_pool_computes_on_the_process_engine_unless_it_is_given_the_context(on_jax: None) -> None:
    with ThreadPoolExecutor(1) as pool:
        assert pool.submit(kind).result() == "jax"
        with engine.hosted():
            assert pool.submit(kind).result() == "jax"
            assert pool.submit(contextvars.copy_context().run, kind).result() == "numpy"
        assert pool.submit(kind).result() == "jax"


def test_two_cells_and_tasks_have_contexts_of_their_own(on_jax: None) -> None:
    async def cell(block_is_open: asyncio.Event, is_hosted: bool) -> str:
        if not is_hosted:
            await block_is_open.wait()
            return kind()
        with engine.hosted():
            block_is_open.set()
            await asyncio.sleep(0.01)  # the other task runs here
            return kind()

    async def both() -> list[str]:
        block_is_open = asyncio.Event()
        return list(await asyncio.gather(cell(block_is_open, True), cell(block_is_open, False)))

    assert asyncio.run(both()) == ["numpy", "jax"]


def test_a_context_copied_inside_a_block_stays_hosted_when_the_block_has_ended(on_jax: None) -> None:
    with engine.hosted():
        copied = contextvars.copy_context()
    assert kind() == "jax"
    assert copied.run(kind) == "numpy"


def test_blocks_nest_and_end_with_an_error(on_jax: None) -> None:
    with pytest.raises(ValueError, match="out"), engine.hosted():
        with engine.hosted():
            assert kind() == "numpy"
        assert kind() == "numpy"
        raise ValueError("out")
    assert kind() == "jax"


def test_masks_in_a_block_are_those_of_the_engine_in_use(on_jax: None) -> None:
    state = gradtape.as_tensor(np.array([7, 3]))
    outside = dropout_mask(state, (50,), 0.5).numpy()
    with engine.hosted():
        inside = dropout_mask(np.array([7, 3]), (50,), 0.5)
        assert isinstance(inside._array, np.ndarray)
    np.testing.assert_array_equal(outside, inside.numpy())


def test_on_numpy_the_engine_itself_is_asked(on_engine: Any) -> None:
    """No step pays for what only a hosted block needs."""
    with on_engine("numpy"):
        with engine.hosted():
            assert engine.active is engine._find("numpy") and engine.xp is np
