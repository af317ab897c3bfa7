"""tf.keras: the dictionary's part for Keras."""

from __future__ import annotations

from gradtape import ops
from gradtape.base.absent import answer_for as _answer_for
from gradtape.core.variable import Variable
from gradtape.initializers import Initializer
from gradtape.layers import Input, Layer
from gradtape.losses import Loss
from gradtape.metrics import Metric
from gradtape.models import Model, Sequential
from gradtape.optimizers import Optimizer
from gradtape.regularizers import Regularizer
from gradtape.tf.keras import (
    activations,
    callbacks,
    constraints,
    datasets,
    initializers,
    layers,
    losses,
    metrics,
    models,
    optimizers,
    random,
    regularizers,
    saving,
    utils,
)

__all__ = [
    "Initializer",
    "Input",
    "Layer",
    "Loss",
    "Metric",
    "Model",
    "Optimizer",
    "Regularizer",
    "Sequential",
    "Variable",
    "activations",
    "callbacks",
    "constraints",
    "datasets",
    "initializers",
    "layers",
    "losses",
    "metrics",
    "models",
    "ops",
    "optimizers",
    "random",
    "regularizers",
    "saving",
    "utils",
]

_answer_for(__name__)
