"""The functions of labels and predictions that MeanMetricWrapper finds by name."""

from __future__ import annotations

from gradtape import losses
from gradtape.configs import Family

FUNCTIONS = Family("metric function")

for _name in sorted(dir(losses)):
    _made = getattr(losses, _name)
    if callable(_made) and getattr(_made, "__module__", "").startswith("gradtape.losses") and _name.islower():
        if not _name.startswith("_"):
            FUNCTIONS.member()(_made)
