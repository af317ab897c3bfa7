"""Linear algebra: products, contractions, vectors scaled to length 1."""

from gradtape.base.absent import answer_for as _answer_for
from gradtape.ops.linalg.contractions import (
    dot,
    einsum,
    inner,
    outer,
    tensordot,
    vdot,
)
from gradtape.ops.linalg.linear_algebra import (
    matmul,
)
from gradtape.ops.linalg.normalization import (
    l2_normalize,
    normalize,
)

__all__ = ["dot", "einsum", "inner", "l2_normalize", "matmul", "normalize", "outer", "tensordot", "vdot"]

_answer_for(__name__)
