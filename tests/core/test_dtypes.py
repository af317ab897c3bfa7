"""Data types: their names and where two of them meet."""

import itertools

import numpy as np
import pytest

from gradtape import GradientTape, Variable, as_tensor, ops
from gradtape.core.dtypes import (
    as_dtype,
    float_for,
    is_floating,
    result_type,
    sum_type,
)
from gradtape.errors import DtypeError

NAMES = "bool int8 int16 int32 int64 uint8 uint16 uint32 uint64 float16 float32 float64".split()


@pytest.mark.parametrize("name", NAMES)
def test_a_dtype_can_be_named_in_every_way(name):
    dtype = np.dtype(name)
    assert as_dtype(name) == as_dtype(dtype) == as_dtype(dtype.type) == dtype
    assert as_dtype(dtype.newbyteorder()) == dtype
    assert as_dtype(dtype.newbyteorder()).isnative


@pytest.mark.parametrize(
    ("python", "name"),
    [(float, "float32"), ("float", "float32"), (int, "int32"), ("int", "int32"), (bool, "bool")],
)
def test_pythons_types_are_the_default_dtypes(python, name):
    assert as_dtype(python).name == name


@pytest.mark.parametrize(
    "wrong",
    [
        None,
        "float8",
        "",
        "complex64",
        np.complex128,
        object,
        "O",
        "U3",
        "M8[s]",
        3,
        [],
        {"x": 1},
        "i4,f4",
        np.longdouble,
    ],
)
def test_what_is_no_dtype_for_tensors_is_refused(wrong):
    with pytest.raises(DtypeError, match=r"^cast: dtype must be one of bool, int8, .* float64, got "):
        as_dtype(wrong, "cast")


def test_bfloat16_is_found_by_name():
    pytest.importorskip("ml_dtypes")
    found = as_dtype("bfloat16")
    assert found.name == "bfloat16"
    assert is_floating(found)


@pytest.mark.parametrize(("first", "second"), list(itertools.product(NAMES, NAMES)))
def test_dtypes_meet_the_same_in_both_orders_and_floats_win(first, second):
    a, b = np.dtype(first), np.dtype(second)
    met = result_type(a, b)
    assert met == result_type(b, a)
    if is_floating(a) == is_floating(b):
        expected = np.promote_types(a, b)
        assert met == (expected if is_floating(a) or not is_floating(expected) else np.dtype("float32"))
    else:
        assert met == (a if is_floating(a) else b)


@pytest.mark.parametrize(
    ("first", "second", "met"),
    [
        ("int64", "float32", "float32"),
        ("uint64", "int64", "float32"),
        ("int32", "float16", "float16"),
        ("uint8", "int8", "int16"),
        ("bool", "uint8", "uint8"),
        ("float32", "float64", "float64"),
    ],
)
def test_meeting_dtypes_as_keras_and_jax_have_them(first, second, met):
    assert result_type(np.dtype(first), np.dtype(second)).name == met
    assert ops.add(as_tensor(np.ones(2, first)), as_tensor(np.ones(2, second))).dtype.name == met


def test_bfloat16_meets_float16_in_float32():
    ml = pytest.importorskip("ml_dtypes")
    b = np.dtype(ml.bfloat16)
    assert result_type(b, np.dtype("float16")).name == "float32"
    assert result_type(b, np.dtype("int64")) == b
    assert result_type(np.dtype("float64"), b).name == "float64"


def test_the_dtypes_of_divisions_and_sums():
    assert [float_for(np.dtype(n)).name for n in ("bool", "int64", "float16", "float64")] == [
        "float32",
        "float32",
        "float16",
        "float64",
    ]
    assert [sum_type(np.dtype(n)).name for n in ("bool", "int8", "uint8", "int64", "float16")] == [
        "int32",
        "int32",
        "uint32",
        "int64",
        "float16",
    ]


def test_a_list_beside_float64_keeps_its_digits():
    x = as_tensor(np.array([1.0, 2.0]))
    assert (x * [0.1, 0.2]).tolist() == [0.1, 0.4] and ([0.1, 0.2] * x).tolist() == [0.1, 0.4]
    assert ops.concatenate([[0.1], x]).tolist() == [0.1, 1.0, 2.0]
    assert ops.where([True, False], (0.1, 0.1), x).tolist() == [0.1, 2.0]
    assert ops.add(0.0, [0.1]).dtype == "float32" and (x + [1, 2]).dtype == "float64"
    assert ops.multiply(as_tensor(np.float16([1.0])), [0.1]).dtype == "float32"


def test_a_tensor_in_a_list_keeps_its_gradient_beside_float64():
    v = Variable(0.5)
    with GradientTape() as tape:
        y = as_tensor(np.array([1.0, 2.0])) * [v, 0.1]
    assert y.dtype == "float64" and tape.gradient(y, v).item() == 1
