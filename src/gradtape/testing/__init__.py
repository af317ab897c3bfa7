"""Testing: what a project's own tests ask of gradtape.

`gradients.py` whether an operation's gradient rule is right, `runs.py` whether a training is still the one
that it was.
"""

from gradtape.base.absent import answer_for as _answer_for
from gradtape.testing.gradients import GradientCheckError, check_gradients, tape_gradients
from gradtape.testing.runs import RunsDifferError, assert_same_run

__all__ = ["GradientCheckError", "RunsDifferError", "assert_same_run", "check_gradients", "tape_gradients"]

_answer_for(__name__)
