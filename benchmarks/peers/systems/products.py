"""The floor: the matrix products that a step cannot do without, and nothing else.

Forward X W1 and H W2; backward H' G, G W2' and X' D, where G and D are the gradients before softmax and
before relu.  The gradient with respect to X is not needed.  The arrays are the same each time, and the
results go where the last ones were, so that nothing but the products is paid for.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import numpy as np

from benchmarks.peers.systems.contract import Task, threads

Run = Callable[[int], None]


def operands(task: Task) -> tuple[Any, ...]:
    """Return X, W1, H, W2, G, D of one batch, float32."""
    inputs, hidden, classes = task.work.sizes
    batch, rng = task.work.batch, np.random.default_rng(0)
    forward = (batch, inputs), (inputs, hidden), (batch, hidden), (hidden, classes)
    shapes = *forward, (batch, classes), (batch, hidden)
    return tuple(rng.random(shape, dtype=np.float32) for shape in shapes)


def pairs(x: Any, w1: Any, h: Any, w2: Any, g: Any, d: Any) -> list[tuple[Any, Any]]:
    """Return the factors of the five products."""
    return [(x, w1), (h, w2), (h.T, g), (g, w2.T), (x.T, d)]


def on_numpy(task: Task) -> Run:
    """Return the products by NumPy."""
    factors = [(a, b, a @ b) for a, b in pairs(*operands(task))]

    def run(steps: int) -> None:
        for _ in range(steps):
            for a, b, out in factors:
                np.matmul(a, b, out=out)

    return run


def on_torch(task: Task) -> Run:
    """Return the products by PyTorch."""
    import torch

    torch.set_num_threads(threads())
    factors = [(a, b, a @ b) for a, b in pairs(*map(torch.from_numpy, operands(task)))]

    def run(steps: int) -> None:
        with torch.inference_mode():
            for _ in range(steps):
                for a, b, out in factors:
                    torch.mm(a, b, out=out)

    return run


def on_jax(task: Task) -> Run:
    """Return the products by JAX, all steps in one program.

    Factors that never changed would be multiplied once, before the loop, so each step takes the results
    of the one before for factors.  They soon overflow, which costs no time.
    """
    import jax
    import jax.numpy as jnp

    x, w1, _, w2, g, _ = map(jnp.asarray, operands(task))

    def body(_: Any, factors: list[Any]) -> list[Any]:
        w1, w2, g = factors
        h = x @ w1
        return [x.T @ (g @ w2.T), h.T @ g, h @ w2]

    many = jax.jit(lambda steps, factors: jax.lax.fori_loop(0, steps, body, factors), donate_argnums=1)
    factors = [w1, w2, g]

    def run(steps: int) -> None:
        factors[:] = many(steps, factors)
        factors[0].block_until_ready()

    return run


class Products:
    """As many rounds of the products as an epoch has steps."""

    def __init__(self, task: Task) -> None:
        self.steps = task.steps
        self.run = {"numpy": on_numpy, "torch": on_torch, "jax": on_jax}[task.variant](task)

    def epoch(self) -> float:
        """Multiply; return the seconds."""
        start = time.perf_counter()
        self.run(self.steps)
        return time.perf_counter() - start

    def accuracy(self, x: Any, y: Any) -> float:
        """Return 0: nothing is learned."""
        return 0.0


def start(task: Task) -> Products:
    """Return the products of the task's network."""
    return Products(task)
