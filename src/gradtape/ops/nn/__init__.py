"""Operations of neural networks: activations, softmax and cross-entropies, lookups."""

from gradtape.base.absent import answer_for as _answer_for
from gradtape.ops.nn.activations import (
    celu,
    elu,
    gelu,
    leaky_relu,
    log_sigmoid,
    mish,
    relu,
    relu6,
    selu,
    sigmoid,
    silu,
    softplus,
    softsign,
    squareplus,
    swish,
    tanh_shrink,
)
from gradtape.ops.nn.crossentropy import (
    softmax_crossentropy,
)
from gradtape.ops.nn.piecewise import (
    exponential,
    glu,
    hard_shrink,
    hard_sigmoid,
    hard_silu,
    hard_swish,
    hard_tanh,
    linear,
    soft_shrink,
    sparse_plus,
    sparse_sigmoid,
    threshold,
)
from gradtape.ops.nn.softmax import (
    log_softmax,
    logsumexp,
    softmax,
)
from gradtape.ops.nn.sparsemax import (
    sparsemax,
)
from gradtape.ops.nn.target_crossentropy import (
    binary_crossentropy,
    categorical_crossentropy,
    sparse_categorical_crossentropy,
)

__all__ = [
    "binary_crossentropy",
    "categorical_crossentropy",
    "celu",
    "elu",
    "exponential",
    "gelu",
    "glu",
    "hard_shrink",
    "hard_sigmoid",
    "hard_silu",
    "hard_swish",
    "hard_tanh",
    "leaky_relu",
    "linear",
    "log_sigmoid",
    "log_softmax",
    "logsumexp",
    "mish",
    "relu",
    "relu6",
    "selu",
    "sigmoid",
    "silu",
    "soft_shrink",
    "softmax",
    "softmax_crossentropy",
    "softplus",
    "softsign",
    "sparse_categorical_crossentropy",
    "sparse_plus",
    "sparse_sigmoid",
    "sparsemax",
    "squareplus",
    "swish",
    "tanh_shrink",
    "threshold",
]

_answer_for(__name__)
