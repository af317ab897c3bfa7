"""The command `gradtape`: train, runs, show ...  One command per file."""

from __future__ import annotations

import sys
from typing import Annotated

import typer

import gradtape
from gradtape import engine
from gradtape.cli.at import at
from gradtape.cli.compare import compare
from gradtape.cli.doctor import doctor
from gradtape.cli.evaluate import evaluate
from gradtape.cli.outcome import Command, Commands, complain
from gradtape.cli.predict import predict
from gradtape.cli.resume import resume
from gradtape.cli.rules import rules
from gradtape.cli.runs import runs
from gradtape.cli.show import show
from gradtape.cli.train import train
from gradtape.errors import EngineError
from gradtape.training.signals import Stop

app = typer.Typer(cls=Commands, rich_markup_mode="rich")


def show_version(wanted: bool) -> None:
    """Print the version and end."""
    if wanted:
        print(f"gradtape {gradtape.__version__}")
        raise typer.Exit()


@app.callback(invoke_without_command=True)
def gradtape_command(
    context: typer.Context,
    version: Annotated[
        bool, typer.Option("--version", callback=show_version, is_eager=True, help="Print the version.")
    ] = False,
) -> None:
    """Train neural networks, and hide nothing.

    Begin with: gradtape train mnist
    """
    if context.invoked_subcommand is None:
        print(context.get_help())


for command in (train, resume, evaluate, predict, runs, show, at, compare, rules, doctor):
    # the -1 of `at` is a step, not an option
    app.command(cls=Command, context_settings={"ignore_unknown_options": command is at})(command)


def main() -> None:
    """Run the command that was typed, and exit with its code."""
    # the first Ctrl-C waits for the end of the step; the second must end even a process that hangs
    Stop.second_kills = True
    try:
        # not in a command, whose errors end with code 1: a wrong engine is a wrong argument, code 2
        engine.set_engine_of_environment()
    except EngineError as error:
        sys.exit(complain(str(error), 2))
    typer.main.get_command(app).main(prog_name="gradtape")
