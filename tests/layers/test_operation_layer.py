"""Operations of gradtape.ops on placeholders: functional models without a layer for every sum."""

import numpy as np
import pytest

import gradtape
from gradtape import Variable, activations, ops
from gradtape.errors import ArgumentError, ArgumentTypeError
from gradtape.layers import Dense, Input, Operator
from gradtape.layers.base.operation_layer import _FUNCTIONS
from gradtape.layers.base.placeholders import SymbolicTensor
from gradtape.models import Model, Sequential, load_model
from gradtape.tf import keras as tf_keras
from tests.keras_parity import keras

X = np.array([[1.0, 2.0], [3.0, -4.0]], "float32")

FORMULAS = [
    lambda a, b: a + b,
    lambda a, b: 2.0 * a - b / 4.0,
    lambda a, b: 1.0 - abs(-a) * b,
    lambda a, b: a**2.0 + [1.0, 2.0],
    lambda a, b: 2.0**b + np.float32(3),
    lambda a, b: a @ np.ones((2, 3), "float32"),
    lambda a, b: 8.0 / a,
    lambda a, b: np.float32(8) / a + np.array([1.0, 2.0], "float32") * b,
    lambda a, b: a // 2 + a % 3,
    lambda a, b: a[:, 0] + b[..., -1] + a[:, 1:][:, 0],
    lambda a, b: a[:, ::-1],
    lambda a, b: a[:, [1, 0, 1]],
]


@pytest.mark.parametrize("formula", FORMULAS)
def test_a_formula_of_placeholders_is_that_of_arrays(formula):
    a, b = Input((2,)), Input((2,))
    model = Model([a, b], formula(a, b))
    np.testing.assert_allclose(model([X, X + 1]).numpy(), formula(X, X + 1), rtol=1e-6)
    again = Model.from_config(model.get_config())
    np.testing.assert_array_equal(again([X, X + 1]), model([X, X + 1]))


def by_hand(k, ops, a, b):
    """Return several operations in a row, as a user of Keras writes them."""
    joined = ops.concatenate([ops.relu(a), ops.exp(b)], axis=-1)
    cut = ops.split(joined, 2, axis=1)[0]
    chosen = ops.where(a > 0.0, a, ops.zeros_like(a)) * ops.cast(b < 1.0, "float32")
    stacked = ops.stack([cut, chosen], axis=1)
    mean = ops.mean(stacked, axis=-1, keepdims=True)
    normed = ops.softmax(stacked - mean, axis=-1)
    flat = ops.reshape(normed, (-1, 4))
    sums = ops.einsum("bi,bj->bij", flat, ops.ones((2, 4)) * 2.0 if k is None else flat)
    return ops.sum(sums, axis=(1, 2)) + ops.max(a, axis=1) + k.activations.relu(b, max_value=1.5)[:, 0]


def test_a_chain_of_operations_is_kerass():
    theirs = keras()
    found = []
    for library in (gradtape, theirs):
        a, b = library.Input((2,)), library.Input((2,))
        model = library.Model([a, b], by_hand(library, library.ops, a, b))
        found.append(np.asarray(model.predict([X, X + 1], verbose=0)))
    np.testing.assert_allclose(*found, rtol=1e-6)


ONE, BITS = Input(batch_shape=(2, 2), name="one"), Input(batch_shape=(2, 2), dtype="int32", name="bits")
WITHOUT_TENSORS = {
    *("arange", "convert_to_numpy", "custom_gradient", "eye", "full", "identity", "linspace", "ones"),
    *("shape", "size", "zeros"),
}
ARGUMENTS = {
    **{name: (ONE, ONE) for name in ("dot", "inner", "outer", "tensordot", "vdot")},
    **{"einsum": ("ij,jk", ONE, ONE), "full_like": (ONE, 1.0), "one_hot": (BITS, 3), "getitem": (ONE, 0)},
    **{"softmax_crossentropy": (ONE, BITS[0]), "concatenate": ([ONE, ONE],), "stack": ([ONE, ONE],)},
    **{"in_top_k": (BITS[0], ONE, 1), "top_k": (ONE, 1), "pad": (ONE, 1), "repeat": (ONE, 2)},
    **{"roll": (ONE, 1), "tile": (ONE, 2), "threshold": (ONE, 0.5, 0.0), "expand_dims": (ONE, 0)},
    **{"moveaxis": (ONE, 0, 1), "swapaxes": (ONE, 0, 1), "scatter": ([[0]], ONE[:1], (2, 2))},
    **{"scatter_update": (ONE, [[0, 0]], [1.0]), "slice": (ONE, (0, 0), (1, 1))},
    **{"slice_update": (ONE, (0, 0), [[1.0]]), "broadcast_to": (ONE, (2, 2)), "cast": (ONE, "int32")},
    **{"reshape": (ONE, (4,)), "sum_to_shape": (ONE, (1, 2)), "split": (ONE, 2), "moments": (ONE, 0)},
    **{name: (ONE, ONE) for name in ("binary_crossentropy", "categorical_crossentropy")},
    **{"sparse_categorical_crossentropy": (BITS[0], ONE)},
    **{"take": (ONE, [0], 1), "take_along_axis": (ONE, [[0]], 1)},
}


@pytest.mark.parametrize("name", sorted(set(_FUNCTIONS) - WITHOUT_TENSORS))
def test_every_operation_notes_one_call_under_its_own_name(name):
    function = _FUNCTIONS[name]
    operands = len(getattr(getattr(function, "operation", None), "tensors", "x"))
    is_for_bits = name.startswith("bitwise") or name.endswith("shift")
    outputs = function(*ARGUMENTS.get(name, (BITS if is_for_bits else ONE,) * operands))
    first = outputs[0] if isinstance(outputs, list | tuple) else outputs
    assert isinstance(first, SymbolicTensor)
    assert _FUNCTIONS[first.node.layer.operation] is function


def test_a_model_of_operations_trains_and_is_saved(tmp_path):
    gradtape.set_seed(0)
    x = Input((2,))
    hidden = ops.tanh(Dense(8)(x)) * 2
    model = Model(x, ops.softmax(Dense(2)(hidden[:, :5]), axis=-1))
    model.compile("adam", "sparse_categorical_crossentropy")
    losses = model.fit(X, np.array([0, 1]), epochs=30, verbose=0).history["loss"]
    assert losses[-1] < losses[0]
    model.save(tmp_path / "model.safetensors")
    again = load_model(tmp_path / "model.safetensors")
    np.testing.assert_array_equal(again.predict(X, verbose=0), model.predict(X, verbose=0))


def test_placeholders_of_tf_go_through_its_spellings():
    from gradtape import tf

    x = tf_keras.Input((2,))
    model = tf_keras.Model(x, tf.concat([tf.nn.relu(x), tf.cast(x > 0, tf.float32)], axis=1))
    np.testing.assert_array_equal(model(X), [[1.0, 2.0, 1.0, 1.0], [3.0, 0.0, 1.0, 0.0]])


def test_python_numbers_follow_the_tensor_they_meet():
    x = Input((2,), dtype="float16")
    assert Model(x, 2.0 * x).output.dtype == "float16"
    whole = Input((2,), dtype="int32")
    assert Model(whole, 2 * whole + 1).output.dtype == "int32"


def test_keyword_arguments_may_be_placeholders():
    x = Input((2,))
    model = Model(x, Dense(3, kernel_initializer="ones")(inputs=ops.add(x1=x, x2=1.0)))
    np.testing.assert_array_equal(model(X), np.repeat((X + 1).sum(axis=1, keepdims=True), 3, axis=1))


def test_a_comparison_says_where():
    x = Input((2,))
    model = Model(x, [x == 2.0, x != 2.0])
    equal, unequal = model(X)
    assert equal.tolist() == [[False, True], [False, False]] and (unequal.numpy() != equal.numpy()).all()
    assert x == x and len({x, x}) == 1


def test_what_has_no_values_says_so():
    x = Input((2,), name="pixels")
    for act in (lambda: np.asarray(x), lambda: float(x), lambda: bool(x > 0), lambda: list(x)):
        with pytest.raises(ArgumentTypeError, match="placeholder of a functional model and has no values"):
            act()


def test_a_variable_belongs_into_a_layer():
    with pytest.raises(ArgumentTypeError, match="multiply: a Variable in the formula .*use 'scale' in the"):
        Input((2,)) * Variable([1.0, 2.0], name="scale")


def test_activations_with_options():
    x = Input((2,))
    options = {"negative_slope": 0.1, "max_value": 2.0, "threshold": 0.5}
    found = Model(x, activations.relu(x, **options))(X)
    np.testing.assert_array_equal(found, activations.relu(X, **options))


def test_a_layer_of_ones_own_beside_operations():
    x = Input((2,))
    model = Sequential([Input((2,)), Dense(2)])
    found = Model(x, ops.relu(model(x))).predict(X, verbose=0)
    inner = model.predict(X, verbose=0)
    assert (inner < 0).any()
    np.testing.assert_array_equal(found, np.where(inner > 0, inner, 0))


def test_an_unknown_operation():
    with pytest.raises(ArgumentError, match=r"Operator: operation must be one of ops, got 'evall'"):
        Operator("evall")
