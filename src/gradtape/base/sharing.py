"""Objects in several places of one configuration: written down once, and one object again when read.

A layer given to another layer's constructor, and used beside it too, must not become two.  The first place
has the whole configuration with a number, ``"shared_as": 0``, each further one only ``{"shared": 0}``.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from threading import local
from typing import Any

from gradtape.errors import ArgumentError


class _Scopes(local):
    """What one configuration that is being written or read has come by, in this thread."""

    written: dict[int, tuple[Any, dict[str, Any]]] | None = None  # by id: the object, and where it stands
    numbers = 0
    read: dict[int, Any] | None = None  # by number


_scopes = _Scopes()


@contextmanager
def one_configuration() -> Iterator[None]:
    """Let everything that is written, or read, inside the block be one configuration; the outermost rules."""
    if _scopes.written is not None:
        yield
        return
    _scopes.written, _scopes.read, _scopes.numbers = {}, {}, 0
    try:
        yield
    finally:
        _scopes.written = _scopes.read = None


def written_before(piece: object) -> dict[str, Any] | None:
    """Return what stands for an object that has been written already; None if it has not."""
    entry = (_scopes.written or {}).get(id(piece))
    if entry is None:
        return None
    first = entry[1]
    if "shared_as" not in first:
        # Numbered only at the second place, so that configurations without shared objects have no numbers.
        first["shared_as"] = _scopes.numbers
        _scopes.numbers += 1
    return {"shared": first["shared_as"]}


def note_written(piece: object, config: dict[str, Any]) -> None:
    """Remember where an object was written down."""
    if _scopes.written is not None:
        # The object is kept as well: once collected, its id could come back as that of another one.
        _scopes.written[id(piece)] = piece, config


def read_before(config: Mapping[str, Any], kind: str) -> Any:
    """Return the object that a configuration stands for if it says so, or None."""
    if "shared" not in config:
        return None
    known = _scopes.read or {}
    number = config["shared"]
    if not isinstance(number, int) or number not in known:
        raise ArgumentError(f"{kind}: a configuration refers to one that is not before it: {number!r}")
    return known[number]


def note_read(config: Mapping[str, Any], piece: object) -> None:
    """Remember an object that others will refer to."""
    if "shared_as" in config and _scopes.read is not None:
        _scopes.read[config["shared_as"]] = piece
