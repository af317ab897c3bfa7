"""Cases: small programs, one function each, with the result that they have in TensorFlow."""

from __future__ import annotations

import inspect
from collections.abc import Iterator
from types import ModuleType

from tools.tensorflow_cases import (
    loss_cases,
    optimizer_cases,
    tape_assignments,
    tape_custom_gradients,
    tape_indices,
    tape_jacobians,
    tape_nested,
    tape_paths,
    tape_recording,
    tape_watch,
)
from tools.tensorflow_cases.values import Case, Json, outcome

# The files of each group, in the order in which they are recorded.
FILES: dict[str, tuple[ModuleType, ...]] = {
    "tape": (
        tape_watch,
        tape_paths,
        tape_recording,
        tape_assignments,
        tape_custom_gradients,
        tape_nested,
        tape_jacobians,
        tape_indices,
    ),
    "losses": (loss_cases,),
    "optimizers": (optimizer_cases,),
}


def recorded_cases() -> Json:
    """Return the section `cases`."""
    return {
        group: {
            case.__name__: {"code": inspect.getsource(case), "result": outcome(case)} for case in cases(group)
        }
        for group in FILES
    }


def cases(group: str) -> Iterator[Case]:
    """Yield the functions of a group's files, in order."""
    for file in FILES[group]:
        for made in vars(file).values():
            if inspect.isfunction(made) and made.__module__ == file.__name__:
                yield made
