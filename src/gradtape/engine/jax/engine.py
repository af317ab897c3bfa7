"""The JAX engine: operations run on CPU, GPU or TPU, and whole steps as one compiled program.

Its functions are defined in the other files of this folder and specified in `gradtape.engine.protocol`.
"""

from __future__ import annotations

import jax.numpy as jnp

from gradtape.engine.jax.arrays import add_into as add_into
from gradtape.engine.jax.arrays import asarray as asarray
from gradtape.engine.jax.arrays import astype as astype
from gradtape.engine.jax.arrays import broadcast_to as broadcast_to
from gradtape.engine.jax.arrays import is_engine_array as is_engine_array
from gradtape.engine.jax.arrays import is_sole_owner as is_sole_owner
from gradtape.engine.jax.arrays import private as private
from gradtape.engine.jax.arrays import share as share
from gradtape.engine.jax.arrays import subtract_into as subtract_into
from gradtape.engine.jax.arrays import to_numpy as to_numpy
from gradtape.engine.jax.checks import check_exponents as check_exponents
from gradtape.engine.jax.checks import check_indices as check_indices
from gradtape.engine.jax.checks import check_labels as check_labels
from gradtape.engine.jax.checks import whole_numbers as whole_numbers
from gradtape.engine.jax.classes import crossentropy as crossentropy
from gradtape.engine.jax.classes import minus_one_hot as minus_one_hot
from gradtape.engine.jax.classes import one_hot as one_hot
from gradtape.engine.jax.classes import softmax as softmax
from gradtape.engine.jax.devices import fits as fits
from gradtape.engine.jax.devices import info as info
from gradtape.engine.jax.devices import name as name
from gradtape.engine.jax.elementwise import erf as erf
from gradtape.engine.jax.elementwise import erfc as erfc
from gradtape.engine.jax.elementwise import gated as gated
from gradtape.engine.jax.places import index_add as index_add
from gradtape.engine.jax.places import index_put as index_put
from gradtape.engine.jax.places import lookup as lookup
from gradtape.engine.jax.places import pick as pick
from gradtape.engine.jax.places import rows_of as rows_of
from gradtape.engine.jax.places import stack as stack
from gradtape.engine.jax.products import einsum as einsum
from gradtape.engine.jax.products import matmul_transpose_a as matmul_transpose_a
from gradtape.engine.jax.products import matmul_transpose_b as matmul_transpose_b
from gradtape.engine.jax.products import matrix_product as matrix_product
from gradtape.engine.jax.programs import compiled as compiled
from gradtape.engine.jax.programs import compiled_loop as compiled_loop
from gradtape.engine.jax.random import random_bits as random_bits
from gradtape.engine.jax.reductions import cumsum as cumsum
from gradtape.engine.jax.reductions import max as max
from gradtape.engine.jax.reductions import quotient as quotient
from gradtape.engine.jax.reductions import sum as sum
from gradtape.engine.jax.reductions import sum_of_rows as sum_of_rows
from gradtape.engine.jax.reductions import wide_sum as wide_sum
from gradtape.engine.jax.trace import abstractly as abstractly
from gradtape.engine.jax.trace import concretely as concretely
from gradtape.engine.jax.trace import is_shape_error as is_shape_error
from gradtape.engine.jax.trace import is_trace_error as is_trace_error
from gradtape.engine.jax.trace import is_traced as is_traced
from gradtape.engine.jax.trace import is_tracing as is_tracing
from gradtape.engine.jax.trace import trace_error as trace_error
from gradtape.engine.numpy.no_warnings import quiet as quiet

xp = jnp
compiles = True
