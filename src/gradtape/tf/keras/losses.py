"""tf.keras.losses: gradtape's own."""

from gradtape.losses import *
from gradtape.losses import __all__ as __all__
