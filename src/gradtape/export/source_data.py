"""The data of a run as a program: found by name, or out of a file and compared with the run's fingerprint."""

from __future__ import annotations

from typing import Any

from gradtape.data import ArraySource
from gradtape.errors import RunError
from gradtape.export.python_source import (
    PythonSource,
    indented,
    joined,
    named_after,
    quoted,
)


class DataSource:
    """How the program comes to its arrays, and what they are called.

    Args:
        run: an opened run.
        source: its batches.
        written: gathers what the lines import.

    Attributes:
        names: what the arrays are called, in the order of the run's fingerprint.
        x: the expression for the inputs.
        first: the same for the first sample.
        y_names: the names of the targets in their structure.
        weight_names: those of the sample weights; None if there are none.
        is_named: whether the run knows its data by name.
        lines: the function ``load_data``.
    """

    def __init__(self, run: Any, source: ArraySource, written: PythonSource) -> None:
        self.run, self.source, self.written = run, source, written
        structure, self.names = source.structure, [""] * len(source.arrays)
        used: set[str] = set()
        parts = (("x", structure.x), ("y", structure.y), ("sample_weight", structure.sample_weight))
        for name, places in parts:
            for place, path in _paths(places, name):
                self.names[place] = named_after(path, used)
        x, self.y_names, self.weight_names = source.structure.rebuild(self.names)
        self.x = _expression(x)
        self.first = _expression(structure.rebuild([f"{name}[:1]" for name in self.names])[0])
        self.is_named = bool(run.config.get("data_name"))
        self.by_class = run.config["fit"].get("class_weight")
        self.lines = self._named_lines() if self.is_named else self._file_lines()

    @property
    def sha256(self) -> str:
        """The fingerprint of the arrays, as source."""
        return quoted(str(self.run.config["data"]["sha256"]))

    @property
    def _arrays(self) -> str:
        return ", ".join(self.names) + ("," if len(self.names) == 1 else "")

    def _named_lines(self) -> list[str]:
        written = self.written
        name = {key: str(value) for key, value in self.run.config["data_name"].items()}
        load = f"{written.need('gradtape.datasets.by_name', 'named')}({written.value(name)})"
        return [
            "def load_data():",
            '    """Return the arrays that the run was trained on."""',
            f"    x, y = {load}",
            *self._prepared(),
        ]

    def _file_lines(self) -> list[str]:
        self.written.imports.setdefault("", set()).add("sys")
        # weights that come from the classes are made below, and are in no file
        loaded = [n for n in self.names if self.by_class is None or n != "sample_weight"]
        shapes = [
            f"    # {n}: {a.shape} {a.dtype.name}"
            for n, a in zip(self.names, self.source.arrays, strict=True)
            if n in loaded
        ]
        save = ", ".join(f"{n}={n}" for n in loaded)
        return [
            "def load_data(path):",
            '    """Return the arrays that the run was trained on, out of a file that was written by',
            "",
            f"        np.savez(path, {save})",
            '    """',
            *shapes,
            "    arrays = np.load(path)",
            *[f"    {n} = arrays[{quoted(n)}]" for n in loaded],
            *self._prepared(),
        ]

    def _prepared(self) -> list[str]:
        """Return the lines that take the samples of the training, and see that they are the run's."""
        lines, count = [], self.source.samples
        if self.run.config["fit"].get("validation_split"):
            cut = ", ".join(f"{n}[:{count}]" for n in self.names if n != "sample_weight" or not self.by_class)
            loaded = ", ".join(n for n in self.names if n != "sample_weight" or not self.by_class)
            lines += ["    # The samples after these were kept for validation.", f"    {loaded} = {cut}"]
        if self.by_class is not None:
            lines += self._class_weights()
        check = self.written.need("gradtape.runs.environment", "fingerprint")
        return [
            *lines,
            f'    if {check}([{", ".join(self.names)}])["sha256"] != SHA256:',
            '        raise SystemExit("these are not the arrays that the run was trained on")',
            f"    return {self._arrays}",
        ]

    def _class_weights(self) -> list[str]:
        """Return the lines that make the sample weights of the class weights."""
        if self.run._given[2] is not None:
            raise RunError("eject: class_weight and sample_weight together cannot be written")
        make = self.written.need("gradtape.data.sample_weights", "class_weighted")
        weights = {int(name): float(weight) for name, weight in self.by_class.items()}
        call = joined(
            f"sample_weight = {make}(", ["y", self.written.value(weights), "None", quoted("loop")], ")"
        )
        return [indented(call)]


def _paths(places: Any, name: str) -> list[tuple[int, str]]:
    """Return the place of each array in the flat list, and a name for it."""
    if places is None:
        return []
    if isinstance(places, dict):
        pairs = list(places.items())
    elif isinstance(places, list | tuple):
        pairs = list(enumerate(places))
    else:
        return [(places, name)]
    return [found for key, value in pairs for found in _paths(value, f"{name}_{key}")]


def _expression(tree: object) -> str:
    """Return the structure of names as an expression."""
    if isinstance(tree, dict):
        return "{" + ", ".join(f"{quoted(str(k))}: {_expression(v)}" for k, v in tree.items()) + "}"
    if isinstance(tree, list | tuple):
        return "[" + ", ".join(map(_expression, tree)) + "]"
    return str(tree)
