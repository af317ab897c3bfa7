"""Layers: the functions with weights that models are made of.  Names, arguments and numbers are Keras'."""

from gradtape.layers.activation import ELU, Activation, LeakyReLU, PReLU, ReLU, Softmax
from gradtape.layers.batch_normalization import BatchNormalization
from gradtape.layers.dense import Dense
from gradtape.layers.embedding import Embedding
from gradtape.layers.input import Input, InputLayer
from gradtape.layers.layer import LAYERS, Layer, deserialize, get, serialize
from gradtape.layers.merging import (
    Add,
    Average,
    Concatenate,
    Dot,
    Maximum,
    Minimum,
    Multiply,
    Subtract,
    add,
    average,
    concatenate,
    dot,
    maximum,
    minimum,
    multiply,
    subtract,
)
from gradtape.layers.noise import AlphaDropout, Dropout, GaussianDropout, GaussianNoise
from gradtape.layers.normalizing import (
    GroupNormalization,
    LayerNormalization,
    RMSNormalization,
    UnitNormalization,
)
from gradtape.layers.operator import Operator
from gradtape.layers.preprocessing import Normalization, Rescaling
from gradtape.layers.reshaping import Flatten, Permute, RepeatVector, Reshape
from gradtape.layers.spatial_dropout import SpatialDropout1D, SpatialDropout2D, SpatialDropout3D
from gradtape.layers.wrapping import ActivityRegularization, Identity, Lambda

__all__ = [
    "ELU",
    "LAYERS",
    "Activation",
    "ActivityRegularization",
    "Add",
    "AlphaDropout",
    "Average",
    "BatchNormalization",
    "Concatenate",
    "Dense",
    "Dot",
    "Dropout",
    "Embedding",
    "Flatten",
    "GaussianDropout",
    "GaussianNoise",
    "GroupNormalization",
    "Identity",
    "Input",
    "InputLayer",
    "Lambda",
    "Layer",
    "LayerNormalization",
    "LeakyReLU",
    "Maximum",
    "Minimum",
    "Multiply",
    "Normalization",
    "Operator",
    "PReLU",
    "Permute",
    "RMSNormalization",
    "ReLU",
    "RepeatVector",
    "Rescaling",
    "Reshape",
    "Softmax",
    "SpatialDropout1D",
    "SpatialDropout2D",
    "SpatialDropout3D",
    "Subtract",
    "UnitNormalization",
    "add",
    "average",
    "concatenate",
    "deserialize",
    "dot",
    "get",
    "maximum",
    "minimum",
    "multiply",
    "serialize",
    "subtract",
]
