"""Formulas of operations whose docstring says in words what a line of symbols says better."""

from __future__ import annotations

from gradtape.rerun.call_context import BACKWARD
from gradtape.rerun.op_record import OpRecord

_SYMBOLS = {
    "matmul": "x1 @ x2",
    "matmul_transpose_a": "transpose(x1) @ x2",
    "matmul_transpose_b": "x1 @ transpose(x2)",
    "mean": "sum(x) / n",
    "sum": "sum(x)",
    "var": "mean((x - mean(x))**2)",
    "sqrt": "sqrt(x)",
    "rsqrt": "1 / sqrt(x)",
    "divide": "x1 / x2",
    "softmax": "exp(x) / sum(exp(x))",
    "softmax_crossentropy": "-log(softmax(logits)[label])",
    "cast": "x in another dtype",
    "stop_gradient": "x; no gradient goes back",
}


def formula_of(record: OpRecord) -> str:
    """Return what an operation computes, in symbols where there are any; for a backward one its rule."""
    if record.phase == BACKWARD and record.rule:
        return record.formula
    return _SYMBOLS.get(record.name, record.formula)
