"""The array engines.  Only this room knows NumPy from JAX.

Everything above uses `engine.xp`, the array namespace with the names of the Python array API standard,
and `engine.active`, the engine's module, for the functions in which the engines differ.
"""

from __future__ import annotations

from types import ModuleType
from typing import Any

from gradtape.engine import numpy as _numpy

active: ModuleType = _numpy
xp: Any = _numpy.xp
