"""tf.keras.metrics: gradtape's own, and the short names of losses that TensorFlow has here too."""

from gradtape import metrics as _metrics
from gradtape.base.absent import answer_for as _answer_for
from gradtape.losses import KLD as KLD
from gradtape.losses import MAE as MAE
from gradtape.losses import MAPE as MAPE
from gradtape.losses import MSE as MSE
from gradtape.losses import MSLE as MSLE
from gradtape.losses import kld as kld
from gradtape.losses import kullback_leibler_divergence as kullback_leibler_divergence
from gradtape.losses import logcosh as logcosh
from gradtape.losses import mae as mae
from gradtape.losses import mape as mape
from gradtape.losses import mse as mse
from gradtape.losses import msle as msle
from gradtape.metrics import *

_SHORT = "KLD MAE MAPE MSE MSLE kld kullback_leibler_divergence logcosh mae mape mse msle"

__all__ = [*_metrics.__all__, *_SHORT.split()]

_answer_for(__name__)
