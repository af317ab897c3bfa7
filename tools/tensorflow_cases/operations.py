"""Operations: values and gradients."""

from __future__ import annotations

import numpy as np
import tensorflow as tf  # type: ignore[import-not-found, import-untyped, unused-ignore]

from tools.tensorflow_cases.values import (
    DTYPES,
    INPUT_SEED,
    NAMES,
    Array,
    Json,
    cast,
    encoded,
)

SPECIAL = (0.0, -0.0, 3.0, -3.0, 6.0, 1e-6, -1e-6, 30.0, -30.0, 1000.0, -1000.0)
OPERATIONS = {
    "relu": "tf.nn.relu(elements)",
    "relu6": "tf.nn.relu6(elements)",
    "leaky_relu": "tf.nn.leaky_relu(elements)",
    "leaky_relu_0.01": "tf.nn.leaky_relu(elements, alpha=0.01)",
    "keras_leaky_relu": "tf.keras.activations.leaky_relu(elements)",
    "elu": "tf.nn.elu(elements)",
    "selu": "tf.nn.selu(elements)",
    "gelu": "tf.nn.gelu(elements)",
    "gelu_approximate": "tf.nn.gelu(elements, approximate=True)",
    "silu": "tf.nn.silu(elements)",
    "sigmoid": "tf.nn.sigmoid(elements)",
    "hard_sigmoid": "tf.keras.activations.hard_sigmoid(elements)",
    "hard_silu": "tf.keras.activations.hard_silu(elements)",
    "mish": "tf.keras.activations.mish(elements)",
    "tanh": "tf.nn.tanh(elements)",
    "softplus": "tf.nn.softplus(elements)",
    "softsign": "tf.nn.softsign(elements)",
    "erf": "tf.math.erf(elements)",
    "abs": "tf.abs(elements)",
    "square": "tf.square(elements)",
    "rsqrt": "tf.math.rsqrt(positive)",
    "sqrt": "tf.sqrt(positive)",
    "log": "tf.math.log(positive)",
    "log1p": "tf.math.log1p(positive)",
    "softmax": "tf.nn.softmax(rows)",
    "softmax_axis_0": "tf.nn.softmax(rows, axis=0)",
    "log_softmax": "tf.nn.log_softmax(rows)",
    "reduce_logsumexp": "tf.reduce_logsumexp(rows)",
    "reduce_logsumexp_axis": "tf.reduce_logsumexp(rows, axis=-1)",
    "reduce_logsumexp_keepdims": "tf.reduce_logsumexp(rows, axis=0, keepdims=True)",
    "cumsum": "tf.math.cumsum(rows)",
    "cumsum_axis": "tf.math.cumsum(rows, axis=1)",
    "cumsum_exclusive": "tf.math.cumsum(rows, axis=1, exclusive=True)",
    "cumsum_reverse": "tf.math.cumsum(rows, axis=1, reverse=True)",
    "reduce_mean": "tf.reduce_mean(rows, axis=0)",
    "reduce_max": "tf.reduce_max(rows, axis=1)",
    "reduce_variance": "tf.math.reduce_variance(rows, axis=1)",
    "reduce_std": "tf.math.reduce_std(rows, axis=1)",
}
LOSSES = {
    "sparse_categorical_crossentropy": "sparse_categorical_crossentropy(labels, probabilities)",
    "sparse_categorical_crossentropy_logits": (
        "sparse_categorical_crossentropy(labels, rows, from_logits=True)"
    ),
    "sparse_categorical_crossentropy_scaled": "sparse_categorical_crossentropy(labels, 3.0 * probabilities)",
    "categorical_crossentropy": "categorical_crossentropy(one_hot, probabilities)",
    "categorical_crossentropy_logits": "categorical_crossentropy(one_hot, rows, from_logits=True)",
    "categorical_crossentropy_scaled": "categorical_crossentropy(one_hot, 3.0 * probabilities)",
    "categorical_crossentropy_smoothed": (
        "categorical_crossentropy(one_hot, probabilities, label_smoothing=0.1)"
    ),
    "categorical_crossentropy_logits_smoothed": (
        "categorical_crossentropy(one_hot, rows, from_logits=True, label_smoothing=0.1)"
    ),
    "binary_crossentropy": "binary_crossentropy(one_hot, probabilities)",
    "binary_crossentropy_logits": "binary_crossentropy(one_hot, rows, from_logits=True)",
    "binary_crossentropy_smoothed": "binary_crossentropy(one_hot, probabilities, label_smoothing=0.1)",
    "mean_squared_error": "mean_squared_error(y_true, rows)",
    "mean_absolute_error": "mean_absolute_error(y_true, rows)",
}


def recorded_operations() -> Json:
    """Return the section `operations`."""
    inputs = operation_inputs()
    table = OPERATIONS | {name: f"keras.losses.{code}" for name, code in LOSSES.items()}
    return {
        "inputs": {dtype: {name: encoded(a) for name, a in cast(inputs, dtype).items()} for dtype in DTYPES},
        "results": {
            name: {"code": code, "wrt": differentiated(code, inputs)}
            | {dtype: value_and_gradient(code, cast(inputs, dtype)) for dtype in DTYPES}
            for name, code in table.items()
        },
    }


def operation_inputs() -> dict[str, Array]:
    """Return the inputs that all operations share, drawn from one generator, in float64."""
    generator = np.random.Generator(np.random.PCG64(INPUT_SEED))
    probabilities = generator.dirichlet(np.ones(4), 5)
    probabilities[3], probabilities[4] = [0.0, 1.0, 0.0, 0.0], [1e-9, 0.5, 0.5, 0.0]
    labels = np.array([2, 0, 3, 1, 0])
    rows = generator.normal(0.0, 2.0, (5, 4))
    rows[3], rows[4] = 0.0, [1000.0, 0.0, -1000.0, 5.0]
    return {
        "elements": np.concatenate([generator.normal(0.0, 2.0, 7), SPECIAL]),
        "positive": np.concatenate([generator.uniform(0.01, 5.0, 5), [0.0, 1e-6, 1.0, 1e6]]),
        "rows": rows,
        "probabilities": probabilities,
        "labels": labels,
        "one_hot": np.eye(4)[labels],
        "y_true": generator.normal(0.0, 2.0, rows.shape),
        "cotangents": generator.normal(0.0, 1.0, rows.size),
    }


def differentiated(code: str, inputs: dict[str, Array]) -> str:
    """Return the input by which an expression is differentiated: the prediction, or the only one."""
    names = ("elements", "positive", "rows", "probabilities")
    return next(name for name in names if name in inputs and name in code)


def value_and_gradient(code: str, arrays: dict[str, Array]) -> Json:
    """Return an expression's value, and its gradient for the first of the cotangents."""
    inputs = {name: tf.constant(array) for name, array in arrays.items()}
    source = inputs[differentiated(code, arrays)]
    with tf.GradientTape() as tape:
        tape.watch(source)
        output = eval(code, NAMES | inputs)
    cotangent = tf.reshape(inputs["cotangents"][: tf.size(output)], output.shape)
    gradient = tape.gradient(output, source, output_gradients=cotangent)
    return {"output": encoded(output), "gradient": encoded(gradient)}
