"""Names of the metrics that callbacks use, and the message for an unknown one."""

from __future__ import annotations

from collections.abc import Iterable

from gradtape.errors import nearest


def unknown_metric(who: str, name: str, known: Iterable[str]) -> str:
    """Return the message about a metric that `who` asks for and that is not among `known`.

    >>> unknown_metric("EarlyStopping", "val_acc", ["loss", "val_accuracy"])
    "EarlyStopping: 'val_acc' is not among the metrics; did you mean 'val_accuracy'?"
    """
    names = list(known)
    if name.startswith("val_") and not any(n.startswith("val_") for n in names):
        return (
            f"{who}: {name!r} needs validation, and fit was given none; pass validation_data or "
            f"validation_split, or monitor {name.removeprefix('val_')!r}"
        )
    return f"{who}: {name!r} is not among the metrics{nearest(name, names)}"
