"""tf.keras.activations: gradtape's own."""

from gradtape.activations import *
from gradtape.activations import __all__ as __all__
