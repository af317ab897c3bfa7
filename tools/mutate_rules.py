"""Spoil every gradient rule in every small way, and see that the suite's gradient check finds each fault.

A rule is changed in its source: its sign is flipped; a term of a sum or a factor of a product is left out;
a plus becomes a minus; a division becomes a product; a number grows by one.  Each spoilt rule takes the
place of the right one and is checked on the samples of `tests/ops/test_every_rule.py`.  A fault that
nobody finds is printed; some of them are none, because both ways give the same gradient.

    python tools/mutate_rules.py            all operations
    python tools/mutate_rules.py log tanh   only these
"""

from __future__ import annotations

import ast
import copy
import importlib
import inspect
import sys
import textwrap
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1]))

from gradtape.testing import check_gradients

Rule = Callable[..., Any]
OTHER = {ast.Add: ast.Sub, ast.Sub: ast.Add, ast.Mult: ast.Div, ast.Div: ast.Mult}


def definition(rule: Rule) -> ast.FunctionDef | None:
    """Return the rule's own definition, without decorators; None if it is no `def`."""
    try:
        tree = ast.parse(textwrap.dedent(inspect.getsource(rule)))
    except (OSError, SyntaxError):
        return None
    found = tree.body[0]
    if not isinstance(found, ast.FunctionDef):
        return None
    found.decorator_list = []
    return found


def alternatives(node: ast.AST) -> Iterator[tuple[str, ast.expr]]:
    """Return what an expression may be replaced by, each with a word on what it does."""
    if isinstance(node, ast.BinOp) and type(node.op) in OTHER:
        yield "left only", node.left
        is_minus = isinstance(node.op, ast.Sub)
        yield "right only", ast.UnaryOp(ast.USub(), node.right) if is_minus else node.right
        yield "other sign", ast.BinOp(node.left, OTHER[type(node.op)](), node.right)
    elif isinstance(node, ast.BinOp) and isinstance(node.op, ast.Pow):
        yield "no power", node.left
    elif isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
        yield "no minus", node.operand
    elif isinstance(node, ast.Constant) and isinstance(node.value, int | float):
        yield "number + 1", ast.Constant(node.value + 1)
    elif isinstance(node, ast.Return) and node.value is not None:
        yield "flipped", ast.UnaryOp(ast.USub(), node.value)


def mutants(rule: Rule) -> Iterator[tuple[str, Rule]]:
    """Return each spoilt form of the rule, with what was done to it."""
    plain = definition(rule)
    if plain is None:
        yield "flipped", lambda *args, **kwargs: -rule(*args, **kwargs)
        return
    closure = inspect.getclosurevars(rule).nonlocals
    for number, node in enumerate(ast.walk(plain)):
        for what, other in alternatives(node):
            changed = copy.deepcopy(plain)
            before = ast.unparse(node)
            spoil(changed, number, copy.deepcopy(other))
            space = {**rule.__globals__, **closure}
            exec(compile(ast.unparse(ast.fix_missing_locations(changed)), "<mutant>", "exec"), space)
            yield f"{what}: {before}", space[plain.name]


def spoil(tree: ast.FunctionDef, number: int, other: ast.expr) -> None:
    """Replace the node that `ast.walk` gives as the `number`-th; a return keeps its word."""
    target = list(ast.walk(tree))[number]
    if isinstance(target, ast.Return):
        target.value = other
        return
    for parent in ast.walk(tree):
        for field, value in ast.iter_fields(parent):
            if value is target:
                setattr(parent, field, other)
            elif isinstance(value, list) and any(v is target for v in value):
                setattr(parent, field, [other if v is target else v for v in value])


def is_found(tried: Any) -> bool:
    """Tell whether the check, or the operation itself, refuses the rule that is now in place."""
    try:
        for order in (1, 2):
            for function, tensors in tried:
                check_gradients(function, *tensors, order=order, directions=2)
    except Exception:
        return True
    return False


def main(names: list[str]) -> int:
    """Print the faults that were not found; return how many."""
    suite: Any = importlib.import_module("tests.ops.test_every_rule")
    count, missed = 0, 0
    for name, argument in suite.CHECKED:
        if (names and name not in names) or (name, argument) in suite.ZERO:
            continue
        right, tried = suite.OURS[name].rules[argument], suite.samples(name)
        for what, wrong in mutants(right):
            suite.OURS[name].add_rule(argument, wrong)
            count += 1
            if not is_found(tried):
                missed += 1
                print(f"not found: {name}, rule for {argument}, {what}", flush=True)
        suite.OURS[name].add_rule(argument, right)
    print(f"{count} faults, {count - missed} found, {missed} not")
    return missed


if __name__ == "__main__":
    sys.exit(1 if main(sys.argv[1:]) else 0)
