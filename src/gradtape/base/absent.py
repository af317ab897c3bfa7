"""Names that a room lacks: the sentence that says so, names the nearest thing and the page.

`answer_for(__name__)`, one line in a room, gives it to ``room.name`` and ``from room import name``;
``hasattr`` is False as ever.
"""

from __future__ import annotations

import difflib
import functools
import os
import re
import sys
from types import FrameType, ModuleType
from typing import Any, NoReturn

_OWN_LAYER = "a Layer of your own, or Lambda"
_PREPARE = "Rescaling and Normalization; other preparation comes before fit, with NumPy"

# What is nearest, by the room (a pattern), the name (a pattern), and in words.  The first that fits counts.
_NEAR = (
    ("layers", "ConvLSTM.*|.*RNN.*|GRU.*|LSTM.*|Bidirectional|TimeDistributed", "Flatten and Dense"),
    ("layers", ".*Conv.*|.*Pool.*|Cropping.*|UpSampling.*|ZeroPadding.*", "Flatten, Reshape and Dense"),
    ("layers", ".*Attention", "Dot and Softmax, or ops.matmul and ops.softmax in a Layer of your own"),
    ("layers", "Masking", "sample_weight in fit"),
    ("layers", "EinsumDense", "Dense, or ops.einsum in a Layer of your own"),
    ("layers", ".*Embedding", "Embedding"),
    ("layers", "InputSpec", "the layer's own build(input_shape)"),
    ("layers", "Wrapper|SpectralNormalization|Pipeline|.*Layer|.*Wrapper", _OWN_LAYER),
    ("layers", ".*", _PREPARE),
    ("losses", "CTC|ctc|Circle|circle", "a function of (y_true, y_pred), or a Loss of your own"),
    ("callbacks", "BackupAndRestore", 'fit(run="folder", resume=True), ModelCheckpoint'),
    ("callbacks", "OrbaxCheckpoint", "ModelCheckpoint"),
    ("callbacks", "RemoteMonitor", "LambdaCallback, or a Callback of your own"),
    ("optimizers", "LossScaleOptimizer", "float32, which needs no scale"),
    ("optimizers", ".*", "Adam and AdamW, or an Optimizer of your own"),
    ("initializers", ".*", "a function of (shape, dtype), or an Initializer of your own"),
    ("random", ".*", "uniform and normal"),
    ("datasets", ".*", "mnist, or arrays that you load with NumPy"),
    ("saving", "KerasFileEditor", "gradtape.load_model and model.get_weights()"),
    (
        "saving|utils",
        ".*serialize_keras_object",
        "serialize of each family: layers.serialize",
    ),
    ("utils", "plot_model|model_to_dot|get_source_inputs", "model.summary()"),
    ("utils", ".*dataset.*|pad_sequences", "utils.PyDataset, or arrays that you make with NumPy"),
    ("utils", ".*img.*|.*image.*", "gradtape.datasets.images"),
    ("utils", "Progbar|.*interactive_logging", "fit(verbose=...)"),
    ("utils", "clear_session", "nothing to do: a model that nobody holds is gone"),
    ("utils", "get_file", "nothing here opens a connection; download with a tool of your own"),
    ("utils", "standardize_dtype", "gradtape.Tensor.dtype"),
    ("ops", "(add|subtract|multiply|divide|maximum|minimum|matmul)", "the operation without out= and where="),
    ("ops", "get_item", "ops.getitem, or x[index]"),
    ("ops", "empty.*", "ops.zeros"),
    ("ops", "copy", "a tensor does not change: use it as it is"),
    ("ops", "ndim|dtype|view", "the tensor's own ndim, dtype and reshape"),
    ("ops", "is_tensor", "isinstance(x, gradtape.Tensor)"),
    ("ops", "cond|switch", "if in Python, or ops.where"),
    ("ops", "while_loop|fori_loop|scan|associative_scan|map|vectorized_map|vectorize", "a loop in Python"),
    ("ops", "jvp", "GradientTape.gradient and GradientTape.jacobian"),
    ("ops", "average", "ops.mean, or ops.sum(x * w) / ops.sum(w)"),
    ("ops", "median|percentile|quantile|nan.*", "ops.sort, and ops.nan_to_num before it"),
    ("ops", "nan(sum|mean|max|min|prod|std|var)", "the same without nan, of ops.nan_to_num(x)"),
    ("ops", ".*allclose|isclose", "np.allclose(x, y)"),
    ("ops", "diff", "x[1:] - x[:-1]"),
    ("ops", "deg2rad|rad2deg|fabs|signbit", "ops.multiply, ops.abs and ops.sign"),
    ("ops", ".*stack|append", "ops.stack and ops.concatenate"),
    ("ops", ".*split", "ops.split"),
    ("ops", "flip.*", "ops.flip"),
    ("ops", "det|inv|pinv|solve.*|eigh?|svd|qr|lu_factor|cholesky.*|lstsq|slogdet|logdet", "ops.matmul"),
    ("ops", "multi_hot", "ops.max(ops.one_hot(x, num_classes), axis)"),
    ("ops", "segment_.*|bincount|histogram", "ops.one_hot and ops.matmul, or ops.scatter"),
    ("ops", "(layer|batch|rms)_normalization", "ops.moments, or the layer of that name"),
    ("ops", "dot_product_attention", "ops.matmul and ops.softmax"),
    ("ops", ".*", "an operation of your own, made with gradtape.ops.operation"),
    ("", "applications", "a model of your own; weights are loaded with model.load_weights"),
    ("", "config|backend", "gradtape.set_engine, gradtape.get_engine and a layer's dtype="),
    ("", "device|distribution", "gradtape.engine_info()"),
    ("", ".*DTypePolicy|dtype_policies|mixed_precision", "a layer's dtype="),
    ("", "preprocessing|visualization", "NumPy and matplotlib"),
    ("", "version", "gradtape.__version__"),
    ("", "Function|Operation", "gradtape.Model and gradtape.ops.operation"),
    ("", "KerasTensor", "gradtape.Input, and utils.is_keras_tensor"),
    ("", "name_scope|InputSpec", "nothing to do: a weight is called after its attributes"),
    ("", "remat|.*Scope", "gradtape.GradientTape"),
    ("", "wrappers", "model.fit and model.predict, which take NumPy arrays"),
    ("", "tree", "plain tuples, lists and dicts, which every function here takes"),
    ("", "export", "model.save"),
    ("", "Quantizer|quantizers|distillation|legacy", "gradtape.layers and gradtape.Model"),
    (".*", ".*", "a function or a class of your own"),
)

_OF_TENSORFLOW = ("tf", "tf.data", "tf.nn", "tf.math", "tf.linalg", "tf.random")
_PAGES = {
    "": "training",
    "activations": "initializers",
    "constraints": "initializers",
    "regularizers": "initializers",
    "datasets": "data",
    "models": "saving",
}


def moved_name(module_name: str, name: str) -> Any:
    """Return what a room had under a name that has moved, or None; `gradtape._moved` puts its own here."""
    return None


def answer_for(module_name: str, others: tuple[str, ...] = ()) -> None:
    """Let a module answer for the names that it lacks, and `dir` list those that it offers.

    Args:
        module_name: the module's ``__name__``.
        others: names that it gives although its ``__all__`` does not hold them.
    """
    module = sys.modules[module_name]

    def __getattr__(name: str) -> Any:
        moved = moved_name(module_name, name)
        return refuse(module, name, sys._getframe(1), others) if moved is None else moved

    module.__dict__["__getattr__"] = __getattr__
    module.__dict__["__dir__"] = lambda: sorted(_offered(module))


def refuse(module: ModuleType, name: str, caller: FrameType, others: tuple[str, ...] = ()) -> NoReturn:
    """Raise the error for ``module.name``.

    ``from module import name`` drops an AttributeError and its text, so there an ImportError is raised.

    Args:
        module: the module that lacks the name.
        name: the name.
        caller: the frame that asked for it.
        others: names that the module gives although its ``__all__`` does not hold them.
    """
    # Python itself asks modules for __path__ and the like, and expects a plain AttributeError.
    if name.startswith("_"):
        raise AttributeError(f"module {module.__name__!r} has no attribute {name!r}", name=name, obj=module)
    import opcode  # loaded by a fault only, like json and pathlib below

    text = sentence(module, name, others)
    code, at = caller.f_code.co_code, caller.f_lasti
    # `from module import name` turns an AttributeError into its own "cannot import name" and drops the
    # sentence, so that statement gets an ImportError.  hasattr and getattr need the AttributeError.
    if 0 <= at < len(code) and code[at] == opcode.opmap["IMPORT_FROM"]:
        raise ImportError(text, name=module.__name__)
    raise AttributeError(text, name=name)


def sentence(module: ModuleType, name: str, others: tuple[str, ...] = ()) -> str:
    """Return the sentence about a name that a module of the package lacks.

    Args:
        module: the module.
        name: the name.
        others: names that it gives although its ``__all__`` does not hold them.
    """
    room = module.__name__.removeprefix("gradtape").removeprefix(".tf.keras").lstrip(".")
    text = f"{module.__name__} has no {name}"
    # A name that Keras has is no spelling mistake, so the nearest spelling is not offered for it.
    if name in _names_of_keras(room):
        nearest = _elsewhere(name, module) or near(room, name)
        page = f"docs/keras/{_PAGES.get(room, room.partition('.')[0])}.md"
        version = _keras()["version"]
        return f"{text}, which Keras {version} has: it is not in this version; near: {nearest}; see {page}"
    if room in _OF_TENSORFLOW:
        text = f"{text}: here are the names of TensorFlow that programs with a GradientTape use"
    known = [*_offered(module), *others]
    close = difflib.get_close_matches(name, known, n=3, cutoff=0.6)
    suggestions = " or ".join(f"{module.__name__}.{one}" for one in close)
    # The same name in another room comes first: a close spelling in this one is only a guess.
    suggestions = ", or ".join(filter(None, [_elsewhere(name, module), suggestions]))
    return (
        f"{text}; did you mean {suggestions}?"
        if suggestions
        else f"{text}; dir({module.__name__}) lists what there is"
    )


def room_is_absent(path: str) -> str | None:
    """Return the sentence about a room of Keras that is no module here; None for any other name.

    >>> print(room_is_absent("gradtape.wrappers")[:50])
    gradtape has no wrappers, which Keras 3.15.1 has:
    """
    parent, _, name = path.rpartition(".")
    room = path.removeprefix("gradtape.").removeprefix("tf.keras.")
    if parent not in sys.modules or room not in _keras()["names"]:
        return None
    places = [os.path.join(folder, name) for folder in getattr(sys.modules[parent], "__path__", ())]
    if any(os.path.exists(place) or os.path.exists(f"{place}.py") for place in places):
        return None  # pytest asks every finder, with a path on which the module is not
    return sentence(sys.modules[parent], name)


def near(room: str, name: str) -> str:
    """Return in words what stands nearest to a name that a room lacks.

    Args:
        room: a room of Keras, such as ``"ops"``.
        name: the name.

    >>> near("ops", "median")
    'ops.sort, and ops.nan_to_num before it'
    """
    top = room.partition(".")[0]
    fits = (words for rooms, names, words in _NEAR if re.fullmatch(rooms, top) and re.fullmatch(names, name))
    return next(fits)


def _elsewhere(name: str, module: ModuleType) -> str | None:
    """Return where else in the package a public name stands, or None."""
    of_keras = [room for room in _keras()["names"] if name in _names_of_keras(room)]
    imported = [room for room in (*_keras()["names"], *_OF_TENSORFLOW) if f"gradtape.{room}" in sys.modules]
    rooms = map(_room, dict.fromkeys([*of_keras, *imported]))
    having = [room for room in rooms if room not in (None, module) and name in _offered(room)]
    return min((f"{room.__name__}.{name}" for room in having if room), key=len, default=None)


def _room(path: str) -> ModuleType | None:
    """Return the room of the package that has Keras' or TensorFlow's name; asking for it imports it."""
    room = sys.modules["gradtape"]
    for name in filter(None, path.split(".")):
        if name not in getattr(room, "__all__", ()) and name not in vars(room):
            return None
        room = getattr(room, name)
    return room


def _offered(module: ModuleType) -> list[str]:
    """Return the public names of a room: its ``__all__``, or all but modules that are no public room."""
    listed: list[str] | None = getattr(module, "__all__", None)
    room = module.__name__.removeprefix("gradtape.")
    if listed is not None and room not in _OF_TENSORFLOW:
        return listed
    rooms = (*_keras()["names"], *_OF_TENSORFLOW, "tf.keras")
    inner = {one.rpartition(".")[2] for one in rooms if one.startswith(f"{room}.")}
    return [
        name for name, value in vars(module).items() if name[0] != "_" and (name in inner or _is_ours(value))
    ]


def _is_ours(value: object) -> bool:
    """Tell whether a value in a module is no module, and nothing that Python itself lends it."""
    lent = ("typing", "collections.abc", "__future__")
    return (
        not isinstance(value, ModuleType) and getattr(value, "__module__", type(value).__module__) not in lent
    )


def _names_of_keras(room: str) -> list[str]:
    names: str = _keras()["names"].get(room, "")
    return names.split()


@functools.cache
def _keras() -> dict[str, Any]:
    """Return the names of Keras by room; the file is written by ``tools/list_keras_names.py``."""
    import json
    from pathlib import Path

    text = Path(__file__).with_name("keras_names.json").read_text(encoding="utf-8")
    names: dict[str, Any] = json.loads(text)
    return names
