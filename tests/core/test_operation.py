"""Operations: how they are defined, called, refused and registered."""

import numpy as np
import pytest

from gradtape import (
    GradientTape,
    Tensor,
    Variable,
    as_tensor,
    engine,
    ops,
)
from gradtape.core import hooks
from gradtape.core.operation import operation, registry, rules_table
from gradtape.core.tensor import Array
from gradtape.errors import ArgumentError, ArgumentTypeError, AxisError, DtypeError, ShapeError


@operation(promotes=True, name="scaled_sum")
def scaled_sum(x1: Array, x2: Array, scale: float = 1.0, *, shift: float = 0.0) -> Array:
    """Return (x1 + x2) * scale + shift."""
    return (x1 + x2) * scale + shift


@scaled_sum.gradient("x1")
def scaled_sum_x1(g, y, x1, x2, scale, shift):
    """g * scale"""
    return g * scale


@scaled_sum.gradient("x2")
def scaled_sum_x2(g, y, x1, x2, scale, shift):
    """g * scale"""
    return g * scale


@operation(name="joined")
def joined(*xs: Array, axis: int = 0) -> Array:
    """Return the tensors one after the other."""
    return engine.xp.concat(xs, axis=axis)


def test_what_is_known_of_an_operation():
    made = scaled_sum.operation
    assert registry["scaled_sum"] is made
    assert (made.name, made.tensors, made.attributes) == ("scaled_sum", ("x1", "x2"), ("scale", "shift"))
    assert made.defaults == {"scale": 1.0, "shift": 0.0}
    assert list(made.rules) == ["x1", "x2"]
    assert repr(made) == "<operation scaled_sum>"
    assert ("scaled_sum", "x2", "g * scale") in rules_table()
    assert joined.operation.variadic
    assert scaled_sum.__name__ == "scaled_sum"
    assert scaled_sum.__doc__ == "Return (x1 + x2) * scale + shift."


def test_annotations_may_be_strings():
    def body(x: "Array", n: "int" = 2) -> "Array":
        return x * n

    made = operation(name="stringly")(body)
    assert made.operation.tensors == ("x",)
    assert made([1.0], n=3).tolist() == [3]


@pytest.mark.parametrize(
    "call",
    [
        lambda: scaled_sum([1.0], [2.0], 3.0, shift=1.0),
        lambda: scaled_sum(x1=[1.0], x2=[2.0], scale=3.0, shift=1.0),
        lambda: scaled_sum([1.0], x2=[2.0], shift=1.0, scale=3.0),
    ],
)
def test_arguments_by_place_and_by_name(call):
    assert call().tolist() == [10]


@pytest.mark.parametrize(
    ("call", "text"),
    [
        (lambda: scaled_sum([1.0]), "^scaled_sum: the argument x2 is missing$"),
        (lambda: scaled_sum(), "^scaled_sum: the argument x1 is missing$"),
        (lambda: scaled_sum(1, 2, 3, 4, 5), "^scaled_sum: takes x1, x2, scale, shift; got 5 arguments$"),
        (lambda: scaled_sum(1, 2, sale=3), "^scaled_sum: unknown or repeated argument 'sale'; it takes x1, x2, "),
        (lambda: scaled_sum(1, 2, x1=3), "^scaled_sum: unknown or repeated argument 'x1'"),
        (lambda: joined([1.0], axes=1), "^joined: unknown or repeated argument 'axes'; it takes xs, axis$"),
    ],
)  # fmt: skip
def test_arguments_that_cannot_be_are_named(call, text):
    with pytest.raises(ArgumentTypeError, match=text):
        call()


def test_everything_that_can_become_a_tensor_is_taken():
    for value in ([1.0, 2.0], (1.0, 2.0), np.ones(2), as_tensor([1.0, 2.0]), Variable([1.0, 2.0]), range(2)):
        assert type(scaled_sum(value, value)) is Tensor
    with pytest.raises(DtypeError, match="^scaled_sum: needs numbers, got dtype "):
        scaled_sum("text", 1.0)


@pytest.mark.parametrize("dtype", ["float16", "float32", "float64", "int8", "int64", "uint8"])
def test_python_numbers_follow_the_tensor_they_meet(dtype):
    x = as_tensor(np.ones(2, dtype))
    assert ops.add(x, 1).dtype == dtype
    assert ops.add(1, x).dtype == dtype
    assert ops.add(x, True).dtype == dtype
    floating = dtype if "float" in dtype else "float32"
    assert ops.add(x, 1.5).dtype == floating
    assert ops.add(1.5, x).dtype == floating
    assert ops.add(x, [1]).dtype == ops.add(x, as_tensor([1])).dtype


def test_python_numbers_among_themselves():
    assert ops.add(1, 2).dtype == "int32"
    assert ops.add(1, 2.5).dtype == "float32"
    assert ops.add(True, 2).dtype == "int32"
    assert ops.add(as_tensor(True), 2).dtype == "int32"
    assert ops.add(as_tensor(True), 0.5).item() == 1.5


def test_a_number_that_does_not_fit_is_refused():
    with pytest.raises(ArgumentError, match="^add: 300 does not fit into uint8; name a wider dtype$"):
        ops.add(as_tensor(np.ones(2, "uint8")), 300)


def test_a_number_beside_a_variable_of_another_dtype():
    v = Variable(np.ones(2))
    with GradientTape() as tape:
        y = v * 0.1
    assert y.dtype == "float64"
    assert y.tolist() == [0.1, 0.1]
    assert tape.gradient(y, v).tolist() == [0.1, 0.1]


def test_only_some_tensors_may_promote():
    @operation(promotes=("x1", "x2"), name="picky")
    def picky(condition: Array, x1: Array, x2: Array) -> Array:
        return engine.xp.where(condition, x1, x2)

    x64 = as_tensor(np.ones(2))
    assert picky(as_tensor([True, False]), x64, [2, 3]).dtype == "float64"
    assert picky(as_tensor([1, 0]), 1.0, np.float16(2)).dtype == "float16"
    record = []

    class Ear(hooks.Hook):
        def on_operation(self, operation, inputs, attributes, output):
            record.append(inputs[0].dtype.name)

    ear = Ear()
    hooks.add(ear)
    try:
        picky(as_tensor([1, 0]), x64, x64)
    finally:
        hooks.remove(ear)
    assert record == ["int32"]


def test_shapes_that_do_not_fit_give_one_text_with_the_cause_behind():
    with pytest.raises(ShapeError) as raised:
        scaled_sum(np.ones((2, 3)), np.ones(4), scale=2.0)
    assert str(raised.value) == (
        "scaled_sum: these arguments do not fit together: x1 (2, 3) float64, x2 (4,) float64, scale=2.0"
    )
    assert isinstance(raised.value.__cause__, ValueError)


def test_attributes_that_are_arrays_do_not_spoil_the_error():
    @operation(name="weighted")
    def weighted(x: Array, weights: object = None) -> Array:
        return x @ weights

    with pytest.raises(ShapeError, match=r"^weighted: .* x \(2,\) float64, weights=ndarray of shape \(3,\)"):
        weighted(np.ones(2), weights=np.ones(3))


def test_gradtapes_own_errors_pass_through_unchanged():
    @operation(name="strict")
    def strict(x: Array) -> Array:
        raise AxisError("strict: axis must be in [0, 1), got 3")

    with pytest.raises(AxisError, match="^strict: axis must be") as raised:
        strict([1.0])
    assert raised.value.__cause__ is None


def test_other_errors_of_a_body_are_not_touched():
    @operation(name="broken")
    def broken(x: Array) -> Array:
        raise KeyError("mine")

    with pytest.raises(KeyError, match="mine"):
        broken([1.0])


def test_a_rule_for_an_unknown_argument_is_refused():
    with pytest.raises(
        ArgumentError, match=r"^scaled_sum: gradient must be for one of \('x1', 'x2'\), got 'x3'$"
    ):
        scaled_sum.gradient("x3")


def test_attributes_reach_the_rules_and_the_record():
    x = Variable([1.0])
    with GradientTape(persistent=True) as tape:
        y = scaled_sum(x, 1.0, 5.0)
        z = ops.concatenate([x, x], axis=0)
    assert tape.gradient(y, x).item() == 5
    assert tape.records[0].attributes == {"scale": 5.0, "shift": 0.0}
    assert tape.records[1].attributes == {"axis": 0}
    assert z.tolist() == [1, 1]


def test_the_same_variadic_input_twice():
    x = Variable([1.0, 2.0])
    with GradientTape() as tape:
        y = ops.concatenate([x, x * 3.0, x])
    g = tape.gradient(y, x, output_gradients=[1.0, 2.0, 3.0, 4.0, 5.0, 6.0])
    assert g.tolist() == [1 + 9 + 5, 2 + 12 + 6]


@pytest.mark.parametrize("risky", [False, True])
def test_risky_operations_are_silent(risky):
    @operation(risky=risky, name="risk")
    def risk(x: Array) -> Array:
        return engine.xp.log(x)

    if risky:
        assert risk([0.0]).tolist() == [-np.inf]
    elif engine.get_engine() == "numpy":
        with pytest.warns(RuntimeWarning, match="divide by zero"):
            risk([0.0])


def test_inputs_are_not_changed_and_results_are_the_same_twice():
    x = np.arange(3.0)
    first, second = scaled_sum(x, x), scaled_sum(x, x)
    np.testing.assert_array_equal(x, [0, 1, 2])
    assert first.numpy().tobytes() == second.numpy().tobytes()


def test_silence_lets_nobody_hear():
    x = Variable([1.0])
    with GradientTape() as tape:
        with hooks.silence():
            x * 2.0
        with pytest.raises(KeyError), hooks.silence():
            raise KeyError
        x * 3.0
    assert len(tape.records) == 1
