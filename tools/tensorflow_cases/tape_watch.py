"""What a tape watches: entering it, watching, Variables."""

from __future__ import annotations

from typing import Any

import numpy as np
import tensorflow as tf  # type: ignore[import-not-found, import-untyped, unused-ignore]


def persistent_tape_asked_twice() -> Any:
    x = tf.constant(3.0)
    with tf.GradientTape(persistent=True) as tape:
        tape.watch(x)
        y = x * x
        z = y * y
    return [tape.gradient(z, x), tape.gradient(y, x)]


def tape_never_entered() -> Any:
    x = tf.Variable(3.0)
    return tf.GradientTape().gradient(x * x, x)


def tape_entered_again() -> Any:
    x = tf.Variable(3.0)
    tape = tf.GradientTape(persistent=True)
    with tape:
        y = x * x
    with tape:
        z = x * y
    return [tape.gradient(y, x), tape.gradient(z, x)]


def tape_entered_while_recording() -> Any:
    tape = tf.GradientTape()
    with tape:
        with tape:
            pass


def exception_inside_the_tape() -> Any:
    x = tf.Variable(3.0)
    tape = tf.GradientTape()
    try:
        with tape:
            y = x * x
            raise KeyError("stop")
    except KeyError:
        return tape.gradient(y, x)


def constant_watched() -> Any:
    x = tf.constant(3.0)
    with tf.GradientTape() as tape:
        tape.watch(x)
        y = x * x
    return tape.gradient(y, x)


def constant_watched_too_late() -> Any:
    x = tf.constant(3.0)
    with tf.GradientTape() as tape:
        y = x * x
        tape.watch(x)
    return tape.gradient(y, x)


def constant_watched_between_two_uses() -> Any:
    x = tf.constant(3.0)
    with tf.GradientTape() as tape:
        y = x * x
        tape.watch(x)
        z = y + x * x
    return tape.gradient(z, x)


def watching_a_list_and_a_dictionary() -> Any:
    a, b = tf.constant(2.0), tf.constant(3.0)
    with tf.GradientTape() as tape:
        tape.watch([a, {"b": b}])
        y = a * b
    return tape.gradient(y, [a, b])


def watching_a_python_number() -> Any:
    with tf.GradientTape() as tape:
        tape.watch(3.0)


def watching_an_array() -> Any:
    with tf.GradientTape() as tape:
        tape.watch(np.array([3.0]))


def variable_with_watching_off() -> Any:
    v = tf.Variable(3.0)
    with tf.GradientTape(watch_accessed_variables=False) as tape:
        y = v * v
    return tape.gradient(y, v)


def variable_watched_by_hand() -> Any:
    v, w = tf.Variable(3.0), tf.Variable(4.0)
    with tf.GradientTape(watch_accessed_variables=False) as tape:
        tape.watch(v)
        y = v * w
    return tape.gradient(y, [v, w])


def variable_not_trainable() -> Any:
    v = tf.Variable(3.0, trainable=False)
    with tf.GradientTape() as tape:
        y = v * v
    return tape.gradient(y, v)


def variable_not_trainable_but_watched() -> Any:
    v = tf.Variable(3.0, trainable=False)
    with tf.GradientTape() as tape:
        tape.watch(v)
        y = v * v
    return tape.gradient(y, v)


def variable_read_before_the_tape() -> Any:
    v = tf.Variable(3.0)
    value = v.read_value()
    with tf.GradientTape() as tape:
        y = value * value
    return tape.gradient(y, v)


def watched_variables_in_order() -> Any:
    a, b, c = tf.Variable(1.0, name="a"), tf.Variable(2.0, name="b"), tf.Variable(3.0, name="c")
    fixed = tf.Variable(4.0, name="fixed", trainable=False)
    with tf.GradientTape() as tape:
        c * a * fixed + c + b
    return [variable.name for variable in tape.watched_variables()]


def watched_variables_as() -> Any:
    v = tf.Variable(1.0)
    with tf.GradientTape() as tape:
        v * v
    return type(tape.watched_variables()).__name__


def watched_variables_of_tensors() -> Any:
    x = tf.constant(1.0)
    with tf.GradientTape() as tape:
        tape.watch(x)
    return tape.watched_variables()


def watched_variables_after_gradient() -> Any:
    v = tf.Variable(1.0, name="v")
    with tf.GradientTape() as tape:
        y = v * v
    tape.gradient(y, v)
    return [variable.name for variable in tape.watched_variables()]


def watched_variables_after_reset() -> Any:
    v, w = tf.Variable(1.0, name="v"), tf.Variable(2.0, name="w")
    with tf.GradientTape() as tape:
        v * v
        tape.reset()
        w * w
    return [variable.name for variable in tape.watched_variables()]
