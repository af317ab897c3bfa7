"""Record figures of TensorFlow and Keras, against which the test suite checks gradtape.

    python -m pip install tensorflow-cpu==2.21.0 keras==3.15.1 numpy==2.4.6
    python -m tools.record_tensorflow --mnist mnist.npz [--out tests/data/tensorflow.json]

It needs an environment of its own, in which gradtape need not be installed, an .npz with Keras' four
arrays (x_train, y_train, x_test, y_test), and about two minutes.  It writes one JSON file, on one thread of
the processor and with deterministic operations, so that a second run gives the same file; on another kind
of processor the last digits of float32 may differ.

How values are written
    A tensor, variable or array  {"array": nested lists, "dtype": "float32", "shape": [2, 3]}
    A list, tuple, dictionary    [...], {"tuple": [...]}, {"dict": {key: value}}
    None, bool, int, str, float  as in JSON, with NaN, Infinity and -Infinity as Python's json reads them
    A slice of rows (TensorFlow) {"slices": {"values": array, "indices": array}}
    An exception                 {"raises": class name, "message": its first 200 characters}
    Every float has as many digits as give back the same float32 or float64.

The keys of the file
    versions      {"tensorflow", "keras", "numpy", "python"}: version numbers
    training      seed            the seed of all starting weights
                  sampling_seed   the seed of the positions in `weights`
                  batch_size      128; the batches are the slices of the training set in file order
                  layers          [[784, 512], [512, 10]]
                  runs            {name: run}, see below
    cases         {group: {name: {"code": source of a function, "result": what it returned or raised}}}
                  for the groups "tape", "losses", "optimizers".  All code here needs tf, keras, np and Any.
    questions     {"setup": code, "results": {expression: its result after a setup of its own}}; as above
    expressions   {expression: its result}; its dtype stands in the array
    operations    inputs          {dtype: {name: array}}, among them "cotangents"
                  results         {name: {"code": an expression of inputs, "wrt": the input's name,
                                  dtype: {"output": array, "gradient": array or null}}}
                  The gradient belongs to the cotangent cotangents[:output.size].reshape(output.shape).
    optimizers    start           {dtype: {"a": values, "b": values}}
                  gradients       {dtype: [{"a": values, "b": values}, ... for 5 updates]}
                  weights         {expression: {dtype: [{"a": values, "b": values}, ... after each update]}}
                  The values are nested lists; the dtypes here and above are "float64" and "float32".

A run (names: article_by_hand, article_sgd, glorot_rmsprop, glorot_adam)
    optimizer        an expression, or null: `w.assign_sub(g * 1e-3)`
    start            "uniform": W in [0, 0.1), or "glorot": W in +-sqrt(6 / (rows + columns)); b is 0
    losses           {mode: the loss before each update}; the modes are "eager_float32", "eager_float64",
                     "graph_float32" and "graph_float64".  In graph modes the step is a `tf.function`, where
                     Keras takes the loss from the softmax's logits; in eager modes it clips probabilities
                     to [1e-7, 1 - 1e-7].  For float64 the float32 weights and images are cast.
    clipped          in eager_float32, how many samples of each batch had their label's probability clipped
                     at 1e-7
    weights          the weights W1, b1, W2, b2 after those steps in eager_float32: {"sum", "sum_of_squares"
                     (both added up in float64), "positions" in the flattened array, "entries" there}
    accuracy         share of the test set that these weights classify correctly
    lines            only of article_*: what the article's text prints in its first 2 epochs, accuracy last
    epoch_losses     likewise: per epoch, the losses of the batches 0, 100, 200, ...
    epoch_accuracy   likewise: the accuracy after the 2 epochs

Starting weights are made without TensorFlow:
    generator = np.random.Generator(np.random.PCG64(seed))
    W1 = generator.uniform(low, high, (784, 512)).astype("float32")
    W2 = generator.uniform(low, high, (512, 10)).astype("float32")
and the positions of `weights` by a new generator for each weight:
    np.random.Generator(np.random.PCG64(sampling_seed)).integers(size, size=20)
"""

from __future__ import annotations

import argparse
import platform
from pathlib import Path

import keras  # type: ignore[import-not-found, import-untyped, unused-ignore]
import numpy as np
import tensorflow as tf  # type: ignore[import-not-found, import-untyped, unused-ignore]

from tools.tensorflow_cases.cases import recorded_cases
from tools.tensorflow_cases.expressions import recorded_expressions
from tools.tensorflow_cases.operations import recorded_operations
from tools.tensorflow_cases.optimizer_updates import recorded_optimizers
from tools.tensorflow_cases.questions import recorded_questions
from tools.tensorflow_cases.training import load_mnist, recorded_training
from tools.tensorflow_cases.values import laid_out

TARGET = Path(__file__).parents[1] / "tests/data/tensorflow.json"


def main() -> None:
    """Record everything and write it to one file."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--mnist", type=Path, required=True, help="an .npz with Keras' four arrays")
    parser.add_argument("--out", type=Path, default=TARGET)
    arguments = parser.parse_args()
    tf.config.set_visible_devices([], "GPU")
    tf.config.threading.set_intra_op_parallelism_threads(1)
    tf.config.experimental.enable_op_determinism()
    recorded = {
        "versions": versions(),
        "expressions": recorded_expressions(),
        "cases": recorded_cases(),
        "questions": recorded_questions(),
        "operations": recorded_operations(),
        "optimizers": recorded_optimizers(),
        "training": recorded_training(*load_mnist(arguments.mnist)),
    }
    arguments.out.write_text(laid_out(recorded) + "\n", encoding="utf-8")
    print(f"{arguments.out.name}: {arguments.out.stat().st_size} bytes")


def versions() -> dict[str, str]:
    """Return the versions that the figures belong to."""
    return {
        "tensorflow": str(tf.__version__),
        "keras": str(keras.__version__),
        "numpy": np.__version__,
        "python": platform.python_version(),
    }


if __name__ == "__main__":
    main()
