"""Two steps of every optimizer, computed by hand with every option on; and each term is missed if it is left out."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from gradtape import Variable, optimizers
from tests.optimizers.spoiling import spoiled

W = np.array([1.0, -2.0, 0.5, 0.25, -0.75, 3.0])
G1 = np.array(
    [2.0, -1.0, 0.25, -0.5, 1.0, -3.0]
)  # where the first is large, the second is small, and the reverse
G2 = np.array([0.5, 3.0, -0.75, 0.75, -1.25, 0.25])
G3 = np.array([-0.25, -2.0, 1.5, 0.5, 0.75, 1.0])
RATE = 0.125


def sqrt(x: Any) -> Any:
    return np.sqrt(x)


def sgd() -> Any:
    return W - 0.125 * G1, W - 0.125 * G1 - 0.125 * G2


def sgd_with_momentum() -> Any:
    m1 = -0.125 * G1
    w1 = W + m1
    m2 = 0.75 * m1 - 0.125 * G2
    return w1, w1 + m2


def sgd_with_nesterov() -> Any:
    m1 = -0.125 * G1
    w1 = W + 0.75 * m1 - 0.125 * G1
    m2 = 0.75 * m1 - 0.125 * G2
    return w1, w1 + 0.75 * m2 - 0.125 * G2


def rmsprop() -> Any:
    v1 = 0.25 * G1**2
    a1 = 0.25 * G1
    m1 = 0.125 * G1 / sqrt(v1 - a1**2 + 0.5)
    w1 = W - m1
    v2 = 0.75 * v1 + 0.25 * G2**2
    a2 = 0.75 * a1 + 0.25 * G2
    m2 = 0.5 * m1 + 0.125 * G2 / sqrt(v2 - a2**2 + 0.5)
    return w1, w1 - m2


def adam() -> Any:
    m1, v1 = 0.625 * G1, 0.25 * G1**2
    w1 = W - 0.125 * (m1 / (1 - 0.375)) / (sqrt(v1 / (1 - 0.75)) + 0.1 / sqrt(1 - 0.75))
    m2, v2 = 0.375 * m1 + 0.625 * G2, 0.75 * v1 + 0.25 * G2**2
    largest = np.maximum(v1, v2)
    w2 = w1 - 0.125 * (m2 / (1 - 0.375**2)) / (sqrt(largest / (1 - 0.5625)) + 0.1 / sqrt(1 - 0.5625))
    return w1, w2


def adamw() -> Any:
    faded = W - 0.125 * 0.5 * W
    w1 = adam()[0] - W + faded
    step = adam()[1] - adam()[0]
    return w1, w1 - 0.125 * 0.5 * w1 + step


def adamax() -> Any:
    m1, u1 = 0.625 * G1, abs(G1)
    w1 = W - 0.125 / (1 - 0.375) * m1 / (u1 + 0.1)
    m2, u2 = 0.375 * m1 + 0.625 * G2, np.maximum(0.75 * u1, abs(G2))
    return w1, w1 - 0.125 / (1 - 0.375**2) * m2 / (u2 + 0.1)


def nadam() -> Any:
    mu1, mu2, mu3 = [0.375 * (1 - 0.96**t / 2) for t in (1, 2, 3)]
    m1, v1 = 0.625 * G1, 0.25 * G1**2
    n1 = mu2 * m1 / (1 - mu1 * mu2) + (1 - mu1) * G1 / (1 - mu1)
    w1 = W - 0.125 * n1 / (sqrt(v1 / (1 - 0.75)) + 0.1)
    m2, v2 = 0.375 * m1 + 0.625 * G2, 0.75 * v1 + 0.25 * G2**2
    n2 = mu3 * m2 / (1 - mu1 * mu2 * mu3) + (1 - mu2) * G2 / (1 - mu1 * mu2)
    return w1, w1 - 0.125 * n2 / (sqrt(v2 / (1 - 0.5625)) + 0.1)


def adagrad() -> Any:
    s1 = 0.5 + G1**2
    w1 = W - 0.125 * G1 / sqrt(s1 + 0.1)
    return w1, w1 - 0.125 * G2 / sqrt(s1 + G2**2 + 0.1)


def adadelta() -> Any:
    s1 = 0.25 * G1**2
    d1 = G1 * sqrt(0.1) / sqrt(s1 + 0.1)
    w1 = W - 0.125 * d1
    s2, e1 = 0.75 * s1 + 0.25 * G2**2, 0.25 * d1**2
    d2 = G2 * sqrt(e1 + 0.1) / sqrt(s2 + 0.1)
    w2 = w1 - 0.125 * d2
    s3, e2 = 0.75 * s2 + 0.25 * G3**2, 0.75 * e1 + 0.25 * d2**2
    return w1, w2, w2 - 0.125 * G3 * sqrt(e2 + 0.1) / sqrt(s3 + 0.1)


def lion() -> Any:
    w1 = W - 0.125 * np.sign(0.125 * G1)
    m1 = 0.375 * G1
    w2 = w1 - 0.125 * np.sign(0.875 * m1 + 0.125 * G2)
    m2 = 0.625 * m1 + 0.375 * G2
    return w1, w2, w2 - 0.125 * np.sign(0.875 * m2 + 0.125 * G3)


BETAS = {"beta_1": 0.375, "beta_2": 0.75, "epsilon": 0.1}
CASES: dict[str, tuple[type[Any], dict[str, Any], Any, tuple[str, ...]]] = {
    "SGD": (optimizers.SGD, {}, sgd, ()),
    "SGD, momentum": (optimizers.SGD, {"momentum": 0.75}, sgd_with_momentum, ("update_step",)),
    "SGD, Nesterov": (
        optimizers.SGD,
        {"momentum": 0.75, "nesterov": True},
        sgd_with_nesterov,
        (),
    ),
    "RMSprop": (
        optimizers.RMSprop,
        {"rho": 0.75, "momentum": 0.5, "epsilon": 0.5, "centered": True},
        rmsprop,
        ("update_step", "_step"),
    ),
    "Adam": (optimizers.Adam, {**BETAS, "amsgrad": True}, adam, ("update_step", "_step", "_alpha")),
    "AdamW": (optimizers.AdamW, {**BETAS, "amsgrad": True, "weight_decay": 0.5}, adamw, ()),
    "Adamax": (optimizers.Adamax, BETAS, adamax, ("update_step", "_step", "_alpha")),
    "Nadam": (optimizers.Nadam, BETAS, nadam, ("begin_step", "update_step", "_step", "_mu", "_factors")),
    "Adagrad": (
        optimizers.Adagrad,
        {"initial_accumulator_value": 0.5, "epsilon": 0.1},
        adagrad,
        ("update_step", "_step"),
    ),
    "Adadelta": (optimizers.Adadelta, {"rho": 0.75, "epsilon": 0.1}, adadelta, ("update_step", "_step")),
    "Lion": (optimizers.Lion, {"beta_1": 0.875, "beta_2": 0.625}, lion, ("update_step", "_direction")),
}

# What only brings a number to the dtype of the weight: it makes no difference to a float64.
HARMLESS = ("as_tensor(self._product", "as_tensor(self.beta_2")


def steps(made: type[Any], options: dict[str, Any], gradients: Any) -> list[Any]:
    """Return the weight after each step."""
    w = Variable(W)
    optimizer = made(RATE, **options)
    after = []
    for g in gradients:
        optimizer.apply([g], [w])
        after.append(w.numpy())
    return after


@pytest.mark.parametrize("name", CASES)
def test_two_steps(name: str) -> None:
    made, options, by_hand, _ = CASES[name]
    expected = by_hand()
    found = steps(made, options, (G1, G2, G3)[: len(expected)])
    np.testing.assert_allclose(found, expected, rtol=1e-9)


def seen(made: type[Any]) -> bool:
    """Tell whether one of the cases of an optimizer shows that something is wrong with it."""
    for case, options, by_hand, _ in CASES.values():
        if case is made:
            expected = by_hand()
            try:
                found = steps(made, options, (G1, G2, G3)[: len(expected)])
            except Exception:  # an error is seen as well
                return True
            if not np.allclose(found, expected, rtol=1e-9, atol=1e-9):
                return True
    return False


@pytest.mark.parametrize("name", [name for name, case in CASES.items() if case[3]])
def test_every_term_is_missed(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    made, _, _, methods = CASES[name]
    unseen, count = [], 0
    for method in methods:
        for what, wrong in spoiled(getattr(made, method)):
            count += 1
            with monkeypatch.context() as patched, np.errstate(all="ignore"):
                patched.setattr(made, method, wrong)
                if not seen(made) and not any(part in what for part in HARMLESS):
                    unseen.append(what)
    assert count > 6
    assert not unseen
