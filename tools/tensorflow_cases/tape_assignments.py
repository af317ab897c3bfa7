"""Assignments to a Variable inside a tape."""

from __future__ import annotations

from typing import Any

import tensorflow as tf  # type: ignore[import-not-found, import-untyped, unused-ignore]


def assigned_between_two_reads() -> Any:
    v = tf.Variable(3.0)
    with tf.GradientTape() as tape:
        y = v * v
        v.assign(5.0)
        z = v * v
        result = y + z
    return tape.gradient(result, v)


def assigned_after_the_reads() -> Any:
    v = tf.Variable(3.0)
    with tf.GradientTape() as tape:
        y = v * v
    v.assign(100.0)
    return tape.gradient(y, v)


def assigned_from_another_variable() -> Any:
    v, w = tf.Variable(3.0), tf.Variable(4.0)
    with tf.GradientTape() as tape:
        v.assign(w * 2.0)
        y = v * v
    return tape.gradient(y, [v, w])


def assigned_from_itself() -> Any:
    v = tf.Variable(3.0)
    with tf.GradientTape() as tape:
        v.assign(v * v)
        y = v * v
    return tape.gradient(y, v)


def assign_add_inside_the_tape() -> Any:
    v = tf.Variable(3.0)
    with tf.GradientTape() as tape:
        v.assign_add(v * 2.0)
        y = v * v
    return [y, tape.gradient(y, v)]


def result_of_assign() -> Any:
    v = tf.Variable(3.0)
    with tf.GradientTape() as tape:
        y = v.assign(5.0) * 2.0
    return [y, tape.gradient(y, v)]


def result_of_read_value() -> Any:
    v = tf.Variable(3.0)
    with tf.GradientTape() as tape:
        y = v.read_value() * v.value()
    return tape.gradient(y, v)
