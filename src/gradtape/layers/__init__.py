"""Layers: the functions with weights that models are made of.  Names, arguments and numbers are Keras'."""

from gradtape.base.absent import answer_for as _answer_for
from gradtape.layers.activation import ELU, Activation, LeakyReLU, PReLU, ReLU, Softmax
from gradtape.layers.base.layer import (
    LAYERS,
    Layer,
    deserialize,
    get,
    serialize,
)
from gradtape.layers.base.operation_layer import Operator
from gradtape.layers.batch_normalization import BatchNormalization
from gradtape.layers.dense import Dense
from gradtape.layers.dropout import (
    AlphaDropout,
    Dropout,
    GaussianDropout,
    GaussianNoise,
)
from gradtape.layers.embedding import Embedding
from gradtape.layers.input import Input, InputLayer
from gradtape.layers.merge import (
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
from gradtape.layers.normalization import (
    GroupNormalization,
    LayerNormalization,
    RMSNormalization,
    UnitNormalization,
)
from gradtape.layers.preprocessing import Normalization, Rescaling
from gradtape.layers.reshaping import Flatten, Permute, RepeatVector, Reshape
from gradtape.layers.simple import ActivityRegularization, Identity, Lambda
from gradtape.layers.spatial_dropout import SpatialDropout1D, SpatialDropout2D, SpatialDropout3D

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

_answer_for(__name__)
