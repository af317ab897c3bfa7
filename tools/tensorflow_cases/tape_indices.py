"""Gradients through indices, and through loops and branches of Python."""

from __future__ import annotations

from typing import Any

import tensorflow as tf  # type: ignore[import-not-found, import-untyped, unused-ignore]


def gather_of_repeated_rows() -> Any:
    v = tf.Variable([[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]])
    with tf.GradientTape() as tape:
        y = tf.gather(v, [2, 0, 2]) * tf.constant([[1.0], [10.0], [100.0]])
    return tape.gradient(y, v)


def gather_of_repeated_rows_made_dense() -> Any:
    v = tf.Variable([[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]])
    with tf.GradientTape() as tape:
        y = tf.gather(v, [2, 0, 2]) * tf.constant([[1.0], [10.0], [100.0]])
    return tf.convert_to_tensor(tape.gradient(y, v))


def gather_of_a_constant() -> Any:
    x = tf.constant([1.0, 2.0, 3.0])
    with tf.GradientTape() as tape:
        tape.watch(x)
        y = tf.gather(x, [0, 0, 1])
    return tf.convert_to_tensor(tape.gradient(y, x))


def slices_of_a_variable() -> Any:
    v = tf.Variable([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]])
    with tf.GradientTape() as tape:
        y = tf.reduce_sum(v[0] * v[1]) + v[1, 2] * v[-1, 0] + tf.reduce_sum(v[:, ::2])
    return tape.gradient(y, v)


def python_power() -> Any:
    v = tf.Variable([-2.0, 0.0, 3.0])
    with tf.GradientTape() as tape:
        y = v**3
    return [y, tape.gradient(y, v)]


def loop_and_branch_in_python() -> Any:
    v = tf.Variable(2.0)
    with tf.GradientTape() as tape:
        y = v
        for step in range(3):
            y = y * v if step != 1 else y + v
    return [y, tape.gradient(y, v)]
