"""The outcome of a command: an exit code and, after a failure, one line on stderr.

0 done · 1 failed · 2 wrong arguments · 128 + n stopped by signal n.
"""

from __future__ import annotations

import os
import shlex
import signal
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import typer
from typer.core import TyperCommand, TyperGroup

from gradtape.display.terminal import one_line
from gradtape.errors import GradtapeError, closest

# What typer raises for something typed wrongly; its class has no public name of its own.
UsageError: Any = typer.BadParameter.__bases__[0]
# SIGPIPE as a number, as `signal` has no such name on Windows
CLOSED_PIPE = 128 + 13


class Command(TyperCommand):
    """A command; its help names no type for options that take no value."""

    def get_params(self, ctx: Any) -> list[Any]:
        """Return its arguments and options."""
        return flags_without_type(super().get_params(ctx))


class Commands(TyperGroup):
    """The group of commands, with gradtape's exit codes."""

    def get_params(self, ctx: Any) -> list[Any]:
        """Return its options."""
        return flags_without_type(super().get_params(ctx))

    def main(
        self,
        args: Sequence[str] | None = None,
        prog_name: str | None = None,
        complete_var: str | None = None,
        standalone_mode: bool = True,
        windows_expand_args: bool = True,
        **extra: object,
    ) -> Any:
        """Run what `args` (or the command line) asks for; exits, or returns the code if not standalone."""
        steady_streams()
        typed = sys.argv[1:] if args is None else list(args)
        self._main_shell_completion(extra, prog_name or "gradtape", complete_var)
        code = self.outcome(prog_name or "gradtape", typed, **extra)
        if standalone_mode:
            sys.exit(code)
        return code

    def resolve_command(self, ctx: Any, args: list[str]) -> Any:
        """Return the command that is named first, or say which there are."""
        if args[0] not in self.commands and not args[0].startswith("-"):
            message = must_be_one_of(list(self.commands), args[0])
            raise typer.BadParameter(message, ctx=ctx, param_hint="'COMMAND'")
        return super().resolve_command(ctx, args)

    def outcome(self, prog_name: str, typed: list[str], **extra: Any) -> int:
        """Return the exit code of what was typed, having said on stderr what went wrong."""
        try:
            # not TyperGroup.main, which prints errors in a box of several lines and has exit codes of its own
            with self.make_context(prog_name, typed, **extra) as context:
                self.invoke(context)
            flush()
        except typer.Exit as end:
            return end.exit_code
        except UsageError as error:
            return complain(error.format_message(), 2)
        except GradtapeError as error:
            return complain(str(error), 1)
        except BrokenPipeError:
            silence()
            return CLOSED_PIPE
        except OSError as error:
            return complain(os_error(error), 1)
        except MemoryError:
            return complain("there is not enough memory", 1)
        except (KeyboardInterrupt, typer.Abort):
            return complain("stopped", 128 + signal.SIGINT)
        return 0


def flags_without_type(options: list[Any]) -> list[Any]:
    """Return the options; those that take no value have nothing to name beside them in the help."""
    for option in options:
        if getattr(option, "is_flag", False):
            option.metavar = ""
    return options


def steady_streams() -> None:
    """Let every line out at once, and let no character be an error."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            # by line: `gradtape train | tee log` shows each epoch as it ends
            stream.reconfigure(line_buffering=True, errors="backslashreplace")


def flush() -> None:
    """Write what is still held back, while a failure can still be told."""
    if sys.stdout is not None:
        sys.stdout.flush()


def silence() -> None:
    """Lead what is still to be written to nowhere: nobody reads it, and Python would complain at its end."""
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except (OSError, AttributeError):
            _to_nowhere(stream)


def _to_nowhere(stream: Any) -> None:
    try:
        # the number of the stream itself is redirected: Python flushes it once more at exit
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, stream.fileno())
        os.close(nowhere)
    except (OSError, AttributeError):
        pass


def os_error(error: OSError) -> str:
    """Return in one line what the system refused, and for which file."""
    reason = error.strerror or str(error) or type(error).__name__
    return f"{error.filename}: {reason}" if error.filename else reason


def complain(message: str, code: int) -> int:
    """Print `message` as one line on stderr and return `code`."""
    try:
        print(f"gradtape: {one_line(message)}", file=sys.stderr)
        flush()
    except OSError:
        silence()
    return code


def must_be_one_of(names: Sequence[str], value: str) -> str:
    """Return the message for a name that does not exist, with the nearest that does.

    >>> must_be_one_of(["mnist"], "mnits")
    "must be one of: mnist; got 'mnits', did you mean mnist?"
    """
    near = closest(value.lower(), names)
    came = repr(one_line(value)) if value else "nothing"
    question = f", did you mean {near}?" if near else ""
    return f"must be one of: {', '.join(names)}; got {came}{question}"


def print_results(results: Mapping[str, float]) -> None:
    """Print what a test gave."""
    for name, words in (("accuracy", "accuracy"), ("mae", "mean error"), ("loss", "loss")):
        if name in results:
            print(f"test {words}: {results[name]:.4f}")


def print_next(kind: str, path: Path, folder: Path, dataset: str) -> None:
    """Print where it is kept what has been learned, and what can be done with it.

    Args:
        kind: "run" or "weights".
        path: the run's folder, or the file of weights.
        folder: the folder of either.
        dataset: what it has learned.
    """
    place = one_line(shlex.quote(str(folder)))
    commands = [f"show {place}"] if kind == "run" else []
    commands += [f"evaluate {place}", f"predict {dataset}:0 --weights {place}"]
    print(f"{kind}: {one_line(str(path))}")
    for before, command in zip(("next:", "     ", "     "), commands, strict=False):
        print(f"{before} gradtape {command}")
