"""The symbol of an operation as a tree, which a script can compute with the numbers of a step."""

from __future__ import annotations

import ast
from typing import Any

_SIGNS = {ast.Add: "+", ast.Sub: "-", ast.Mult: "*", ast.Div: "/", ast.Pow: "**", ast.MatMult: "@"}


def tree_of(symbol: str) -> Any:
    """Return a symbol as nested lists, each of a sign or function and its operands; None if it is no formula.

    >>> tree_of("max(x, 0) * 2"), tree_of("-x"), tree_of("x in another dtype")
    (['*', ['max', 'x', 0], 2], ['-', 'x'], None)
    """
    try:
        # Read, never run: a symbol may come from anywhere.
        return _tree(ast.parse(symbol, mode="eval").body)
    except (SyntaxError, ValueError):
        return None


def _tree(node: ast.expr) -> Any:
    match node:
        case ast.Constant(value=int() | float() as value):
            return value
        case ast.Name(id=name):
            return name
        case ast.UnaryOp(op=ast.USub(), operand=operand):
            return ["-", _tree(operand)]
        case ast.BinOp(left=left, op=op, right=right) if type(op) in _SIGNS:
            return [_SIGNS[type(op)], _tree(left), _tree(right)]
        case ast.Call(func=ast.Name(id=name), args=arguments, keywords=[]):
            return [name, *map(_tree, arguments)]
    raise ValueError(ast.dump(node))
