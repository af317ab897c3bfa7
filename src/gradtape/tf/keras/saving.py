"""tf.keras.saving: gradtape's own."""

from gradtape.base.absent import answer_for as _answer_for
from gradtape.models import load_model as load_model
from gradtape.models import load_weights as load_weights
from gradtape.models import save_model as save_model
from gradtape.models import save_weights as save_weights
from gradtape.saving import *
from gradtape.saving import __all__ as __all__

__all__ += ["load_model", "load_weights", "save_model", "save_weights"]

_answer_for(__name__)
