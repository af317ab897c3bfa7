"""Jacobians."""

from __future__ import annotations

from typing import Any

import tensorflow as tf  # type: ignore[import-not-found, import-untyped, unused-ignore]


def jacobian_of_a_vector() -> Any:
    v = tf.Variable([1.0, 2.0])
    with tf.GradientTape() as tape:
        y = tf.stack([v[0] * v[0], v[0] * v[1], v[1]])
    return tape.jacobian(y, v)


def jacobian_of_a_matrix_by_a_matrix() -> Any:
    v = tf.Variable([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]])
    with tf.GradientTape() as tape:
        y = v * v
    return tape.jacobian(y, v)


def jacobian_without_pfor() -> Any:
    v = tf.Variable([1.0, 2.0])
    with tf.GradientTape(persistent=True) as tape:
        y = v * v
    return tape.jacobian(y, v, experimental_use_pfor=False)


def hessian() -> Any:
    v = tf.Variable([1.0, 2.0])
    with tf.GradientTape() as outer:
        with tf.GradientTape() as inner:
            y = v[0] * v[0] * v[1]
        first = inner.gradient(y, v)
    return outer.jacobian(first, v)


def batch_jacobian() -> Any:
    x = tf.constant([[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]])
    with tf.GradientTape() as tape:
        tape.watch(x)
        y = tf.stack([x[:, 0] * x[:, 1], x[:, 1] * x[:, 1], x[:, 0]], axis=1)
    return tape.batch_jacobian(y, x)


def batch_jacobian_of_different_batches() -> Any:
    x = tf.constant([[1.0, 2.0], [3.0, 4.0]])
    with tf.GradientTape() as tape:
        tape.watch(x)
        y = tf.ones((3, 2)) * x[0]
    return tape.batch_jacobian(y, x)


def batch_jacobian_unconnected() -> Any:
    x = tf.constant([[1.0, 2.0], [3.0, 4.0]])
    with tf.GradientTape() as tape:
        tape.watch(x)
        y = tf.ones((2, 3))
    return tape.batch_jacobian(y, x)
