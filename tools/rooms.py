"""The rooms of the package and which imports which, read from the source."""

from __future__ import annotations

import ast
from collections.abc import Iterable
from dataclasses import dataclass, field

from tests import test_architecture as plan

OF_KERAS = {*plan.OF_KERAS, "activations", "constraints", "regularizers", "utils"}
# The package's own door, what serves old names and `python -m gradtape` are no rooms of the picture.
LEFT_OUT = {"", "_moved", "__main__"}

# What the picture says of each room.
CAPTIONS = {
    "errors": "every error, with its text",
    "base": "configurations, checks",
    "display": "text, colours, heat maps",
    "engine": "arrays: NumPy or JAX",
    "core": "tensors and operations",
    "program": "compile(step)",
    "ops": "operations and their rules",
    "tape": "GradientTape, chain rule",
    "random": "random numbers from seeds",
    "utils": "Keras' small helpers",
    "losses": "how wrong predictions are",
    "initializers": "initial values of weights",
    "activations": "functions after a layer",
    "regularizers": "penalties on weights",
    "constraints": "limits on weights",
    "metrics": "averages over many batches",
    "optimizers": "how weights are updated",
    "layers": "functions with weights",
    "datasets": "MNIST, image files",
    "data": "arrays become batches",
    "callbacks": "told of each step and epoch",
    "training": "the step, the loop",
    "formats": "files of weights and models",
    "runs": "a training recorded on disk",
    "article": "all of it on one page",
    "views": "pages, tables, notebooks",
    "rerun": "a past step computed again",
    "explain": "why a weight changed, NaN",
    "export": "the loop as a program",
    "replay": "open_run, Run, Step",
    "models": "Sequential, Model, fit",
    "saving": "load_model, save_model",
    "testing": "check_gradients for users",
    "tf": "TensorFlow's names",
    "cli": "the command gradtape",
}


@dataclass
class Room:
    """A folder or a single file at the top of the package.

    Attributes:
        name: of the folder or file.
        imports: the names of the rooms that it imports.
    """

    name: str
    imports: set[str] = field(default_factory=set)


def rooms() -> dict[str, Room]:
    """Return the rooms by name, in the order of the plan."""
    names = dict.fromkeys(name.partition(".")[0] for name in plan.ROOMS if name not in LEFT_OUT)
    found = {name: Room(name) for name in names}
    for path in plan.FILES:
        source, module = path.read_text(encoding="utf-8"), plan.module_of(path)
        room = found.get(_top(module))
        if room is None:
            continue
        imported = plan.imports(ast.parse(source), module, path.name == "__init__.py")
        room.imports |= {_top(name) for name, _, _ in imported if name.startswith("gradtape.")}
    for room in found.values():
        room.imports = (room.imports & set(found)) - {room.name}
    return found


def _top(module: str) -> str:
    return str(plan.room_of(module)).partition(".")[0]


def reachable(found: dict[str, Room], name: str) -> set[str]:
    """Return all rooms that `name` needs, itself excepted."""
    needed: set[str] = set()
    waiting = list(found[name].imports)
    while waiting:
        other = waiting.pop()
        if other not in needed:
            needed.add(other)
            waiting += found[other].imports
    return needed


def direct(found: dict[str, Room]) -> dict[str, set[str]]:
    """Return for each room the imports that do not follow from its other ones.

    If `cli` imports `models` and `losses`, and `models` needs `losses` anyway, only `models` is left.
    """
    needed = {name: reachable(found, name) for name in found}
    return {
        name: {other for other in room.imports if not _follows(other, room.imports, needed)}
        for name, room in found.items()
    }


def _follows(name: str, among: Iterable[str], needed: dict[str, set[str]]) -> bool:
    return any(name in needed[other] for other in among if other != name)
