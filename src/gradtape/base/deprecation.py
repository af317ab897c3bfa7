"""Old names that still work for one version, with a DeprecationWarning."""

from __future__ import annotations

import warnings
from operator import attrgetter
from typing import Any


def warn_renamed(old: str, new: str, level: int = 3) -> None:
    """Warn that a name has changed.

    Args:
        old: the old name.
        new: the new one.
        level: how many calls up the one stands that is to be named.
    """
    warnings.warn(f"{old} is now {new}; the old name goes with the next version", DeprecationWarning, level)


def renamed(old: str, new: str) -> Any:
    """Return the property of a class under which an attribute is found by its old name.

    Args:
        old: the old name, with the class's: ``"Step.before"``.
        new: the attribute's new name.
    """
    value = attrgetter(new)

    def get(self: Any) -> Any:
        warn_renamed(old, new)
        return value(self)

    return property(get, doc=f"The old name of `{new}`.")
