"""Replay: what users hold of a recorded training: runs and their opened steps.

`run.py` has the methods of a run, `step.py` those of a step, `fork.py` a run that continues another one,
`fit_error.py` the report of `fit` about NaN.  Computing a step again is in `rerun/`, explanations are in
`explain/`, the loop as a program in `export/`; table, page and notebook in `views/step/`.
"""

from gradtape.base.absent import answer_for as _answer_for
from gradtape.explain.first_nan import NonFinite
from gradtape.explain.run_diff import RunDiff, diff
from gradtape.replay.run import Run, open_run
from gradtape.replay.step import Step
from gradtape.rerun.op_record import OpRecord
from gradtape.rerun.verdict import Verdict

__all__ = ["NonFinite", "OpRecord", "Run", "RunDiff", "Step", "Verdict", "diff", "open_run"]

_answer_for(__name__)
