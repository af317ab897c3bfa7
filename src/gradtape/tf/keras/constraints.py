"""tf.keras.constraints: gradtape's own."""

from gradtape.constraints import *
from gradtape.constraints import __all__ as __all__
