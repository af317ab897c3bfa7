"""How much a peer takes in site-packages: its distributions and all that they need."""

from __future__ import annotations

import importlib.util
from collections.abc import Iterable
from importlib import metadata
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name


def needed(roots: Iterable[str]) -> dict[str, metadata.Distribution]:
    """Return the installed distributions that `roots` need, these included, by name; extras left out.

    Raises:
        PackageNotFoundError: if one of `roots` is not installed.

    >>> "packaging" in needed(["packaging"])
    True
    """
    found = {canonicalize_name(root): metadata.distribution(root) for root in roots}
    waiting = list(found.values())
    while waiting:
        for text in waiting.pop().requires or []:
            requirement = Requirement(text)
            name = canonicalize_name(requirement.name)
            if name in found or (requirement.marker and not requirement.marker.evaluate({"extra": ""})):
                continue
            try:
                found[name] = metadata.distribution(name)
            except metadata.PackageNotFoundError:  # wanted, yet the peer runs without it
                continue
            waiting.append(found[name])
    return dict(found)


def size_bytes(distribution: metadata.Distribution) -> int:
    """Return the bytes of a distribution's files, byte code left out."""
    files = [Path(str(distribution.locate_file(file))) for file in distribution.files or []]
    direct = distribution.read_text("direct_url.json") or ""
    if '"editable": true' in direct:
        files += _sources(distribution.name)
    return sum(f.stat().st_size for f in files if f.is_file() and f.suffix != ".pyc")


def _sources(package: str) -> list[Path]:
    """Return the files of a package that is used from where it is developed."""
    spec = importlib.util.find_spec(package)
    return list(Path(spec.origin).parent.rglob("*")) if spec and spec.origin else []


def installed_bytes(packages: Iterable[str]) -> int | None:
    """Return the bytes that these packages and all they need take; None if one is not installed."""
    try:
        return sum(map(size_bytes, needed(packages).values()))
    except metadata.PackageNotFoundError:
        return None
