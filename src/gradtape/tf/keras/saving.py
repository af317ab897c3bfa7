"""tf.keras.saving: gradtape's own."""

from gradtape.saving import *
from gradtape.saving import __all__ as __all__
