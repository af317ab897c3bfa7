"""Names and texts as the commands print them."""

from __future__ import annotations

import difflib
from collections.abc import Sequence


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
