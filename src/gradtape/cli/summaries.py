"""A run in a few words, for the tables of `runs` and `show`."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Any

import numpy as np

from gradtape.display.number_text import metric
from gradtape.metrics.base.metric import more_is_better
from gradtape.replay.run import Run

PARTS = ("about", "model", "compile", "fit", "data", "seed")
RESULTS = ("val_accuracy", "val_loss", "accuracy", "loss")


def recipe(run: Run) -> str:
    """Return the recipe by which the run was made, or what its model is called."""
    made_by = run.config.get("about") or {}
    if "recipe" in made_by:
        return f"{made_by.get('dataset', '')} {made_by['recipe']}".strip()
    model = run.config["model"]
    settings = model.get("config")
    name = settings.get("name") if isinstance(settings, dict) else None
    return str(name or model.get("class_name") or "-")


def epochs_done(run: Run, epochs: Any, events: list[dict[str, Any]]) -> str:
    """Return how many epochs are done, of how many: `3/5`."""
    return f"{len(epochs)}/{epochs_planned(run.config, events)}"


def epochs_planned(config: dict[str, Any], events: list[dict[str, Any]]) -> Any:
    """Return how many epochs there are to be: as the run began, or as it was resumed last."""
    changes = [change for event in events for change in event.get("changed", [])]
    return [config["fit"].get("epochs", "?"), *(now for path, _, now in changes if path == "fit.epochs")][-1]


def result(epochs: Any, events: list[dict[str, Any]]) -> str:
    """Return the best validation result; without one what the test gave, or the last epoch.

    >>> result(np.array([(0, 0.5), (1, 0.25)], [("epoch", "i8"), ("val_loss", "f8")]), [])
    'val_loss 0.2500'
    """
    known = [name for name in RESULTS if name in epochs.dtype.names]
    if not known or not len(epochs):
        return "-"
    name, values = known[0], epochs[known[0]]
    # a test belongs to the last epoch only if no step came after it
    tests = [event for event in events if event["kind"] == "test" and event["step"] == epochs["step"][-1]]
    said = next((key for key in ("test_accuracy", "test_mae") if tests and key in tests[-1]), None)
    if said is not None and not name.startswith("val_"):
        return f"{said} {metric(tests[-1][said])}"
    if not name.startswith("val_") or np.isnan(values).all():
        return f"{name} {metric(float(values[-1]))}"
    # an epoch without validation has NaN
    best = np.nanmax(values) if more_is_better(name) else np.nanmin(values)
    return f"{name} {metric(float(best))}"


def moment(seconds: float | None) -> str:
    """Return a moment, given in seconds since 1970, as local date and time."""
    try:
        return "-" if seconds is None else time.strftime("%Y-%m-%d %H:%M:%S", time.localtime(seconds))
    except (OverflowError, ValueError, OSError):  # a damaged file may name one that no calendar has
        return "-"


def settings(config: dict[str, Any], whole: bool = False) -> dict[str, str]:
    """Return what run.json says of the training as text by dotted path.

    Args:
        config: the configuration of a run.
        whole: whether each setting of a layer, an optimizer ... has a path of its own.
    """
    return dict(pair for part in PARTS for pair in flat(config.get(part), part, whole))


def flat(value: Any, path: str = "", whole: bool = False) -> Iterator[tuple[str, str]]:
    """Give (dotted path, text) of everything in a JSON value that is not None.

    >>> dict(flat({"a": 1, "b": {"class_name": "SGD", "config": {"momentum": 0.9}}}))
    {'a': '1', 'b': 'SGD(momentum=0.9)'}
    """
    # the kind is only needed to make it again
    if isinstance(value, dict) and set(value) == {"kind", "is"}:
        value = value["is"]
    if _is_piece(value):
        yield from _piece(value["class_name"], value["config"], path, whole)
    elif isinstance(value, dict):
        for name, inner in value.items():
            yield from flat(inner, f"{path}.{name}".lstrip("."), whole)
    elif _is_plain(value):
        if value is not None:
            yield path, _text(value)
    else:
        for i, inner in enumerate(value):
            yield from flat(inner, f"{path}.{i}", whole)


def _is_piece(value: object) -> bool:
    """Tell whether that is a layer, an optimizer ... as it is written down."""
    if not isinstance(value, dict) or set(value) != {"class_name", "config"}:
        return False
    return isinstance(value["class_name"], str) and isinstance(value["config"], dict)


def _piece(name: str, config: Any, path: str, whole: bool) -> Iterator[tuple[str, str]]:
    """Give a layer, an optimizer ... as one line where its settings are plain."""
    given = {key: value for key, value in config.items() if value is not None}
    if not whole and all(map(_is_plain, given.values())):
        yield path, f"{name}({', '.join(f'{key}={_text(value)}' for key, value in given.items())})"
    else:
        yield path, name
        yield from flat(given, path, whole)


def _is_plain(value: object) -> bool:
    return not isinstance(value, dict) and (not isinstance(value, list) or all(map(_is_plain, value)))


def _text(value: object) -> str:
    return f"[{', '.join(map(_text, value))}]" if isinstance(value, list) else str(value)
