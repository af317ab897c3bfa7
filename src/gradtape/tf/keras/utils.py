"""tf.keras.utils: gradtape's own."""

from gradtape.utils import *
from gradtape.utils import __all__ as __all__
