"""The data of a run: found by name or passed again, and compared with the recorded fingerprint."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from gradtape.data import ArraySource, Source, adapt, split_validation
from gradtape.datasets.by_name import named
from gradtape.errors import RunError, show
from gradtape.runs.environment import fingerprint


def source_of(config: Mapping[str, Any], given: tuple[Any, Any, Any], path: Path) -> Source:
    """Return the batches of a run, as `fit` had them.

    Args:
        config: the contents of run.json.
        given: x, y and sample_weight, as passed to `fit`; all None: the data is found by its recorded name.
        path: the run's folder, named in errors.

    Raises:
        RunError: if nothing is given and the run does not know its data by name, or they are not the ones
            that it was trained on.
    """
    if given[0] is None:
        if not config.get("data_name"):
            raise RunError(
                f"run: {path} has no recorded name of its data; pass the data: "
                f"open_run({str(path)!r}, x=..., y=...)"
            )
        given = (*named(config["data_name"]), None)
    found = adapted(config, given)
    # The fingerprint is that of the samples trained on. The caller may pass these, or all of them as to fit.
    share = config["fit"].get("validation_split")
    if share and not _are_those(found, config):
        first = adapted(config, split_validation(given, share)[0])
        found = first if _are_those(first, config) else found
    _check(found, config, path)
    return found


def adapted(config: Mapping[str, Any], given: tuple[Any, Any, Any]) -> Source:
    """Return batches of x, y and sample_weight as `fit` made them, whatever the data is."""
    fit = config["fit"]
    if not isinstance(fit, dict) or "unwritten" in fit:
        raise RunError(f"run: the arguments of fit were not written down: {show(fit)}")
    weights = fit.get("class_weight")
    try:
        by_class = None if weights is None else {int(name): weight for name, weight in weights.items()}
        size = fit["batch_size"] if isinstance(config.get("data"), dict) else None
        shuffle, steps = fit["shuffle"], fit["steps"]
    except (KeyError, ValueError, TypeError, AttributeError):
        raise RunError(f"run: run.json is damaged: fit cannot be {show(fit)}") from None
    x, y, sample_weight = given
    return adapt(x, y, sample_weight, size, shuffle, by_class, steps, check_finite=False)


def _are_those(source: Source, config: Mapping[str, Any]) -> bool:
    if not isinstance(source, ArraySource):
        return config.get("data") is None
    known, shapes = config.get("data"), [list(a.shape) for a in source.arrays]
    # the shapes first, as they cost nothing; a fingerprint reads all the data
    return isinstance(known, dict) and known.get("shapes") == shapes and known == fingerprint(source.arrays)


def _check(source: Any, config: Mapping[str, Any], path: Path) -> None:
    """Raise RunError, saying what differs, if these are not the run's data."""
    if _are_those(source, config):
        return
    known, came = config.get("data"), fingerprint(source.arrays)
    if not isinstance(known, dict):
        raise RunError(
            f"run: {path} was not trained on arrays but on an object that gives batches; give that"
        )
    for what in ("shapes", "dtypes", "sha256"):
        if known.get(what) != came[what]:
            raise RunError(
                f"run: {path} was trained on other data: {what} {show(known.get(what))} then, "
                f"{show(came[what])} now"
            )
