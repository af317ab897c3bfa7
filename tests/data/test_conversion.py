"""What counts as data: arrays of many libraries become NumPy's, what holds no numbers is refused."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from gradtape import Variable, as_tensor
from gradtape.data.conversion import as_array, as_arrays, is_mapped, named_leaves
from gradtape.errors import ArgumentError, ArgumentTypeError, DtypeError, GradtapeError


class Foreign:
    """An array of another library."""

    def __array__(self, dtype: Any = None, copy: Any = None) -> Any:
        return np.arange(3, dtype="int16")


class WithNumpy:
    """A tensor that can only say .numpy(), as batches of tf.data can."""

    def numpy(self) -> Any:
        return np.arange(4.0)


@pytest.mark.parametrize(
    ("value", "dtype", "values"),
    [
        (np.arange(3, dtype="uint8"), "uint8", [0, 1, 2]),
        (np.arange(2.0), "float64", [0, 1]),
        (np.arange(3, dtype=">i4"), "int32", [0, 1, 2]),
        ([1, 2], "int32", [1, 2]),
        ([2**40], "int64", [2**40]),
        ([1.5, 2], "float32", [1.5, 2]),
        ([[True], [False]], "bool", [[True], [False]]),
        (range(3), "int32", [0, 1, 2]),
        (Foreign(), "int16", [0, 1, 2]),
        (WithNumpy(), "float64", [0, 1, 2, 3]),
        (pd.Series([3, 4]), "int64", [[3], [4]]),
        (pd.Series([True, False]), "bool", [[True], [False]]),
        (pd.DataFrame({"a": [1, 2], "b": [0.5, 1.5]}), "float64", [[1, 0.5], [2, 1.5]]),
        (pd.DataFrame({"a": [1, 2], "b": [True, False]}), "int64", [[1, 1], [2, 0]]),
        (pd.DataFrame({"a": pd.array([1, 2], "Int64")}), "int64", [[1], [2]]),
    ],
    ids=lambda x: x if isinstance(x, str) else type(x).__name__,  # the same in every process
)
def test_what_holds_numbers_becomes_an_array(value: Any, dtype: str, values: Any) -> None:
    array = as_array(value, "fit", "x")
    assert type(array) is np.ndarray
    assert array.dtype == dtype
    assert array.dtype.isnative
    assert array.tolist() == values


def test_tensors_and_variables_become_arrays() -> None:
    assert as_array(as_tensor([1.0, 2.0]), "fit", "x").tolist() == [1, 2]
    assert as_array(Variable([1.0, 2.0]), "fit", "x").tolist() == [1, 2]
    assert as_array([as_tensor([1.0, 2.0])], "fit", "x").tolist() == [[1, 2]]


def test_missing_values_of_pandas_become_nan() -> None:
    frame = pd.DataFrame({"a": pd.array([1, None], "Int64"), "b": [1.0, 2.0]})
    np.testing.assert_array_equal(as_array(frame, "fit", "x"), [[1, 1], [np.nan, 2]])


REFUSED = [
    (np.array(["a"]), DtypeError, "fit: x must hold numbers, got strings in ndarray of shape (1,)"),
    (["a", "b"], DtypeError, "fit: x must hold numbers, got strings in ['a', 'b']"),
    (np.array([None]), DtypeError, "fit: x must hold numbers, got Python objects in ndarray"),
    ([1, None], DtypeError, "fit: x must hold numbers, got Python objects in [1, None]"),
    (np.array([1j]), DtypeError, "fit: x must hold numbers, got complex numbers in ndarray"),
    (np.array(["2020"], "M8[D]"), DtypeError, "fit: x must hold numbers, got dates in ndarray"),
    (np.ma.array([1, 2], mask=[0, 1]), DtypeError, "fit: x is a masked array; fill it first: x.filled(0)"),
    (np.longdouble([1]), DtypeError, "fit: x: dtype must be one of bool, int8"),
    ([[1, 2], [3]], ArgumentError, "fit: x cannot become an array: its rows are not equally long"),
    (5, ArgumentError, "fit: x must have its samples along the first axis, got a single number: 5"),
    (None, ArgumentTypeError, "fit: x must be an array, got NoneType: None"),
    (print, ArgumentTypeError, "fit: x must be an array, got builtin_function_or_method: <built-in"),
    (
        pd.DataFrame({"a": [1], "city": ["Rome"], "on": pd.to_datetime(["2020"])}),
        DtypeError,
        "fit: x must hold numbers, but these columns do not: 'city' (str), 'on' (datetime64[us]); drop",
    ),
]


@pytest.mark.parametrize(("value", "error", "text"), REFUSED, ids=[r[2][:50] for r in REFUSED])
def test_what_holds_no_numbers_is_refused(value: Any, error: type[GradtapeError], text: str) -> None:
    with pytest.raises(error) as caught:
        as_array(value, "fit", "x")
    assert str(caught.value).startswith(text)


def test_a_sparse_matrix_is_refused_with_the_line_that_helps() -> None:
    sparse = type("csr", (), {"tocsr": None})()
    with pytest.raises(ArgumentTypeError, match=r"x is a sparse matrix; make it dense first: x.toarray\(\)"):
        as_array(sparse, "fit", "x")


def test_structures_are_kept_and_their_leaves_named() -> None:
    tree = {"a": [1, 2], "b": (np.ones(2), [np.zeros(2)])}
    made = as_arrays(tree, "fit", "x")
    assert isinstance(made["b"], tuple)
    assert isinstance(made["b"][1], list)
    names = [name for name, _ in named_leaves(made, "x")]
    assert names == ["x['a']", "x['b'][0]", "x['b'][1][0]"]
    with pytest.raises(DtypeError, match=r"x\['b'\]\[1\]"):
        as_arrays({"a": [1], "b": [np.ones(1), np.array(["s"])]}, "fit", "x")


def test_memory_maps_stay_in_their_file(tmp_path: Path) -> None:
    np.save(tmp_path / "x.npy", np.arange(6.0).reshape(3, 2))
    mapped = np.load(tmp_path / "x.npy", mmap_mode="r")
    array = as_array(mapped, "fit", "x")
    assert is_mapped(array)
    assert is_mapped(array[1:])
    assert not is_mapped(np.array(array))
    assert np.shares_memory(array, mapped)
