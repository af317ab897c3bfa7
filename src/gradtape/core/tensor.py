"""Tensor: an immutable array that operations take and give.

What a tensor can do with operators (``+``, ``@``, ``t[0]`` ...) is attached by `ops/operators.py`, one
floor higher, because each of them is an operation with a gradient.
"""

from __future__ import annotations

import functools
from collections.abc import Iterator
from typing import TYPE_CHECKING, Annotated, Any, NoReturn

import numpy as np

from gradtape import engine
from gradtape.core.attached_methods import AttachedMethods
from gradtape.core.dtypes import (
    BOOL,
    FLOAT,
    INT,
    DTypeLike,
    as_dtype,
    is_floating,
    result_type,
)
from gradtape.errors import ArgumentError, ArgumentTypeError, DtypeError, GradtapeError, show

Array = Annotated[Any, "an array of the engine"]  # an object of its own: operations look for it
TensorLike = Any

_NUMBERS = (bool, int, float)


class ArrayLike(AttachedMethods["Tensor"]):
    """What Tensor and Variable share: everything that only reads the value.

    The value itself is the engine's array in `_array`.
    """

    __slots__ = ()
    __hash__ = None  # type: ignore[assignment]  # `==` compares elements

    _array: Array

    @property
    def dtype(self) -> np.dtype[Any]:
        """The data type of the elements."""
        return self._array.dtype  # type: ignore[no-any-return]

    @property
    def shape(self) -> tuple[int, ...]:
        """The length of each axis."""
        return self._array.shape  # type: ignore[no-any-return]

    @property
    def ndim(self) -> int:
        """The number of axes (the rank)."""
        return len(self._array.shape)

    @property
    def size(self) -> int:
        """The number of elements."""
        return int(self._array.size)

    def numpy(self) -> Any:
        """Return the value as a NumPy array (a NumPy scalar for rank 0) that is yours to change."""
        value = np.array(engine.active.to_numpy(self._array))
        return value if value.ndim else value[()]

    def item(self) -> Any:
        """Return the only element as a Python number; ArgumentError if there is not exactly one."""
        array = self._array
        if isinstance(array, np.generic):  # a loss on NumPy
            return array.item()
        if self.size != 1:
            raise ArgumentError(f"item: needs a tensor with one element, got shape {self.shape}")
        return engine.active.to_numpy(array).item()

    def tolist(self) -> Any:
        """Return the elements as nested Python lists of numbers."""
        return engine.active.to_numpy(self._array).tolist()

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> Any:
        value = np.asarray(engine.active.to_numpy(self._array))
        if dtype is not None and np.dtype(dtype) != value.dtype:
            if copy is False:
                raise ArgumentError(f"array: {value.dtype} cannot become {np.dtype(dtype)} without a copy")
            copy = True
        if copy:
            return np.array(value, dtype=dtype)
        # NumPy may ask for the memory itself, and nobody may change a tensor through it.
        view = value.view()
        view.flags.writeable = False
        return view

    def __float__(self) -> float:
        return float(self.item())

    def __int__(self) -> int:
        return int(self.item())

    def __index__(self) -> int:
        if self.dtype.kind not in "iu" or self.ndim:
            raise ArgumentTypeError(f"index: needs an integer of rank 0, got {self.dtype} {self.shape}")
        return int(self.item())

    def __bool__(self) -> bool:
        if self.size != 1:
            raise ArgumentError(
                f"bool: a tensor of shape {self.shape} is neither true nor false; use ops.any or ops.all"
            )
        return bool(self.item())

    def __len__(self) -> int:
        if not self.shape:
            raise ArgumentTypeError("len: a tensor of rank 0 has no length")
        return self.shape[0]

    def __iter__(self) -> Iterator[Tensor]:
        return (self[i] for i in range(len(self)))

    def __setitem__(self, index: object, value: object) -> NoReturn:
        raise ArgumentTypeError(
            "setting elements: a tensor does not change; ops.slice_update and ops.scatter_update make "
            "a new one, which variable.assign(...) gives to a Variable"
        )

    def __format__(self, spec: str) -> str:
        return format(self.item(), spec) if spec else str(self)

    def __str__(self) -> str:
        return as_text(self._array)


class Tensor(ArrayLike):
    """An immutable array: `dtype`, `shape`, `ndim`, and every operator as a differentiable operation.

    Tensors come from `as_tensor`, from operations and from reading a Variable.

    >>> from gradtape import as_tensor
    >>> as_tensor([[1.0, 2.0], [3.0, 4.0]]) @ [[1.0], [1.0]]
    Tensor([[3.],
            [7.]], shape=(2, 1), dtype=float32)
    """

    __slots__ = ("__weakref__", "_array")

    def __init__(self, array: Array) -> None:
        self._array = array

    def __repr__(self) -> str:
        text = as_text(self._array, len("Tensor("))
        return f"Tensor({text}, shape={self.shape}, dtype={self.dtype})"

    if TYPE_CHECKING:

        @staticmethod
        def _stack(values: object) -> Tensor: ...
        def _cast(self, dtype: object) -> Tensor: ...


def as_tensor(value: TensorLike, dtype: DTypeLike = None, who: str = "as_tensor") -> Tensor:
    """Return `value` as a Tensor; a NumPy array is copied, so changing it later changes nothing here.

    Args:
        value: a Tensor or Variable, a NumPy array or scalar (which keeps its dtype), a Python number or
            nested list of numbers (bool, int32 or float32), or anything NumPy can make an array of.
        dtype: the dtype to convert to; None keeps the one that follows from `value`.
        who: the caller's name, for error messages.

    Raises:
        DtypeError: for strings, objects, masked arrays, complex numbers and dates.
        ArgumentError: for ragged lists, and Python integers that do not fit.

    >>> as_tensor(3).dtype, as_tensor(3.0).dtype, as_tensor(np.float64(3)).dtype
    (dtype('int32'), dtype('float32'), dtype('float64'))
    """
    if isinstance(value, ArrayLike):
        tensor = value if isinstance(value, Tensor) else value._read()  # type: ignore[attr-defined]
        return tensor if dtype is None else _converted(tensor, as_dtype(dtype, who))
    wanted = None if dtype is None else as_dtype(dtype, who)
    if isinstance(value, _NUMBERS) and not isinstance(value, np.generic):
        return Tensor(_number(value, wanted or _default_dtype(value), who))
    if isinstance(value, list | tuple) and holds_tensor(value):
        # stack is an operation, so that a gradient goes back to the tensors in the list.
        return as_tensor(Tensor._stack([as_tensor(v, who=who) for v in value]), dtype, who)
    array = _checked_array(value, who)
    if isinstance(value, list | tuple | range):
        wanted = _list_dtype(value, array, wanted, who)
    if wanted is None or wanted == array.dtype:
        return Tensor(engine.active.asarray(array, wanted))
    with engine.active.quiet():  # a float that does not fit becomes inf
        return Tensor(engine.active.asarray(array, wanted))


def weak_number(value: object, dtype: np.dtype[Any], who: str) -> Tensor:
    """Return the Python number `value` as a rank-0 Tensor that goes along with a tensor of `dtype`.

    A Python number never widens its partner; an int with a bool tensor gives int32, a float with an
    integer or bool tensor float32 (they have no place for a fraction).
    """
    if type(value) is float and dtype is FLOAT and -1e38 < value < 1e38:  # by far the most frequent
        return _float_number(value) if value else Tensor(np.float32(value))  # -0.0 == 0.0: not to be mixed up
    if type(value) is float and not is_floating(dtype):
        dtype = FLOAT
    elif type(value) is int and dtype.kind == "b":
        dtype = INT
    return Tensor(_number(value, dtype, who))


@functools.lru_cache(64)  # the learning rate and its like come in every step
def _float_number(value: float) -> Tensor:
    return Tensor(np.array(value, FLOAT))  # as an array NumPy takes it up faster than as a scalar


def _number(value: Any, dtype: np.dtype[Any], who: str) -> Any:
    if isinstance(value, float) and dtype.kind in "iub":
        raise DtypeError(f"{who}: {value!r} is a float and cannot become {dtype}; round or cast it first")
    try:
        # Below the largest float16, 65504, no floating dtype overflows, and no warning need be kept quiet.
        if isinstance(value, bool) or not is_floating(dtype) or abs(value) < 6e4:
            return dtype.type(value)
        with engine.active.quiet():  # a number too large for the dtype becomes inf
            return dtype.type(value)
    except OverflowError:
        raise ArgumentError(f"{who}: {show(value)} does not fit into {dtype}; name a wider dtype") from None


def _default_dtype(value: object) -> np.dtype[Any]:
    return np.dtype(bool) if isinstance(value, bool) else INT if isinstance(value, int) else FLOAT


def _converted(tensor: Tensor, dtype: np.dtype[Any]) -> Tensor:
    return tensor if tensor.dtype == dtype else tensor._cast(dtype)


def holds_tensor(values: Any) -> bool:
    """Tell whether a Tensor or Variable is somewhere in a nested list."""
    return any(isinstance(v, ArrayLike) or (isinstance(v, list | tuple) and holds_tensor(v)) for v in values)


def _checked_array(value: object, who: str) -> Any:
    """Return `value` as a NumPy or engine array of numbers, or raise."""
    if isinstance(value, np.ma.MaskedArray):
        raise DtypeError(f"{who}: a masked array must be filled first (array.filled(0)), got {show(value)}")
    if engine.active.is_engine_array(value):
        return value
    try:
        array = np.asarray(value)
    # It is a ValueError or TypeError too, and says more than the text below.
    except GradtapeError:
        raise
    except (ValueError, TypeError):
        raise ArgumentError(f"{who}: needs numbers in equally long rows, got {show(value)}") from None
    if array.dtype.kind not in "biuf" and array.dtype.name != "bfloat16":
        raise DtypeError(f"{who}: needs numbers, got dtype {array.dtype} from {show(value)}")
    as_dtype(array.dtype, who)
    return array if array.dtype.isnative else array.astype(array.dtype.newbyteorder("="))


def _list_dtype(value: object, array: Any, wanted: np.dtype[Any] | None, who: str) -> np.dtype[Any]:
    """Return the dtype of a list: `wanted`, else that of the NumPy values in it, else float32 or int32."""
    numbers = {"b": BOOL, "f": FLOAT}.get(array.dtype.kind, INT)
    met = _met_in(value) if wanted is None else None
    if met is not None and not is_floating(met) and (numbers == FLOAT or met == BOOL):
        met = numbers  # as a Python number that meets a tensor
    found = wanted or met or numbers
    if found.kind in "iub" and array.dtype.kind == "f" and array.size:
        raise DtypeError(
            f"{who}: {show(value)} holds floats and cannot become {found}; round or cast it first"
        )
    if found.kind in "iu" and array.dtype.kind in "iu" and array.size:
        limits = np.iinfo(found)
        if array.max() > limits.max or array.min() < limits.min:
            raise ArgumentError(f"{who}: {show(value)} does not fit into {found}; name a wider dtype")
    return found


def _met_in(values: Any) -> np.dtype[Any] | None:
    """Return the dtype in which the NumPy values in a nested list meet; None if there are none."""
    if isinstance(values, range):
        return None
    found = {t(0).dtype for t in set(map(type, values)) if issubclass(t, np.generic)}
    for value in values:
        inner = _met_in(value) if isinstance(value, list | tuple) else getattr(value, "dtype", None)
        if inner is not None:
            found.add(inner.newbyteorder("="))
    return functools.reduce(result_type, found) if found else None


def as_text(array: Array, indent: int = 0) -> str:
    """Return the elements as nested lists; all but the first line are moved in by `indent`."""
    host = engine.active.to_numpy(array)
    return np.array2string(host, separator=", ", threshold=200, prefix=" " * indent)
