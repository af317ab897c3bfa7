"""Losses where probabilities are 0 or 1."""

from __future__ import annotations

from typing import Any

import numpy as np
import tensorflow as tf  # type: ignore[import-not-found, import-untyped, unused-ignore]


def saturated_probabilities() -> Any:
    logits = tf.Variable([[0.0, 50.0, 0.0], [20.0, 0.0, 0.0]])
    with tf.GradientTape() as tape:
        loss = tf.keras.losses.sparse_categorical_crossentropy(np.array([0, 0]), tf.nn.softmax(logits))
    return [loss, tape.gradient(loss, logits)]


def saturated_probabilities_of_the_keras_softmax() -> Any:
    logits = tf.Variable([[0.0, 50.0, 0.0], [20.0, 0.0, 0.0]])
    with tf.GradientTape() as tape:
        probabilities = tf.keras.activations.softmax(logits)
        loss = tf.keras.losses.sparse_categorical_crossentropy(np.array([0, 0]), probabilities)
    return [loss, tape.gradient(loss, logits)]


def saturated_probabilities_in_a_function() -> Any:
    logits = tf.Variable([[0.0, 50.0, 0.0], [20.0, 0.0, 0.0]])

    def compute() -> Any:
        with tf.GradientTape() as tape:
            loss = tf.keras.losses.sparse_categorical_crossentropy(np.array([0, 0]), tf.nn.softmax(logits))
        return [loss, tape.gradient(loss, logits)]

    return tf.function(compute)()


def saturated_binary_probabilities() -> Any:
    logits = tf.Variable([[50.0], [-50.0]])
    with tf.GradientTape() as tape:
        loss = tf.keras.losses.binary_crossentropy([[0.0], [0.0]], tf.nn.sigmoid(logits))
    return [loss, tape.gradient(loss, logits)]


def saturated_logits() -> Any:
    logits = tf.Variable([[0.0, 50.0, 0.0], [20.0, 0.0, 0.0]])
    with tf.GradientTape() as tape:
        loss = tf.keras.losses.sparse_categorical_crossentropy(np.array([0, 0]), logits, from_logits=True)
    return [loss, tape.gradient(loss, logits)]
