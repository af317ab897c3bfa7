"""Several Variables take new values together, or none does."""

from typing import Any

import numpy as np
import pytest

from gradtape import Variable
from gradtape.core.variable_values import assign_by_name, assign_in_order
from gradtape.errors import ArgumentError, DtypeError, ShapeError, WeightsError
from gradtape.layers import Dense
from gradtape.optimizers import SGD


def variables() -> list[Variable]:
    return [Variable([1.0, 2.0], name="kernel"), Variable(3, name="count", dtype="int64")]


@pytest.mark.parametrize(
    ("values", "error", "said"),
    [
        ([[5.0, 6.0]], ArgumentError, "^here: needs 2 arrays, one for each weight, got 1"),
        ([[5.0], 4], ShapeError, r"^here: array 0 \(kernel\) must have shape \(2,\), got \(1,\)"),
        ([[5.0, 6.0], [4]], ShapeError, r"^here: array 1 \(count\) must have shape \(\), got \(1,\)"),
        ([[5.0, 6.0], 4.5], DtypeError, r"^here: array 1 \(count\): float64 cannot become int64; cast it"),
        ([[5.0, 6.0], "4"], DtypeError, r"^here: array 1 \(count\): <U1 cannot become int64"),
        ([[5.0, 6j], 4], DtypeError, r"^here: array 0 \(kernel\): complex128 cannot become float32"),
        ([[5.0, np.nan], 4], ArgumentError, r"array 0 \(kernel\) must hold finite numbers, got nan at \[1\]"),
    ],
)
def test_values_in_order_all_fit_or_none_is_assigned(values: Any, error: Any, said: str) -> None:
    given = variables()
    for changed, order in ((given, values), (given[::-1], values[::-1])):
        with pytest.raises(error):
            assign_in_order(changed, order, "here")
    with pytest.raises(error, match=said):
        assign_in_order(given, values, "here")
    assert [v.tolist() for v in given] == [[1.0, 2.0], 3]
    assign_in_order(given, [np.array([5.0, 6.0]), np.int32(4)], "here")
    assert [(v.tolist(), str(v.dtype)) for v in given] == [([5.0, 6.0], "float32"), (4, "int64")]


def test_values_by_name_all_fit_or_none_is_assigned() -> None:
    given = {v.name: v for v in variables()}
    kernel, count = np.array([5, 6], "float32"), np.array(4)
    for arrays, said in (
        ({"kernel": kernel}, r"count must be \(\) int64, got nothing"),
        ({"kernel": kernel, "count": np.float64(4)}, r"count must be \(\) int64, got \(\) float64"),
        ({"kernel": kernel, "count": count, "more": count}, "the model has nothing called more"),
    ):
        with pytest.raises(WeightsError, match=f"^load: f: {said}"):
            assign_by_name(given, arrays, "load: f", WeightsError)
    assert [v.tolist() for v in given.values()] == [[1.0, 2.0], 3]


def test_layers_and_optimizers_refuse_alike() -> None:
    layer, optimizer = Dense(1, use_bias=False, name="out"), SGD(momentum=0.9, name="steps")
    layer.build((None, 1))
    optimizer.build(layer.weights)
    before = [v.tolist() for v in optimizer.variables]
    broken = [np.zeros(v.shape) for v in optimizer.variables]
    with pytest.raises(DtypeError, match=r"^SGD: set_weights: array 0 \(iterations\): float64 cannot become"):
        optimizer.set_weights(broken)
    broken[0] = np.array(7)
    broken[-1] = np.full((1, 1), np.inf)
    with pytest.raises(ArgumentError, match=r"^SGD: set_weights: array 2 .* must hold finite numbers"):
        optimizer.set_weights(broken)
    assert [v.tolist() for v in optimizer.variables] == before
    with pytest.raises(DtypeError, match=r"^out: set_weights: array 0 \(kernel\): complex128 cannot become"):
        layer.set_weights([np.array([[1j]])])
