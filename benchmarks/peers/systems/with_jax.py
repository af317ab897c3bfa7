"""Plain JAX: the step as one compiled program, or all full batches of an epoch in one `lax.scan`."""

from __future__ import annotations

import time
from functools import partial
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from benchmarks.peers.systems.contract import EPSILON, LEARNING_RATE, RHO, Task, shuffled


def forward(weights: Any, x: Any) -> Any:
    """Return the logits."""
    w1, b1, w2, b2 = weights
    return jax.nn.relu(x @ w1 + b1) @ w2 + b2


def mean_loss(weights: Any, x: Any, y: Any) -> Any:
    """Return the mean cross-entropy."""
    logs = jax.nn.log_softmax(forward(weights, x))
    return -jnp.mean(jnp.take_along_axis(logs, y[:, None], axis=1))


def update(state: Any, x: Any, y: Any, rows: Any) -> Any:
    """Return the state after one step of RMSprop on these rows, and the loss before it."""
    weights, means = state
    loss, gradients = jax.value_and_grad(mean_loss)(weights, x[rows], y[rows])
    means = [RHO * v + (1 - RHO) * g * g for v, g in zip(means, gradients, strict=True)]
    moved = zip(weights, gradients, means, strict=True)
    return ([w - LEARNING_RATE * g * jax.lax.rsqrt(v + EPSILON) for w, g, v in moved], means), loss


step = partial(jax.jit, donate_argnums=0)(update)


@partial(jax.jit, donate_argnums=0)
def many(state: Any, x: Any, y: Any, order: Any) -> Any:
    """Return the state after the batches whose rows are the rows of `order`, and their losses."""
    return jax.lax.scan(lambda s, rows: update(s, x, y, rows), state, order)


class WithJax:
    """Weights and running means; the data stays on the device."""

    def __init__(self, task: Task) -> None:
        self.task = task
        self.x, self.y = jnp.asarray(task.x), jnp.asarray(task.y)
        weights = [jnp.array(w) for w in task.weights]
        self.state: Any = (weights, [jnp.zeros_like(w) for w in weights])
        self.rng = np.random.default_rng(0)

    def epoch(self) -> float:
        """Train for one epoch; return its seconds."""
        start = time.perf_counter()
        batches = [rows.astype("int32") for rows in shuffled(self.task, self.rng)]
        losses: Any = None
        if self.task.variant == "scan":
            full = [rows for rows in batches if len(rows) == self.task.work.batch]
            batches = batches[len(full) :]
            self.state, losses = many(self.state, self.x, self.y, np.stack(full))
        for rows in batches:
            self.state, losses = step(self.state, self.x, self.y, rows)
        self.state[0][0].block_until_ready()
        assert np.isfinite(losses).all()
        return time.perf_counter() - start

    def accuracy(self, x: Any, y: Any) -> float:
        """Return the share of samples put in the right class."""
        return float(np.mean(np.argmax(jax.jit(forward)(self.state[0], x), axis=1) == y))


def start(task: Task) -> WithJax:
    """Return the training of `task`."""
    return WithJax(task)
