"""The options that all optimizers share, computed by hand on SGD; and each part of them is missed if left out."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from gradtape import Variable, constraints, optimizers
from gradtape.optimizers.base import phases
from gradtape.optimizers.base.phases import Phases
from tests.optimizers.spoiling import spoiled

# Two weights; the norms of the first gradients are 5 and 12, together 13, those of the others less than 1.
A, B = np.array([1.0, -2.0]), np.array([0.5, 0.25])
FIRST = np.array([3.0, -4.0]), np.array([7.2, 9.6])
SECOND = np.array([0.25, 0.5]), np.array([-0.5, 0.0])
THIRD = np.array([-0.5, 0.125]), np.array([0.25, 1.0])
FOURTH = np.array([0.75, 0.25]), np.array([0.125, -0.5])
GRADIENTS = (FIRST, SECOND, THIRD, FOURTH)
RATE = 0.125


def down(start: Any, *gradients: Any) -> list[Any]:
    """Return the weights (a, b) after each plain step."""
    after, (a, b) = [], start
    for ga, gb in gradients:
        a, b = a - 0.125 * ga, b - 0.125 * gb
        after.append((a, b))
    return after


def clipped_by_norm() -> Any:
    return down((A, B), (np.array([0.6, -0.8]), np.array([0.6, 0.8])), SECOND)


def clipped_by_value() -> Any:
    return down((A, B), (np.array([1.0, -1.0]), np.array([1.0, 1.0])), SECOND)


def clipped_by_global_norm() -> Any:
    return down((A, B), (np.array([3.0, -4.0]) / 13.0, np.array([7.2, 9.6]) / 13.0), SECOND)


def decayed() -> Any:
    """Return what happens to a; b is excluded."""
    a1, b1 = A - 0.125 * 0.5 * A - 0.125 * FIRST[0], B - 0.125 * FIRST[1]
    a2, b2 = a1 - 0.125 * 0.5 * a1 - 0.125 * SECOND[0], b1 - 0.125 * SECOND[1]
    return [(a1, b1), (a2, b2)]


def scaled() -> Any:
    return down((A, B), (FIRST[0] / 8, FIRST[1] / 8), (SECOND[0] / 8, SECOND[1] / 8))


def averaged() -> Any:
    """Return four steps: the average takes the weights' place in the second and the fourth."""
    (first,) = down((A, B), FIRST)
    (moved,) = down(first, SECOND)
    second = tuple([0.75 * mean + 0.25 * w for mean, w in zip(first, moved, strict=True)])
    (third,) = down(second, THIRD)
    means = [0.75 * mean + 0.25 * w for mean, w in zip(second, third, strict=True)]
    (moved,) = down(third, FOURTH)
    return [first, second, third, tuple([0.75 * m + 0.25 * w for m, w in zip(means, moved, strict=True)])]


def accumulated() -> Any:
    """Return four steps with momentum: nothing moves in the first and the third."""
    m = [-0.125 * (f + s) / 2 for f, s in zip(FIRST, SECOND, strict=True)]
    second = (A + m[0], B + m[1])
    m = [0.5 * v - 0.125 * (t + f) / 2 for v, t, f in zip(m, THIRD, FOURTH, strict=True)]
    return [(A, B), second, second, (second[0] + m[0], second[1] + m[1])]


def accumulated_nadam() -> Any:
    """Return four steps: those of a Nadam that is given the means, which `test_by_hand` has checked."""
    a, b = Variable(A), Variable(B)
    nadam, after = optimizers.Nadam(RATE), []
    for one, two in ((FIRST, SECOND), (THIRD, FOURTH)):
        after.append((a.numpy(), b.numpy()))
        nadam.apply([(g + h) / 2 for g, h in zip(one, two, strict=True)], [a, b])
        after.append((a.numpy(), b.numpy()))
    return after


def constrained() -> Any:
    a1, b1 = np.maximum(A - 0.125 * FIRST[0], 0), B - 0.125 * FIRST[1]
    return [(a1, b1), (np.maximum(a1 - 0.125 * SECOND[0], 0), b1 - 0.125 * SECOND[1])]


CASES: dict[str, tuple[dict[str, Any], Any]] = {
    "clipnorm": ({"clipnorm": 1.0}, clipped_by_norm),
    "clipvalue": ({"clipvalue": 1.0}, clipped_by_value),
    "global_clipnorm": ({"global_clipnorm": 1.0}, clipped_by_global_norm),
    "weight_decay": ({"weight_decay": 0.5}, decayed),
    "loss_scale_factor": ({"loss_scale_factor": 8.0}, scaled),
    "ema": ({"use_ema": True, "ema_momentum": 0.75, "ema_overwrite_frequency": 2}, averaged),
    "accumulation": ({"gradient_accumulation_steps": 2, "momentum": 0.5}, accumulated),
    "accumulation of Nadam": ({"gradient_accumulation_steps": 2}, accumulated_nadam),
    "constraint": ({}, constrained),
}


def steps(name: str) -> list[Any]:
    """Return the weights (a, b) after each step."""
    options, by_hand = CASES[name]
    a, b = Variable(A, name="kernel"), Variable(B, name="bias")
    a.constraint = constraints.NonNeg() if name == "constraint" else None
    optimizer = (optimizers.Nadam if "Nadam" in name else optimizers.SGD)(RATE, **options)
    if name == "weight_decay":
        optimizer.exclude_from_weight_decay(var_names=["bias"])
    after = []
    for gradients in GRADIENTS[: len(by_hand())]:
        optimizer.apply(gradients, [a, b])
        after.append((a.numpy(), b.numpy()))
    return after


def agree(found: Any, expected: Any) -> bool:
    pairs = zip(found, expected, strict=True)
    return all(
        np.allclose(x, y, rtol=1e-6, atol=1e-7) for one, two in pairs for x, y in zip(one, two, strict=True)
    )


@pytest.mark.parametrize("name", CASES)
def test_steps_are_those_computed_by_hand(name: str) -> None:
    assert agree(steps(name), CASES[name][1]())


def test_weights_may_be_excluded_from_decay_as_such_too() -> None:
    a, b = Variable(A), Variable(B)
    optimizer = optimizers.SGD(RATE, weight_decay=0.5)
    optimizer.exclude_from_weight_decay(var_list=[b])
    optimizer.apply(FIRST, [a, b])
    assert agree([(a.numpy(), b.numpy())], decayed()[:1])


def test_the_average_is_put_in_at_the_end() -> None:
    a = Variable(A)
    optimizer = optimizers.SGD(RATE, use_ema=True, ema_momentum=0.75)
    for gradients in (FIRST, SECOND):
        optimizer.apply(gradients[:1], [a])
    one, two = [w for w, _ in down((A, B), FIRST, SECOND)]
    np.testing.assert_allclose(a, two, rtol=1e-9)
    optimizer.finalize_variable_values([a])
    np.testing.assert_allclose(a, 0.75 * one + 0.25 * two, rtol=1e-9)


def test_a_norm_that_is_no_number_makes_all_gradients_none() -> None:
    a, b = Variable(A), Variable(B)
    optimizers.SGD(RATE, global_clipnorm=1.0).apply([np.array([np.inf, 0.0]), FIRST[1]], [a, b])
    assert np.isnan(b.numpy()).all()


METHODS = ("_change", "_accumulate", "_own_state", "_update", "_clipped", "_decays", "_average")
FUNCTIONS = ("clip_by_norm", "clip_by_global_norm", "clip_by_value")

# Brings numbers to the dtype of float64 weights, or waits for a norm that is not finite (tested above), or tells
# hooks which part begins (tests/core/test_hooks.py).
HARMLESS = ("tell(", "told_update(", "as_tensor(rate, dtype)", "(norm - norm)", "norm - norm  ->  norm")


def seen(at: Any, name: str, wrong: Any, monkeypatch: pytest.MonkeyPatch) -> bool:
    """Tell whether a case shows that something is wrong with the function called `name`."""
    with monkeypatch.context() as patched, np.errstate(all="ignore"):
        patched.setattr(at, name, wrong)
        for case, (_, by_hand) in CASES.items():
            try:
                if not agree(steps(case), by_hand()):
                    return True
            except Exception:  # an error is seen as well
                return True
    return False


@pytest.mark.parametrize(
    ("at", "name"), [*[(Phases, m) for m in METHODS], *[(phases, f) for f in FUNCTIONS]], ids=str
)
def test_every_part_is_missed(at: Any, name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    wrongs = list(spoiled(getattr(at, name)))
    unseen = [what for what, wrong in wrongs if not seen(at, name, wrong, monkeypatch)]
    assert not [what for what in unseen if not any(part in what for part in HARMLESS)]
