"""Tensor: immutable, and at home among Python numbers and NumPy arrays."""

import copy
import pickle

import numpy as np
import pytest
from numpy.testing import assert_array_equal

from gradtape import Tensor, Variable, as_tensor
from gradtape.errors import ArgumentError, ArgumentTypeError, DtypeError

DTYPES = "bool int8 int16 int32 int64 uint8 uint16 uint32 uint64 float16 float32 float64".split()


# It cannot be changed.


def test_the_given_array_can_be_changed_without_changing_the_tensor():
    array = np.ones(3)
    tensor = as_tensor(array)
    array[:] = 7
    np.testing.assert_array_equal(tensor.numpy(), [1, 1, 1])


def test_what_numpy_returns_is_the_callers_own():
    tensor = as_tensor([1.0, 2.0])
    mine = tensor.numpy()
    mine[0] = 7
    assert tensor.tolist() == [1, 2]


def test_asarray_is_read_only_and_array_is_a_copy():
    tensor = as_tensor([1.0, 2.0])
    with pytest.raises(ValueError, match="read-only"):
        np.asarray(tensor)[0] = 7
    with pytest.raises(ValueError, match="read-only"):
        np.asarray(tensor[1:])[0] = 7
    mine = np.array(tensor)
    mine[0] = 7
    other = np.asarray(tensor, dtype="float64")
    other[0] = 7
    assert tensor.tolist() == [1, 2]


def test_asarray_of_a_scalar_is_read_only():
    array = np.asarray(as_tensor(1.0))
    assert array.shape == ()
    with pytest.raises(ValueError, match="read-only"):
        array[()] = 2


def test_array_without_a_copy_refuses_another_dtype():
    tensor = as_tensor([1.0])
    assert np.array(tensor, copy=None).dtype == "float32"
    with pytest.raises(ValueError, match="^array: float32 cannot become float64 without a copy$"):
        np.array(tensor, dtype="float64", copy=False)


def test_elements_and_attributes_cannot_be_set():
    tensor, weight = as_tensor([1.0]), Variable([1.0])
    for value in (tensor, weight):
        with pytest.raises(
            ArgumentTypeError, match="^setting elements: a tensor does not change; ops.slice_up"
        ):
            value[0] = 2
    for name in ("dtype", "shape", "ndim", "size", "T", "other"):
        with pytest.raises(AttributeError):
            setattr(tensor, name, 1)


def test_augmented_assignment_makes_another_tensor():
    first = tensor = as_tensor([1.0])
    tensor += 1
    assert (first.tolist(), tensor.tolist()) == ([1], [2])


def test_a_tensor_has_no_hash():
    with pytest.raises(TypeError, match="unhashable"):
        hash(as_tensor(1.0))


# What it is made of.


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("shape", [(), (3,), (2, 0), (2, 3)])
def test_numpy_arrays_keep_dtype_and_values(dtype, shape):
    array = np.arange(np.prod(shape, dtype=int)).reshape(shape).astype(dtype)
    tensor = as_tensor(array)
    assert (tensor.dtype, tensor.shape, tensor.ndim, tensor.size) == (
        array.dtype,
        shape,
        len(shape),
        array.size,
    )
    np.testing.assert_array_equal(np.asarray(tensor), array)


@pytest.mark.parametrize("dtype", DTYPES)
def test_numpy_scalars_keep_their_dtype(dtype):
    assert as_tensor(np.dtype(dtype).type(1)).dtype == dtype
    assert as_tensor([np.dtype(dtype).type(1)]).dtype == dtype
    assert as_tensor([[np.ones(2, dtype)]]).dtype == dtype


@pytest.mark.parametrize(
    ("value", "dtype"),
    [
        (3, "int32"),
        (3.0, "float32"),
        (True, "bool"),
        ([1, 2], "int32"),
        ([1, 2.0], "float32"),
        ([[True], [False]], "bool"),
        ([True, 2], "int32"),
        ((1.5,), "float32"),
        (range(3), "int32"),
        ([], "float32"),
        ([[], []], "float32"),
        ([np.float32(1), 2.0], "float32"),
        ([2.0, np.float32(1)], "float32"),
        ([2.0, np.float64(1)], "float64"),
        ([np.float16(1), np.float32(1)], "float32"),
        ([np.int64(1), 2], "int64"),
        ([np.int8(1), 2.5], "float32"),
        ([np.bool_(True), 2], "int32"),
        ([[1.0], np.ones(1)], "float64"),
        ([np.uint64(1), np.int64(1)], "float32"),
    ],
)
def test_python_numbers_and_lists_become_float32_or_int32(value, dtype):
    tensor = as_tensor(value)
    assert tensor.dtype == dtype
    np.testing.assert_array_equal(np.asarray(tensor), np.asarray(value, dtype="float64"))


@pytest.mark.parametrize(
    "array",
    [
        np.arange(6.0).reshape(2, 3).T,
        np.arange(6.0)[::-1],
        np.arange(6.0)[::2],
        np.broadcast_to(np.float64(2), (2, 3)),
        np.arange(6.0).astype(">f8"),
        np.arange(6).astype(">i2"),
        np.frombuffer(b"\0" + np.arange(3.0).tobytes(), dtype="u1")[1:].view("f8"),
    ],
)
def test_every_memory_layout_is_taken(array):
    tensor = as_tensor(array)
    assert tensor.dtype == array.dtype.newbyteorder("=")
    assert tensor.dtype.isnative
    np.testing.assert_array_equal(tensor.numpy(), array)


class _Frame:
    """Stands for a pandas object: all NumPy knows of it is __array__."""

    def __init__(self, array):
        self.array = array

    def __array__(self, dtype=None, copy=None):
        return np.array(self.array, dtype=dtype)


def test_objects_that_know_how_to_become_an_array_are_taken():
    assert as_tensor(_Frame([1.0, 2.0])).dtype == "float64"
    with pytest.raises(DtypeError, match="^as_tensor: needs numbers, got dtype object from "):
        as_tensor(_Frame(np.array([1.0, None])))


@pytest.mark.parametrize(
    "wrong",
    [
        "text",
        b"text",
        None,
        [None],
        object(),
        {1.0},
        1j,
        [1j],
        np.array(["a"]),
        np.array([1, "a"], object),
        np.datetime64("2020-01-01"),
        np.zeros(2, "f4,i4"),
        np.longdouble(1),
        (i for i in range(2)),
    ],
)
def test_what_is_no_number_is_refused(wrong):
    with pytest.raises(DtypeError, match="^ask: "):
        as_tensor(wrong, who="ask")


def test_a_masked_array_must_be_filled_first():
    masked = np.ma.masked_array([1.0, 2.0], [True, False])
    with pytest.raises(
        DtypeError, match=r"^as_tensor: a masked array must be filled first \(array.filled\(0\)\), got "
    ):
        as_tensor(masked)


def test_rows_of_different_lengths_are_refused():
    with pytest.raises(
        ArgumentError, match=r"^as_tensor: needs numbers in equally long rows, got \[\[1\], \[1, 2\]\]$"
    ):
        as_tensor([[1], [1, 2]])


@pytest.mark.parametrize("big", [2**31, -(2**31) - 1, [2**31], [[-(2**31) - 1]], 2**80])
def test_integers_that_do_not_fit_into_int32_are_refused(big):
    with pytest.raises(ArgumentError, match="does not fit into int32; name a wider dtype$"):
        as_tensor(big)


def test_integers_fit_where_a_wider_dtype_is_named():
    assert as_tensor(2**31, "int64").item() == 2**31
    assert as_tensor([2**31], "int64").tolist() == [2**31]
    assert as_tensor(2**31 - 1).item() == 2**31 - 1
    assert as_tensor([-(2**31)]).tolist() == [-(2**31)]


@pytest.mark.parametrize(
    ("value", "dtype"), [(300, "uint8"), ([300], "uint8"), ([-1], "uint16"), (-1, "uint8")]
)
def test_python_integers_do_not_wrap_round(value, dtype):
    with pytest.raises(ArgumentError, match=f"does not fit into {dtype}"):
        as_tensor(value, dtype)


@pytest.mark.parametrize("value", [1.5, 3.0, float("nan")])
@pytest.mark.parametrize("dtype", ["int32", "uint8", "bool"])
def test_python_floats_do_not_become_integers_by_themselves(value, dtype):
    with pytest.raises(DtypeError, match=f"cannot become {dtype}; round or cast it first$"):
        as_tensor(value, dtype)
    with pytest.raises(DtypeError, match=f"cannot become {dtype}; round or cast it first$"):
        as_tensor([value], dtype)


def test_floats_too_large_become_inf_without_a_warning():
    assert as_tensor(1e300).item() == np.inf
    assert as_tensor([-1e300]).tolist() == [-np.inf]
    assert as_tensor(70000, "float16").item() == np.inf
    assert (as_tensor(np.ones(1, "float16")) + 70000).tolist() == [np.inf]
    assert as_tensor(np.array([1e300]), "float32").tolist() == [np.inf]


def test_special_values_pass_unchanged():
    values = np.array([np.inf, -np.inf, np.nan, -0.0, 5e-324])
    np.testing.assert_array_equal(as_tensor(values).numpy().view("u8"), values.view("u8"))


def test_a_tensor_is_returned_as_it_is_and_a_variable_is_read():
    tensor = as_tensor([1.0])
    assert as_tensor(tensor) is tensor
    assert as_tensor(tensor, "float32") is tensor
    assert as_tensor(tensor, "float64").dtype == "float64"
    assert type(as_tensor(Variable([1.0]))) is Tensor


def test_tensors_in_a_list_are_stacked():
    both = as_tensor([[as_tensor(1.0), 2.0], [3.0, Variable(4.0)]])
    assert both.tolist() == [[1, 2], [3, 4]]
    assert np.array([as_tensor(1.0), as_tensor(2.0)]).tolist() == [1, 2]


# What Python asks of it.


def test_numbers_come_out():
    assert float(as_tensor([[1.5]])) == 1.5
    assert int(as_tensor(3)) == 3
    assert [10, 20, 30][as_tensor(1)] == 20
    assert isinstance(as_tensor(1.5).item(), float)
    assert type(as_tensor(1.5).numpy()) is np.float32
    assert f"{as_tensor(1.234):.2f}" == "1.23"
    assert f"{as_tensor([1.5, 2.0])}" == "[1.5, 2. ]"
    assert bool(as_tensor(0.0)) is False


@pytest.mark.parametrize("call", [float, int, lambda t: t.item(), lambda t: f"{t:.2f}"])
@pytest.mark.parametrize("shape", [(2,), (0,), (1, 2)])
def test_only_one_element_is_a_number(call, shape):
    with pytest.raises(ArgumentError, match=r"^item: needs a tensor with one element, got shape \("):
        call(as_tensor(np.zeros(shape)))


def test_what_has_no_truth_length_or_index_says_so():
    with pytest.raises(ArgumentError, match=r"^bool: a tensor of shape \(2,\) is neither true nor false"):
        bool(as_tensor([1.0, 2.0]))
    with pytest.raises(TypeError, match="^len: a tensor of rank 0 has no length$"):
        len(as_tensor(1.0))
    with pytest.raises(TypeError, match="^len: a tensor of rank 0"):
        iter(as_tensor(1.0))
    with pytest.raises(ArgumentTypeError, match=r"^index: needs an integer of rank 0, got float32 \(\)$"):
        range(as_tensor(1.0))


def test_length_iteration_and_indexing():
    tensor = as_tensor([[1.0, 2.0], [3.0, 4.0]])
    assert len(tensor) == 2
    assert [row.tolist() for row in tensor] == [[1, 2], [3, 4]]
    assert tensor[1, 0].item() == 3
    assert tensor[:, 1].tolist() == [2, 4]
    assert list(as_tensor(np.zeros((0, 3)))) == []
    assert [a.item() for a in tensor[0]] == [1, 2]
    a, b = tensor
    assert b.tolist() == [3, 4]


@pytest.mark.parametrize("make", [as_tensor, Variable])
@pytest.mark.parametrize("sign", ["+", "-", "*", "/", "@"])
@pytest.mark.parametrize("partner", [np.ones((2, 2)), np.ones((2, 2), "float32"), [[1.0, 2.0], [3.0, 4.0]]])
def test_numpy_arrays_and_lists_on_either_side_give_a_tensor(make, sign, partner):
    tensor = make(np.arange(1.0, 5.0).reshape(2, 2))
    array = np.arange(1.0, 5.0).reshape(2, 2)
    for left, right in ((tensor, partner), (partner, tensor)):
        given = eval(f"left {sign} right", {"left": left, "right": right})
        assert type(given) is Tensor
        right, left = (np.asarray(array if side is tensor else side) for side in (right, left))
        np.testing.assert_allclose(given.numpy(), eval(f"left {sign} right", {"left": left, "right": right}))


ALL_SIGNS = ["+", "-", "*", "/", "//", "%", "**", "<", "<=", ">", ">=", "==", "!="]


@pytest.mark.parametrize("make", [as_tensor, Variable])
@pytest.mark.parametrize("sign", ALL_SIGNS)
@pytest.mark.parametrize(
    "partner", [2.0, 2, np.float64(2), np.float32(2), np.array(2.0), np.full((2, 1), 2.0)]
)
def test_every_operator_takes_numbers_and_arrays_on_either_side(make, sign, partner):
    array = np.arange(1.0, 5.0).reshape(2, 2)
    for places in ("array", "partner"), ("partner", "array"):
        expression = f" {sign} ".join(places)
        given = eval(expression, {"array": make(array), "partner": partner})
        expected = eval(expression, {"array": array, "partner": partner})
        assert type(given) is Tensor
        assert given.dtype == expected.dtype
        np.testing.assert_allclose(given.numpy(), expected)


@pytest.mark.parametrize("sign", ["&", "|", "^"])
def test_logic_on_either_side(sign):
    flags, other = np.array([True, False, True]), np.array([True, True, False])
    expected = eval(f"flags {sign} other", {"flags": flags, "other": other})
    for left, right in ((as_tensor(flags), other), (flags, as_tensor(other))):
        given = eval(f"left {sign} right", {"left": left, "right": right})
        assert type(given) is Tensor
        np.testing.assert_array_equal(given.numpy(), expected)
    np.testing.assert_array_equal((~as_tensor(flags)).numpy(), ~flags)


def test_signs_of_one_tensor():
    tensor = as_tensor([-1.5, 2.0])
    assert [t.tolist() for t in (-tensor, +tensor, abs(tensor))] == [[1.5, -2], [-1.5, 2], [1.5, 2]]


def test_numpys_functions_take_tensors_and_give_tensors():
    tensor = as_tensor([1.0, 4.0])
    for function in (np.sqrt, np.sum, np.mean, np.max, np.square):
        assert isinstance(function(tensor), Tensor)
        np.testing.assert_array_equal(function(tensor), function(np.asarray(tensor)))
    assert isinstance(np.add([1.0, 2.0], tensor), Tensor)
    np.testing.assert_allclose(tensor, np.array([1.0, 4.0]))
    np.testing.assert_array_equal(np.stack([tensor, tensor]), [[1, 4], [1, 4]])


@pytest.mark.parametrize("number", [2, 2.0, True])
@pytest.mark.parametrize("dtype", ["float16", "float32", "float64"])
def test_python_numbers_never_promote(number, dtype):
    tensor = as_tensor(np.ones(2, dtype))
    for given in (tensor + number, number * tensor, number - tensor, tensor / number):
        assert given.dtype == dtype


def test_numpy_scalars_count_as_typed():
    assert (as_tensor([1.0]) * np.float64(2)).dtype == "float64"
    assert (np.float64(2) * as_tensor([1.0])).dtype == "float64"
    assert type(np.float64(2) * as_tensor([1.0])) is Tensor


@pytest.mark.parametrize(
    "shapes", [((3,), (2, 3)), ((2, 1), (1, 3)), ((), (2,)), ((0,), (1,)), ((2, 1, 3), (4, 1))]
)
def test_operators_broadcast(shapes):
    a, b = (np.arange(1.0, 1.0 + np.prod(s)).reshape(s) for s in shapes)
    np.testing.assert_array_equal((as_tensor(a) - as_tensor(b)).numpy(), a - b)


def test_shapes_that_do_not_fit_are_all_named():
    with pytest.raises(ArgumentError, match=r"^add: .*x1 \(2,\) float32, x2 \(3,\) float32$"):
        as_tensor([1.0, 2.0]) + as_tensor([1.0, 2.0, 3.0])


def test_how_it_prints():
    assert repr(as_tensor(1.5)) == "Tensor(1.5, shape=(), dtype=float32)"
    assert repr(as_tensor([[1, 2], [3, 4]])) == "Tensor([[1, 2],\n        [3, 4]], shape=(2, 2), dtype=int32)"
    assert repr(as_tensor(np.zeros((0, 2)))) == "Tensor([], shape=(0, 2), dtype=float64)"
    assert str(as_tensor([1.0, 2.5])) == "[1. , 2.5]"
    assert len(repr(as_tensor(np.zeros(10**6)))) < 200


def test_it_survives_copying_and_pickling():
    tensor = as_tensor([1.0, 2.0])
    for other in (copy.copy(tensor), copy.deepcopy(tensor), pickle.loads(pickle.dumps(tensor))):
        assert other.tolist() == [1, 2]
        assert other.dtype == "float32"


def test_a_python_number_is_itself_each_time_it_meets_a_tensor():
    x = as_tensor([1.0, 2.0])
    for number in (0.0, -0.0, 0.25, 0.25, -0.25):
        y = (x * number).numpy()
        assert_array_equal(y, np.float32([1, 2]) * np.float32(number))
        assert_array_equal(np.signbit(y), np.signbit([number] * 2))
