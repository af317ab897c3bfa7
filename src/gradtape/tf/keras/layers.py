"""tf.keras.layers: gradtape's own."""

from gradtape.layers import *
from gradtape.layers import __all__ as __all__
