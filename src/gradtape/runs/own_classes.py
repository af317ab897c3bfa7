"""The users' classes and functions in the runs that this process has recorded, by the run's id.

Where the process that trained opens its run again, it need not be told of them; another one must be.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

_by_run: dict[str, dict[str, Any]] = {}


def keep_own_classes(config: Mapping[str, Any], objects: Mapping[str, Any]) -> None:
    """Remember what the model and the arguments of compile of a run name, by those names.

    Args:
        config: what run.json says.
        objects: the classes and functions.
    """
    if objects:
        _by_run[str(config["id"])] = dict(objects)


def own_classes(config: Mapping[str, Any]) -> dict[str, Any]:
    """Return the classes and functions that this process recorded a run with; none for that of another."""
    return _by_run.get(str(config.get("id")), {})
