"""Which shapes of sample weights fit values of a given shape: the one rule of data, losses and metrics."""

from __future__ import annotations

Shape = tuple[int, ...]


def weight_shape(given: Shape, shape: Shape) -> Shape | None:
    """Return the shape to which weights are reshaped, so that they broadcast over the values; None: no fit.

    Their axes are the first ones of the values, each of the same length or of length 1; a further axis of
    length 1 is left out.  Nothing else is broadcast: NumPy's rule would take weights of 3 samples for those
    of 3 classes.

    Args:
        given: the shape of the weights.
        shape: the shape of the values.

    >>> weight_shape((2,), (2, 3)), weight_shape((2, 1), (2,)), weight_shape((3,), (2, 3))
    ((2, 1), (2,), None)
    """
    if len(given) == len(shape) + 1 and given[-1] == 1:
        given = given[:-1]
    if len(given) > len(shape) or any(a not in (1, b) for a, b in zip(given, shape, strict=False)):
        return None
    return given + (1,) * (len(shape) - len(given))
