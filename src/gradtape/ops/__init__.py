"""Differentiable operations, one family a file; names and arguments follow keras.ops."""

from gradtape.ops import operators as _operators
from gradtape.ops.arithmetic import add, divide, multiply, negative, subtract
from gradtape.ops.indexing import getitem
from gradtape.ops.joining import concatenate, stack
from gradtape.ops.linear_algebra import matmul
from gradtape.ops.shapes import broadcast_to, cast, reshape, sum_to_shape, transpose
