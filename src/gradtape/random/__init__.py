"""Random tensors and streams of them, under Keras' names."""

from gradtape.random.drawing import categorical, dropout, normal, randint, shuffle, truncated_normal, uniform
from gradtape.random.generator import SeedGenerator

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
