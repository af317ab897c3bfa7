"""tf.keras: the dictionary's part for Keras."""

from __future__ import annotations

from gradtape.ops.seeds import set_seed as _set_seed
from gradtape.tf.keras import activations, datasets, losses, optimizers

__all__ = ["activations", "datasets", "losses", "optimizers", "utils"]


class utils:
    """tf.keras.utils: what of it there is."""

    set_random_seed = staticmethod(_set_seed)
