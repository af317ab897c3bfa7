"""What a tape records: stopped, reset, asked inside its block."""

from __future__ import annotations

from typing import Any

import tensorflow as tf  # type: ignore[import-not-found, import-untyped, unused-ignore]


def recording_stopped() -> Any:
    v = tf.Variable(3.0)
    with tf.GradientTape() as tape:
        y = v * v
        with tape.stop_recording():
            z = v * v
        result = y + z
    return tape.gradient(result, v)


def recording_stopped_outside_the_tape() -> Any:
    tape = tf.GradientTape()
    with tape.stop_recording():
        pass


def reset_forgets_the_records() -> Any:
    v = tf.Variable(3.0)
    with tf.GradientTape(persistent=True) as tape:
        y = v * v
        tape.reset()
        z = v * v * v
    return [tape.gradient(y, v), tape.gradient(z, v)]


def reset_forgets_what_is_watched() -> Any:
    x = tf.constant(3.0)
    with tf.GradientTape() as tape:
        tape.watch(x)
        tape.reset()
        y = x * x
    return tape.gradient(y, x)


def reset_outside_the_tape() -> Any:
    v = tf.Variable(3.0)
    with tf.GradientTape() as tape:
        y = v * v
    tape.reset()
    return tape.gradient(y, v)


def gradient_inside_the_tape() -> Any:
    v = tf.Variable(3.0)
    with tf.GradientTape() as tape:
        y = v * v
        return tape.gradient(y, v)


def gradient_inside_a_persistent_tape() -> Any:
    v = tf.Variable(3.0)
    with tf.GradientTape(persistent=True) as tape:
        y = v * v * v
        dy = tape.gradient(y, v)
    return [dy, tape.gradient(dy, v)]


def recording_goes_on_after_a_gradient_inside() -> Any:
    v = tf.Variable(3.0)
    with tf.GradientTape() as tape:
        y = v * v
        tape.gradient(y, v)
        z = v * v
    return tape.gradient(z, v)
