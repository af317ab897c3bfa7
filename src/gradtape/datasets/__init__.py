"""Data sets that come with the package: no network, nothing to download.

`mnist` reads and checks its own file under `data/`; origin and licence stand beside that file.
"""

from gradtape.datasets import mnist

__all__ = ["mnist"]
