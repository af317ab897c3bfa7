"""Replay: any step of a run done again, with everything to see.

Who owns what: `material.py` model and data of a run, `stage.py` the training done again, `stack.py` what an
operation belongs to, `recorder.py` and `records.py` what is written down of it, `verdict.py` whether it is
the step that was trained, `opening.py` the way from a number to a `Step`.
"""
