"""tf.keras.models: gradtape's own."""

from gradtape.base.absent import answer_for as _answer_for
from gradtape.models import *
from gradtape.models import __all__ as __all__

_answer_for(__name__)
