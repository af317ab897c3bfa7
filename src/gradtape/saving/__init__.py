"""Keras' door to files: models and weights saved and loaded, classes of one's own registered."""

from gradtape.base.absent import answer_for as _answer_for
from gradtape.base.config import custom_objects as custom_object_scope
from gradtape.base.config import (
    get_custom_objects,
    get_registered_object,
    register_serializable,
    registered_name,
)
from gradtape.formats.arrays_file import read_arrays, write_arrays
from gradtape.formats.model_file import load_model, load_weights, save_model, save_weights

register_keras_serializable = register_serializable
get_registered_name = registered_name
CustomObjectScope = custom_object_scope

__all__ = [
    "CustomObjectScope",
    "custom_object_scope",
    "get_custom_objects",
    "get_registered_name",
    "get_registered_object",
    "load_model",
    "load_weights",
    "read_arrays",
    "register_keras_serializable",
    "register_serializable",
    "registered_name",
    "save_model",
    "save_weights",
    "write_arrays",
]

_answer_for(__name__)
