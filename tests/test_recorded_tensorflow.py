"""Small cases recorded from TensorFlow by tools/record_tensorflow.py, and gradtape.tf in the same."""

import ast
import importlib
import inspect
import json
import sys
from pathlib import Path
from typing import Any
from unittest import mock
from unittest.mock import MagicMock

import numpy as np
import pytest

import gradtape.tf as tf
from gradtape import GradientTape, as_tensor
from gradtape.core.tensor import ArrayLike

RECORDED = json.loads((Path(__file__).parent / "data" / "tensorflow.json").read_text(encoding="utf-8"))
TAPE_CASES = RECORDED["cases"]["tape"]
EXPRESSIONS = {  # those of losses and optimizers have their own tests
    code: result
    for code, result in RECORDED["expressions"].items()
    if "keras." not in code and code != 'tf.cast([300.0], "uint8")'  # whatever the machine gives
}
QUESTIONS = RECORDED["questions"]
OPERATIONS = RECORDED["operations"]
RESULTS = {name: case for name, case in OPERATIONS["results"].items() if "losses." not in case["code"]}

# Where gradtape does otherwise on purpose, and why.
NAMES = "a Variable's name is the name it was given, without ':0'"
SPELLING = "TensorFlow's own spelling: gradtape has `value` as a property and no `read_value`"
PROMOTES = "dtypes that differ meet in one, as in Keras; TensorFlow refuses"
KEEPS = "a NumPy array or scalar keeps its dtype beside a tensor; TensorFlow converts it"
FLOATS = "whole numbers become float32 where a fraction is needed, as in Keras"
SUMS = "small whole numbers and booleans are summed in 32 bits, as in Keras"
EMPTY = "there is no mean or maximum of nothing: an error"
PRINTS = "a tensor prints as a gradtape Tensor, and a Variable takes a format too"
WIDER = "indices may be arrays, from the end, or vectors in matmul, as in NumPy"
SHAPES = "output_gradients must have the shape of the target; TensorFlow broadcasts or truncates"
RANDOM = "recorded with deterministic operations, for which TensorFlow wants a seed"
NOT_HERE = "not offered"

OTHERWISE_ON_THE_TAPE = {
    "variable_read_before_the_tape": SPELLING,
    "result_of_read_value": SPELLING,
    "watched_variables_in_order": "in the order of their first reading, without ':0'; TensorFlow sorts them",
    "watched_variables_after_gradient": NAMES,
    "watched_variables_after_reset": NAMES,
    "custom_gradient_of_two_outputs": "custom_gradient takes functions with one output",
    "batch_jacobian_unconnected": "None without a connection, as everywhere; TensorFlow gives zeros here",
    "python_function_of_numpy_on_the_path": "np.square of a tensor is our operation and stays on the tape",
}

OTHERWISE_IN_QUESTIONS = {
    "tape.gradient(y, v, output_gradients=[10.0, 100.0])": SHAPES,
    "tape.gradient(y, v, output_gradients=[[10.0, 100.0]])": SHAPES,
    "tape.gradient(y, v, output_gradients=tf.constant(10.0))": SHAPES,
    "tape.gradient([y, z], v, output_gradients=[tf.constant([10.0, 100.0])])": SHAPES,
    'tape.gradient(y, v, output_gradients=tf.constant([10.0, 100.0], "float64"))': PROMOTES,
    "tape.gradient([y, z], v, output_gradients=[tf.constant([10.0, 100.0]), None])": "None means ones",
    "tape.jacobian(y, v, experimental_use_pfor=False)": "without effect, so it needs no persistent tape",
    "tape.batch_jacobian(y, v)": "a batch of scalars has a Jacobian too",
    "len(tape.watched_variables())": "Variables of whole numbers are not watched: they have no gradient",
}

OTHERWISE_IN_EXPRESSIONS = {
    "tf.constant(2**31)": "a Python integer is int32 or refused, never wider by itself",
    "tf.constant(1e39)": "a Python float too large for float32 is inf, as in NumPy",
    "tf.constant([True, 1])": "booleans among whole numbers count as 0 and 1",
    'tf.convert_to_tensor(tf.constant([1.0]), "float64")': PROMOTES,
    "tf.random.uniform((2,)).dtype.name": RANDOM,
    "tf.random.normal((2,)).dtype.name": RANDOM,
    'tf.random.uniform((2,), maxval=5, dtype="int32").dtype.name': RANDOM,
    "tf.constant(1.0).shape.rank": "a shape is a tuple",
    "tf.constant([1, 2]) + 1.5": PROMOTES,
    "tf.constant([1, 2]) + tf.constant([1.0, 2.0])": PROMOTES,
    'tf.constant([1.0]) + tf.constant([1.0], "float64")': PROMOTES,
    "tf.constant([1.0]) + np.array([1.0])": KEEPS,
    "tf.constant([1.0]) + np.float64(1.0)": KEEPS,
    "np.array([1.0]) + tf.constant([1.0])": KEEPS,
    'tf.constant([1], "int64") + tf.constant([1])': PROMOTES,
    "tf.constant([True]) + tf.constant([True])": "booleans add as in NumPy: or",
    "tf.constant([7, -7]) / 2": FLOATS,
    "tf.constant([7]) // 0": "whole numbers divided by 0 give 0, as in NumPy and JAX; none of them can raise",
    '-tf.constant([1], "uint8")': "unsigned numbers wrap round, as in NumPy",
    "tf.constant([1, 2]) == tf.constant([1.0, 3.0])": PROMOTES,
    "tf.constant([1, 2]) == [1, 2, 3]": "shapes that do not fit are an error",
    'f"{tf.Variable(1.23456):.2f}"': PRINTS,
    "tf.constant([1.0, 2.0, 3.0])[tf.constant([0, 1])]": WIDER,
    'tf.reduce_sum(tf.constant([200, 100], "uint8"))': SUMS,
    "tf.reduce_sum(tf.constant([True, True]))": SUMS,
    "tf.reduce_mean(tf.constant([1, 2]))": FLOATS,
    "tf.reduce_mean(tf.constant([-1, -2]))": FLOATS,
    'tf.reduce_mean(tf.constant([1, 2], "uint8"))': FLOATS,
    "tf.reduce_mean(tf.constant([True, False]))": FLOATS,
    'tf.reduce_mean(tf.constant([], "float32"))': EMPTY,
    'tf.reduce_max(tf.constant([], "float32"))': EMPTY,
    "tf.reduce_all(tf.constant([1, 0]))": "numbers that are not 0 are true, as in NumPy",
    "tf.reduce_logsumexp(tf.constant([1, 2]))": FLOATS,
    "tf.math.reduce_std(tf.constant([1, 2]))": FLOATS,
    "tf.sqrt(4)": FLOATS,
    "tf.exp(1)": FLOATS,
    "tf.nn.softmax(tf.constant([1, 2]))": FLOATS,
    "tf.nn.sigmoid(0)": FLOATS,
    "tf.where([True, False, True])": NOT_HERE,
    "tf.matmul([1.0, 2.0], [3.0, 4.0])": WIDER,
    "tf.concat([tf.constant([1]), tf.constant([2.0])], 0)": PROMOTES,
    "tf.gather([10, 20, 30], [-1])": WIDER,
    "repr(tf.constant([1.0, 2.0]))": PRINTS,
    "repr(tf.constant(1))": PRINTS,
    "str(tf.constant([1.0, 2.0]))": PRINTS,
    "str(tf.constant(1))": PRINTS,
    'repr(tf.Variable([1.0, 2.0], name="v"))': PRINTS,
    "tf.Variable([1.0, 2.0]).assign(tf.constant([1, 2]))": PROMOTES,
    'tf.Variable([1.0, 2.0]).assign(tf.constant([1.5, 2.5], "float64"))': PROMOTES,
    "type(tf.Variable([1.0, 2.0]).assign([3.0, 4.0])).__name__": "assign returns the Variable itself",
    "tf.Variable(1.0).name": NAMES,
    'tf.Variable(1.0, name="v").name': NAMES,
}

OTHERWISE_IN_OPERATIONS = {
    ("leaky_relu", "float64"): "TensorFlow keeps the slope in float32",
    ("leaky_relu_0.01", "float64"): "TensorFlow keeps the slope in float32",
    ("keras_leaky_relu", "float64"): "TensorFlow keeps the slope in float32",
    ("gelu", "float64"): "TensorFlow keeps a constant in float32",
    ("gelu_approximate", "float64"): "TensorFlow keeps a constant in float32",
    ("selu", "float64"): "the slope at 0 is that on the left, as in JAX",
    ("selu", "float32"): "the slope at 0 is that on the left, as in JAX",
    ("reduce_std", "float64"): "the gradient of the deviation of constants is 0, not NaN",
    ("reduce_std", "float32"): "the gradient of the deviation of constants is 0, not NaN",
}

# How far a result may be from TensorFlow's.
# (TensorFlow's float32 tanh is a rational function, which the slope of a slope shows.)
TOLERANCE = {"float64": 1e-12, "float32": 3e-6, "float16": 2e-3}
TOLERANCE_OF = {"gradient_of_a_gradient_norm": 3e-5}


def names():
    """Return what the recorded code may use."""
    return {"tf": tf, "keras": tf.keras, "np": np, "Any": Any}


def run(code):
    """Return what the function of a recorded source returns."""
    space = names()
    exec(code, space)
    function = next(n.name for n in ast.parse(code).body if isinstance(n, ast.FunctionDef))
    return space[function]()


def assert_same(ours, recorded):
    """Fail unless a value is the recorded one: its structure, shape, dtype and numbers."""
    if isinstance(recorded, dict) and "array" in recorded:
        assert isinstance(ours, ArrayLike | np.ndarray | np.generic), f"{ours!r} for {recorded}"
        assert ours.dtype.name == recorded["dtype"]
        assert list(ours.shape) == recorded["shape"]
        assert_close(np.asarray(ours), np.array(recorded["array"], recorded["dtype"]).reshape(ours.shape))
    elif isinstance(recorded, dict) and "slices" in recorded:
        assert_same(ours, dense(recorded["slices"], ours.shape))
    elif isinstance(recorded, dict) and "tuple" in recorded:
        assert isinstance(ours, tuple)
        assert_all_same(list(ours), recorded["tuple"])
    elif isinstance(recorded, dict) and "dict" in recorded:
        assert list(ours) == list(recorded["dict"])
        assert_all_same(list(ours.values()), list(recorded["dict"].values()))
    elif isinstance(recorded, list):
        assert isinstance(ours, list)
        assert_all_same(ours, recorded)
    else:
        assert type(ours) is type(recorded)
        assert ours == recorded or ours != ours and recorded != recorded


def assert_all_same(ours, recorded):
    """Fail unless each value is the recorded one in the same place."""
    assert len(ours) == len(recorded)
    for mine, theirs in zip(ours, recorded, strict=True):
        assert_same(mine, theirs)


def assert_close(ours, recorded):
    """Fail unless two arrays agree up to rounding, relative to each number, or to 1 if that is more."""
    if recorded.dtype.name not in TOLERANCE:
        np.testing.assert_array_equal(ours, recorded)
        return
    relative = TOLERANCE[recorded.dtype.name]
    np.testing.assert_allclose(ours, recorded, rtol=relative, atol=relative)


def dense(slices, shape):
    """Return TensorFlow's gradient of some rows as the whole array that it stands for."""
    values = np.array(slices["values"]["array"], slices["values"]["dtype"])
    whole = np.zeros(shape, values.dtype)
    np.add.at(whole, np.array(slices["indices"]["array"]), values.reshape(slices["values"]["shape"]))
    return {"array": whole.tolist(), "dtype": whole.dtype.name, "shape": list(shape)}


def is_raised(recorded):
    """Tell whether TensorFlow raised an exception."""
    return isinstance(recorded, dict) and "raises" in recorded


def check(compute, recorded):
    """Fail unless the computation raises where TensorFlow raised, or else gives what TensorFlow gave."""
    if is_raised(recorded):
        with pytest.raises(Exception) as raised:
            compute()
        assert str(raised.value)
        assert not isinstance(raised.value, AttributeError | NameError), raised.value
    else:
        assert_same(compute(), recorded)


def check_or_differ(compute, recorded, on_purpose):
    """Check a case, or, if gradtape does otherwise on purpose, that it really does."""
    if on_purpose is None:
        check(compute, recorded)
        return
    with pytest.raises((Exception, pytest.fail.Exception)):
        check(compute, recorded)


@pytest.mark.parametrize("name", TAPE_CASES)
def test_the_tape_does_what_tensorflows_does(name, monkeypatch):
    monkeypatch.setitem(TOLERANCE, "float32", TOLERANCE_OF.get(name, TOLERANCE["float32"]))
    case = TAPE_CASES[name]
    check_or_differ(lambda: run(case["code"]), case["result"], OTHERWISE_ON_THE_TAPE.get(name))


@pytest.mark.parametrize("expression", EXPRESSIONS)
def test_expressions_have_tensorflows_dtype_and_value(expression):
    check_or_differ(
        lambda: eval(expression, names()), EXPRESSIONS[expression], OTHERWISE_IN_EXPRESSIONS.get(expression)
    )


@pytest.mark.parametrize("question", QUESTIONS["results"])
def test_questions_have_tensorflows_answers(question):
    def compute():
        space = names()
        exec(QUESTIONS["setup"], space)
        return eval(question, space)

    recorded = QUESTIONS["results"][question]
    check_or_differ(compute, recorded, OTHERWISE_IN_QUESTIONS.get(question))


def decoded(recorded):
    """Return a recorded array as a NumPy array."""
    return np.array(recorded["array"], recorded["dtype"]).reshape(recorded["shape"])


@pytest.mark.parametrize("dtype", ["float64", "float32"])
@pytest.mark.parametrize("name", RESULTS)
def test_operations_have_tensorflows_value_and_gradient(name, dtype):
    operation = RESULTS[name]
    arrays = {key: as_tensor(decoded(value)) for key, value in OPERATIONS["inputs"][dtype].items()}

    def compute():
        source = arrays[operation["wrt"]]
        with GradientTape() as tape:
            tape.watch(source)
            output = eval(operation["code"], names() | arrays)
        cotangent = np.asarray(arrays["cotangents"])[: output.size].reshape(output.shape)
        gradient = tape.gradient(output, source, output_gradients=as_tensor(cotangent.astype(output.dtype)))
        return {"output": output, "gradient": gradient}

    why = OTHERWISE_IN_OPERATIONS.get((name, dtype))
    recorded = {key: operation[dtype][key] for key in ("output", "gradient")}
    check_or_differ(compute, {"dict": recorded}, why)


def test_what_is_listed_as_done_otherwise_is_recorded():
    assert set(OTHERWISE_ON_THE_TAPE) <= set(TAPE_CASES)
    assert set(OTHERWISE_IN_EXPRESSIONS) <= set(EXPRESSIONS)
    assert set(OTHERWISE_IN_QUESTIONS) <= set(QUESTIONS["results"])
    assert {name for name, _ in OTHERWISE_IN_OPERATIONS} <= set(RESULTS)


@pytest.mark.parametrize(
    ("ours", "recorded"),
    [
        (np.float32(1), {"array": 1.0, "dtype": "float64", "shape": []}),
        (np.ones(2), {"array": [1.0, 1.0001], "dtype": "float64", "shape": [2]}),
        (np.ones(2), {"array": [[1.0, 1.0]], "dtype": "float64", "shape": [1, 2]}),
        (None, {"array": 1.0, "dtype": "float64", "shape": []}),
        ((1,), [1]),
        ([1], [1, 2]),
        ({"a": 1}, {"dict": {"b": 1}}),
        (1, True),
        (None, 0),
    ],
)
def test_a_difference_is_seen(ours, recorded):
    with pytest.raises(AssertionError):
        assert_same(ours, recorded)


# The tool that recorded it.


@pytest.fixture(scope="module")
def recorder():
    """The tool's modules, on stand-ins for TensorFlow and Keras, which need not be installed."""
    stand_ins = {name: MagicMock(name=name) for name in ("tensorflow", "keras")}
    with mock.patch.dict(sys.modules, stand_ins):
        yield {
            name: importlib.import_module(f"tools.tensorflow_cases.{name}")
            for name in ("cases", "expressions", "operations", "optimizer_updates", "questions", "training")
        }
        for name in [name for name in sys.modules if name.startswith("tools.tensorflow_cases")]:
            del sys.modules[name]


def test_the_tool_asks_what_was_recorded_in_the_same_order(recorder):
    cases = {
        group: {case.__name__: inspect.getsource(case) for case in recorder["cases"].cases(group)}
        for group in recorder["cases"].FILES
    }
    recorded = {
        group: {name: case["code"] for name, case in found.items()}
        for group, found in RECORDED["cases"].items()
    }
    assert cases == recorded
    assert [list(found) for found in cases.values()] == [list(found) for found in recorded.values()]
    assert recorder["expressions"].EXPRESSIONS == list(RECORDED["expressions"])
    questions = recorder["questions"]
    assert (questions.SETUP, questions.QUESTIONS) == (QUESTIONS["setup"], list(QUESTIONS["results"]))
    operations = recorder["operations"]
    table = operations.OPERATIONS | {n: f"keras.losses.{c}" for n, c in operations.LOSSES.items()}
    assert list(table.items()) == [(name, case["code"]) for name, case in OPERATIONS["results"].items()]
    assert recorder["optimizer_updates"].OPTIMIZERS == list(RECORDED["optimizers"]["weights"])
    training, told = recorder["training"], RECORDED["training"]
    assert list(training.RUNS) == list(told["runs"])
    assert [training.SEED, training.SAMPLING_SEED, training.BATCH_SIZE] == [
        told[name] for name in ("seed", "sampling_seed", "batch_size")
    ]
    for name, array in operations.operation_inputs().items():
        wanted = OPERATIONS["inputs"]["float64"][name]
        np.testing.assert_array_equal(array, np.array(wanted["array"], wanted["dtype"]))
