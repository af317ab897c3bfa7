"""Variable: the only thing that changes, and what changing it must never touch."""

import copy
import gc
import pickle

import numpy as np
import pytest

from gradtape import GradientTape, Tensor, Variable, as_tensor, constraints, engine, initializers, ops
from gradtape.errors import ArgumentError, ArgumentTypeError, DtypeError, ShapeError


def test_what_it_is():
    w = Variable([1.0, 2.0], name="w")
    assert (w.name, w.trainable, w.shape, w.dtype, w.ndim, w.size) == ("w", True, (2,), "float32", 1, 2)
    assert type(w.value) is Tensor
    assert w.value.tolist() == [1, 2]
    assert repr(w) == "Variable('w', [1., 2.], shape=(2,), dtype=float32)"
    assert (
        repr(Variable([[1], [2]], name="n"))
        == "Variable('n', [[1],\n               [2]], shape=(2, 1), dtype=int32)"
    )


def test_initial_values_of_all_kinds():
    assert Variable(lambda: [1.0]).tolist() == [1]
    assert Variable(np.float64(2)).dtype == "float64"
    assert Variable(2, dtype="float64").dtype == "float64"
    assert Variable(Variable(3.0)).item() == 3
    assert Variable(as_tensor([1.0]), trainable=False).trainable is False
    assert Variable(np.zeros((0, 2))).shape == (0, 2)
    assert Variable(np.arange(3.0).astype(">f4")).dtype == np.dtype("float32")


def test_it_keeps_no_hand_on_the_array_it_was_made_of():
    array = np.ones(2)
    w = Variable(array)
    array[:] = 7
    w.numpy()[:] = 7
    assert w.tolist() == [1, 1]
    w.assign(array)
    array[:] = 8
    assert w.tolist() == [7, 7]
    with pytest.raises(ValueError, match="read-only"):
        np.asarray(w)[0] = 1


@pytest.mark.parametrize(
    ("arguments", "text"),
    [
        ({"trainable": 1}, "^Variable: trainable must be True or False, got 1$"),
        ({"name": 3}, "^Variable: name must be a string, got 3$"),
        ({"dtype": "text"}, "^Variable: dtype must be one of bool, .*, got 'text'$"),
    ],
)
def test_impossible_arguments_are_refused(arguments, text):
    with pytest.raises(ArgumentTypeError, match=text):
        Variable([1.0], **arguments)
    with pytest.raises(DtypeError, match="^Variable: needs numbers, got dtype "):
        Variable("text")


def test_assigning_returns_the_variable_and_changes_the_value():
    w = Variable([1.0, 2.0])
    assert w.assign([3.0, 4.0]) is w
    assert w.assign_add([1.0, 1.0]) is w
    assert w.assign_sub(as_tensor([0.5, 0.5])) is w
    assert w.tolist() == [3.5, 4.5]
    w.assign(w * 2)
    assert w.tolist() == [7, 9]


@pytest.mark.parametrize("method", ["assign", "assign_add", "assign_sub"])
@pytest.mark.parametrize("value", [1.0, [1.0], [[1.0, 2.0]], np.zeros((0,))])
def test_another_shape_is_refused(method, value):
    w = Variable([1.0, 2.0], name="w")
    shape = np.shape(value)
    with pytest.raises(ShapeError) as raised:
        getattr(w, method)(value)
    assert str(raised.value) == f"{method} to 'w': value must have shape (2,), got {shape}"
    assert w.tolist() == [1, 2]


def test_a_dtype_that_would_lose_the_fraction_is_refused():
    n = Variable([1, 2], name="n")
    with pytest.raises(DtypeError) as raised:
        n.assign(as_tensor([1.0, 2.0]))
    assert str(raised.value) == "assign to 'n': float32 cannot become int32; cast it first"
    with pytest.raises(
        DtypeError, match="^assign_add to 'n': .* cannot become int32; round or cast it first$"
    ):
        n.assign_add([1.5, 2.5])
    with pytest.raises(
        ArgumentError, match="^assign to 'n': .* does not fit into int32; name a wider dtype$"
    ):
        n.assign([2**40, 0])
    with pytest.raises(DtypeError, match="^assign to 'b': int32 cannot become bool; cast it first$"):
        Variable(True, name="b").assign(as_tensor(1))
    assert n.tolist() == [1, 2]


@pytest.mark.parametrize("dtype", ["float16", "float32", "float64", "int8", "int64"])
def test_the_dtype_stays_whatever_is_assigned(dtype):
    w = Variable(np.ones(2, dtype))
    for value in ([1, 2], as_tensor([1, 2]), np.array([True, False]), np.array([3, 4], "int64")):
        assert w.assign(value).dtype == dtype
        assert w.assign_add(value).dtype == dtype


def test_python_numbers_and_lists_are_taken_in_the_variables_own_precision():
    w = Variable(np.zeros(2))
    assert w.assign([0.1, 0.2]).tolist() == [0.1, 0.2]
    assert w.assign_sub((0.1, 0.1)).tolist() == [0.0, 0.1]
    assert Variable(np.float64(0)).assign(0.1).item() == 0.1


def test_an_assignment_never_changes_what_was_read_or_recorded():
    w = Variable(3.0)
    before = w.value
    with GradientTape(persistent=True) as tape:
        y = w * w
        w.assign(10.0)
        z = w * w * w
    assert before.item() == 3
    w.assign_add(5.0)
    w.assign_sub(1.0)
    assert tape.gradient(y, w).item() == 6
    assert tape.gradient(z, w).item() == 300
    assert tape.gradient([y, z], w).item() == 306


@pytest.mark.parametrize("change", ["+=", "-=", "*=", "/=", "//=", "%=", "**=", "@="])
def test_in_place_operators_say_what_to_write(change):
    w = Variable([1.0], name="w")
    with pytest.raises(ArgumentTypeError, match=r"write variable.assign_add\(...\) or assign_sub\(...\)"):
        exec(f"w {change} 1.0", {"w": w})


def test_copies_are_variables_of_their_own():
    w = Variable(np.ones(2), trainable=False, name="w")
    for other in (copy.copy(w), copy.deepcopy(w), pickle.loads(pickle.dumps(w))):
        assert (other.name, other.trainable, other.dtype, other.tolist()) == ("w", False, "float64", [1, 1])
        assert id(other) in engine.variables
        other.assign([5.0, 5.0])
    assert w.tolist() == [1, 1]


def test_a_copy_shares_no_gradient_with_the_original():
    w = Variable(2.0)
    other = copy.copy(w)
    with GradientTape() as tape:
        y = w * other * other
    assert [g.item() for g in tape.gradient(y, [w, other])] == [4, 8]


def test_a_variable_that_nobody_holds_is_forgotten():
    w = Variable(1.0)
    key = id(w)
    assert key in engine.variables
    gc.disable()
    try:
        del w
        assert key not in engine.variables
    finally:
        gc.enable()


@pytest.mark.skipif(engine.active.compiles, reason="only NumPy's arrays can be changed in place")
def test_memory_is_used_again_only_while_nobody_else_sees_it():
    def address(variable):
        return variable._tensor._array.ctypes.data

    v = Variable(np.ones((100, 100), "float32"))
    delta = as_tensor(np.ones((100, 100), "float32"))
    first = address(v)
    v.assign_add(delta)
    assert address(v) == first and v.numpy()[0, 0] == 2
    for keep in (lambda: v.value, lambda: np.asarray(v), lambda: np.asarray(v.value)[:1], lambda: v[0]):
        kept = keep()
        before = np.array(kept)
        v.assign_sub(delta)
        assert np.array_equal(kept, before)
    other = Variable(np.zeros((100, 100), "float32"))
    other.assign(v)
    value = v.numpy()
    v.assign_sub(delta)
    assert np.array_equal(other, value)


@pytest.mark.skipif(engine.active.compiles, reason="only NumPy's arrays can be changed in place")
def test_a_tape_keeps_the_value_it_has_seen():
    v = Variable(np.full((100, 100), 3.0, "float32"))
    with GradientTape() as tape:
        y = v * v
    v.assign_sub(np.ones((100, 100), "float32"))
    assert np.array_equal(tape.gradient(y, v), np.full((100, 100), 6.0))


# Keras' and TensorFlow's ways of making one.


def test_an_initializer_and_a_shape_make_a_variable():
    assert Variable(initializer="ones", shape=(2, 3)).tolist() == [[1.0] * 3] * 2
    assert Variable("zeros", (2,)).tolist() == [0.0, 0.0] and Variable("zeros", shape=3).shape == (3,)
    assert Variable(lambda shape, dtype: np.full(shape, 7, dtype), shape=(2,), dtype="int32").tolist() == [
        7,
        7,
    ]
    assert Variable(initializers.Constant(2.0), shape=[1], dtype="float64").dtype == "float64"
    assert Variable(initializer={"class_name": "Constant", "config": {"value": 3.0}}, shape=()).item() == 3.0
    assert Variable(initial_value=np.float32([1, 2]), shape=(2,)).tolist() == [1.0, 2.0]
    made = Variable(
        initializer="glorot_uniform", shape=(2, 2), dtype="float32", trainable=False, autocast=True,
        aggregation="mean", name="kernel",
    )  # fmt: skip
    assert (made.name, made.trainable, made.shape, str(made.dtype)) == ("kernel", False, (2, 2), "float32")


def test_a_constraint_is_kept():
    limit = constraints.NonNeg()
    assert Variable([1.0], constraint=limit).constraint is limit and Variable([1.0]).constraint is None


@pytest.mark.parametrize(
    ("options", "error", "text"),
    [
        ({}, ArgumentError, "Variable: needs an initial_value, or an initializer and a shape"),
        (
            {"initial_value": 1.0, "initializer": "ones"},
            ArgumentError,
            "give initial_value or initializer, .* not both",
        ),
        (
            {"initializer": "ones"},
            ArgumentError,
            r"an initializer needs a shape, shape=\(...\), got 'ones' alone",
        ),
        ({"initializer": initializers.Zeros()}, ArgumentError, "an initializer needs a shape"),
        ({"initializer": "onse", "shape": (2,)}, ArgumentError, "unknown name 'onse'; did you mean 'one"),
        (
            {"initial_value": [1.0], "shape": (2,)},
            ShapeError,
            r"initial_value must have shape \(2,\), got \(1,\)",
        ),
        (
            {"initializer": "ones", "shape": "two"},
            ArgumentTypeError,
            "shape must be whole lengths, got 'two'",
        ),
        (
            {"initial_value": 1.0, "aggregation": "most"},
            ArgumentError,
            "aggregation must be one of .*, got 'most'",
        ),
    ],
)
def test_what_makes_no_variable_is_refused(options, error, text):
    with pytest.raises(error, match=text):
        Variable(**options)


def test_assigning_to_a_slice_names_the_way_that_works():
    v = Variable([[1.0, 2.0], [3.0, 4.0]])
    for name in ("assign", "assign_add", "assign_sub"):
        assert not hasattr(v[0], name) and hasattr(v, name)
    with pytest.raises(
        AttributeError, match=r"v.assign\(ops.scatter_update\(v, \[\[i\]\], \[x\]\)\), .*slice_update"
    ):
        v[0].assign([5.0, 6.0])
    v.assign(ops.scatter_update(v, [[0]], [[5.0, 6.0]]))
    assert v.tolist() == [[5.0, 6.0], [3.0, 4.0]]
    v.assign(ops.slice_update(v, (1, 0), [[7.0]]))
    assert v.tolist() == [[5.0, 6.0], [7.0, 4.0]]
    for name in ("sort", "fill", "put", "resize", "partition"):
        with pytest.raises(AttributeError, match=f"a tensor has no {name}, as it does not change: ops"):
            getattr(v[0], name)
