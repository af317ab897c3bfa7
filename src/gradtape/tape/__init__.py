"""The gradient tape: the records of operations, and the backward pass.

Who owns what: `record.py` one recorded operation, `gradient_tape.py` the tape, `backward.py` the chain rule,
`output_gradients.py` what it starts from, `jacobian.py` Jacobians, `why_none.py` why a gradient is None.
"""

from gradtape.tape.gradient_tape import GradientTape

__all__ = ["GradientTape"]
