"""Replay: any step of a run done again, with everything to see; the doors that users hold.

Who owns what: `run.py` what a user asks of a run, `step.py` of a step, `fork.py` how a run continues another,
`fit_error.py` what `fit` says when it meets NaN.  Doing a step again is in `rerun/`, the explanations are in
`explain/`, the loop written out in `export/`; table, page and notebook in `views/step/`.
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
