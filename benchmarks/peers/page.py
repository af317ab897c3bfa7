"""Sections of a page that a program writes: each between two marks, the rest of the page left as it is."""

from __future__ import annotations


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
