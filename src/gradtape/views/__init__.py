"""Showing: values as people look at them, in figures and in notebooks.

Who owns what: `figures.py` numbers as text, `picture.py` arrays as heat maps, `formulas.py` formulas as
MathML, `parts.py` what all outputs are made of, `values.py` tensors and Variables, `tapes.py` tapes,
`layered.py` models, `curves.py` a series of numbers as a line. A notebook asks an object for
`_repr_mimebundle_`; `attach` gives tensors and tapes one, which imports the rest only when it is asked.
"""

from __future__ import annotations

from typing import Any

from gradtape.core.tensor import ArrayLike
from gradtape.tape.gradient_tape import GradientTape

Bundle = dict[str, str]


def _show_value(self: ArrayLike, include: Any = None, exclude: Any = None) -> Bundle:
    """Return the tensor for a notebook: as text, and as HTML without scripts."""
    from gradtape.display.html import bundle
    from gradtape.views.tensor import value_html

    return bundle(repr(self), lambda: value_html(self))


def _show_tape(self: GradientTape, include: Any = None, exclude: Any = None) -> Bundle:
    """Return the tape for a notebook: as text, and as HTML without scripts."""
    from gradtape.display.html import bundle
    from gradtape.views.tape import tape_html

    return bundle(str(self), lambda: tape_html(self))


def attach() -> None:
    """Give tensors, Variables and tapes what notebooks ask for."""
    ArrayLike._repr_mimebundle_ = _show_value  # type: ignore[attr-defined]
    GradientTape._repr_mimebundle_ = _show_tape  # type: ignore[attr-defined]
