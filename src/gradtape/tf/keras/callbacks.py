"""tf.keras.callbacks: gradtape's own."""

from gradtape.callbacks import *
from gradtape.callbacks import __all__ as __all__
