"""Names and configurations: how a piece of a model is found by name, written down, and made again.

A configuration is plain JSON: the class's name and the arguments it was made with.  Names are looked up
in fixed tables and among the classes that `register_serializable` was given; nothing is ever imported
because a file says so.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from types import FunctionType
from typing import Any, TypeVar

import numpy as np

from gradtape.base.late_members import define_now
from gradtape.base.made_by_init import MadeByInit
from gradtape.base.sharing import note_read, note_written, one_configuration, read_before, written_before
from gradtape.errors import ArgumentError, ArgumentTypeError, nearest, show

T = TypeVar("T")

_custom: dict[str, Any] = {}
_families: list[Family] = []
_noted: dict[str, Any] | None = None


def register_serializable(package: object = "Custom", name: str | None = None) -> Callable[[T], T]:
    """Return the decorator that lets a class or function of your own be found in a saved configuration.

    Args:
        package: what it belongs to; part of the name it is found by, ``package>name``.
        name: what it is called; None takes its own name.

    >>> @register_serializable(package="mine")
    ... def double(x):
    ...     return 2 * x
    >>> registered_name(double)
    'mine>double'
    """
    if not isinstance(package, str):
        raise ArgumentTypeError("register_serializable: write @register_serializable() with parentheses")

    def keep(item: object) -> Any:
        if not callable(item):
            raise ArgumentTypeError(f"register_serializable: needs a class or function, got {show(item)}")
        if isinstance(item, type) and not hasattr(item, "get_config"):
            raise ArgumentTypeError(
                f"register_serializable: {item.__name__} must have get_config(), which returns the arguments "
                "it is made with"
            )
        # package>name is how Keras writes these names, so a configuration of Keras' finds them.
        _custom[f"{package}>{name or getattr(item, '__name__', '')}"] = item
        return item

    return keep


def registered_name(item: object) -> str | None:
    """Return the name under which a class or function of a user is registered, or None."""
    return next((name for name, value in _custom.items() if value is item), None)


def get_custom_objects() -> dict[str, Any]:
    """Return the registered classes and functions by name; what is added to the dict is found as well."""
    return _custom


def get_registered_object(
    name: str,
    custom_objects: Mapping[str, Any] | None = None,
    module_objects: Mapping[str, Any] | None = None,
) -> Any:
    """Return the class or function registered under ``package>name`` or its name alone, or None.

    Args:
        name: what to look for.
        custom_objects: further ones, by name.
        module_objects: and more of them.
    """
    known = {**(module_objects or {}), **_custom, **(custom_objects or {})}
    if name in known:
        return known[name]
    return next((item for full, item in known.items() if full.rpartition(">")[2] == name), None)


def _by_short_name(name: str, kind: str) -> Any:
    """Return what is registered as ``package>name`` in the only package that has it, or None."""
    candidates = [full_name for full_name in _custom if full_name.rpartition(">")[2] == name]
    if len({id(_custom[full_name]) for full_name in candidates}) > 1:
        raise ArgumentError(f"{kind}: {name!r} is registered more than once; write {' or '.join(candidates)}")
    return _custom[candidates[0]] if candidates else None


@contextmanager
def custom_objects(objects: Mapping[str, Any]) -> Iterator[None]:
    """Let the classes and functions in `objects` be found by their names inside the block."""
    global _custom
    before = _custom
    # A new dict: the one from before is put back unchanged, also when an error leaves the block.
    _custom = {**before, **objects}
    try:
        yield
    finally:
        _custom = before


@contextmanager
def noted_objects() -> Iterator[dict[str, Any]]:
    """Give the dict in which the block's unregistered classes and functions are noted as they are written."""
    global _noted
    before, _noted = _noted, {}
    try:
        yield _noted
    finally:
        _noted = before


def _note(name: str, made: object) -> None:
    if _noted is not None:
        _noted[name] = made


_objects = custom_objects  # where an argument has the name


class Configurable(MadeByInit):
    """What can be written down as the arguments it was made with, and made again from them."""

    def get_config(self) -> dict[str, Any]:
        """Return the arguments of the constructor, as JSON values."""
        return {}

    @classmethod
    def from_config(cls, config: Mapping[str, Any]) -> Any:
        """Return a new one, made with the arguments in `config`."""
        return cls(**config)


def arguments(piece: object) -> dict[str, Any]:
    """Return what `piece` was made with: its attributes that are called as its constructor's arguments.

    >>> from gradtape.optimizers.schedules import InverseTimeDecay
    >>> arguments(InverseTimeDecay(0.1, 10, 0.5))["decay_rate"]
    0.5
    """
    names = inspect.signature(type(piece)).parameters
    return {name: getattr(piece, name) for name in names if hasattr(piece, name)}


class Family:
    """The members of one kind (losses, optimizers, layers ...), by all the names they go by.

    Args:
        kind: what a member is called in an error message.
        base: the class that instances of members have; None for functions.
        keeps_identity: whether one member in two places of a configuration is one again when it is read.

    >>> optimizers = Family("optimizer", Configurable)
    >>> @optimizers.member("sgd")
    ... class SGD(Configurable):
    ...     pass
    >>> type(optimizers.get("SGD")).__name__
    'SGD'
    """

    def __init__(self, kind: str, base: type | None = None, keeps_identity: bool = False) -> None:
        self.kind = kind
        self.keeps_identity = keeps_identity
        self.base = base
        self.members: dict[str, Any] = {}
        _families.append(self)

    def member(self, *names: str) -> Callable[[T], T]:
        """Return the decorator that adds a class or function under its own name and `names`."""

        def keep(item: T) -> T:
            for name in (getattr(item, "__name__", ""), *names):
                self.members[name] = item
            return item

        return keep

    def find(self, name: str) -> Any:
        """Return the class or function called `name`, or raise ArgumentError naming the nearest one.

        A name of `custom_objects` comes first; what is registered never takes the name of a built-in one, but
        is found by ``package>name``, and by its name alone where no other has it.
        """
        if name in _custom:
            return _custom[name]
        if name not in self.members:
            define_now(self.kind, name)
        if name not in self.members:
            item = _by_short_name(name, self.kind)
            if item is not None:
                return item
            listed = sorted(k for k in self.members if k.islower()) or self.members
            raise ArgumentError(
                f"{self.kind}: unknown name {show(name)}{nearest(name, self.members, listed)}"
            )
        return self.members[name]

    def get(self, identifier: object) -> Any:
        """Return the member meant by a name, a class, a configuration, or a member itself.

        Args:
            identifier: a name; a class, of which one is made with its defaults; a configuration as
                `serialize` gives; an instance or a function, which is returned; or None, which is too.
        """
        if identifier is None:
            return None
        if isinstance(identifier, str):
            identifier = self.find(identifier)
        if isinstance(identifier, Mapping):
            return self.deserialize(identifier)
        if isinstance(identifier, type):
            identifier = identifier()
        if callable(identifier) or (self.base is not None and isinstance(identifier, self.base)):
            return identifier
        wanted = f"the name of one, a {self.kind}" + ("" if self.base else " or a function")
        raise ArgumentTypeError(f"{self.kind}: must be {wanted} or a configuration, got {show(identifier)}")

    def serialize(self, piece: object) -> Any:
        """Return what `deserialize` makes `piece` again from: None, a function's name, or a configuration."""
        if piece is None:
            return None
        if not hasattr(piece, "get_config"):
            return self._name_of(piece)
        if not self.keeps_identity:
            return {"class_name": self._name_of(type(piece)), "config": piece.get_config()}
        with one_configuration():
            before = written_before(piece)
            if before is not None:
                return before
            written: dict[str, Any] = {"class_name": self._name_of(type(piece))}
            # Noted before its own configuration is written: what refers back to it there must find it, or
            # writing would not end.
            note_written(piece, written)
            written["config"] = piece.get_config()
            return written

    def _name_of(self, item: object) -> str:
        name = str(registered_name(item) or getattr(item, "__name__", type(item).__name__))
        if name in _custom or self.members.get(name) is item:
            return name
        if name in self.members or not _has_a_name(item):  # it would be mixed up, or not be found at all
            raise ArgumentError(
                f"{self.kind}: {name} is not known by name, so it cannot be saved: "
                "decorate it with @register_serializable()"
            )
        _note(name, item)
        return name  # whoever loads it gives it as one of the custom_objects

    def _class_of(self, name: str) -> Any:
        try:
            return self.find(name)
        except ArgumentError as error:
            raise ArgumentError(
                f"{error}; a class of your own must be registered, or passed as one of the custom_objects"
            ) from None

    def deserialize(self, config: object, custom_objects: Mapping[str, Any] | None = None) -> Any:
        """Return the piece that `serialize` wrote down; ArgumentError if it is not a known one.

        Args:
            config: what `serialize` returned.
            custom_objects: classes and functions of your own that it names, if they are not registered.
        """
        if custom_objects:
            with _objects(custom_objects):
                return self.deserialize(config)
        if config is None:
            return None
        if isinstance(config, str):
            return self.find(config)
        if self.keeps_identity and isinstance(config, Mapping):
            with one_configuration():
                return self._create_once(config)
        return self._create(config)

    def _create_once(self, config: Mapping[str, Any]) -> Any:
        found = read_before(config, self.kind)
        if found is None:
            found = self._create(config)
            note_read(config, found)
        return found

    def _create(self, config: object) -> Any:
        if not isinstance(config, Mapping) or not isinstance(config.get("class_name"), str):
            raise ArgumentError(f"{self.kind}: a configuration must have a class_name, got {show(config)}")
        made = self._class_of(config["class_name"])
        arguments = config.get("config", {})
        if not isinstance(made, type) or not isinstance(arguments, Mapping):
            raise ArgumentError(f"{self.kind}: this configuration cannot be used: {show(dict(config))}")
        return _construct(self.kind, made, arguments)


def _has_a_name(item: object) -> bool:
    """Tell whether `made` is a class or a function with a name of its own, which a lambda has not."""
    return isinstance(item, type | FunctionType) and item.__name__.isidentifier()


def _registered(name: Any) -> Any:
    item = get_registered_object(name)
    if item is None:
        raise ArgumentError(
            f"configuration: there is no registered function {show(name)}; register it, or pass it as one of "
            "the custom_objects"
        )
    return item


def _construct(kind: str, made: Any, arguments: Mapping[str, Any]) -> Any:
    try:
        return made.from_config(dict(arguments))
    except TypeError as error:
        # Our own errors are TypeErrors too, and say already which argument was wrong.
        if isinstance(error, ArgumentTypeError):
            raise
        raise ArgumentError(f"{kind}: the configuration of {made.__name__} does not fit: {error}") from None


def as_json(value: object, who: str) -> Any:
    """Return `value` as JSON from which `from_json` makes it again.

    Args:
        value: numbers, strings, None, tuples, lists, arrays and dicts of them, and the members of families.
        who: named in the error.

    Raises:
        ArgumentTypeError: if it holds something that cannot be written down.
    """
    with one_configuration():
        return _as_json(value, who)


def _as_json(value: Any, who: str) -> Any:
    if value is None or isinstance(value, bool | int | float | str):
        return value
    if isinstance(value, list | tuple):
        return [_as_json(v, who) for v in value]
    if isinstance(value, Mapping):
        return {str(k): _as_json(v, who) for k, v in value.items()}
    # Arrays become lists: constructors make tensors of both, and JSON has no arrays with a dtype.
    if isinstance(value, np.generic | np.ndarray):
        return value.tolist()
    if isinstance(value, np.dtype):
        return value.name
    for family in _families:
        if _belongs(value, family):
            return {"kind": family.kind, "is": family.serialize(value)}
    if registered_name(value) is not None or (_has_a_name(value) and not isinstance(value, type)):
        name = registered_name(value)
        if name is None:
            _note(value.__name__, value)
        return {"kind": "function", "is": name or value.__name__}
    raise ArgumentTypeError(f"{who}: {show(value)} cannot be written down as JSON; define get_config()")


def _belongs(value: object, family: Family) -> bool:
    if isinstance(value, type) or not callable(getattr(value, "get_config", value)):
        return False
    if hasattr(value, "get_config"):
        return family.base is not None and isinstance(value, family.base)
    return any(member is value for member in family.members.values())


def from_json(value: object) -> Any:
    """Return what `as_json` wrote down."""
    with one_configuration():
        return _from_json(value)


def _from_json(value: object) -> Any:
    if isinstance(value, list):
        return [_from_json(v) for v in value]
    if not isinstance(value, Mapping):
        return value
    if value.keys() == {"kind", "is"}:
        if value["kind"] == "function":
            return _registered(value["is"])
        for family in _families:
            if family.kind == value["kind"]:
                return family.deserialize(value["is"])
        raise ArgumentError(f"configuration: there is no kind {show(value['kind'])}")
    return {k: _from_json(v) for k, v in value.items()}
