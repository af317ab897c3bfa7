"""Files: named arrays with what is to be known of them, written whole or not at all, checked when read."""

from gradtape.configs import custom_objects as custom_object_scope
from gradtape.configs import get_custom_objects, get_registered_object, register_serializable, registered_name
from gradtape.saving.files import read_arrays, write_arrays

register_keras_serializable = register_serializable
get_registered_name = registered_name
CustomObjectScope = custom_object_scope

__all__ = [
    "CustomObjectScope",
    "custom_object_scope",
    "get_custom_objects",
    "get_registered_name",
    "get_registered_object",
    "read_arrays",
    "register_keras_serializable",
    "register_serializable",
    "registered_name",
    "write_arrays",
]
