"""Helpers for the tests of projects that use gradtape.

`gradients.py` checks the gradient rules of an operation, `runs.py` compares a training with one recorded
earlier.
"""

from gradtape.base.absent import answer_for as _answer_for
from gradtape.testing.gradients import GradientCheckError, check_gradients, tape_gradients
from gradtape.testing.runs import RunsDifferError, assert_same_run

__all__ = ["GradientCheckError", "RunsDifferError", "assert_same_run", "check_gradients", "tape_gradients"]

_answer_for(__name__)
