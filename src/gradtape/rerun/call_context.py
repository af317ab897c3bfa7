"""What Python's stack says of an operation: which part of the step it is in, and who asked for it.

Training does not tell anybody in which phase it is: that would cost time in every step.  A replay has time,
so the recorder looks at the calls that are under way when an operation is computed.  The innermost call that
says something decides:

    Metric, Loss, Optimizer         one of its methods: metrics, loss, update
    compute_loss                    loss: of the outputs, of layers and regularizers
    backward.walk                   backward; `_through` knows the forward record and which input it is for
    Layer._run                      the layer whose `call` is running
"""

from __future__ import annotations

import linecache
import os
from collections.abc import Iterator
from dataclasses import dataclass
from types import CodeType, FrameType
from typing import Any

from gradtape.core.source_line import caller, line_number
from gradtape.core.variable import Variable
from gradtape.layers.base.layer import Layer
from gradtape.losses import Loss
from gradtape.metrics import Metric
from gradtape.optimizers import Optimizer
from gradtape.tape import backward
from gradtape.tape.record import Record

FORWARD, LOSS, BACKWARD, UPDATE, METRICS = PHASES = ("forward", "loss", "backward", "update", "metrics")

_WALK, _FITTED = backward.walk.__code__, backward._fitted.__code__
_RUN = Layer._run.__code__
_CHANGE, _ASSIGN = Variable._change.__code__, Variable.assign.__code__
_KINDS = ((Metric, METRICS), (Loss, LOSS), (Optimizer, UPDATE))
_PACKAGE = __name__.partition(".")[0] + "."


@dataclass(frozen=True)
class Line:
    """A line of source.

    Attributes:
        file: its path.
        number: counted from 1.
        function: in which function it stands.
    """

    file: str
    number: int
    function: str

    @property
    def text(self) -> str:
        """What the line says, "" where the file is not there any more."""
        return linecache.getline(self.file, self.number).strip()

    def __str__(self) -> str:
        return f"{os.path.basename(self.file)}:{self.number}"


@dataclass
class CallContext:
    """Where in a step an operation was computed.

    Attributes:
        phase: what the stack says; None if it says nothing.
        layer: the layer whose `call` asked; None if none did.
        back: the tape's record whose gradient is being computed.
        position: for which of that record's inputs.
        is_sum: whether it adds two cotangents of one tensor: the "+=" where paths meet.
        is_fit: whether it undoes a broadcast or a dtype, after the rule.
        verb: of an assignment: assign, assign_add or assign_sub.
        step: of an update: in which method of the optimizer, such as update_step.
        line: the line that asked, outside the machinery of tape and operations.
        user_line: the nearest line outside the library; None if there is none.
    """

    phase: str | None = None
    layer: Any = None
    back: Record | None = None
    position: int | None = None
    is_sum: bool = False
    is_fit: bool = False
    verb: str = ""
    step: str = ""
    line: Line | None = None
    user_line: Line | None = None


def look(frame: FrameType, root: CodeType) -> CallContext:
    """Return what the calls from `frame` outwards say, up to the one that runs `root`."""
    asked = caller(frame)
    place = CallContext(line=_line(asked.f_code, asked.f_lasti))
    inner = ""
    for current in _outwards(frame, root):
        code = current.f_code
        if code is _WALK:
            _note_walk(place, current, inner)
        elif code is _FITTED:
            place.is_fit = True
        elif code in (_CHANGE, _ASSIGN):
            place.verb = place.verb or current.f_locals.get("verb", "assign")
        elif code is _RUN:
            place.layer = place.layer or current.f_locals["self"]
        elif place.phase is None:
            place.phase = _phase_of(current, code)
        if place.phase == UPDATE and not place.step and code.co_name in _STEPS:
            place.step = code.co_name
        if place.user_line is None and not _is_ours(current):
            place.user_line = _line(code, current.f_lasti)
        inner = code.co_name
    return place


# The methods of an optimizer that say what a part of the update is for.
_STEPS = ("update_step", "_clipped", "_average", "begin_step", "_update", "_change", "_accumulate")


def _outwards(frame: FrameType | None, root: CodeType) -> Iterator[FrameType]:
    while frame is not None and frame.f_code is not root:
        yield frame
        frame = frame.f_back


def _note_walk(place: CallContext, frame: FrameType, inner: str) -> None:
    """Note for which input of which forward record the walk is computing.

    A rule's operations run inside the rule; an operation called by the walk itself adds cotangents.
    """
    place.phase = place.phase or BACKWARD
    if place.back is None:
        known = frame.f_locals
        place.back, place.position = known.get("record"), known.get("position")
        place.is_sum = inner == "call"


def _phase_of(frame: FrameType, code: CodeType) -> str | None:
    if code.co_name == "compute_loss":
        return LOSS
    if code.co_argcount and code.co_varnames[0] == "self":
        owner = frame.f_locals.get("self")
        for kind, phase in _KINDS:
            if isinstance(owner, kind):
                return phase
    return None


def _line(code: CodeType, instruction: int) -> Line:
    return Line(code.co_filename, line_number(code, instruction), code.co_name)


def _is_ours(frame: FrameType) -> bool:
    return str(frame.f_globals.get("__name__", "")).startswith(_PACKAGE)
