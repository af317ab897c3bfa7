"""Views: what a person sees of a tensor, a tape, a model or a step.

`tensor.py` shows tensors and Variables, `tape.py` tapes, `model.py` and `model_rows.py` models,
`model_summary.py` the text of `summary()`; `step/` shows an opened step.  A notebook asks an object for
`_repr_mimebundle_`; `attach` gives tensors and tapes that method, which imports the rest only when it is
called.
"""

from __future__ import annotations

from gradtape.core.tensor import ArrayLike
from gradtape.tape.gradient_tape import GradientTape

Bundle = dict[str, str]


def _show_value(self: ArrayLike, include: object = None, exclude: object = None) -> Bundle:
    """Return the tensor for a notebook: as text, and as HTML without scripts."""
    from gradtape.display.html import bundle
    from gradtape.views.tensor import value_html

    return bundle(repr(self), lambda: value_html(self))


def _show_tape(self: GradientTape, include: object = None, exclude: object = None) -> Bundle:
    """Return the tape for a notebook: as text, and as HTML without scripts."""
    from gradtape.display.html import bundle
    from gradtape.views.tape import tape_html

    return bundle(str(self), lambda: tape_html(self))


def attach() -> None:
    """Give tensors, Variables and tapes what notebooks ask for."""
    ArrayLike._repr_mimebundle_ = _show_value  # type: ignore[attr-defined]
    GradientTape._repr_mimebundle_ = _show_tape  # type: ignore[attr-defined]
