"""Checks of the commands' options, and their messages."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Annotated

import typer

from gradtape import engine
from gradtape.base import checks
from gradtape.cli.outcome import must_be_one_of
from gradtape.display.terminal import one_line
from gradtape.errors import ArgumentError

# a learning rate is a float32: below it is denormal or 0, above infinite
FLOAT32_RANGE = (1.2e-38, 3.4e38)


def one_of(names: Iterable[str]) -> Callable[[str | None], str | None]:
    """Return a check that lets the names through, whatever their case, and None."""
    possible = list(names)

    def check(value: str | None) -> str | None:
        if value is None or value.lower() in possible:
            return value and value.lower()
        raise typer.BadParameter(must_be_one_of(possible, value))

    return check


def whole(value: str | int) -> int:
    """Return a whole number that was typed.

    >>> whole("12")
    12
    """
    try:
        return int(value)
    except ValueError:
        raise typer.BadParameter(f"must be a whole number; got {one_line(repr(value))}") from None


def real(value: str | float) -> float:
    """Return a number that was typed.

    >>> real("1e-3")
    0.001
    """
    try:
        return float(value)
    except ValueError:
        raise typer.BadParameter(f"must be a number; got {one_line(repr(value))}") from None


def at_least(least: int) -> Callable[[int | None], int | None]:
    """Return a check that lets whole numbers from `least` on through, and None."""

    def check(value: int | None) -> int | None:
        try:
            return checks.whole_or_none(value, "option", "number", least)
        except ArgumentError:
            raise typer.BadParameter(f"{_from(least)}; got {value}") from None

    return check


def _from(least: int) -> str:
    return f"must be a whole number from {least} on"


def units(value: str | None) -> int | tuple[int, ...] | None:
    """Return the units of a hidden layer, or of several with commas between, as numbers.

    >>> units("512"), units("4,4")
    (512, (4, 4))
    """
    if value is None:
        return None
    try:
        found = tuple([checks.whole(int(word), "train", "--hidden", 1) for word in value.split(",")])
    except ValueError:  # no number, or, as an ArgumentError, too small a one
        raise typer.BadParameter(
            f"{_from(1)}, or several with commas between, such as 4,4; got {value}"
        ) from None
    return found[0] if len(found) == 1 else found


def not_empty(value: str | None) -> str | None:
    """Let a path through that has letters in it, and None: an empty one would be the folder one stands in."""
    if value is not None and not value.strip():
        raise typer.BadParameter("must not be empty; '.' is the folder where you are")
    return value


def learning_rate(value: float | None) -> float | None:
    """Let a number through that is a learning rate, and None."""
    low, high = FLOAT32_RANGE
    if value is None or low <= value <= high:
        return value
    raise typer.BadParameter(f"must be a number above 0, such as 0.001; got {value:g}")


def use_engine(name: str | None) -> str | None:
    """Compute on the engine from now on; None changes nothing."""
    if name is None:
        return None
    known = one_of(engine.NAMES)(name) or name
    engine.set_engine(known)
    return known


Engine = Annotated[
    str,
    typer.Option(
        "--engine",
        callback=use_engine,
        envvar="GRADTAPE_ENGINE",
        show_envvar=True,
        help="numpy, jax, or auto: JAX where it is installed.",
    ),
]

EngineOfRun = Annotated[
    str | None,
    typer.Option(
        "--engine",
        callback=use_engine,
        envvar="GRADTAPE_ENGINE",
        show_envvar=True,
        show_default=False,
        help="numpy, jax, or auto; by default that of the run.",
    ),
]
