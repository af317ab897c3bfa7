"""Runs: trainings on record, which can be continued, and examined later.

Who owns what: `checkpoints.py` the folders that hold all Variables, `journal.py` the database of steps,
`lock.py` who may write, `beginning.py` how a run begins or goes on, `recorder.py` the writing,
`reader.py` the reading.
"""

from gradtape.base.absent import answer_for as _answer_for
from gradtape.runs.options import Recording

__all__ = ["Recording"]

_answer_for(__name__)
