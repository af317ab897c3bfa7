"""tf.keras.metrics: gradtape's own."""

from gradtape.metrics import *
from gradtape.metrics import __all__ as __all__
