"""Finds the Variables and layers among a layer's attributes, each with its path."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from gradtape.core.variable import Variable


class AttributeOwner:
    """The base of layers and models: Variables and layers are found among their attributes.

    What a layer notes about itself, and is no part of it, stands in slots: a walk goes through `vars` only.
    """

    __slots__ = ("__dict__", "__weakref__", "_walked")

    trainable: Any


@dataclass(frozen=True, slots=True)
class Attribute:
    """A Variable or layer that was found.

    Attributes:
        path: the attribute path from where the search began, such as ``layers.0.kernel``.
        value: a Variable or a layer.
        owner: the layer, metric or seed generator it belongs to.
        is_weight: whether it is a Variable of the layer itself, not the state of a metric or seed inside.
        may_train: whether it is a weight and no layer around it is frozen.
    """

    path: str
    value: Any
    owner: Any
    is_weight: bool
    may_train: bool

    @property
    def is_trainable(self) -> bool:
        """Whether it is a weight that training is to change."""
        return self.may_train and bool(self.value.trainable)


class _Structure:
    """Counts the changes to the attributes of all layers, so that results can be cached."""

    # One for all: a change inside must be seen by every layer around it, and a layer knows no owners.
    changes = 0


def note_change() -> None:
    """Let every layer be walked through anew."""
    _Structure.changes += 1


@dataclass(frozen=True, slots=True)
class AttributeCache:
    """The result of a search, and what tells that it is out of date.

    Attributes:
        found: what it came by.
        changes: how many changes there had been.
        holders: the lists and dicts on the way, and their contents, since their changes are not counted.
    """

    found: list[Attribute]
    changes: int
    holders: list[tuple[Any, list[int]]]

    def holds(self) -> bool:
        """Tell whether nothing has changed since."""
        if self.changes != _Structure.changes:
            return False
        # A list can change without an assignment to any attribute: compare what it holds.
        for holder, members in self.holders:
            if _members(holder) != members:
                return False
        return True


def _members(holder: Any) -> list[int]:
    """Return which objects a list or dict holds."""
    return list(map(id, holder.values() if isinstance(holder, dict) else holder))


def changes() -> int:
    """Return how often attributes of layers have changed, so that what was found out can be kept."""
    return _Structure.changes


def walk(owner: object) -> list[Attribute]:
    """Return all below the layer `owner`: first its own Variables, then the layers inside and theirs."""
    before: AttributeCache | None = getattr(owner, "_walked", None)
    if before is not None and before.holds():
        return before.found
    holders: list[tuple[Any, list[int]]] = []
    found = list(_below(owner, "", True, {id(owner)}, holders))
    # Past Layer.__setattr__, which would count this as a change.
    object.__setattr__(owner, "_walked", AttributeCache(found, _Structure.changes, holders))
    return found


def _below(owner: Any, prefix: str, trainable: bool, seen: set[int], holders: object) -> Iterator[Attribute]:
    """Yield what is below `owner`; of several ways to one thing, the first gives its path."""
    trainable = trainable and owner.trainable
    inner: list[tuple[str, Any]] = []
    for path, value in _attributes(owner, prefix, holders):
        if id(value) in seen:
            continue
        seen.add(id(value))
        if isinstance(value, Variable):
            yield Attribute(path, value, owner, True, trainable)
        elif is_layer(value):
            inner.append((path, value))
        else:
            for state in value.variables:
                seen.add(id(state))
                yield Attribute(f"{path}.{state.name}", state, value, False, False)
    # The layers only now: in Keras' order too, a layer's own weights come before those inside it.
    for path, layer in inner:
        yield Attribute(path, layer, owner, False, False)
        yield from _below(layer, f"{path}.", trainable, seen, holders)


def is_layer(value: object) -> bool:
    """Tell whether `value` is a layer."""
    return isinstance(value, AttributeOwner)


def _attributes(owner: object, prefix: str, holders: object) -> Iterator[tuple[str, Any]]:
    """Yield (path, value) for every Variable, layer and holder of Variables among the attributes.

    Lists, tuples and dicts are entered; their places are part of the path.
    """
    for name, value in list(vars(owner).items()):
        yield from _inside(f"{prefix}{name.lstrip('_')}", value, holders)


def _inside(path: str, value: Any, holders: Any) -> Iterator[tuple[str, Any]]:
    if isinstance(value, list | tuple | dict):
        holders.append((value, _members(value)))
        for key, inner in value.items() if isinstance(value, dict) else enumerate(value):
            yield from _inside(f"{path}.{key}", inner, holders)
    elif isinstance(value, Variable) or is_layer(value) or _has_variables(value):
        yield path, value


def _has_variables(value: object) -> bool:
    """Tell whether `value` is a metric, a seed generator or another holder of Variables."""
    return isinstance(getattr(value, "variables", None), list)
