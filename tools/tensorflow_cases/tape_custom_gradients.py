"""stop_gradient and custom_gradient."""

from __future__ import annotations

from typing import Any

import tensorflow as tf  # type: ignore[import-not-found, import-untyped, unused-ignore]


def stop_gradient_cuts_one_path() -> Any:
    v = tf.Variable(3.0)
    with tf.GradientTape() as tape:
        y = v * tf.stop_gradient(v * v)
    return tape.gradient(y, v)


def stop_gradient_cuts_all_paths() -> Any:
    v = tf.Variable(3.0)
    with tf.GradientTape() as tape:
        y = tf.stop_gradient(v * v)
    return tape.gradient(y, v)


def stop_gradient_source() -> Any:
    v = tf.Variable(3.0)
    with tf.GradientTape() as tape:
        x = tf.stop_gradient(v)
        y = x * x
    return tape.gradient(y, [x, v])


def custom_gradient_of_one_input() -> Any:
    def clipped_square(x: Any) -> Any:
        def gradient(upstream: Any) -> Any:
            return tf.clip_by_value(upstream * 2.0 * x, -1.0, 1.0)

        return x * x, gradient

    v = tf.Variable([0.25, 3.0])
    with tf.GradientTape() as tape:
        y = tf.custom_gradient(clipped_square)(v * 1.0) * 2.0
    return [y, tape.gradient(y, v)]


def custom_gradient_of_two_inputs() -> Any:
    def product(a: Any, b: Any) -> Any:
        return a * b, lambda upstream: (upstream * 10.0, upstream * 100.0)

    a, b = tf.constant(2.0), tf.constant(3.0)
    with tf.GradientTape() as tape:
        tape.watch([a, b])
        y = tf.custom_gradient(product)(a, b)
    return [y, *tape.gradient(y, [a, b])]


def custom_gradient_of_two_outputs() -> Any:
    def both(x: Any) -> Any:
        return (x * x, x * x * x), lambda first, second: first * 10.0 + second * 100.0

    x = tf.constant(2.0)
    with tf.GradientTape() as tape:
        tape.watch(x)
        square, cube = tf.custom_gradient(both)(x)
        y = square + 2.0 * cube
    return [y, tape.gradient(y, x)]


def custom_gradient_too_few() -> Any:
    def product(a: Any, b: Any) -> Any:
        return a * b, lambda upstream: upstream

    a, b = tf.constant(2.0), tf.constant(3.0)
    with tf.GradientTape() as tape:
        tape.watch([a, b])
        y = tf.custom_gradient(product)(a, b)
    return tape.gradient(y, [a, b])


def custom_gradient_twice_differentiated() -> Any:
    def cube(x: Any) -> Any:
        return x * x * x, lambda upstream: upstream * 5.0 * x * x

    x = tf.constant(2.0)
    with tf.GradientTape() as outer:
        outer.watch(x)
        with tf.GradientTape() as inner:
            inner.watch(x)
            y = tf.custom_gradient(cube)(x)
        first = inner.gradient(y, x)
    return [first, outer.gradient(first, x)]
