"""tf.keras.models: gradtape's own."""

from gradtape.models import *
from gradtape.models import __all__ as __all__
