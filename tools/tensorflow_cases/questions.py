"""Questions to one tape, each asked after a setup of its own."""

from __future__ import annotations

from functools import partial
from typing import Any

from tools.tensorflow_cases.values import (
    NAMES,
    Json,
    outcome,
)

SETUP = """
v, w, unused = tf.Variable([1.0, 2.0]), tf.Variable([3.0, 5.0]), tf.Variable([[7.0], [8.0]])
x, integers, array = tf.constant([1.0, 2.0]), tf.Variable([1, 2]), np.array([1.0, 2.0], "float32")
with tf.GradientTape() as tape:
    square = v * v
    y = square * w
    z = tf.reduce_sum(v)
    of_array = tf.square(array)
    of_integers = integers * 2
"""
QUESTIONS = """
tape.gradient(y, v)
tape.gradient(y, x)
tape.gradient(y, [v, w])
tape.gradient(y, (v, w))
tape.gradient(y, {"w": w, "v": v})
tape.gradient(y, {"layers": [(v, w), [unused]], "v": v})
tape.gradient(y, [])
tape.gradient(y, None)
tape.gradient(y, 3.0)
tape.gradient(y, array)
tape.gradient(of_array, array)
tape.gradient(of_integers, integers)
tape.gradient(y, [v, v])
tape.gradient(y, [square, v])
tape.gradient(y, [y, v])
tape.gradient(y, y)
tape.gradient(v, v)
tape.gradient(x, x)
tape.gradient(unused, unused)
tape.gradient(y, unused)
tape.gradient(y, [v, unused])
tape.gradient(y, [v, unused], unconnected_gradients="zero")
tape.gradient(y, unused, unconnected_gradients=tf.UnconnectedGradients.ZERO)
tape.gradient(y, x, unconnected_gradients="zero")
tape.gradient(y, integers, unconnected_gradients="zero")
tape.gradient(y, v, unconnected_gradients="zeros")
tape.gradient([y, z], v)
tape.gradient((y, z), v)
tape.gradient({"y": y, "z": [z]}, v)
tape.gradient([y, y], v)
tape.gradient([y, square], v)
tape.gradient([y, x], v)
tape.gradient([], v)
tape.gradient(None, v)
tape.gradient(9.0, v)
tape.gradient(y * 1.0, v)
tape.gradient(y, v, output_gradients=tf.constant([10.0, 100.0]))
tape.gradient(y, v, output_gradients=[10.0, 100.0])
tape.gradient(y, v, output_gradients=[[10.0, 100.0]])
tape.gradient(y, v, output_gradients=np.array([10.0, 100.0], "float32"))
tape.gradient(y, v, output_gradients=tf.constant([1.0, 2.0, 3.0]))
tape.gradient(y, v, output_gradients=tf.constant(10.0))
tape.gradient(y, v, output_gradients=tf.constant([10.0, 100.0], "float64"))
tape.gradient([y, z], v, output_gradients=[tf.constant([10.0, 100.0]), tf.constant(1.0)])
tape.gradient([y, z], v, output_gradients=[tf.constant([10.0, 100.0]), None])
tape.gradient([y, z], v, output_gradients=[tf.constant([10.0, 100.0])])
[tape.gradient(y, v), tape.gradient(y, v)]
[tape.jacobian(y, v), tape.jacobian(y, v)]
[tape.gradient(y, unused), tape.gradient(y, v)]
tape.jacobian(y, v)
tape.jacobian(z, v)
tape.jacobian(y, (v, w))
tape.jacobian(y, {"v": v, "unused": unused})
tape.jacobian(y, unused, unconnected_gradients="zero")
tape.jacobian([y, z], v)
tape.jacobian(y, v, experimental_use_pfor=False)
tape.batch_jacobian(y, v)
tape.watch(v)
len(tape.watched_variables())
""".strip().splitlines()


def recorded_questions() -> Json:
    """Return the section `questions`."""
    return {
        "setup": SETUP,
        "results": {question: outcome(partial(answer, question)) for question in QUESTIONS},
    }


def answer(question: str) -> Any:
    """Return what a question gives after a setup of its own."""
    names = dict(NAMES)
    exec(SETUP, names)
    return eval(question, names)
