"""tf.keras.optimizers: gradtape's own."""

from gradtape.base.absent import answer_for as _answer_for
from gradtape.optimizers import *
from gradtape.optimizers import __all__ as __all__

_answer_for(__name__)
