"""Optimizers: five updates of two variables."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import tensorflow as tf  # type: ignore[import-not-found, import-untyped, unused-ignore]

from tools.tensorflow_cases.values import (
    DTYPES,
    INPUT_SEED,
    NAMES,
    Array,
    Json,
    cast,
    numbers,
)

OPTIMIZERS = """
tf.keras.optimizers.SGD()
tf.keras.optimizers.SGD(momentum=0.9)
tf.keras.optimizers.SGD(momentum=0.9, nesterov=True)
tf.keras.optimizers.SGD(learning_rate=0.1, weight_decay=0.01)
tf.keras.optimizers.SGD(learning_rate=0.1, clipvalue=0.5)
tf.keras.optimizers.SGD(learning_rate=0.1, clipnorm=0.5)
tf.keras.optimizers.SGD(learning_rate=0.1, global_clipnorm=0.5)
tf.keras.optimizers.RMSprop()
tf.keras.optimizers.RMSprop(momentum=0.9)
tf.keras.optimizers.RMSprop(centered=True)
tf.keras.optimizers.RMSprop(momentum=0.9, centered=True, rho=0.8, epsilon=1e-3)
tf.keras.optimizers.Adam()
tf.keras.optimizers.Adam(amsgrad=True)
tf.keras.optimizers.Adam(learning_rate=0.1, beta_1=0.8, beta_2=0.9, epsilon=1e-3)
tf.keras.optimizers.AdamW()
""".strip().splitlines()
SHAPES: dict[str, tuple[int, ...]] = {"a": (3,), "b": (2, 2)}
UPDATES = 5


def recorded_optimizers() -> Json:
    """Return the section `optimizers`."""
    generator = np.random.Generator(np.random.PCG64(INPUT_SEED))
    start = {name: generator.normal(0.0, 1.0, shape) for name, shape in SHAPES.items()}
    gradients = [
        {name: generator.normal(0.0, 1.0, shape) for name, shape in SHAPES.items()} for _ in range(UPDATES)
    ]
    gradients[0]["a"][0] = gradients[2]["b"][0, 0] = 0.0
    gradients[3]["b"] *= 100.0
    return {
        "start": {dtype: bare(cast(start, dtype)) for dtype in DTYPES},
        "gradients": {dtype: [bare(cast(pair, dtype)) for pair in gradients] for dtype in DTYPES},
        "weights": {
            expression: {
                dtype: updates(expression, cast(start, dtype), [cast(pair, dtype) for pair in gradients])
                for dtype in DTYPES
            }
            for expression in OPTIMIZERS
        },
    }


def bare(arrays: dict[str, Array]) -> Json:
    """Return arrays as nested lists, without dtype and shape."""
    return {name: numbers(array) for name, array in arrays.items()}


def updates(expression: str, start: dict[str, Array], gradients: Sequence[dict[str, Array]]) -> Json:
    """Return the variables after each update."""
    optimizer = eval(expression, NAMES)
    variables = {name: tf.Variable(array) for name, array in start.items()}
    recorded = []
    for step in gradients:
        optimizer.apply_gradients([(tf.constant(step[name]), variables[name]) for name in variables])
        recorded.append(bare({name: variable.numpy() for name, variable in variables.items()}))
    return recorded
