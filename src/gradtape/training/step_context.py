"""StepContext: what a step in progress knows that is neither an argument nor a part of the model."""

from __future__ import annotations

import threading
from typing import Any


class StepContext(threading.local):
    """One per thread; a step within a step has its own values while it runs.

    Attributes:
        loss: what the step has minimised, (); None until `record` has been told.
        reads_metrics: whether somebody will look at the metrics after this step.
    """

    def __init__(self) -> None:
        self.loss: Any = None
        self.reads_metrics = True


context = StepContext()
