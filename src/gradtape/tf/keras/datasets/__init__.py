"""tf.keras.datasets: the data sets that come with gradtape."""

from gradtape.datasets import mnist

__all__ = ["mnist"]
