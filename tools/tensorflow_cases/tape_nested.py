"""Tapes inside tapes: derivatives of derivatives."""

from __future__ import annotations

from typing import Any

import tensorflow as tf  # type: ignore[import-not-found, import-untyped, unused-ignore]


def second_derivative() -> Any:
    v = tf.Variable(2.0)
    with tf.GradientTape() as outer:
        with tf.GradientTape() as inner:
            y = v * v * v * v
        first = inner.gradient(y, v)
    return [first, outer.gradient(first, v)]


def third_derivative() -> Any:
    v = tf.Variable(2.0)
    with tf.GradientTape() as outer:
        with tf.GradientTape() as middle:
            with tf.GradientTape() as inner:
                y = tf.exp(v) * v
            first = inner.gradient(y, v)
        second = middle.gradient(first, v)
    return [first, second, outer.gradient(second, v)]


def second_derivative_of_a_sum() -> Any:
    v = tf.Variable([1.0, 2.0])
    with tf.GradientTape() as outer:
        with tf.GradientTape() as inner:
            y = tf.reduce_sum(v * v * v)
        first = inner.gradient(y, v)
    return outer.gradient(first, v)


def gradient_of_a_gradient_norm() -> Any:
    v, w = tf.Variable([1.0, 2.0]), tf.Variable([3.0, -1.0])
    with tf.GradientTape() as outer:
        with tf.GradientTape() as inner:
            y = tf.reduce_sum(tf.tanh(v * w))
        first = inner.gradient(y, v)
        norm = tf.sqrt(tf.reduce_sum(first * first))
    return outer.gradient(norm, [v, w])


def two_tapes_record_one_step() -> Any:
    v = tf.Variable(3.0)
    with tf.GradientTape() as first, tf.GradientTape() as second:
        y = v * v
    return [first.gradient(y, v), second.gradient(y, v)]


def tapes_overlapping() -> Any:
    v = tf.Variable(3.0)
    with tf.GradientTape() as first:
        y = v * v
        with tf.GradientTape() as second:
            z = y * v
    return [first.gradient(z, v), second.gradient(z, v)]


def inner_tape_watches_a_tensor_of_the_outer() -> Any:
    v = tf.Variable(3.0)
    with tf.GradientTape() as outer:
        y = v * v
        with tf.GradientTape() as inner:
            inner.watch(y)
            z = y * y
        first = inner.gradient(z, y)
    return [first, outer.gradient(first, v)]
