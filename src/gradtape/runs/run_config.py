"""Reads run.json, and compares the configuration of a run with that of its resumption."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from gradtape.errors import RunError, show

FORMAT = 1
# what decides the results of a run; a resumed training must have the same
_PARTS = ("model", "compile", "fit", "data", "validation_data", "global_seed")
_AROUND = ("engine", "device")  # of the environment: what must be the same
# a change of these gives the same results except for rounding: a warning, not an error
_FOR_THE_BITS = ("threads", "blas", "version", "gradtape", "numpy", "processor", "cpu_features", "variables")
_ENTRIES = {
    "id": str,
    "created_seconds": (int, float),
    "model": dict,
    "fit": dict,
    "seed": int,
    "environment": dict,
}
_PERHAPS = {  # may be missing, or null
    **dict.fromkeys(("compile", "data", "validation_data", "parent", "about", "data_name"), dict),
    "global_seed": int,
    "built_for": object,
    "format": int,
}

Difference = tuple[str, Any, Any]


def read_config(folder: Path) -> dict[str, Any]:
    """Return the contents of run.json, or raise RunError."""
    path = folder / "run.json"
    try:
        config = json.loads(path.read_bytes())
        version = config["format"]
    except FileNotFoundError:
        raise RunError(f"run: there is no run in {folder} (no file run.json)") from None
    except (OSError, ValueError, TypeError, KeyError, RecursionError) as error:
        raise RunError(f"run: {path} cannot be read: {show(str(error))}") from None
    # True is an int in Python
    if isinstance(version, bool) or not isinstance(version, int) or version > FORMAT:
        raise RunError(
            f"run: {path} has the format {show(version)}; this version of gradtape reads up to {FORMAT}"
        )
    for name, kind in _ENTRIES.items():
        if not isinstance(config.get(name), kind):  # type: ignore[arg-type]
            raise RunError(f"run: {path} is damaged: {name} is missing or has the wrong type")
    for name in config.keys() - _ENTRIES.keys() - _PERHAPS.keys():
        raise RunError(f"run: {path} is damaged: it has the unknown entry {show(name)}")
    for name, kind in _PERHAPS.items():
        if config.get(name) is not None and not isinstance(config[name], kind):
            raise RunError(f"run: {path} is damaged: {name} cannot be {show(config[name])}")
    parent = config.get("parent")
    if parent is not None and not isinstance(parent.get("step"), int):
        raise RunError(f"run: {path} is damaged: parent has no step")
    return dict(config)


def first_step(config: Mapping[str, Any]) -> int:
    """Return the first step of a run: 0, or for a fork the step that it continues."""
    parent = config.get("parent")
    return int(parent["step"]) if isinstance(parent, Mapping) else 0


def compare(
    before: Mapping[str, Any], now: Mapping[str, Any], allowed: tuple[str, ...], folder: Path
) -> list[Difference]:
    """Return the differences, (path, before, now); RunError for one that is not `allowed`."""
    found = [d for d in differences(_compared(before), _compared(now)) if not _is_no_seed(d)]
    refused = [d for d in found if not _is_allowed(d[0], allowed)]
    if refused:
        lines = "; ".join(f"{path}: {show(a)} before, {show(b)} now" for path, a, b in refused[:8])
        names = ",".join(dict.fromkeys(_name_of(path) for path, _, _ in refused[:8]))
        raise RunError(
            f"run: {folder} was made with another configuration: {lines}; "
            f"allow_change (--allow-change {names}) lets it differ"
        )
    return [d for d in found if not _is_a_name(d[0])]


def other_bits(before: Mapping[str, Any], now: Mapping[str, Any]) -> list[Difference]:
    """Return what differs of the machine and the libraries that may change the last bits of a result."""
    a, b = ({n: c["environment"].get(n) for n in _FOR_THE_BITS} for c in (before, now))
    return differences(a, b)


def _compared(config: Mapping[str, Any]) -> dict[str, Any]:
    around = config["environment"]
    parts = {part: config.get(part) for part in _PARTS}
    return parts | {name: around.get(name) for name in _AROUND}


def compared_digest(config: Mapping[str, Any]) -> str:
    """Return the SHA-256 of all that must not change in a run."""
    parts = _compared(config)
    parts["model"] = _without_names(parts["model"])
    return hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()


def _without_names(written: object) -> Any:
    """Return nested JSON values without what layers are called: dense_1 instead of dense means nothing."""
    if isinstance(written, dict):
        return {key: _without_names(value) for key, value in written.items() if key != "name"}
    return [_without_names(value) for value in written] if isinstance(written, list) else written


def differences(a: object, b: object, path: str = "") -> list[Difference]:
    """Return where two nested JSON values are not the same: (path, in the first, in the second).

    >>> differences({"a": 1, "b": [2, 3]}, {"a": 1, "b": [2, 4]})
    [('b.1', 3, 4)]
    """
    if isinstance(a, dict) and isinstance(b, dict):
        # a set would list the differences in another order in each process
        keys = list(dict.fromkeys([*a, *b]))
        return [d for k in keys for d in differences(a.get(k), b.get(k), f"{path}.{k}".lstrip("."))]
    if isinstance(a, list) and isinstance(b, list) and len(a) == len(b):
        pairs = enumerate(zip(a, b, strict=True))
        return [d for i, (v, w) in pairs for d in differences(v, w, f"{path}.{i}".lstrip("."))]
    return [] if a == b else [(path, a, b)]


def _is_no_seed(difference: Difference) -> bool:
    """Tell whether a training differs only in that one of both was given no seed: the run keeps its own."""
    return difference[0] == "global_seed" and None in difference[1:]


def _is_allowed(path: str, allowed: tuple[str, ...]) -> bool:
    parts = path.split(".")
    return _is_a_name(path) or any(name in parts or name == path for name in allowed)


def _name_of(path: str) -> str:
    """Return by which name a difference is allowed: that of the entry, or of the data as a whole."""
    first, last = path.partition(".")[0], path.rpartition(".")[2]
    return first if first in ("data", "validation_data") else last


def _is_a_name(path: str) -> bool:
    return path.startswith("model.") and path.endswith(".name")
