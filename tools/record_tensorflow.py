"""Record figures of TensorFlow and Keras, against which the test suite checks gradtape.

    python -m pip install tensorflow-cpu==2.21.0 keras==3.15.1 numpy==2.4.6
    python tools/record_tensorflow.py --mnist mnist.npz [--out tests/data/tensorflow.json]

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
import inspect
import io
import json
import math
import platform
import textwrap
from collections.abc import Callable, Iterator, Sequence
from contextlib import redirect_stdout
from functools import partial
from pathlib import Path
from typing import Any, TypeAlias

import keras  # type: ignore[import-not-found, import-untyped, unused-ignore]
import numpy as np
import tensorflow as tf  # type: ignore[import-not-found, import-untyped, unused-ignore]
from numpy.typing import NDArray

Array: TypeAlias = NDArray[Any]
Tensor: TypeAlias = Any
Case: TypeAlias = Callable[[], Any]
Json: TypeAlias = Any
UpdateTerms: TypeAlias = tuple[Array, Array]

TARGET = Path(__file__).parents[1] / "tests/data/tensorflow.json"
SEED = 20_240
SAMPLING_SEED = 7
INPUT_SEED = 11
BATCH_SIZE = 128
LAYERS = ((784, 512), (512, 10))
LEARNING_RATE = 1e-3
MESSAGE_LENGTH = 200
DTYPES = ("float64", "float32")
NAMES = {"tf": tf, "keras": keras, "np": np, "Any": Any}


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


# How values are written -----------------------------------------------------------------------------


def encoded(value: Any) -> Json:
    """Return a value as the module's docstring says that it is written."""
    if value is None or isinstance(value, bool | int | str | float):
        return value
    if isinstance(value, tf.IndexedSlices):
        return {"slices": {"values": encoded(value.values), "indices": encoded(value.indices)}}
    if isinstance(value, dict):
        return {"dict": {key: encoded(item) for key, item in value.items()}}
    if isinstance(value, tuple):
        return {"tuple": [encoded(item) for item in value]}
    if isinstance(value, list):
        return [encoded(item) for item in value]
    array = np.asarray(value)
    return {"array": numbers(array), "dtype": array.dtype.name, "shape": list(array.shape)}


def numbers(array: Array) -> Json:
    """Return an array as nested lists in which each float has the fewest digits that give it back."""
    if array.dtype.kind != "f":
        return array.tolist()
    shortest = np.array([float(str(number)) for number in array.ravel()], dtype=object)
    if not np.array_equal(shortest.astype(array.dtype), array.ravel(), equal_nan=True):
        raise AssertionError("a float is not given back by its digits")
    return shortest.reshape(array.shape).tolist()


def outcome(function: Case) -> Json:
    """Return what a function returns, or the exception that it raises, as it is written."""
    try:
        return encoded(function())
    except Exception as error:
        return {"raises": type(error).__name__, "message": str(error)[:MESSAGE_LENGTH]}


def laid_out(value: Json, indent: int = 0) -> str:
    """Return JSON with short values and lists of numbers on one line, and all others split over lines."""
    line = json.dumps(value, ensure_ascii=False)
    if len(line) + indent <= 110 or not isinstance(value, dict | list):
        return line
    inner, outer = " " * (indent + 1), " " * indent
    if isinstance(value, dict):
        items = [f"{json.dumps(key)}: {laid_out(item, indent + 1)}" for key, item in value.items()]
        return "{\n" + ",\n".join(inner + item for item in items) + f"\n{outer}}}"
    if all(isinstance(item, int | float) for item in value):
        return f"[\n{textwrap.fill(line[1:-1], 110, initial_indent=inner, subsequent_indent=inner)}\n{outer}]"
    return "[\n" + ",\n".join(inner + laid_out(item, indent + 1) for item in value) + f"\n{outer}]"


# Training: the article's system ---------------------------------------------------------------------


class NaiveDense:
    """The article's layer, with given weights."""

    def __init__(self, kernel: Array, activation: Callable[[Tensor], Tensor]) -> None:
        self.activation = activation
        self.W = tf.Variable(kernel)
        self.b = tf.Variable(tf.zeros(kernel.shape[1:], kernel.dtype))

    def __call__(self, inputs: Tensor) -> Tensor:
        return self.activation(tf.matmul(inputs, self.W) + self.b)

    @property
    def weights(self) -> list[Tensor]:
        """The kernel and the bias."""
        return [self.W, self.b]


class NaiveSequential:
    """The article's model."""

    def __init__(self, layers: Sequence[NaiveDense]) -> None:
        self.layers = layers

    def __call__(self, inputs: Tensor) -> Tensor:
        x = inputs
        for layer in self.layers:
            x = layer(x)
        return x

    @property
    def weights(self) -> list[Tensor]:
        """The weights of all layers, in order."""
        return [weight for layer in self.layers for weight in layer.weights]


class BatchGenerator:
    """The article's batches."""

    def __init__(self, images: Array, labels: Array, batch_size: int = BATCH_SIZE) -> None:
        self.index = 0
        self.images = images
        self.labels = labels
        self.batch_size = batch_size
        self.num_batches = math.ceil(len(images) / batch_size)

    def next(self) -> UpdateTerms:
        """Return the next images and labels."""
        here = slice(self.index, self.index + self.batch_size)
        self.index += self.batch_size
        return self.images[here], self.labels[here]


class Trainer:
    """The article's training step on one model, with one way to update its weights."""

    def __init__(
        self, start: str, optimizer: str | None, dtype: str = "float32", graph: bool = False
    ) -> None:
        kernels = [kernel.astype(dtype) for kernel in starting_kernels(start)]
        self.model = NaiveSequential(
            [NaiveDense(kernels[0], tf.nn.relu), NaiveDense(kernels[1], tf.nn.softmax)]
        )
        self.optimizer = eval(optimizer, NAMES) if optimizer else None
        if self.optimizer:
            self.optimizer.build(self.model.weights)
        self.step = tf.function(self.one_training_step) if graph else self.one_training_step
        self.epoch_losses: list[list[Tensor]] = []

    def one_training_step(self, images_batch: Tensor, labels_batch: Tensor) -> Tensor:
        """Change the weights by one batch and return the loss it had before."""
        with tf.GradientTape() as tape:
            predictions = self.model(images_batch)
            per_sample_losses = tf.keras.losses.sparse_categorical_crossentropy(labels_batch, predictions)
            average_loss = tf.reduce_mean(per_sample_losses)
        gradients = tape.gradient(average_loss, self.model.weights)
        self.update_weights(gradients, self.model.weights)
        return average_loss

    def update_weights(self, gradients: Sequence[Tensor], weights: Sequence[Tensor]) -> None:
        """Update the weights with the optimizer or, without one, by hand."""
        if self.optimizer:
            self.optimizer.apply_gradients(zip(gradients, weights, strict=True))
            return
        for g, w in zip(gradients, weights, strict=True):
            w.assign_sub(g * LEARNING_RATE)

    def fit(self, images: Array, labels: Array, epochs: int, batch_size: int = BATCH_SIZE) -> None:
        """Train as the article does, and print what it prints."""
        for epoch_counter in range(epochs):
            print(f"Epoch {epoch_counter}")
            self.epoch_losses.append([])
            batch_generator = BatchGenerator(images, labels, batch_size)
            for batch_counter in range(batch_generator.num_batches):
                loss = self.step(*batch_generator.next())
                if batch_counter % 100 == 0:
                    print(f"loss at batch {batch_counter}: {loss:.2f}")
                    self.epoch_losses[-1].append(loss)

    def accuracy(self, images: Array, labels: Array) -> float:
        """Return the share of samples whose likeliest class is the true one."""
        predictions = self.model(images).numpy()
        return float((np.argmax(predictions, axis=1) == labels).mean())


def starting_kernels(start: str) -> list[Array]:
    """Return W1 and W2, drawn in this order from one generator."""
    generator = np.random.Generator(np.random.PCG64(SEED))
    kernels = []
    for rows, columns in LAYERS:
        limit = math.sqrt(6 / (rows + columns))
        low, high = (0.0, 0.1) if start == "uniform" else (-limit, limit)
        kernels.append(generator.uniform(low, high, (rows, columns)).astype("float32"))
    return kernels


def load_mnist(path: Path) -> tuple[UpdateTerms, UpdateTerms]:
    """Return the training and the test set as the article prepares them."""
    with np.load(path, allow_pickle=False) as arrays:
        splits = [(arrays[f"x_{split}"], arrays[f"y_{split}"]) for split in ("train", "test")]
    train, test = ((x.reshape((len(x), 28 * 28)).astype("float32") / 255, y) for x, y in splits)
    return train, test


RUNS: dict[str, tuple[str, str | None, int]] = {
    "article_by_hand": ("uniform", None, 200),
    "article_sgd": ("uniform", "tf.keras.optimizers.SGD(learning_rate=1e-3)", 200),
    "glorot_rmsprop": ("glorot", "tf.keras.optimizers.RMSprop()", 100),
    "glorot_adam": ("glorot", "tf.keras.optimizers.Adam()", 100),
}


def recorded_training(train: UpdateTerms, test: UpdateTerms) -> Json:
    """Return the section `training`."""
    runs = {}
    for name, (start, optimizer, steps) in RUNS.items():
        print(name, flush=True)
        runs[name] = recorded_run(start, optimizer, steps, train, test)
        if name.startswith("article"):
            runs[name] |= recorded_epochs(start, optimizer, 2, train, test)
    return {
        "seed": SEED,
        "sampling_seed": SAMPLING_SEED,
        "batch_size": BATCH_SIZE,
        "layers": LAYERS,
        "runs": runs,
    }


def recorded_run(
    start: str, optimizer: str | None, steps: int, train: UpdateTerms, test: UpdateTerms
) -> Json:
    """Return one run's first steps in all modes, and the weights after them."""
    losses = {}
    for graph in (False, True):
        for dtype in ("float32", "float64"):
            trainer = Trainer(start, optimizer, dtype, graph)
            values = [trainer.step(*batch) for batch in batches(steps, dtype, train)]
            losses[f"{'graph' if graph else 'eager'}_{dtype}"] = numbers(np.asarray(values))
    trainer = Trainer(start, optimizer)
    clipped = []
    for images, labels in batches(steps, "float32", train):
        clipped.append(clipped_samples(trainer.model, images, labels))
        trainer.step(images, labels)
    return {
        "start": start,
        "optimizer": optimizer,
        "losses": losses,
        "clipped": clipped,
        "weights": summaries(trainer.model),
        "accuracy": trainer.accuracy(*test),
    }


def batches(steps: int, dtype: str, train: UpdateTerms) -> Iterator[UpdateTerms]:
    """Give the first batches of the training set."""
    generator = BatchGenerator(*train)
    for _ in range(steps):
        images, labels = generator.next()
        yield images.astype(dtype), labels


def clipped_samples(model: NaiveSequential, images: Array, labels: Array) -> int:
    """Return how many samples give their label a probability below Keras' epsilon."""
    predicted = model(images).numpy()[np.arange(len(labels)), labels]
    return int((predicted < keras.backend.epsilon()).sum())


def summaries(model: NaiveSequential) -> Json:
    """Return the sums and some entries of each weight."""
    return {
        name: summary(weight.numpy())
        for name, weight in zip(("W1", "b1", "W2", "b2"), model.weights, strict=True)
    }


def summary(weight: Array) -> Json:
    """Return the sum, the sum of squares and 20 entries of an array."""
    wide = weight.astype("float64")
    positions = np.random.Generator(np.random.PCG64(SAMPLING_SEED)).integers(weight.size, size=20)
    return {
        "sum": float(wide.sum()),
        "sum_of_squares": float((wide**2).sum()),
        "positions": positions.tolist(),
        "entries": numbers(weight.ravel()[positions]),
    }


def recorded_epochs(
    start: str, optimizer: str | None, epochs: int, train: UpdateTerms, test: UpdateTerms
) -> Json:
    """Return what the article's text prints, and the numbers before they are rounded."""
    trainer = Trainer(start, optimizer)
    printed = io.StringIO()
    with redirect_stdout(printed):
        trainer.fit(*train, epochs=epochs)
        accuracy = trainer.accuracy(*test)
        print(f"accuracy: {accuracy:.2f}")
    return {
        "lines": printed.getvalue().splitlines(),
        "epoch_losses": [numbers(np.asarray(losses)) for losses in trainer.epoch_losses],
        "epoch_accuracy": accuracy,
    }


# Questions to one tape ------------------------------------------------------------------------------

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


# Expressions: dtypes of constants and results --------------------------------------------------------

EXPRESSIONS = """
tf.constant(1)
tf.constant(1.5)
tf.constant(True)
tf.constant(2**31)
tf.constant(2**63)
tf.constant(1e39)
tf.constant(1, "float32")
tf.constant(1.5, "int32")
tf.constant([])
tf.constant([1, 2])
tf.constant([1, 2.5])
tf.constant([True, False])
tf.constant([True, 1])
tf.constant([[1, 2], [3]])
tf.constant((1.0, 2.0))
tf.constant(range(3))
tf.constant(np.float16(1))
tf.constant(np.float32(1))
tf.constant(np.float64(1))
tf.constant(np.int8(1))
tf.constant(np.uint8(1))
tf.constant(np.int32(1))
tf.constant(np.int64(1))
tf.constant(np.bool_(True))
tf.constant(np.array([1, 2]))
tf.constant(np.array([1.0, 2.0]))
tf.constant(np.array([True]))
tf.constant([np.float64(1), np.float64(2)])
tf.constant([np.float32(1), 2.0])
tf.constant(5.0, shape=(2, 2))
tf.constant([1, 2, 3, 4], shape=(2, 2))
tf.constant([1, 2, 3], shape=(2, 2))
tf.convert_to_tensor(np.array([1.0]), "float32")
tf.convert_to_tensor(tf.constant([1.0]), "float64")
tf.Variable(1)
tf.Variable(1.5)
tf.Variable(np.array([1.0]))
tf.Variable([1, 2], dtype="float32")
tf.zeros(2)
tf.zeros((2,), "int32")
tf.ones((1, 2))
tf.ones_like(tf.constant([1, 2]))
tf.zeros_like([1.5])
tf.fill([2], 1)
tf.fill([2], 1.5)
tf.eye(2)
tf.range(3)
tf.range(3.0)
tf.range(1, 10, 4)
tf.linspace(0.0, 1.0, 3)
tf.random.uniform((2,)).dtype.name
tf.random.normal((2,)).dtype.name
tf.random.uniform((2,), maxval=5, dtype="int32").dtype.name
tf.shape([[1.0, 2.0]])
tf.size([[1.0, 2.0]])
tf.rank([[1.0, 2.0]])
tf.constant(1.0).shape.rank
tf.constant([1, 2]) + 1
tf.constant([1, 2]) + 1.5
tf.constant([1, 2]) + True
tf.constant([1.0, 2.0]) + 1
tf.constant([1.0, 2.0]) + True
1 - tf.constant([1.0, 2.0])
tf.constant([1, 2]) + tf.constant([1.0, 2.0])
tf.constant([1.0]) + tf.constant([1.0], "float64")
tf.constant([1.0]) + np.array([1.0])
tf.constant([1.0]) + np.float64(1.0)
np.array([1.0]) + tf.constant([1.0])
np.array([1.0], "float32") + tf.constant([1.0])
tf.constant([1.0], "float64") + 1.5
tf.constant([1], "int64") + tf.constant([1])
tf.constant([True]) + tf.constant([True])
tf.constant([7, -7]) / 2
tf.constant([7, -7]) // 2
tf.constant([7, -7]) % 3
tf.constant([7.0, -7.0]) // 2.0
tf.constant([7.0, -7.0]) % 3.0
tf.constant([7, 8], "int8") / tf.constant([2, 2], "int8")
tf.constant([7]) // 0
tf.constant([7.0]) / 0.0
tf.constant([2, 3]) ** 2
tf.constant([2, 3]) ** -1
tf.constant([2.0, 3.0]) ** 2
tf.constant([4.0]) ** 0.5
-tf.constant([1], "uint8")
~tf.constant([True])
tf.constant([True, False]) & tf.constant([True, True])
tf.constant([6]) & tf.constant([3])
tf.constant([1, 2]) == tf.constant([1, 3])
tf.constant([1, 2]) == 1
tf.constant([1, 2]) == tf.constant([1.0, 3.0])
tf.constant([1, 2]) == [1, 2, 3]
tf.constant([1, 2]) < 2
bool(tf.constant([1, 2]))
bool(tf.constant(0.0))
int(tf.constant(2.7))
float(tf.constant(3))
len(tf.constant([1, 2]))
len(tf.constant(1))
hash(tf.constant(1))
f"{tf.constant(1.23456):.2f}"
f"{tf.constant(7)}"
f"{tf.Variable(1.23456):.2f}"
tf.constant([1.0, 2.0])[5]
tf.constant([1.0, 2.0, 3.0])[1.0]
tf.constant([1.0, 2.0, 3.0])[tf.constant([0, 1])]
tf.constant([1.0, 2.0, 3.0])[tf.constant([True, False, True])]
tf.reduce_sum(tf.constant([1, 2]))
tf.reduce_sum(tf.constant([200, 100], "uint8"))
tf.reduce_sum(tf.constant([True, True]))
tf.reduce_sum([1.5, 2.5])
tf.reduce_sum(tf.constant([], "float32"))
tf.reduce_mean(tf.constant([1, 2]))
tf.reduce_mean(tf.constant([-1, -2]))
tf.reduce_mean(tf.constant([1, 2], "uint8"))
tf.reduce_mean(tf.constant([True, False]))
tf.reduce_mean(tf.constant([1.0, 2.0], "float64"))
tf.reduce_mean(tf.constant([], "float32"))
tf.reduce_prod(tf.constant([2, 3]))
tf.reduce_max(tf.constant([2, 3]))
tf.reduce_max(tf.constant([], "float32"))
tf.reduce_min(tf.constant([2, 3], "int64"))
tf.reduce_any(tf.constant([True, False]))
tf.reduce_all(tf.constant([1, 0]))
tf.reduce_logsumexp(tf.constant([1, 2]))
tf.math.reduce_std(tf.constant([1, 2]))
tf.math.reduce_variance(tf.constant([1.0, 2.0, 4.0]))
tf.argmax([1.0, 3.0, 2.0])
tf.argmax([[1.0, 3.0], [4.0, 2.0]])
tf.argmax([1.0, 3.0, 3.0])
tf.argmax([1.0, 3.0], output_type="int32")
tf.cumsum(tf.constant([1, 2, 3]))
tf.square(3)
tf.square(tf.constant([3], "uint8"))
tf.sqrt(4)
tf.sqrt(4.0)
tf.sqrt(np.array([4.0]))
tf.exp(1)
tf.exp(np.float64(0.0))
tf.abs(-1)
tf.math.log(0.0)
tf.math.log(-1.0)
tf.sign([-2, 0, 2])
tf.maximum(1, 2)
tf.maximum(tf.constant(1.0), 2)
tf.clip_by_value([1, 5, 9], 2, 6)
tf.where([True, False], [1, 2], [3, 4])
tf.where([True, False], [1.0, 2.0], 0)
tf.where([True, False, True])
tf.cast([1.7, -1.7], "int32")
tf.cast([300.0], "uint8")
tf.cast([0.0, 2.0], "bool")
tf.cast([True], "float32")
tf.cast(np.array([1.0]), tf.float32)
tf.one_hot([0, 2], 3)
tf.one_hot([-1, 3], 3)
tf.one_hot([0], 2, dtype="int32")
tf.one_hot([0, 1], 2, on_value=5.0, off_value=-1.0)
tf.one_hot([[0], [1]], 2, axis=0)
tf.matmul(tf.constant([[1, 2]]), tf.constant([[3], [4]]))
tf.matmul([[1.0, 2.0]], [[3.0, 4.0]], transpose_b=True)
tf.matmul([1.0, 2.0], [3.0, 4.0])
tf.matmul([[1.0, 2.0]], [[3.0, 4.0]])
tf.constant([[1.0, 2.0]]) @ tf.constant([[3.0], [4.0]])
tf.tensordot([1.0, 2.0], [3.0, 4.0], 1)
tf.nn.relu(tf.constant([-1, 2]))
tf.nn.relu([-1.0, 2.0])
tf.nn.softmax(tf.constant([1, 2]))
tf.nn.softmax([1.0, 2.0])
tf.nn.sigmoid(0)
tf.nn.top_k([1.0, 3.0, 2.0], 2)
tf.concat([tf.constant([1]), tf.constant([2])], 0)
tf.concat([tf.constant([1]), tf.constant([2.0])], 0)
tf.stack([1, 2.5])
tf.reshape(tf.range(6), (2, -1))
tf.reshape(tf.range(6), (4, -1))
tf.transpose([[1, 2, 3], [4, 5, 6]])
tf.expand_dims([1, 2], -1)
tf.squeeze([[[1], [2]]])
tf.gather([10, 20, 30], [2, 0])
tf.gather([10, 20, 30], [3])
tf.gather([10, 20, 30], [-1])
tf.sort([3, 1, 2])
tf.argsort([3.0, 1.0, 2.0])
tf.constant([1.0, 2.0]) + tf.constant([1.0, 2.0, 3.0])
tf.float32 == "float32"
tf.float32 == np.float32
tf.constant(1.0).dtype == np.float32
tf.constant(1.0).numpy().dtype.name
type(tf.constant(1.0).numpy()).__name__
type(tf.constant([1.0]).numpy()).__name__
repr(tf.constant([1.0, 2.0]))
repr(tf.constant(1))
str(tf.constant([1.0, 2.0]))
str(tf.constant(1))
repr(tf.Variable([1.0, 2.0], name="v"))
tf.Variable([1.0, 2.0]).assign([1.0, 2.0, 3.0])
tf.Variable([1.0, 2.0]).assign(3.0)
tf.Variable([1.0, 2.0]).assign([[1.0, 2.0]])
tf.Variable([1.0, 2.0]).assign([1, 2])
tf.Variable([1.0, 2.0]).assign(tf.constant([1, 2]))
tf.Variable([1.0, 2.0]).assign(np.array([1.5, 2.5]))
tf.Variable([1.0, 2.0]).assign(tf.constant([1.5, 2.5], "float64"))
tf.Variable([1, 2]).assign([1.5, 2.5])
tf.Variable([1.0, 2.0]).assign_add([1.0, 1.0])
tf.Variable([1.0, 2.0]).assign_sub(1.0)
tf.Variable([1.0, 2.0]) * 2.0
type(tf.Variable([1.0, 2.0]).assign([3.0, 4.0])).__name__
tf.Variable(1.0).name
tf.Variable(1.0, name="v").name
tf.keras.losses.sparse_categorical_crossentropy([1, 0], tf.fill((2, 2), 0.5))
tf.keras.losses.sparse_categorical_crossentropy(np.array([1, 0], "uint8"), tf.fill((2, 2), 0.5))
tf.keras.losses.sparse_categorical_crossentropy(np.array([1.0, 0.0]), tf.fill((2, 2), 0.5))
tf.keras.losses.sparse_categorical_crossentropy(np.array([[1], [0]]), tf.fill((2, 2), 0.5))
tf.keras.losses.sparse_categorical_crossentropy(np.array([2, 0]), tf.fill((2, 2), 0.5))
tf.keras.losses.sparse_categorical_crossentropy(np.array([-1, 0]), tf.fill((2, 2), 0.5))
tf.keras.losses.sparse_categorical_crossentropy(np.array([1]), tf.fill((2, 2), 0.5))
tf.keras.losses.sparse_categorical_crossentropy(np.array([[0, 1], [1, 0]]), tf.fill((2, 2), 0.5))
tf.keras.losses.categorical_crossentropy([[0, 1]], tf.constant([[0.25, 0.75]]))
keras.losses.mean_squared_error(tf.constant([1.0, 2.0]), tf.constant([[1.0], [2.0]]))
keras.losses.mean_squared_error(tf.constant([[1.0], [2.0]]), tf.ones((2, 3)))
keras.losses.mean_squared_error([1, 2], [2, 4])
tf.keras.optimizers.SGD().apply_gradients([])
tf.keras.optimizers.SGD(momentum=1.5)
tf.keras.optimizers.SGD(learning_rate=0.5).learning_rate
""".strip().splitlines()


def recorded_expressions() -> Json:
    """Return the section `expressions`."""
    return {expression: outcome(partial(eval, expression, NAMES)) for expression in EXPRESSIONS}


# Operations: values and gradients ---------------------------------------------------------------------

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


def cast(arrays: dict[str, Array], dtype: str) -> dict[str, Array]:
    """Return floating arrays in a dtype, others as they are."""
    return {name: a.astype(dtype) if a.dtype.kind == "f" else a for name, a in arrays.items()}


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


# Optimizers: five updates of two variables --------------------------------------------------------------

OPTIMIZERS = """
tf.keras.optimizers.SGD()
tf.keras.optimizers.SGD(momentum=0.9)
tf.keras.optimizers.SGD(momentum=0.9, nesterov=True)
tf.keras.optimizers.SGD(learning_rate=0.1, weight_decay=0.01)
tf.keras.optimizers.SGD(learning_rate=0.1, clipvalue=0.5)
tf.keras.optimizers.SGD(learning_rate=0.1, clipnorm=0.5)
tf.keras.optimizers.SGD(learning_rate=0.1, global_clipnorm=0.5)
tf.keras.optimizers.RMSprop()
tf.keras.optimizers.RMSprop(momentum=0.9)
tf.keras.optimizers.RMSprop(centered=True)
tf.keras.optimizers.RMSprop(momentum=0.9, centered=True, rho=0.8, epsilon=1e-3)
tf.keras.optimizers.Adam()
tf.keras.optimizers.Adam(amsgrad=True)
tf.keras.optimizers.Adam(learning_rate=0.1, beta_1=0.8, beta_2=0.9, epsilon=1e-3)
tf.keras.optimizers.AdamW()
""".strip().splitlines()
SHAPES: dict[str, tuple[int, ...]] = {"a": (3,), "b": (2, 2)}
UPDATES = 5


def recorded_optimizers() -> Json:
    """Return the section `optimizers`."""
    generator = np.random.Generator(np.random.PCG64(INPUT_SEED))
    start = {name: generator.normal(0.0, 1.0, shape) for name, shape in SHAPES.items()}
    gradients = [
        {name: generator.normal(0.0, 1.0, shape) for name, shape in SHAPES.items()} for _ in range(UPDATES)
    ]
    gradients[0]["a"][0] = gradients[2]["b"][0, 0] = 0.0
    gradients[3]["b"] *= 100.0
    return {
        "start": {dtype: bare(cast(start, dtype)) for dtype in DTYPES},
        "gradients": {dtype: [bare(cast(pair, dtype)) for pair in gradients] for dtype in DTYPES},
        "weights": {
            expression: {
                dtype: updates(expression, cast(start, dtype), [cast(pair, dtype) for pair in gradients])
                for dtype in DTYPES
            }
            for expression in OPTIMIZERS
        },
    }


def bare(arrays: dict[str, Array]) -> Json:
    """Return arrays as nested lists, without dtype and shape."""
    return {name: numbers(array) for name, array in arrays.items()}


def updates(expression: str, start: dict[str, Array], gradients: Sequence[dict[str, Array]]) -> Json:
    """Return the variables after each update."""
    optimizer = eval(expression, NAMES)
    variables = {name: tf.Variable(array) for name, array in start.items()}
    recorded = []
    for step in gradients:
        optimizer.apply_gradients([(tf.constant(step[name]), variables[name]) for name in variables])
        recorded.append(bare({name: variable.numpy() for name, variable in variables.items()}))
    return recorded


# Cases: small programs with the result they have in TensorFlow ----------------------------------------

CASES: dict[str, dict[str, Case]] = {"tape": {}, "losses": {}, "optimizers": {}}


def case(group: str) -> Callable[[Case], Case]:
    """Put a function among the cases of a group."""

    def register(function: Case) -> Case:
        CASES[group][function.__name__] = function
        return function

    return register


def recorded_cases() -> Json:
    """Return the section `cases`."""
    return {
        group: {
            name: {"code": inspect.getsource(function).split("\n", 1)[1], "result": outcome(function)}
            for name, function in functions.items()
        }
        for group, functions in CASES.items()
    }


@case("tape")
def persistent_tape_asked_twice() -> Any:
    x = tf.constant(3.0)
    with tf.GradientTape(persistent=True) as tape:
        tape.watch(x)
        y = x * x
        z = y * y
    return [tape.gradient(z, x), tape.gradient(y, x)]


@case("tape")
def tape_never_entered() -> Any:
    x = tf.Variable(3.0)
    return tf.GradientTape().gradient(x * x, x)


@case("tape")
def tape_entered_again() -> Any:
    x = tf.Variable(3.0)
    tape = tf.GradientTape(persistent=True)
    with tape:
        y = x * x
    with tape:
        z = x * y
    return [tape.gradient(y, x), tape.gradient(z, x)]


@case("tape")
def tape_entered_while_recording() -> Any:
    tape = tf.GradientTape()
    with tape:
        with tape:
            pass


@case("tape")
def exception_inside_the_tape() -> Any:
    x = tf.Variable(3.0)
    tape = tf.GradientTape()
    try:
        with tape:
            y = x * x
            raise KeyError("stop")
    except KeyError:
        return tape.gradient(y, x)


@case("tape")
def constant_watched() -> Any:
    x = tf.constant(3.0)
    with tf.GradientTape() as tape:
        tape.watch(x)
        y = x * x
    return tape.gradient(y, x)


@case("tape")
def constant_watched_too_late() -> Any:
    x = tf.constant(3.0)
    with tf.GradientTape() as tape:
        y = x * x
        tape.watch(x)
    return tape.gradient(y, x)


@case("tape")
def constant_watched_between_two_uses() -> Any:
    x = tf.constant(3.0)
    with tf.GradientTape() as tape:
        y = x * x
        tape.watch(x)
        z = y + x * x
    return tape.gradient(z, x)


@case("tape")
def watching_a_list_and_a_dictionary() -> Any:
    a, b = tf.constant(2.0), tf.constant(3.0)
    with tf.GradientTape() as tape:
        tape.watch([a, {"b": b}])
        y = a * b
    return tape.gradient(y, [a, b])


@case("tape")
def watching_a_python_number() -> Any:
    with tf.GradientTape() as tape:
        tape.watch(3.0)


@case("tape")
def watching_an_array() -> Any:
    with tf.GradientTape() as tape:
        tape.watch(np.array([3.0]))


@case("tape")
def variable_with_watching_off() -> Any:
    v = tf.Variable(3.0)
    with tf.GradientTape(watch_accessed_variables=False) as tape:
        y = v * v
    return tape.gradient(y, v)


@case("tape")
def variable_watched_by_hand() -> Any:
    v, w = tf.Variable(3.0), tf.Variable(4.0)
    with tf.GradientTape(watch_accessed_variables=False) as tape:
        tape.watch(v)
        y = v * w
    return tape.gradient(y, [v, w])


@case("tape")
def variable_not_trainable() -> Any:
    v = tf.Variable(3.0, trainable=False)
    with tf.GradientTape() as tape:
        y = v * v
    return tape.gradient(y, v)


@case("tape")
def variable_not_trainable_but_watched() -> Any:
    v = tf.Variable(3.0, trainable=False)
    with tf.GradientTape() as tape:
        tape.watch(v)
        y = v * v
    return tape.gradient(y, v)


@case("tape")
def variable_read_before_the_tape() -> Any:
    v = tf.Variable(3.0)
    value = v.read_value()
    with tf.GradientTape() as tape:
        y = value * value
    return tape.gradient(y, v)


@case("tape")
def watched_variables_in_order() -> Any:
    a, b, c = tf.Variable(1.0, name="a"), tf.Variable(2.0, name="b"), tf.Variable(3.0, name="c")
    fixed = tf.Variable(4.0, name="fixed", trainable=False)
    with tf.GradientTape() as tape:
        c * a * fixed + c + b
    return [variable.name for variable in tape.watched_variables()]


@case("tape")
def watched_variables_as() -> Any:
    v = tf.Variable(1.0)
    with tf.GradientTape() as tape:
        v * v
    return type(tape.watched_variables()).__name__


@case("tape")
def watched_variables_of_tensors() -> Any:
    x = tf.constant(1.0)
    with tf.GradientTape() as tape:
        tape.watch(x)
    return tape.watched_variables()


@case("tape")
def watched_variables_after_gradient() -> Any:
    v = tf.Variable(1.0, name="v")
    with tf.GradientTape() as tape:
        y = v * v
    tape.gradient(y, v)
    return [variable.name for variable in tape.watched_variables()]


@case("tape")
def watched_variables_after_reset() -> Any:
    v, w = tf.Variable(1.0, name="v"), tf.Variable(2.0, name="w")
    with tf.GradientTape() as tape:
        v * v
        tape.reset()
        w * w
    return [variable.name for variable in tape.watched_variables()]


@case("tape")
def integer_source() -> Any:
    v = tf.Variable(3)
    with tf.GradientTape() as tape:
        y = v * v
    return tape.gradient(y, v)


@case("tape")
def integer_constant_watched() -> Any:
    x = tf.constant([1, 2])
    with tf.GradientTape() as tape:
        tape.watch(x)
        y = tf.cast(x, "float32") * 2.0
    return tape.gradient(y, x)


@case("tape")
def integer_target() -> Any:
    v = tf.Variable(3.5)
    with tf.GradientTape() as tape:
        y = tf.cast(v, "int32")
    return tape.gradient(y, v)


@case("tape")
def integer_on_the_path() -> Any:
    v = tf.Variable(3.5)
    with tf.GradientTape() as tape:
        y = tf.cast(tf.cast(v, "int32"), "float32") * 2.0
    return tape.gradient(y, v)


@case("tape")
def cast_on_the_path() -> Any:
    v = tf.Variable(3.5)
    with tf.GradientTape() as tape:
        y = tf.cast(v, "float64") * 2.0
    return tape.gradient(y, v)


@case("tape")
def numpy_on_the_path() -> Any:
    v = tf.Variable(3.0)
    with tf.GradientTape() as tape:
        y = tf.constant(v.numpy()) * v
    return tape.gradient(y, v)


@case("tape")
def python_function_of_numpy_on_the_path() -> Any:
    v = tf.Variable([3.0, 4.0])
    with tf.GradientTape() as tape:
        y = tf.reduce_sum(np.square(v))
    return tape.gradient(y, v)


@case("tape")
def gradients_of_stepwise_functions() -> Any:
    v = tf.Variable([-1.5, 0.0, 2.5])
    with tf.GradientTape(persistent=True) as tape:
        results = [tf.floor(v), tf.round(v), tf.sign(v), tf.math.ceil(v), v // 2.0, tf.argmax(v), v > 0.0]
    return [tape.gradient(result, v) for result in results]


@case("tape")
def gradient_of_remainder() -> Any:
    v, w = tf.Variable([-1.5, 1.0, 2.5]), tf.Variable([2.0, 2.0, 2.0])
    with tf.GradientTape() as tape:
        y = v % w
    return [y, *tape.gradient(y, [v, w])]


@case("tape")
def source_of_another_shape_than_used() -> Any:
    v = tf.Variable([[1.0], [2.0]])
    with tf.GradientTape() as tape:
        y = v * tf.constant([1.0, 10.0, 100.0])
    return tape.gradient(y, v)


@case("tape")
def target_is_the_source() -> Any:
    x = tf.constant([3.0, 4.0])
    with tf.GradientTape() as tape:
        tape.watch(x)
    return tape.gradient(x, x)


@case("tape")
def recording_stopped() -> Any:
    v = tf.Variable(3.0)
    with tf.GradientTape() as tape:
        y = v * v
        with tape.stop_recording():
            z = v * v
        result = y + z
    return tape.gradient(result, v)


@case("tape")
def recording_stopped_outside_the_tape() -> Any:
    tape = tf.GradientTape()
    with tape.stop_recording():
        pass


@case("tape")
def reset_forgets_the_records() -> Any:
    v = tf.Variable(3.0)
    with tf.GradientTape(persistent=True) as tape:
        y = v * v
        tape.reset()
        z = v * v * v
    return [tape.gradient(y, v), tape.gradient(z, v)]


@case("tape")
def reset_forgets_what_is_watched() -> Any:
    x = tf.constant(3.0)
    with tf.GradientTape() as tape:
        tape.watch(x)
        tape.reset()
        y = x * x
    return tape.gradient(y, x)


@case("tape")
def reset_outside_the_tape() -> Any:
    v = tf.Variable(3.0)
    with tf.GradientTape() as tape:
        y = v * v
    tape.reset()
    return tape.gradient(y, v)


@case("tape")
def gradient_inside_the_tape() -> Any:
    v = tf.Variable(3.0)
    with tf.GradientTape() as tape:
        y = v * v
        return tape.gradient(y, v)


@case("tape")
def gradient_inside_a_persistent_tape() -> Any:
    v = tf.Variable(3.0)
    with tf.GradientTape(persistent=True) as tape:
        y = v * v * v
        dy = tape.gradient(y, v)
    return [dy, tape.gradient(dy, v)]


@case("tape")
def recording_goes_on_after_a_gradient_inside() -> Any:
    v = tf.Variable(3.0)
    with tf.GradientTape() as tape:
        y = v * v
        tape.gradient(y, v)
        z = v * v
    return tape.gradient(z, v)


@case("tape")
def assigned_between_two_reads() -> Any:
    v = tf.Variable(3.0)
    with tf.GradientTape() as tape:
        y = v * v
        v.assign(5.0)
        z = v * v
        result = y + z
    return tape.gradient(result, v)


@case("tape")
def assigned_after_the_reads() -> Any:
    v = tf.Variable(3.0)
    with tf.GradientTape() as tape:
        y = v * v
    v.assign(100.0)
    return tape.gradient(y, v)


@case("tape")
def assigned_from_another_variable() -> Any:
    v, w = tf.Variable(3.0), tf.Variable(4.0)
    with tf.GradientTape() as tape:
        v.assign(w * 2.0)
        y = v * v
    return tape.gradient(y, [v, w])


@case("tape")
def assigned_from_itself() -> Any:
    v = tf.Variable(3.0)
    with tf.GradientTape() as tape:
        v.assign(v * v)
        y = v * v
    return tape.gradient(y, v)


@case("tape")
def assign_add_inside_the_tape() -> Any:
    v = tf.Variable(3.0)
    with tf.GradientTape() as tape:
        v.assign_add(v * 2.0)
        y = v * v
    return [y, tape.gradient(y, v)]


@case("tape")
def result_of_assign() -> Any:
    v = tf.Variable(3.0)
    with tf.GradientTape() as tape:
        y = v.assign(5.0) * 2.0
    return [y, tape.gradient(y, v)]


@case("tape")
def result_of_read_value() -> Any:
    v = tf.Variable(3.0)
    with tf.GradientTape() as tape:
        y = v.read_value() * v.value()
    return tape.gradient(y, v)


@case("tape")
def stop_gradient_cuts_one_path() -> Any:
    v = tf.Variable(3.0)
    with tf.GradientTape() as tape:
        y = v * tf.stop_gradient(v * v)
    return tape.gradient(y, v)


@case("tape")
def stop_gradient_cuts_all_paths() -> Any:
    v = tf.Variable(3.0)
    with tf.GradientTape() as tape:
        y = tf.stop_gradient(v * v)
    return tape.gradient(y, v)


@case("tape")
def stop_gradient_source() -> Any:
    v = tf.Variable(3.0)
    with tf.GradientTape() as tape:
        x = tf.stop_gradient(v)
        y = x * x
    return tape.gradient(y, [x, v])


@case("tape")
def custom_gradient_of_one_input() -> Any:
    def clipped_square(x: Any) -> Any:
        def gradient(upstream: Any) -> Any:
            return tf.clip_by_value(upstream * 2.0 * x, -1.0, 1.0)

        return x * x, gradient

    v = tf.Variable([0.25, 3.0])
    with tf.GradientTape() as tape:
        y = tf.custom_gradient(clipped_square)(v * 1.0) * 2.0
    return [y, tape.gradient(y, v)]


@case("tape")
def custom_gradient_of_two_inputs() -> Any:
    def product(a: Any, b: Any) -> Any:
        return a * b, lambda upstream: (upstream * 10.0, upstream * 100.0)

    a, b = tf.constant(2.0), tf.constant(3.0)
    with tf.GradientTape() as tape:
        tape.watch([a, b])
        y = tf.custom_gradient(product)(a, b)
    return [y, *tape.gradient(y, [a, b])]


@case("tape")
def custom_gradient_of_two_outputs() -> Any:
    def both(x: Any) -> Any:
        return (x * x, x * x * x), lambda first, second: first * 10.0 + second * 100.0

    x = tf.constant(2.0)
    with tf.GradientTape() as tape:
        tape.watch(x)
        square, cube = tf.custom_gradient(both)(x)
        y = square + 2.0 * cube
    return [y, tape.gradient(y, x)]


@case("tape")
def custom_gradient_too_few() -> Any:
    def product(a: Any, b: Any) -> Any:
        return a * b, lambda upstream: upstream

    a, b = tf.constant(2.0), tf.constant(3.0)
    with tf.GradientTape() as tape:
        tape.watch([a, b])
        y = tf.custom_gradient(product)(a, b)
    return tape.gradient(y, [a, b])


@case("tape")
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


@case("tape")
def second_derivative() -> Any:
    v = tf.Variable(2.0)
    with tf.GradientTape() as outer:
        with tf.GradientTape() as inner:
            y = v * v * v * v
        first = inner.gradient(y, v)
    return [first, outer.gradient(first, v)]


@case("tape")
def third_derivative() -> Any:
    v = tf.Variable(2.0)
    with tf.GradientTape() as outer:
        with tf.GradientTape() as middle:
            with tf.GradientTape() as inner:
                y = tf.exp(v) * v
            first = inner.gradient(y, v)
        second = middle.gradient(first, v)
    return [first, second, outer.gradient(second, v)]


@case("tape")
def second_derivative_of_a_sum() -> Any:
    v = tf.Variable([1.0, 2.0])
    with tf.GradientTape() as outer:
        with tf.GradientTape() as inner:
            y = tf.reduce_sum(v * v * v)
        first = inner.gradient(y, v)
    return outer.gradient(first, v)


@case("tape")
def gradient_of_a_gradient_norm() -> Any:
    v, w = tf.Variable([1.0, 2.0]), tf.Variable([3.0, -1.0])
    with tf.GradientTape() as outer:
        with tf.GradientTape() as inner:
            y = tf.reduce_sum(tf.tanh(v * w))
        first = inner.gradient(y, v)
        norm = tf.sqrt(tf.reduce_sum(first * first))
    return outer.gradient(norm, [v, w])


@case("tape")
def two_tapes_record_one_step() -> Any:
    v = tf.Variable(3.0)
    with tf.GradientTape() as first, tf.GradientTape() as second:
        y = v * v
    return [first.gradient(y, v), second.gradient(y, v)]


@case("tape")
def tapes_overlapping() -> Any:
    v = tf.Variable(3.0)
    with tf.GradientTape() as first:
        y = v * v
        with tf.GradientTape() as second:
            z = y * v
    return [first.gradient(z, v), second.gradient(z, v)]


@case("tape")
def inner_tape_watches_a_tensor_of_the_outer() -> Any:
    v = tf.Variable(3.0)
    with tf.GradientTape() as outer:
        y = v * v
        with tf.GradientTape() as inner:
            inner.watch(y)
            z = y * y
        first = inner.gradient(z, y)
    return [first, outer.gradient(first, v)]


@case("tape")
def jacobian_of_a_vector() -> Any:
    v = tf.Variable([1.0, 2.0])
    with tf.GradientTape() as tape:
        y = tf.stack([v[0] * v[0], v[0] * v[1], v[1]])
    return tape.jacobian(y, v)


@case("tape")
def jacobian_of_a_matrix_by_a_matrix() -> Any:
    v = tf.Variable([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]])
    with tf.GradientTape() as tape:
        y = v * v
    return tape.jacobian(y, v)


@case("tape")
def jacobian_without_pfor() -> Any:
    v = tf.Variable([1.0, 2.0])
    with tf.GradientTape(persistent=True) as tape:
        y = v * v
    return tape.jacobian(y, v, experimental_use_pfor=False)


@case("tape")
def hessian() -> Any:
    v = tf.Variable([1.0, 2.0])
    with tf.GradientTape() as outer:
        with tf.GradientTape() as inner:
            y = v[0] * v[0] * v[1]
        first = inner.gradient(y, v)
    return outer.jacobian(first, v)


@case("tape")
def batch_jacobian() -> Any:
    x = tf.constant([[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]])
    with tf.GradientTape() as tape:
        tape.watch(x)
        y = tf.stack([x[:, 0] * x[:, 1], x[:, 1] * x[:, 1], x[:, 0]], axis=1)
    return tape.batch_jacobian(y, x)


@case("tape")
def batch_jacobian_of_different_batches() -> Any:
    x = tf.constant([[1.0, 2.0], [3.0, 4.0]])
    with tf.GradientTape() as tape:
        tape.watch(x)
        y = tf.ones((3, 2)) * x[0]
    return tape.batch_jacobian(y, x)


@case("tape")
def batch_jacobian_unconnected() -> Any:
    x = tf.constant([[1.0, 2.0], [3.0, 4.0]])
    with tf.GradientTape() as tape:
        tape.watch(x)
        y = tf.ones((2, 3))
    return tape.batch_jacobian(y, x)


@case("tape")
def gather_of_repeated_rows() -> Any:
    v = tf.Variable([[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]])
    with tf.GradientTape() as tape:
        y = tf.gather(v, [2, 0, 2]) * tf.constant([[1.0], [10.0], [100.0]])
    return tape.gradient(y, v)


@case("tape")
def gather_of_repeated_rows_made_dense() -> Any:
    v = tf.Variable([[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]])
    with tf.GradientTape() as tape:
        y = tf.gather(v, [2, 0, 2]) * tf.constant([[1.0], [10.0], [100.0]])
    return tf.convert_to_tensor(tape.gradient(y, v))


@case("tape")
def gather_of_a_constant() -> Any:
    x = tf.constant([1.0, 2.0, 3.0])
    with tf.GradientTape() as tape:
        tape.watch(x)
        y = tf.gather(x, [0, 0, 1])
    return tf.convert_to_tensor(tape.gradient(y, x))


@case("tape")
def slices_of_a_variable() -> Any:
    v = tf.Variable([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]])
    with tf.GradientTape() as tape:
        y = tf.reduce_sum(v[0] * v[1]) + v[1, 2] * v[-1, 0] + tf.reduce_sum(v[:, ::2])
    return tape.gradient(y, v)


@case("tape")
def python_power() -> Any:
    v = tf.Variable([-2.0, 0.0, 3.0])
    with tf.GradientTape() as tape:
        y = v**3
    return [y, tape.gradient(y, v)]


@case("tape")
def loop_and_branch_in_python() -> Any:
    v = tf.Variable(2.0)
    with tf.GradientTape() as tape:
        y = v
        for step in range(3):
            y = y * v if step != 1 else y + v
    return [y, tape.gradient(y, v)]


@case("losses")
def saturated_probabilities() -> Any:
    logits = tf.Variable([[0.0, 50.0, 0.0], [20.0, 0.0, 0.0]])
    with tf.GradientTape() as tape:
        loss = tf.keras.losses.sparse_categorical_crossentropy(np.array([0, 0]), tf.nn.softmax(logits))
    return [loss, tape.gradient(loss, logits)]


@case("losses")
def saturated_probabilities_of_the_keras_softmax() -> Any:
    logits = tf.Variable([[0.0, 50.0, 0.0], [20.0, 0.0, 0.0]])
    with tf.GradientTape() as tape:
        probabilities = tf.keras.activations.softmax(logits)
        loss = tf.keras.losses.sparse_categorical_crossentropy(np.array([0, 0]), probabilities)
    return [loss, tape.gradient(loss, logits)]


@case("losses")
def saturated_probabilities_in_a_function() -> Any:
    logits = tf.Variable([[0.0, 50.0, 0.0], [20.0, 0.0, 0.0]])

    def compute() -> Any:
        with tf.GradientTape() as tape:
            loss = tf.keras.losses.sparse_categorical_crossentropy(np.array([0, 0]), tf.nn.softmax(logits))
        return [loss, tape.gradient(loss, logits)]

    return tf.function(compute)()


@case("losses")
def saturated_binary_probabilities() -> Any:
    logits = tf.Variable([[50.0], [-50.0]])
    with tf.GradientTape() as tape:
        loss = tf.keras.losses.binary_crossentropy([[0.0], [0.0]], tf.nn.sigmoid(logits))
    return [loss, tape.gradient(loss, logits)]


@case("losses")
def saturated_logits() -> Any:
    logits = tf.Variable([[0.0, 50.0, 0.0], [20.0, 0.0, 0.0]])
    with tf.GradientTape() as tape:
        loss = tf.keras.losses.sparse_categorical_crossentropy(np.array([0, 0]), logits, from_logits=True)
    return [loss, tape.gradient(loss, logits)]


@case("optimizers")
def optimizer_as_in_the_article() -> Any:
    v = tf.Variable([1.0, 2.0])
    optimizer = tf.keras.optimizers.SGD(learning_rate=1e-3)
    result = optimizer.apply_gradients(zip([tf.constant([10.0, 20.0])], [v], strict=True))
    return [v, result, optimizer.iterations]


@case("optimizers")
def gradient_none_beside_another() -> Any:
    v, w = tf.Variable(1.0), tf.Variable(2.0)
    optimizer = tf.keras.optimizers.SGD(learning_rate=0.5)
    optimizer.apply_gradients([(tf.constant(1.0), v), (None, w)])
    return [v, w]


@case("optimizers")
def gradient_none_alone() -> Any:
    v = tf.Variable(1.0)
    tf.keras.optimizers.SGD(learning_rate=0.5).apply_gradients([(None, v)])
    return v


@case("optimizers")
def gradient_of_another_shape() -> Any:
    v = tf.Variable([1.0, 2.0])
    tf.keras.optimizers.SGD().apply_gradients([(tf.constant([1.0, 2.0, 3.0]), v)])
    return v


@case("optimizers")
def gradient_that_would_broadcast() -> Any:
    v = tf.Variable([1.0, 2.0])
    tf.keras.optimizers.SGD(learning_rate=0.5).apply_gradients([(tf.constant(1.0), v)])
    return v


@case("optimizers")
def gradient_of_another_dtype() -> Any:
    v = tf.Variable([1.0, 2.0])
    tf.keras.optimizers.SGD(learning_rate=0.5).apply_gradients([(tf.constant([1.0, 2.0], "float64"), v)])
    return v


@case("optimizers")
def gradient_in_slices() -> Any:
    v = tf.Variable([[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]])
    with tf.GradientTape() as tape:
        y = tf.gather(v, [2, 0, 2])
    optimizer = tf.keras.optimizers.SGD(learning_rate=0.5)
    optimizer.apply_gradients([(tape.gradient(y, v), v)])
    return v


@case("optimizers")
def variable_unknown_to_the_optimizer() -> Any:
    v, w = tf.Variable(1.0), tf.Variable(2.0)
    optimizer = tf.keras.optimizers.SGD()
    optimizer.apply_gradients([(tf.constant(1.0), v)])
    optimizer.apply_gradients([(tf.constant(1.0), w)])
    return w


@case("optimizers")
def learning_rate_changed() -> Any:
    v = tf.Variable(1.0)
    optimizer = tf.keras.optimizers.SGD(learning_rate=0.5)
    optimizer.apply_gradients([(tf.constant(1.0), v)])
    optimizer.learning_rate = 0.25
    optimizer.apply_gradients([(tf.constant(1.0), v)])
    return [v, optimizer.learning_rate]


@case("optimizers")
def learning_rate_in_float64() -> Any:
    v = tf.Variable(0.0, dtype="float64")
    tf.keras.optimizers.SGD(learning_rate=0.1).apply_gradients([(tf.constant(1.0, "float64"), v)])
    return v


@case("optimizers")
def learning_rate_negative() -> Any:
    v = tf.Variable(1.0)
    tf.keras.optimizers.SGD(learning_rate=-0.5).apply_gradients([(tf.constant(1.0), v)])
    return v


@case("optimizers")
def nesterov_without_momentum() -> Any:
    v = tf.Variable(1.0)
    tf.keras.optimizers.SGD(learning_rate=0.5, nesterov=True).apply_gradients([(tf.constant(1.0), v)])
    return v


if __name__ == "__main__":
    main()
