"""Paths of a gradient: dtypes, NumPy and stepwise functions on the way."""

from __future__ import annotations

from typing import Any

import numpy as np
import tensorflow as tf  # type: ignore[import-not-found, import-untyped, unused-ignore]


def integer_source() -> Any:
    v = tf.Variable(3)
    with tf.GradientTape() as tape:
        y = v * v
    return tape.gradient(y, v)


def integer_constant_watched() -> Any:
    x = tf.constant([1, 2])
    with tf.GradientTape() as tape:
        tape.watch(x)
        y = tf.cast(x, "float32") * 2.0
    return tape.gradient(y, x)


def integer_target() -> Any:
    v = tf.Variable(3.5)
    with tf.GradientTape() as tape:
        y = tf.cast(v, "int32")
    return tape.gradient(y, v)


def integer_on_the_path() -> Any:
    v = tf.Variable(3.5)
    with tf.GradientTape() as tape:
        y = tf.cast(tf.cast(v, "int32"), "float32") * 2.0
    return tape.gradient(y, v)


def cast_on_the_path() -> Any:
    v = tf.Variable(3.5)
    with tf.GradientTape() as tape:
        y = tf.cast(v, "float64") * 2.0
    return tape.gradient(y, v)


def numpy_on_the_path() -> Any:
    v = tf.Variable(3.0)
    with tf.GradientTape() as tape:
        y = tf.constant(v.numpy()) * v
    return tape.gradient(y, v)


def python_function_of_numpy_on_the_path() -> Any:
    v = tf.Variable([3.0, 4.0])
    with tf.GradientTape() as tape:
        y = tf.reduce_sum(np.square(v))
    return tape.gradient(y, v)


def gradients_of_stepwise_functions() -> Any:
    v = tf.Variable([-1.5, 0.0, 2.5])
    with tf.GradientTape(persistent=True) as tape:
        results = [tf.floor(v), tf.round(v), tf.sign(v), tf.math.ceil(v), v // 2.0, tf.argmax(v), v > 0.0]
    return [tape.gradient(result, v) for result in results]


def gradient_of_remainder() -> Any:
    v, w = tf.Variable([-1.5, 1.0, 2.5]), tf.Variable([2.0, 2.0, 2.0])
    with tf.GradientTape() as tape:
        y = v % w
    return [y, *tape.gradient(y, [v, w])]


def source_of_another_shape_than_used() -> Any:
    v = tf.Variable([[1.0], [2.0]])
    with tf.GradientTape() as tape:
        y = v * tf.constant([1.0, 10.0, 100.0])
    return tape.gradient(y, v)


def target_is_the_source() -> Any:
    x = tf.constant([3.0, 4.0])
    with tf.GradientTape() as tape:
        tape.watch(x)
    return tape.gradient(x, x)
