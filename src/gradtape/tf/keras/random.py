"""tf.keras.random: gradtape's own."""

from gradtape.random import *
from gradtape.random import __all__ as __all__
