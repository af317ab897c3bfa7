"""`gradtape rules`: the gradient rules of all operations."""

from __future__ import annotations

from typing import Annotated

import typer

from gradtape.core.operation import rules_table
from gradtape.display.tables import print_table
from gradtape.display.terminal import one_line
from gradtape.errors import closest


def rules(
    operation: Annotated[
        str | None, typer.Argument(metavar="[OPERATION]", help="Only the rules of this operation.")
    ] = None,
) -> None:
    """Print every gradient rule: operation, argument, formula.

    In a formula, g is the gradient of the operation's output, y the output,
    and the other names are the operation's arguments.
    """
    every = rules_table()
    found = [row for row in every if operation in (None, row[0])]
    if not found:
        raise typer.BadParameter(_no_rules(str(operation), [row[0] for row in every]))
    print_table(("operation", "gradient of", "rule"), found)


def _no_rules(operation: str, names: list[str]) -> str:
    near = closest(operation.lower(), names)
    question = f"; did you mean {near}?" if near else ""
    return f"no operation {one_line(operation)!r} has gradient rules{question}"
