"""The functions of labels and predictions that MeanMetricWrapper finds by name: losses, and our own."""

from __future__ import annotations

from gradtape.base.config import Family
from gradtape.losses import LOSSES

FUNCTIONS = Family("metric function")
FUNCTIONS.members.update(LOSSES.members)
