"""tf.keras: the dictionary's part for Keras."""

from __future__ import annotations

from gradtape.layers import Input, Layer
from gradtape.losses import Loss
from gradtape.metrics import Metric
from gradtape.models import Model, Sequential
from gradtape.optimizers import Optimizer
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
    "Input",
    "Layer",
    "Loss",
    "Metric",
    "Model",
    "Optimizer",
    "Sequential",
    "activations",
    "callbacks",
    "constraints",
    "datasets",
    "initializers",
    "layers",
    "losses",
    "metrics",
    "models",
    "optimizers",
    "random",
    "regularizers",
    "saving",
    "utils",
]
