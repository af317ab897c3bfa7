"""Losses: how far predictions are from the targets; a function for each sample, a class for all of them.

Names, arguments and numbers are Keras'.  In `base/`: `loss.py` the base class and the table of names,
`function_loss.py` classes made from functions, `reduction.py` reductions and sample weights, `inputs.py`
dtypes and shapes of y_true and y_pred.  Each other file is one family of losses.
"""

from gradtape.base.absent import answer_for as _answer_for
from gradtape.losses.base.loss import (
    LOSSES,
    Loss,
    deserialize,
    get,
    serialize,
)
from gradtape.losses.binary import BinaryCrossentropy, binary_crossentropy
from gradtape.losses.binary_focal import BinaryFocalCrossentropy, binary_focal_crossentropy
from gradtape.losses.categorical import CategoricalCrossentropy, categorical_crossentropy
from gradtape.losses.categorical_focal import CategoricalFocalCrossentropy, categorical_focal_crossentropy
from gradtape.losses.distributions import KLDivergence, Poisson, kl_divergence, poisson
from gradtape.losses.generalized import (
    CategoricalGeneralizedCrossEntropy,
    categorical_generalized_cross_entropy,
)
from gradtape.losses.hinge import (
    CategoricalHinge,
    Hinge,
    SquaredHinge,
    categorical_hinge,
    hinge,
    squared_hinge,
)
from gradtape.losses.mean_errors import (
    MeanAbsoluteError,
    MeanAbsolutePercentageError,
    MeanSquaredError,
    MeanSquaredLogarithmicError,
    mean_absolute_error,
    mean_absolute_percentage_error,
    mean_squared_error,
    mean_squared_logarithmic_error,
)
from gradtape.losses.overlap import Dice, Tversky, dice, tversky
from gradtape.losses.robust import Huber, LogCosh, huber, log_cosh
from gradtape.losses.similarity import CosineSimilarity, cosine_similarity
from gradtape.losses.sparse_categorical import (
    SparseCategoricalCrossentropy,
    sparse_categorical_crossentropy,
)

bce = BCE = binary_crossentropy
kld = KLD = kullback_leibler_divergence = kl_divergence
logcosh = log_cosh
mae = MAE = mean_absolute_error
mape = MAPE = mean_absolute_percentage_error
mse = MSE = mean_squared_error
msle = MSLE = mean_squared_logarithmic_error

__all__ = [
    "BCE",
    "KLD",
    "LOSSES",
    "MAE",
    "MAPE",
    "MSE",
    "MSLE",
    "BinaryCrossentropy",
    "BinaryFocalCrossentropy",
    "CategoricalCrossentropy",
    "CategoricalFocalCrossentropy",
    "CategoricalGeneralizedCrossEntropy",
    "CategoricalHinge",
    "CosineSimilarity",
    "Dice",
    "Hinge",
    "Huber",
    "KLDivergence",
    "LogCosh",
    "Loss",
    "MeanAbsoluteError",
    "MeanAbsolutePercentageError",
    "MeanSquaredError",
    "MeanSquaredLogarithmicError",
    "Poisson",
    "SparseCategoricalCrossentropy",
    "SquaredHinge",
    "Tversky",
    "bce",
    "binary_crossentropy",
    "binary_focal_crossentropy",
    "categorical_crossentropy",
    "categorical_focal_crossentropy",
    "categorical_generalized_cross_entropy",
    "categorical_hinge",
    "cosine_similarity",
    "deserialize",
    "dice",
    "get",
    "hinge",
    "huber",
    "kl_divergence",
    "kld",
    "kullback_leibler_divergence",
    "log_cosh",
    "logcosh",
    "mae",
    "mape",
    "mean_absolute_error",
    "mean_absolute_percentage_error",
    "mean_squared_error",
    "mean_squared_logarithmic_error",
    "mse",
    "msle",
    "poisson",
    "serialize",
    "sparse_categorical_crossentropy",
    "squared_hinge",
    "tversky",
]

_answer_for(__name__)
