"""tf.keras.optimizers: gradtape's own."""

from gradtape.optimizers import *
from gradtape.optimizers import __all__ as __all__
