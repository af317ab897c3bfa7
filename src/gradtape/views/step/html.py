"""The page of a step: one self-contained HTML file, built from the files in `page/`."""

from __future__ import annotations

import html
import json
import os
from pathlib import Path
from typing import Any

from gradtape.views.step.schema import as_json
from gradtape.views.step.step_view import step_view

ROOM = 5_600_000  # bytes for the texts of the arrays
LANGUAGES = ("en", "zh-Hans")
_FOLDER = Path(__file__).parent / "page"
# In the order in which the browser is to read them.
_SCRIPTS = (
    "words",
    "arrays",
    "colours",
    "heatmap",
    "formula",
    "explain",
    "parts",
    "lanes",
    "weights",
    "samples",
    "main",
)


def step_page(step: Any, room: int = ROOM) -> str:
    """Return a step as an HTML page that is one file and asks the network for nothing.

    Args:
        step: the step.
        room: how many bytes the values may take; what does not fit is shown by its means and extremes.
    """
    view, pool = step_view(step, room)
    words = {language: json.loads(_text(f"{language}.json")) for language in LANGUAGES}
    arrays = "\n".join(
        f'<script type="text/plain" id="array-{i}">{text}</script>'
        for i, text in enumerate(pool.texts())
        if text
    )
    parts = {
        "TITLE": html.escape(f"step {step.number} · {view.step.run}"),
        "STYLE": _text("page.css"),
        "DATA": in_script(as_json(view)),
        "WORDS": in_script(words),
        "ARRAYS": arrays,
        "SCRIPT": "\n".join(_text(f"{name}.js") for name in _SCRIPTS),
    }
    page = _text("page.html")
    for name, text in parts.items():
        before, mark, after = page.partition(f"<!--{name}-->")
        assert mark, name
        page = before + text + after
    return page


def write_page(step: object, path: str | os.PathLike[str]) -> Path:
    """Write the page of a step to a file, and return its path."""
    place = Path(path)
    place.write_text(step_page(step), encoding="utf-8")
    return place


def in_script(data: object) -> str:
    """Return data as JSON that may stand inside a script element.

    >>> in_script({"a": "</script>"})
    '{"a":"\\\\u003c/script>"}'
    """
    text = json.dumps(data, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    # "</script>" would end the element; older browsers take U+2028 and U+2029 for ends of lines.
    return text.replace("<", "\\u003c").replace("\u2028", "\\u2028").replace("\u2029", "\\u2029")


def _text(name: str) -> str:
    return (_FOLDER / name).read_text(encoding="utf-8")
