"""Written: objects as Python source: the constructor calls and values that make them again.

The objects are live ones, made from run.json through the library's registries.  Every string in the source
is a repr and every name is that of a class or function that is there, so nothing in a file becomes code.
"""

from __future__ import annotations

import inspect
import keyword
import math
import re
import sys
from collections.abc import Iterable, Mapping
from types import ModuleType
from typing import Any

import numpy as np

from gradtape import (
    activations,
    constraints,
    initializers,
    layers,
    losses,
    metrics,
    ops,
    optimizers,
    regularizers,
)
from gradtape.base.config import as_json, from_json
from gradtape.base.names import snake_case
from gradtape.errors import GradtapeError, RunError, show
from gradtape.layers.base.layer import Layer
from gradtape.optimizers import Optimizer, schedules

WIDTH = 92
_LARGEST_ARRAY = 64
_MODULES: dict[str, ModuleType] = {
    "layers": layers,
    "losses": losses,
    "optimizers": optimizers,
    "optimizers.schedules": schedules,
    "activations": activations,
    "regularizers": regularizers,
    "constraints": constraints,
    "initializers": initializers,
    "metrics": metrics,
    "ops": ops,
}


class PythonSource:
    """Source text, and what it has to import.

    Attributes:
        imports: the names to import, by module.
    """

    def __init__(self) -> None:
        self.imports: dict[str, set[str]] = {}

    def need(self, module: str, name: str) -> str:
        """Note an import, and return the name."""
        self.imports.setdefault(module, set()).add(name)
        return name

    def import_lines(self) -> list[str]:
        """Return the import statements, the library's last."""
        own = [m for m in self.imports if m.split(".")[0] == "gradtape"]
        lines = []
        for module in [*sorted(set(self.imports) - set(own)), *sorted(own)]:
            names = sorted(self.imports[module], key=lambda n: (not n[0].isupper(), n))
            line = f"from {module} import {', '.join(names)}"
            rows = ["(", *[f"    {name}," for name in names], ")"]
            lines.append(line if len(line) <= WIDTH else f"from {module} import " + "\n".join(rows))
        return lines

    def value(self, value: object) -> str:
        """Return the expression for a value; RunError if there is none."""
        if value is None or value is Ellipsis or isinstance(value, bool | int | str):
            return "..." if value is Ellipsis else quoted(value) if isinstance(value, str) else repr(value)
        if isinstance(value, float):
            # repr gives inf and nan, which are no names in a program
            return repr(value) if math.isfinite(value) else f"float({quoted(str(value))})"
        if isinstance(value, slice):
            return f"slice({', '.join(map(self.value, (value.start, value.stop, value.step)))})"
        if isinstance(value, list):
            return joined("[", map(self.value, value), "]")
        if isinstance(value, tuple):
            return joined("(", map(self.value, value), ",)" if len(value) == 1 else ")")
        if isinstance(value, Mapping):
            # an initializer, a loss ... as `as_json` writes it down inside a configuration
            if value.keys() == {"kind", "is"}:
                return self.value(from_json(value))
            return joined("{", [f"{self.value(k)}: {self.value(v)}" for k, v in value.items()], "}")
        if isinstance(value, np.ndarray | np.generic | np.dtype):
            return self._numbers(value)
        if isinstance(value, type) or not hasattr(value, "get_config"):
            return self.name(value)
        return self.call(value)

    def _numbers(self, value: Any) -> str:
        if isinstance(value, np.dtype):
            return quoted(value.name)
        if value.size > _LARGEST_ARRAY:
            raise RunError(f"eject: {show(value)} is too large to be written into a program")
        self.imports.setdefault("gradtape", set()).add("as_tensor")
        return f"as_tensor({self.value(value.tolist())}, {quoted(value.dtype.name)})"

    def name(self, made: object) -> str:
        """Return how a class or function is called, and note what that takes to import."""
        name = getattr(made, "__name__", "")
        for path, module in _MODULES.items():
            # by identity: a class of the user's own may be called as one of these
            if name and getattr(module, name, None) is made:
                self.need("gradtape", path.split(".")[0])
                return f"{path}.{name}"
        where = getattr(made, "__module__", None) or ""
        parts = [*where.split("."), name]
        known = getattr(sys.modules.get(where), name, None) is made if name else False
        # in the program, __main__ is the program itself
        if where == "__main__" or not known or not all(map(is_name, parts)):
            raise RunError(
                f"eject: {show(made)} cannot be imported, so no program can be written with it: define it in "
                "a module of its own"
            )
        return self.need(where, name)

    def call(self, made: Any, **more: Any) -> str:
        """Return the constructor call that makes an object.

        Args:
            made: a layer, loss, optimizer, or another thing with `get_config`.
            **more: arguments to be given in any case.
        """
        positional, named = self.arguments(made, more)
        given = [self.value(v) for v in positional]
        return joined(
            f"{self.name(type(made))}(", [*given, *[f"{k}={self.value(v)}" for k, v in named.items()]], ")"
        )

    def arguments(self, made: Any, more: Mapping[str, Any]) -> tuple[list[Any], dict[str, Any]]:
        """Return the arguments that an object was made with: without those that are the defaults."""
        config = {**made.get_config(), **more}
        taken = inspect.signature(type(made)).parameters
        is_open = any(p.kind is p.VAR_KEYWORD for p in taken.values())
        kept = {k: v for k, v in config.items() if k in more or not _is_default(made, taken, k, v)}
        if not is_open:
            kept = {k: v for k, v in kept.items() if k in taken or k not in ("name", "trainable")}
        if not all(is_name(k) for k in kept) or not (is_open or set(kept) <= set(taken)):
            raise RunError(f"eject: {type(made).__name__} takes no arguments {show(list(kept))}")
        _check_again(made, {k: v for k, v in config.items() if k in kept and k not in more}, set(more))
        required = [n for n, p in taken.items() if p.default is p.empty and p.kind is p.POSITIONAL_OR_KEYWORD]
        positional = [kept.pop(n) for n in required if n in kept]
        return positional, kept


def _is_default(made: object, taken: Mapping[str, Any], name: str, value: object) -> bool:
    """Tell whether an argument need not be written."""
    if name == "name":
        return _is_own_name(made, value)
    if name == "learning_rate" and isinstance(made, Optimizer):
        return False
    if name == "trainable":
        return value is True
    if name not in taken or taken[name].default is inspect.Parameter.empty:
        return False
    try:
        return repr(as_json(taken[name].default, "eject")) == repr(value)
    except GradtapeError:
        return False


def _is_own_name(made: Any, name: Any) -> bool:
    """Tell whether a name is the one that it would be given anyway."""
    if isinstance(made, Layer):
        # by its form: a layer that is made for a comparison would be given the next number
        base = snake_case(type(made).__name__)
        return re.fullmatch(rf"{re.escape(base)}(_\d+)?", str(name)) is not None
    config = {k: v for k, v in made.get_config().items() if k != "name"}
    return bool(type(made).from_config(config).name == name)


def _check_again(made: Any, kept: dict[str, Any], besides: set[str]) -> None:
    """See that the arguments that are written make the same thing, `besides` what is given otherwise."""
    try:
        again = type(made).from_config(dict(kept)).get_config()
    except (TypeError, ValueError) as error:
        raise RunError(f"eject: {type(made).__name__} cannot be written as a call: {error}") from None
    config = dict(made.get_config())
    for name in besides | ({"name"} - kept.keys()):
        again.pop(name, None)
        config.pop(name, None)
    if repr(again) != repr(config):
        raise RunError(f"eject: {type(made).__name__} cannot be written as a call: {show(config)}")


def quoted(text: str) -> str:
    """Return a string as source, in double quotes if nothing in it needs care.

    >>> print(quoted("relu"), quoted('"'))
    "relu" '"'
    """
    is_plain = text.isascii() and text.isprintable() and not set(text) & {'"', "'", "\\"}
    return f'"{text}"' if is_plain else repr(text)


def joined(head: str, parts: Iterable[str], tail: str) -> str:
    """Return the parts between head and tail, in one line if they fit, else one below the other.

    >>> joined("f(", ["1", "x=2"], ")")
    'f(1, x=2)'
    """
    listed = list(parts)
    line = head + ", ".join(listed) + tail
    # 12 columns are for what stands before it, such as an indentation or "optimizer = "
    if not listed or (len(line) <= WIDTH - 12 and "\n" not in line):
        return line
    rows = [indented(part) + "," for part in listed]
    # each row ends with a comma already, so a tuple of one needs no other
    return "\n".join([head, *rows, tail.lstrip(",")])


def indented(text: str, by: int = 4) -> str:
    """Return the text with all its lines moved to the right."""
    return "\n".join(" " * by + line if line else line for line in text.split("\n"))


def is_name(text: object) -> bool:
    """Tell whether a text can stand as a name in a program."""
    return isinstance(text, str) and text.isascii() and text.isidentifier() and not keyword.iskeyword(text)


def named_after(text: str, used: set[str]) -> str:
    """Return a name for a variable that is not in `used`, after a text, and add it there.

    >>> named_after("my layer", {"my_layer"})
    'my_layer_2'
    """
    base = re.sub(r"\W+", "_", text, flags=re.ASCII).strip("_").lower()[:30]
    base = base if is_name(base) else f"layer_{base}".rstrip("_")
    name, number = base, 2
    while name in used:
        name, number = f"{base}_{number}", number + 1
    used.add(name)
    return name
