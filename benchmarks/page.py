"""The page docs/performance.md: sections that programs write, each between two marks."""

from __future__ import annotations

from pathlib import Path

SECTIONS = ("step", "fit", "peers", "peers-gpu", "notes")
NOTES = Path(__file__).with_name("notes.md")


def write(path: Path, name: str, section: str) -> None:
    """Put a section into the page at `path`, and the notes of today."""
    page = path.read_text(encoding="utf-8") if path.exists() else "# Performance\n"
    path.write_text(written(page, name, section), encoding="utf-8")


def written(page: str, name: str, section: str) -> str:
    """Return the page with this section and the notes; all sections have their places in it.

    >>> page = written("# Title", "fit", "2 ms")
    >>> [page.index(f"<!-- {name}:") for name in SECTIONS] == sorted(
    ...     page.index(f"<!-- {name}:") for name in SECTIONS
    ... )
    True
    """
    for place in SECTIONS:
        if f"<!-- {place}:" not in page:
            page = put(page, place, "")
    return put(put(page, "notes", NOTES.read_text(encoding="utf-8")), name, section)


def put(page: str, name: str, section: str) -> str:
    """Return the page with the text between the marks of `name` replaced, or appended with its marks.

    >>> page = put("# Title", "times", "1 ms")
    >>> print(page.strip())
    # Title
    <BLANKLINE>
    <!-- times: written by a program -->
    1 ms
    <!-- end of times -->
    >>> put(page, "times", "1 ms") == page
    True
    """
    begin, end = f"<!-- {name}: written by a program -->", f"<!-- end of {name} -->"
    text = f"{begin}\n{section.strip()}\n{end}"
    before, found, rest = page.partition(begin)
    if not found:
        return f"{page.rstrip()}\n\n{text}\n"
    _, closed, after = rest.partition(end)
    if not closed:
        raise ValueError(f"the page has {begin!r} without {end!r}")
    return before + text + after
