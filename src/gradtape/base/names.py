"""Names made of other names."""

from __future__ import annotations

import re

_WORD_STARTS = re.compile(r"(?<=.)(?=[A-Z][a-z])|(?<=[a-z])(?=[A-Z])")


def snake_case(class_name: str) -> str:
    """Return the name that Keras gives an instance: the words of the class's name, in small letters.

    A word starts at a capital that a small letter follows or precedes; digits belong to the word before them.

    >>> snake_case("MeanSquaredError"), snake_case("SpatialDropout1D"), snake_case("AdamW")
    ('mean_squared_error', 'spatial_dropout1d', 'adam_w')
    """
    return _WORD_STARTS.sub("_", re.sub(r"\W", "", class_name)).lower()
