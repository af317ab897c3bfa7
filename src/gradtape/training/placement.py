"""Placement: where the data, the batches and the state of a training live."""

from __future__ import annotations

from typing import Any

from gradtape import engine

Array = Any


class Placement:
    """Everything lives where the engine computes by itself: one device.

    What trains on several devices is a subclass, and nothing else: the feed asks it for the data, the stepper
    for batches that somebody else makes, and a program for its state before each call.  What a program
    returns stays where it is, so state is moved in the first call only.
    """

    def fits(self, size_bytes: int) -> bool:
        """Tell whether data of this size can stay there for the whole training."""
        return engine.active.fits(size_bytes)

    def data(self, array: object) -> Array:
        """Return a NumPy array of which steps will take rows, (samples, ...), where they read it."""
        return engine.active.share(array)

    def batch(self, array: Array) -> Array:
        """Return an array of one batch, (batch, ...), where the step reads it."""
        return array

    def state(self, array: Array) -> Array:
        """Return the array of a Variable where the step reads and writes it."""
        return array


HERE = Placement()
