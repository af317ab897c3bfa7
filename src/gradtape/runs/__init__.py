"""Runs: trainings recorded on disk, which can be resumed and examined later.

`fit_recorded.py` records `fit`; `start.py` starts or resumes a run, `writer.py` writes
it, `reader.py` reads it; `retention.py` decides which checkpoints are kept; `state.py` has all Variables by
path.  `disk/` knows the files: checkpoints, journal, lock.
"""

from gradtape.base.absent import answer_for as _answer_for
from gradtape.runs.options import Recording

__all__ = ["Recording"]

_answer_for(__name__)
