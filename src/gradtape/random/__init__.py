"""Random tensors and random streams, under Keras' names."""

from gradtape.base.absent import answer_for as _answer_for
from gradtape.random.distributions import (
    categorical,
    dropout,
    normal,
    randint,
    shuffle,
    truncated_normal,
    uniform,
)
from gradtape.random.seed_generator import SeedGenerator

__all__ = [
    "SeedGenerator",
    "categorical",
    "dropout",
    "normal",
    "randint",
    "shuffle",
    "truncated_normal",
    "uniform",
]

_answer_for(__name__)
