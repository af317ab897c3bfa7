"""The building blocks of notebook outputs: a frame, tables, folding sections, and a limit on the size.

There are no scripts: untrusted notebooks, and web pages that show notebooks, remove them. Colours follow
the theme by the variables of JupyterLab and VS Code, and are inherited where there are none.
"""

from __future__ import annotations

import html
from collections.abc import Callable, Iterable, Sequence

LIMIT = 200_000  # bytes of one output
_STYLE = (
    "<style>.gradtape{--ink:var(--jp-content-font-color1,var(--vscode-editor-foreground,inherit));"
    "--soft:var(--jp-content-font-color2,var(--vscode-descriptionForeground,#767b82));"
    "--line:var(--jp-border-color2,var(--vscode-panel-border,rgba(128,128,128,.35)));"
    "--code:var(--jp-code-font-family,var(--vscode-editor-font-family,ui-monospace,Menlo,Consolas,monospace));"
    "color:var(--ink);font-size:13px;line-height:1.5;max-width:100%;overflow-x:auto}"
    ".gradtape code,.gradtape td,.gradtape pre{font-family:var(--code);font-size:12px;background:none;"
    "color:inherit}"
    ".gradtape .soft{color:var(--soft)}.gradtape summary{cursor:pointer}"
    ".gradtape table{border-collapse:collapse;margin:.3em 0;border:0;color:inherit;font-size:12px}"
    ".gradtape td,.gradtape th{padding:.1em .7em .1em 0;text-align:left;border:0;background:none;"
    "vertical-align:top;font-weight:400;white-space:nowrap}.gradtape th{color:var(--soft)}"
    ".gradtape .num td{text-align:right}.gradtape .back td:nth-child(2){padding-left:1.6em}"
    ".gradtape .heat{image-rendering:pixelated;border:1px solid var(--line);display:block;max-width:100%}"
    ".gradtape figure{margin:.3em 0;display:inline-block;margin-right:1.2em;vertical-align:top}"
    ".gradtape figcaption{color:var(--soft);font-size:11px}</style>"
)


def bundle(text: str, make: Callable[[], str]) -> dict[str, str]:
    """Return what `_repr_mimebundle_` gives: the text always, HTML if it can be made.

    Args:
        text: the plain text.
        make: makes the HTML; a layer of a user's own may refuse to say what is asked for it.
    """
    try:
        return {"text/plain": text, "text/html": make()}
    except (ValueError, TypeError, AttributeError):
        return {"text/plain": text}


def framed(parts: Iterable[str], more: str = "parts are not shown") -> str:
    """Return the parts as one output of at most `LIMIT` bytes; those that do not fit are counted.

    Args:
        parts: complete pieces of HTML.
        more: the text after the number of those left out.
    """
    # 200 for the frame and the line that says what was left out.
    kept, left, out = [], LIMIT - len(_STYLE) - 200, 0
    for part in parts:
        size = len(part.encode())
        # None after the first that does not fit, so that what is shown is the beginning.
        if size <= left and not out:
            kept.append(part)
            left -= size
        else:
            out += 1
    if out:
        kept.append(f'<p class="soft">{out} {escaped(more)}</p>')
    return f'<div class="gradtape">{_STYLE}{"".join(kept)}</div>'


def escaped(text: object) -> str:
    """Return text as HTML shows it."""
    return html.escape(str(text))


def row(cells: Sequence[str], kind: str = "") -> str:
    """Return cells that are HTML as a row of a table."""
    mark = f' class="{kind}"' if kind else ""
    return f"<tr{mark}>{''.join(f'<td>{cell}</td>' for cell in cells)}</tr>"


def table(head: Sequence[str], rows: Iterable[str], kind: str = "", most: int = 120_000) -> str:
    """Return rows under their headings; what would make it longer than `most` is counted.

    Args:
        head: the headings, text.
        rows: what `row` gave.
        kind: a class of the table.
        most: how many bytes it may have.
    """
    kept: list[str] = []
    size = out = 0
    for one in rows:
        size += len(one.encode())
        if size <= most:
            kept.append(one)
        else:
            out += 1
    if out:
        kept.append(
            f'<tr><td colspan="{max(len(head), 1)}" class="soft">{out} more rows are not shown</td></tr>'
        )
    titles = f"<thead><tr>{''.join(f'<th>{escaped(h)}</th>' for h in head)}</tr></thead>" if head else ""
    return f'<table class="{kind}">{titles}<tbody>{"".join(kept)}</tbody></table>'


def fold(title: str, inside: str, is_open: bool = False) -> str:
    """Return HTML that a click on its title, HTML too, shows and hides."""
    return f"<details{' open' if is_open else ''}><summary>{title}</summary>{inside}</details>"
