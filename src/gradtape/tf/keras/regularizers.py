"""tf.keras.regularizers: gradtape's own."""

from gradtape.regularizers import *
from gradtape.regularizers import __all__ as __all__
