"""A step as one compiled program of the engine.

Who owns what: `compiled.py` the function that users call, `program.py` one program of the engine,
`tracing.py` the Variables and errors of a trace.
"""

from gradtape.program.compiled import Compiled, compile
from gradtape.program.program import Program

__all__ = ["Compiled", "Program", "compile"]
