"""The gradient tape: the records of operations, and the backward pass.

Who owns what: `record.py` one recorded operation, `operation_recorder.py` watching and recording,
`backward.py` the chain rule, `output_gradients.py` what it starts from, `source_gradients.py` the gradients
of a tape's sources, `gradient_tape.py` the tape itself, `jacobian.py` Jacobians, `why_none.py` why a gradient
is None.
"""

from gradtape.tape.gradient_tape import GradientTape

__all__ = ["GradientTape"]
