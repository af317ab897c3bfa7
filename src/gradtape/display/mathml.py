"""Formulas as MathML, which notebooks show without a script."""

from __future__ import annotations

import re
from collections.abc import Iterator

from gradtape.display.html import escaped

_TOKEN = re.compile(r"\s*(?:(\d+(?:\.\d+)?)|([A-Za-z_]\w*)|(\*\*|<-|[-+*/@(),<>=]))")
# A product of matrices has no sign in mathematics.
_SIGNS = {"*": "&#183;", "@": "", "-": "&#8722;", "<-": "&#8592;", "<": "&lt;", ">": "&gt;"}


def formula_html(text: str) -> str:
    """Return a formula such as ``g @ transpose(x2)`` as MathML, and anything else as code.

    Args:
        text: a rule's docstring, or what an operation returns.
    """
    tokens = _tokens(text)
    if tokens is None:
        return f"<code>{escaped(text)}</code>"
    return f"<math>{''.join(_marked(tokens))}</math>"


def _tokens(text: str) -> list[str] | None:
    """Return numbers, names and signs; None if it is a sentence, in which words follow each other."""
    found: list[str] = []
    place = 0
    while place < len(text.rstrip()):
        match = _TOKEN.match(text, place)
        if match is None or (found and _is_word(found[-1]) and match[3] is None):
            return None
        found.append(match[0].strip())
        place = match.end()
    return found or None


def _is_word(token: str) -> bool:
    return token[0].isalnum() or token[0] == "_"


def _marked(tokens: list[str]) -> Iterator[str]:
    """Give the tokens as MathML; a power goes to the top of what stands before it."""
    place = 0
    while place < len(tokens):
        if place + 2 < len(tokens) and tokens[place + 1] == "**":
            yield f"<msup>{_atom(tokens[place])}{_atom(tokens[place + 2])}</msup>"
            place += 3
        else:
            yield _atom(tokens[place])
            place += 1


def _atom(token: str) -> str:
    if token[0].isdigit():
        return f"<mn>{token}</mn>"
    if not _is_word(token):
        return f"<mo>{_SIGNS.get(token, token)}</mo>"
    name, number = token.rstrip("0123456789"), token[len(token.rstrip("0123456789")) :]
    if name and number:
        return f"<msub><mi>{escaped(name)}</mi><mn>{number}</mn></msub>"
    return f"<mi>{escaped(token)}</mi>"
