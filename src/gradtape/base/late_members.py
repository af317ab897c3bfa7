"""Members of a family whose room is imported when one of them is first looked for.

A model is a layer, but `layers` must not import `models`; and the model of a run is made by name before
anyone has asked for `gradtape.models`.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

_rooms: dict[tuple[str, str], Callable[[], Any]] = {}


def define_later(kind: str, names: tuple[str, ...], define: Callable[[], Any]) -> None:
    """Have `define` called when one of `names` is looked for in the family `kind` and is not there yet.

    Args:
        kind: the family's, such as "layer".
        names: of the members.
        define: imports the module that defines them.
    """
    _rooms.update({(kind, name): define for name in names})


def define_now(kind: str, name: str) -> None:
    """Import the room that defines `name` in the family `kind`, if one was named."""
    if (kind, name) in _rooms:
        _rooms[kind, name]()
