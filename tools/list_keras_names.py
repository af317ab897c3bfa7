"""Write the public names of the installed Keras to ``src/gradtape/base/keras_names.json``.

`gradtape.base.absent` reads them to tell a name that Keras has from one that nobody has.  Run it when another
version of Keras is taken as the measure::

    python tools/list_keras_names.py
"""

from __future__ import annotations

import inspect
import json
import os
from pathlib import Path
from types import ModuleType

FILE = Path(__file__).parent.parent / "src" / "gradtape" / "base" / "keras_names.json"


def public_names(package: ModuleType, room: str = "") -> dict[str, list[str]]:
    """Return the names in each public room of Keras, by the room's path below ``keras``."""
    names = sorted(name for name in vars(package) if not name.startswith("_") and name != "src")
    found = {room: names}
    for name in names:
        inner = vars(package)[name]
        if inspect.ismodule(inner) and not inner.__name__.startswith("keras.src"):
            found |= public_names(inner, f"{room}.{name}".strip("."))
    return found


def as_text(keras: ModuleType) -> str:
    """Return the content of the file: the version, and a line for each room."""
    rooms = [
        f'    "{room}": "{" ".join(names)}"' for room, names in sorted(public_names(keras).items()) if names
    ]
    lines = ",\n".join(rooms)
    return f'{{\n  "version": {json.dumps(keras.__version__)},\n  "names": {{\n{lines}\n  }}\n}}\n'


def main() -> None:
    """Import Keras on JAX and write the file."""
    os.environ["KERAS_BACKEND"] = "jax"
    import keras

    FILE.write_text(as_text(keras), encoding="utf-8")
    print(f"wrote {FILE}")


if __name__ == "__main__":
    main()
