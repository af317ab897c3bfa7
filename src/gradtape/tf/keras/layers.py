"""tf.keras.layers: gradtape's own."""

from gradtape.base.absent import answer_for as _answer_for
from gradtape.layers import *
from gradtape.layers import __all__ as __all__

_answer_for(__name__)
