"""Class weights become sample weights, as Keras makes them, and every class has one."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from gradtape.data.sample_weights import checked_weights, class_weighted, class_weights_to_sample_weights
from gradtape.errors import ArgumentError, ArgumentTypeError, GradtapeError, ShapeError

LABELS = np.array([0, 2, 1, 2])
WEIGHTS = {0: 1.0, 1: 0.25, 2: 3.0}


@pytest.mark.parametrize(
    "y",
    [LABELS, LABELS.astype("uint8"), LABELS[:, None], LABELS.astype("float32"), np.eye(3)[LABELS],
     np.eye(3, dtype="int32")[LABELS], np.eye(3)[LABELS] * 0.9 + 0.1 / 3],
    ids=["whole", "uint8", "column", "float", "one-hot", "one-hot whole", "smoothed"],
)  # fmt: skip
def test_each_sample_gets_the_weight_of_its_class(y: Any) -> None:
    found = class_weights_to_sample_weights(y, WEIGHTS)
    assert found.dtype == "float32"
    assert found.tolist() == [1, 3, 0.25, 3]


def test_a_sample_with_a_weight_of_its_own_gets_the_product() -> None:
    own = np.array([1.0, 2.0, 4.0, 0.0])
    assert class_weights_to_sample_weights(LABELS, WEIGHTS, own).tolist() == [1, 6, 1, 0]
    assert class_weights_to_sample_weights(LABELS, WEIGHTS, own[:, None]).tolist() == [1, 6, 1, 0]


@pytest.mark.parametrize(
    ("y", "weights", "error", "text"),
    [
        (LABELS, {0: 1, 1: 1}, ArgumentError, "class_weight must name every class in y, it lacks 2 and names 0, 1"),
        (LABELS, {}, ArgumentError, "class_weight must name every class in y, it lacks 0, 1, 2 and names none"),
        (LABELS, {**WEIGHTS, 7: 1}, ArgumentError, "class_weight names 7, but y has only the classes 0, 1, 2"),
        (LABELS, {**WEIGHTS, "a": 1}, ArgumentTypeError, "class_weight must name classes by whole numbers, got 'a'"),
        (LABELS, {**WEIGHTS, 1: "2"}, ArgumentTypeError, "class_weight[1] must be a number, got '2'"),
        (LABELS, {**WEIGHTS, 1: -1}, ArgumentError, "class_weight[1] must be finite and not negative, got -1"),
        (LABELS, {**WEIGHTS, 1: np.nan}, ArgumentError, "class_weight[1] must be finite and not negative, got nan"),
        (LABELS, [1, 2, 3], ArgumentTypeError, "class_weight must be a dict from class numbers to weights, got [1, 2"),
        (LABELS + 0.5, WEIGHTS, ArgumentError, "class_weight needs y to hold class numbers, got fractions"),
        (np.ones((2, 2, 2)), WEIGHTS, ArgumentError, "class_weight needs y as one array"),
        (np.ones((4, 3)), WEIGHTS, ArgumentError, "class_weight needs one class per sample, but the rows of y, (4, 3)"),
    ],
)  # fmt: skip
def test_weights_that_do_not_match_the_classes(
    y: Any, weights: Any, error: type[GradtapeError], text: str
) -> None:
    with pytest.raises(error) as caught:
        class_weights_to_sample_weights(y, weights)
    assert str(caught.value).startswith(f"fit: {text}")


def test_a_batch_need_not_have_every_class() -> None:
    assert class_weights_to_sample_weights(LABELS[:1], WEIGHTS, every_class=False).tolist() == [1]


def test_weights_that_leave_nothing_are_refused() -> None:
    with pytest.raises(ArgumentError, match="class_weight must not be 0 for every sample"):
        class_weighted(LABELS, {0: 0, 1: 0, 2: 0}, None, "fit")
    with pytest.raises(ShapeError, match=r"one weight per sample, \(4,\), got shape \(4, 2\)"):
        class_weighted(LABELS, WEIGHTS, np.ones((4, 2)), "fit")
    with pytest.raises(ShapeError, match=r"one weight per sample, \(4,\), got shape \(2, 2\)"):
        class_weighted(LABELS, WEIGHTS, np.ones((2, 2)), "fit")


@pytest.mark.parametrize("y", [None, [LABELS, LABELS]])
def test_class_weights_need_labels_in_one_array(y: Any) -> None:
    with pytest.raises(ArgumentError, match="fit: class_weight needs y as one array, got (none|2 arrays)"):
        class_weighted(y, WEIGHTS, None, "fit")


def test_one_array_of_weights_serves_every_part_of_y() -> None:
    y = {"a": np.ones(3), "b": np.ones((3, 2))}
    found = checked_weights(np.array([1.0, 2.0, 3.0]), y, "fit")
    assert {k: v.tolist() for k, v in found.items()} == {"a": [1, 2, 3], "b": [1, 2, 3]}
    with pytest.raises(ArgumentError, match=r"one sample_weight for several parts of y must be \(samples,\)"):
        checked_weights(np.ones((3, 2)), y, "fit")


def test_weights_in_a_structure_must_be_in_that_of_y() -> None:
    y = [np.ones(3), np.ones(3)]
    found = checked_weights([np.ones(3), np.ones(3, int)], y, "fit")
    assert [w.dtype.name for w in found] == ["float64", "float32"]
    with pytest.raises(ArgumentTypeError, match=r"got sample_weight\[0\] for y\[0\], y\[1\]"):
        checked_weights([np.ones(3)], y, "fit")
    with pytest.raises(ArgumentError, match="sample_weight needs y, which is None"):
        checked_weights(np.ones(3), None, "fit")
