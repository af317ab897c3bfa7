"""assert_same_run: compares a training with one recorded earlier, in a project's own tests."""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import numpy as np

from gradtape.base.checks import number
from gradtape.core.dtypes import is_floating
from gradtape.errors import GradtapeError, show
from gradtape.replay.run import Run
from gradtape.rerun.changed_outside import AFTERWARDS, shown
from gradtape.runs.reader import RunReader

_RECORDED = ("epoch", "batch", "learning_rate", "loss")


class RunsDifferError(GradtapeError, AssertionError):
    """Two runs are not the same training."""


def assert_same_run(run: object, golden: object, rtol: float = 0.0, ignore: Iterable[str] = ()) -> None:
    """Raise RunsDifferError unless two recorded runs are the same training.

    They must have the same configuration (model, optimizer, loss, data, seed, arguments of fit), have done
    the same steps with the same losses and learning rates, and have ended in the same weights and slots.

    Args:
        run: the run to check: its folder, or an opened run.
        golden: the run as it should be: a folder kept beside the tests, or an opened run.
        rtol: 0 asks for the same bits; otherwise how far a loss may be off, relative to the larger one, and
            an element of a Variable, relative to the largest of its Variable.
        ignore: entries of run.json that may differ, with all inside them, such as ``"fit.epochs"``.

    Raises:
        RunsDifferError: naming what differs, and the first step with it.
        RunError: if there is no run.

    Losses have the same bits on the same engine, machine and versions only; where those differ, the error
    says so.
    """
    limit = number(rtol, "assert_same_run", "rtol", "[0, inf)")
    one, other = _opened(run), _opened(golden)
    found = one.differences(other)
    # Another environment is no difference by itself: it explains bits that differ.
    around = [d for d in found if _is_inside(d[0], ["environment"])]
    may_differ = list(ignore)
    asked = [d for d in found if d not in around and not _is_inside(d[0], may_differ)]
    if asked:
        raise _error(one, other, f"different configuration: {_listed(asked)}")
    said = _of_steps(one.steps, other.steps, limit) or _of_state(one, other, limit)
    if said:
        where = f"; they were trained in different environments: {_listed(around)}" if around else ""
        raise _error(one, other, said + where)


def _opened(run: Any) -> Run:
    if isinstance(run, Run):
        return run
    path = run.path if isinstance(run, RunReader) else Path(os.fspath(run))
    return Run(path)


def _error(one: Run, other: Run, said: str) -> RunsDifferError:
    return RunsDifferError(f"assert_same_run: {one.path} is not the run {other.path}: {said}")


def _is_inside(path: str, names: Iterable[str]) -> bool:
    return any(path == name or path.startswith(f"{name}.") for name in names)


def _listed(differences: list[tuple[str, Any, Any]]) -> str:
    return ", ".join(f"{path} {show(a)}, golden {show(b)}" for path, a, b in differences[:5])


def _of_steps(ours: Any, golden: Any, rtol: float) -> str:
    """Return a sentence about the first step that differs; "" if none does."""
    count = min(len(ours), len(golden))
    wrong = np.zeros(count, bool)
    for name in ("step", *_RECORDED):
        wrong |= ~_close(ours[name][:count], golden[name][:count], rtol if name == "loss" else 0.0)
    if wrong.any():
        return _of_step(ours[int(np.argmax(wrong))], golden[int(np.argmax(wrong))], rtol)
    if len(ours) != len(golden):
        return f"it has {len(ours)} steps, golden {len(golden)}; the first {count} are the same"
    return "" if count else "there are no steps to compare"


def _of_step(ours: Any, golden: Any, rtol: float) -> str:
    for name in ("step", *_RECORDED):
        a, b = ours[name], golden[name]
        if not _close(a, b, rtol if name == "loss" else 0.0):
            apart = f", a difference of {abs(a - b):.3g}" if name in ("loss", "learning_rate") else ""
            return f"step {int(ours['step'])} is the first that differs: {name} {a!s}, golden {b!s}{apart}"
    return ""


def _close(a: Any, b: Any, rtol: float) -> Any:
    """Tell, element by element, whether two numbers are as near to each other as they must be."""
    # NaN is the same as NaN here: a training that broke down is repeated where it breaks down again.
    same = (a == b) | (np.not_equal(a, a) & np.not_equal(b, b))
    if not rtol:
        return same
    with np.errstate(invalid="ignore"):
        return same | (np.abs(a - b) <= rtol * np.maximum(np.abs(a), np.abs(b)))


def _of_state(one: Run, other: Run, rtol: float) -> str:
    """Return a sentence about the first Variable that differs at the end; "" if none does."""
    last = int(one.steps["step"][-1]) + 1
    for run in (one, other):
        if last not in run.checkpoints:
            return f"{run.path} has no checkpoint after step {last - 1}, the last, to compare the state"
    digests = [_of_training(run.variable_digests(last)) for run in (one, other)]
    if digests[0].keys() != digests[1].keys():
        return f"they hold other Variables: {', '.join(sorted(digests[0].keys() ^ digests[1].keys())[:5])}"
    names = [n for n, digest in digests[0].items() if digest != digests[1][n]]
    if not names:
        return ""
    arrays = [run.checkpoint(last).arrays for run in (one, other)]
    for name in names:
        said = _of_variable(shown(name), arrays[0][name], arrays[1][name], rtol)
        if said:
            return f"{said}, after step {last - 1}, the last"
    return ""


def _of_training(digests: dict[str, str]) -> dict[str, str]:
    """Return those of the Variables that steps alone change."""
    return {name: d for name, d in digests.items() if not name.startswith(AFTERWARDS)}


def _of_variable(name: str, ours: Any, golden: Any, rtol: float) -> str:
    """Return by how much a Variable differs; "" if it is near enough."""
    if ours.shape != golden.shape or ours.dtype != golden.dtype:
        return f"{name} is {ours.shape} {ours.dtype}, golden {golden.shape} {golden.dtype}"
    a, b = ours.astype("float64"), golden.astype("float64")
    # NaN or inf on one side only is the largest gap of all, not a NaN that argmax would pick by chance.
    gaps = np.where(_close(a, b, 0.0), 0.0, np.nan_to_num(np.abs(a - b), nan=np.inf))
    place = np.unravel_index(int(np.argmax(gaps)), gaps.shape) if gaps.ndim else ()
    limit = rtol * float(np.max(np.abs(b), initial=0.0)) if is_floating(ours.dtype) else 0.0
    if rtol and gaps[place] <= limit:
        return ""
    index = f"[{', '.join(str(int(i)) for i in place)}]" if place else ""
    return f"{name}{index} is {ours[place]!s}, golden {golden[place]!s}, a difference of {gaps[place]:.3g}"
