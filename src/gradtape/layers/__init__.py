"""Layers: the functions with weights that models are made of.  Names, arguments and numbers are Keras'."""

from gradtape.layers.dense import Dense
from gradtape.layers.input import Input, InputLayer
from gradtape.layers.layer import LAYERS, Layer, deserialize, get, serialize
from gradtape.layers.operator import Operator

__all__ = ["LAYERS", "Dense", "Input", "InputLayer", "Layer", "Operator", "deserialize", "get", "serialize"]
