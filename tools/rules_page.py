"""The page docs/rules.md: every gradient rule, family by family."""

from __future__ import annotations

from importlib import import_module

import gradtape.cli  # noqa: F401  - defines all operations, those of single layers too
from gradtape.core.operation import registry, rules_table

HEAD = """# The gradient rules

Every rule that `tape.gradient` can use, as `gradtape rules` prints them; this page is written by
`python -m tools.write_pages`. A rule computes the gradient of one argument: `g` is the upstream gradient
(cotangent), the gradient of the operation's output, called `c` where an argument has the name `g`; `y` is the
output; the other names are the operation's arguments. Where an argument was broadcast, the tape sums the
result to the argument's shape. Operations without a row, such as `argmax` or `equal`, pass no gradient. Which
slope a rule takes at a kink or a tie: [numerics.md](numerics.md).
"""


def rules_page() -> str:
    """Return the text of the page."""
    families: dict[str, list[str]] = {}
    for name, argument, formula in rules_table():
        module = registry[name].forward.__module__
        if module.startswith("gradtape."):
            row = f"| {name} | `{argument}` | `{formula.replace('|', chr(92) + '|')}` |"
            families.setdefault(module, []).append(row)
    return "\n".join([HEAD, *(_section(module, families[module]) for module in sorted(families))])


def _section(module: str, rows: list[str]) -> str:
    first = (import_module(module).__doc__ or "").strip().partition("\n\n")[0].replace("\n", " ")
    title = first.partition(". ")[0].rstrip(".").replace("``", "`")
    path = module.replace(".", "/") + ".py"
    head = [f"## {title}", "", f"[{path.removeprefix('gradtape/')}](../src/{path})", ""]
    return "\n".join([*head, "| operation | gradient of | rule |", "|---|---|---|", *rows, ""])
