"""What users extend: a forgotten ``super().__init__()`` is said in a sentence, for all families here."""

from __future__ import annotations

from typing import Any

from gradtape.errors import ForgottenInitError


class MadeByInit:
    """The base of what only works once its own ``__init__`` has run.

    Attributes:
        _set_by_init: the name of an attribute that this ``__init__`` sets; "" if there is nothing to set.
    """

    __slots__ = ()
    _set_by_init: str = ""

    def __getattr__(self, name: str) -> Any:
        """Called for attributes that are not there: say why, if none can be."""
        mark = type(self)._set_by_init
        # copy and pickle look for __setstate__ and others on an object made without __init__: no fault.
        if mark and not name.startswith("__") and mark not in self.__dict__:
            raise ForgottenInitError(
                f"{type(self).__name__}: its __init__ must call super().__init__() before anything else"
            )
        for kind in type(self).__mro__:  # a property that raised AttributeError raises it again
            if isinstance(kind.__dict__.get(name), property):
                return kind.__dict__[name].__get__(self, type(self))
        raise AttributeError(f"{type(self).__name__!r} object has no attribute {name!r}")
