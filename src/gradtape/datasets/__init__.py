"""Data sets that come with the package: no network, nothing to download.

`mnist` reads and checks its own file under `data/`; origin and licence stand beside that file.
"""

from gradtape.base.absent import answer_for as _answer_for
from gradtape.datasets import mnist

__all__ = ["mnist"]

_answer_for(__name__)
