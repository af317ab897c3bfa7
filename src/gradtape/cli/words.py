"""Names and texts as the commands print them."""

from __future__ import annotations

import difflib
import shlex
from collections.abc import Mapping, Sequence
from pathlib import Path


def one_line(text: str) -> str:
    """Return `text` as one line without control characters.

    >>> one_line("a\\n  b\\x1b[1m")
    'a b\\\\x1b[1m'
    """
    words = " ".join(text.split())
    return "".join(c if c.isprintable() else ascii(c)[1:-1] for c in words)


def must_be_one_of(names: Sequence[str], value: str) -> str:
    """Return the message for a name that does not exist, with the nearest that does.

    >>> must_be_one_of(["mnist"], "mnits")
    "must be one of: mnist; got 'mnits', did you mean mnist?"
    """
    nearest = difflib.get_close_matches(value.lower(), names, n=1)
    came = repr(one_line(value)) if value else "nothing"
    question = f", did you mean {nearest[0]}?" if nearest else ""
    return f"must be one of: {', '.join(names)}; got {came}{question}"


def print_results(results: Mapping[str, float]) -> None:
    """Print what a test gave."""
    for name in ("accuracy", "loss"):
        print(f"test {name}: {results[name]:.4f}")


def print_next(kind: str, path: Path, folder: Path, dataset: str) -> None:
    """Print where it is kept what has been learned, and what can be done with it.

    Args:
        kind: "run" or "weights".
        path: the run's folder, or the file of weights.
        folder: the folder of either.
        dataset: what it has learned.
    """
    place = one_line(shlex.quote(str(folder)))
    commands = [f"show {place}"] if kind == "run" else []
    commands += [f"evaluate {place}", f"predict {dataset}:0 --weights {place}"]
    print(f"{kind}: {one_line(str(path))}")
    for before, command in zip(("next:", "     ", "     "), commands, strict=False):
        print(f"{before} gradtape {command}")
