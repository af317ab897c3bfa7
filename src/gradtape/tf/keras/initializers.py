"""tf.keras.initializers: gradtape's own."""

from gradtape.initializers import *
from gradtape.initializers import __all__ as __all__
