"""The configuration of a layer: the arguments it was made with, as JSON."""

from __future__ import annotations

import inspect
from typing import Any

from gradtape.base.config import Configurable, as_json, from_json


class LayerConfig(Configurable):
    """The part of `Layer` that writes down how a layer was made, and makes it again.

    Attributes:
        name: the layer's name, which the configuration keeps.
        trainable: whether training changes the weights; kept too.
    """

    __slots__ = ()  # `Layer` has the slot: Python joins two bases only if one of them has none
    name: str
    trainable: Any
    _arguments: tuple[tuple[Any, ...], dict[str, Any]]

    def __new__(cls, *args: object, **kwargs: object) -> Any:
        made = super().__new__(cls)
        # Kept here, not in __init__, so that get_config works for a subclass without a line of its own.
        object.__setattr__(made, "_arguments", (args, kwargs))
        return made

    def get_config(self) -> dict[str, Any]:
        """Return the arguments the layer was made with, by name, as JSON."""
        args, kwargs = self._arguments
        given = dict(inspect.signature(type(self).__init__).bind(self, *args, **kwargs).arguments)
        del given[next(iter(given))]  # the layer itself, whatever its constructor calls it
        for rest in _rest(type(self)):
            given |= given.pop(rest, {})
        config: dict[str, Any] = as_json({**given, "name": self.name, "trainable": self.trainable}, self.name)
        return config

    @classmethod
    def from_config(cls, config: Any) -> Any:
        """Return a new layer made with the arguments in `config`."""
        given: Any = from_json(dict(config))
        taken = inspect.signature(cls.__init__).parameters
        # get_config adds name and trainable also where the constructor takes neither: set them afterwards.
        apart = [] if _rest(cls) else [n for n in ("name", "trainable") if n in given and n not in taken]
        kept = {name: given.pop(name) for name in apart}
        layer = cls(**given)
        layer.name = kept.get("name", layer.name)
        layer.trainable = kept.get("trainable", layer.trainable)
        return layer


def _rest(made: type) -> list[str]:
    """Return the name of the parameter that takes all other keywords, if there is one."""
    parameters = inspect.signature(made.__init__).parameters.values()  # type: ignore[misc]
    return [p.name for p in parameters if p.kind is p.VAR_KEYWORD]
