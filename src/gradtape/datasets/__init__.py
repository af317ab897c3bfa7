"""Data sets that come with the package: no network, nothing to download.

`mnist` and `digits` read and check their own files under `data/`; origin and licence stand beside them.
The small worlds (`xor`, `moons`, `circles`, `spirals`, `blobs`, `sine`) are drawn from a seed.
"""

from gradtape.base.absent import answer_for as _answer_for
from gradtape.datasets import blobs, circles, digits, mnist, moons, sine, spirals, xor

__all__ = ["blobs", "circles", "digits", "mnist", "moons", "sine", "spirals", "xor"]

_answer_for(__name__)
