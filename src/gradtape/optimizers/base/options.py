"""The options that all optimizers share: their names and types, and the check of their values."""

from __future__ import annotations

from typing import Any, TypedDict

from gradtape.base.checks import flag, number, whole
from gradtape.errors import ArgumentError


# The same names stand in `Phases`, as attributes, and in `Optimizer`, with defaults and in words: a type
# checker derives none from the other.  tests/optimizers/test_shared_options.py fails where they differ.
class Options(TypedDict, total=False):
    """The arguments that every optimizer takes after its own, as `Optimizer` describes them."""

    weight_decay: float | None
    clipnorm: float | None
    clipvalue: float | None
    global_clipnorm: float | None
    use_ema: bool
    ema_momentum: float
    ema_overwrite_frequency: int | None
    loss_scale_factor: float | None
    gradient_accumulation_steps: int | None
    name: str | None


INTERVALS = {
    "weight_decay": "[0, inf)",
    "clipnorm": "(0, inf)",
    "clipvalue": "(0, inf)",
    "global_clipnorm": "(0, inf)",
    "loss_scale_factor": "(0, inf)",
}
WHOLE_FROM = {"ema_overwrite_frequency": 1, "gradient_accumulation_steps": 2}
CLIPS = ("clipnorm", "clipvalue", "global_clipnorm")


def checked_options(who: str, given: dict[str, Any]) -> dict[str, Any]:
    """Return the options but for the name, with None for what is off, or raise naming the first bad one.

    Args:
        who: the optimizer's class, for the error message.
        given: the value of every option.
    """
    for option, interval in INTERVALS.items():
        if given[option] is not None:
            number(given[option], who, option, interval)
    for option, least in WHOLE_FROM.items():
        # 0 and False are off too, as in Keras for ema_overwrite_frequency
        is_off = given[option] is None or (isinstance(given[option], int) and not given[option])
        given[option] = None if is_off else whole(given[option], who, option, least)
    flag(given["use_ema"], who, "use_ema")
    number(given["ema_momentum"], who, "ema_momentum", "[0, 1]")
    clips = [f"{option}={given[option]}" for option in CLIPS if given[option] is not None]
    # as in Keras: which clipping comes first would change the result
    if len(clips) > 1:
        raise ArgumentError(
            f"{who}: only one of {', '.join(CLIPS[:2])} and {CLIPS[2]} can be set, got {' and '.join(clips)}"
        )
    return given
