"""What optimizers do with unusual gradients and arguments."""

from __future__ import annotations

from typing import Any

import tensorflow as tf  # type: ignore[import-not-found, import-untyped, unused-ignore]


def optimizer_as_in_the_article() -> Any:
    v = tf.Variable([1.0, 2.0])
    optimizer = tf.keras.optimizers.SGD(learning_rate=1e-3)
    result = optimizer.apply_gradients(zip([tf.constant([10.0, 20.0])], [v], strict=True))
    return [v, result, optimizer.iterations]


def gradient_none_beside_another() -> Any:
    v, w = tf.Variable(1.0), tf.Variable(2.0)
    optimizer = tf.keras.optimizers.SGD(learning_rate=0.5)
    optimizer.apply_gradients([(tf.constant(1.0), v), (None, w)])
    return [v, w]


def gradient_none_alone() -> Any:
    v = tf.Variable(1.0)
    tf.keras.optimizers.SGD(learning_rate=0.5).apply_gradients([(None, v)])
    return v


def gradient_of_another_shape() -> Any:
    v = tf.Variable([1.0, 2.0])
    tf.keras.optimizers.SGD().apply_gradients([(tf.constant([1.0, 2.0, 3.0]), v)])
    return v


def gradient_that_would_broadcast() -> Any:
    v = tf.Variable([1.0, 2.0])
    tf.keras.optimizers.SGD(learning_rate=0.5).apply_gradients([(tf.constant(1.0), v)])
    return v


def gradient_of_another_dtype() -> Any:
    v = tf.Variable([1.0, 2.0])
    tf.keras.optimizers.SGD(learning_rate=0.5).apply_gradients([(tf.constant([1.0, 2.0], "float64"), v)])
    return v


def gradient_in_slices() -> Any:
    v = tf.Variable([[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]])
    with tf.GradientTape() as tape:
        y = tf.gather(v, [2, 0, 2])
    optimizer = tf.keras.optimizers.SGD(learning_rate=0.5)
    optimizer.apply_gradients([(tape.gradient(y, v), v)])
    return v


def variable_unknown_to_the_optimizer() -> Any:
    v, w = tf.Variable(1.0), tf.Variable(2.0)
    optimizer = tf.keras.optimizers.SGD()
    optimizer.apply_gradients([(tf.constant(1.0), v)])
    optimizer.apply_gradients([(tf.constant(1.0), w)])
    return w


def learning_rate_changed() -> Any:
    v = tf.Variable(1.0)
    optimizer = tf.keras.optimizers.SGD(learning_rate=0.5)
    optimizer.apply_gradients([(tf.constant(1.0), v)])
    optimizer.learning_rate = 0.25
    optimizer.apply_gradients([(tf.constant(1.0), v)])
    return [v, optimizer.learning_rate]


def learning_rate_in_float64() -> Any:
    v = tf.Variable(0.0, dtype="float64")
    tf.keras.optimizers.SGD(learning_rate=0.1).apply_gradients([(tf.constant(1.0, "float64"), v)])
    return v


def learning_rate_negative() -> Any:
    v = tf.Variable(1.0)
    tf.keras.optimizers.SGD(learning_rate=-0.5).apply_gradients([(tf.constant(1.0), v)])
    return v


def nesterov_without_momentum() -> Any:
    v = tf.Variable(1.0)
    tf.keras.optimizers.SGD(learning_rate=0.5, nesterov=True).apply_gradients([(tf.constant(1.0), v)])
    return v
