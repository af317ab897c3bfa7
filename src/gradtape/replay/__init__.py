"""Replay: any step of a run done again, with everything to see.

Who owns what: `run.py` what a user asks; `material.py` the model of a run, `stage.py` the training done
again, `stack.py` what an operation belongs to, `recorder.py` and `records.py` what is written down of it,
`costs.py` what it costs, `verdict.py` and `outside.py` whether it is the step that was trained, `opening.py`
the way from a number to a `Step`; `parting.py` and `bits.py` where two runs part, `forking.py` how one goes
on from another.  Rooms inside: `views/` table, page and notebook; `gradients/` why a weight changed;
`failures/` where NaN comes from; `programs/` the loop as a program.
"""

from gradtape.explain.first_nan import NonFinite
from gradtape.explain.run_diff import Parting, diff
from gradtape.replay.run import Run, open_run
from gradtape.replay.step import Step
from gradtape.rerun.op_record import OpRecord
from gradtape.rerun.verdict import Verdict

__all__ = ["NonFinite", "OpRecord", "Parting", "Run", "Step", "Verdict", "diff", "open_run"]
