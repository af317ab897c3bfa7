"""tf.keras.utils: gradtape's own."""

from gradtape.base.absent import answer_for as _answer_for
from gradtape.utils import *
from gradtape.utils import __all__ as __all__

_answer_for(__name__)
