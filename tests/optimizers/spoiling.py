"""Spoils a function term by term, so that a test can show that it would see each fault."""

from __future__ import annotations

import ast
import copy
import inspect
import textwrap
from collections.abc import Callable, Iterator
from typing import Any

_ARITHMETIC = (ast.Add, ast.Sub, ast.Mult, ast.Div)


def spoiled(function: Callable[..., Any]) -> Iterator[tuple[str, Callable[..., Any]]]:
    """Yield what was spoiled and the spoiled function, once for each term.

    Of ``a + b``, ``a - b``, ``a * b`` and ``a / b`` either operand is left out; of a call with arguments, such
    as ``sqrt(a)`` or ``maximum(a, b)``, one argument is left in the place of the call; and each statement that
    is a call is left out.
    """
    tree = ast.parse(textwrap.dedent(inspect.getsource(function)))
    places = [place for place, node in enumerate(ast.walk(tree)) if _versions(node)]
    for place in places:
        for number in range(len(_versions(_at(tree, place)))):
            spoiled_tree = copy.deepcopy(tree)
            node = _at(spoiled_tree, place)
            before, new = ast.unparse(node), _versions(node)[number]
            _Replace(node, new).visit(spoiled_tree)
            yield f"{function.__name__}: {before}  ->  {ast.unparse(new)}", _made(spoiled_tree, function)


def _at(tree: ast.AST, place: int) -> ast.AST:
    return list(ast.walk(tree))[place]


def _versions(node: ast.AST) -> list[Any]:
    """Return what may stand in the place of a node."""
    if isinstance(node, ast.BinOp) and isinstance(node.op, _ARITHMETIC):
        return [node.left, node.right]
    if isinstance(node, ast.Expr) and isinstance(node.value, ast.Call):
        return [ast.Pass()]
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id != "cast":
        return [argument for argument in node.args if not isinstance(argument, ast.Starred)]
    return []


class _Replace(ast.NodeTransformer):
    def __init__(self, old: ast.AST, new: ast.AST) -> None:
        self.old, self.new = old, new

    def visit(self, node: ast.AST) -> Any:
        return self.new if node is self.old else super().visit(node)


def _made(tree: Any, function: Callable[..., Any]) -> Callable[..., Any]:
    tree.body[0].decorator_list = []
    tree.body[0].returns = None
    for argument in tree.body[0].args.args:
        argument.annotation = None
    namespace = dict(function.__globals__)  # type: ignore[attr-defined]
    exec(compile(ast.fix_missing_locations(tree), "<spoiled>", "exec"), namespace)
    return namespace[function.__name__]
