"""The NumPy engine: every operation is computed at once, on the CPU.

Its functions are defined in the other files of this folder and specified in `gradtape.engine.protocol`.
"""

from __future__ import annotations

import numpy as np

from gradtape.engine.numpy.arrays import add_into as add_into
from gradtape.engine.numpy.arrays import asarray as asarray
from gradtape.engine.numpy.arrays import astype as astype
from gradtape.engine.numpy.arrays import broadcast_to as broadcast_to
from gradtape.engine.numpy.arrays import gated as gated
from gradtape.engine.numpy.arrays import is_engine_array as is_engine_array
from gradtape.engine.numpy.arrays import is_sole_owner as is_sole_owner
from gradtape.engine.numpy.arrays import share as share
from gradtape.engine.numpy.arrays import subtract_into as subtract_into
from gradtape.engine.numpy.arrays import to_numpy as to_numpy
from gradtape.engine.numpy.checks import abstractly as abstractly
from gradtape.engine.numpy.checks import check_exponents as check_exponents
from gradtape.engine.numpy.checks import check_indices as check_indices
from gradtape.engine.numpy.checks import check_labels as check_labels
from gradtape.engine.numpy.checks import whole_numbers as whole_numbers
from gradtape.engine.numpy.classes import crossentropy as crossentropy
from gradtape.engine.numpy.classes import minus_one_hot as minus_one_hot
from gradtape.engine.numpy.classes import one_hot as one_hot
from gradtape.engine.numpy.classes import softmax as softmax
from gradtape.engine.numpy.devices import fits as fits
from gradtape.engine.numpy.devices import info as info
from gradtape.engine.numpy.devices import name as name
from gradtape.engine.numpy.erf import erf as erf
from gradtape.engine.numpy.erf import erfc as erfc
from gradtape.engine.numpy.no_warnings import quiet as quiet
from gradtape.engine.numpy.places import index_add as index_add
from gradtape.engine.numpy.places import index_put as index_put
from gradtape.engine.numpy.places import lookup as lookup
from gradtape.engine.numpy.places import pick as pick
from gradtape.engine.numpy.places import rows_of as rows_of
from gradtape.engine.numpy.places import stack as stack
from gradtape.engine.numpy.products import einsum as einsum
from gradtape.engine.numpy.products import matmul_transpose_a as matmul_transpose_a
from gradtape.engine.numpy.products import matmul_transpose_b as matmul_transpose_b
from gradtape.engine.numpy.products import matrix_product as matrix_product
from gradtape.engine.numpy.random import random_bits as random_bits
from gradtape.engine.numpy.reductions import cumsum as cumsum
from gradtape.engine.numpy.reductions import max as max
from gradtape.engine.numpy.reductions import quotient as quotient
from gradtape.engine.numpy.reductions import sum as sum
from gradtape.engine.numpy.reductions import sum_of_rows as sum_of_rows
from gradtape.engine.numpy.reductions import wide_sum as wide_sum
from gradtape.engine.numpy.trace import concretely as concretely
from gradtape.engine.numpy.trace import is_shape_error as is_shape_error
from gradtape.engine.numpy.trace import is_trace_error as is_trace_error
from gradtape.engine.numpy.trace import is_traced as is_traced
from gradtape.engine.numpy.trace import is_tracing as is_tracing
from gradtape.engine.numpy.trace import trace_error as trace_error

xp = np
compiles = False
