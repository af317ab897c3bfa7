"""The progress line: Keras' look on a terminal, one line per epoch elsewhere, one output in a notebook."""

from __future__ import annotations

import io
import sys
from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import pytest

from gradtape.callbacks import CallbackList, LambdaCallback, ProgbarLogger, progress_line, screens
from gradtape.callbacks.progress_line import ProgressLine
from gradtape.display.terminal import Cursor, Terminal, say
from gradtape.errors import ArgumentError
from tests.callbacks.scripted import Model, play

PLAIN = Terminal(live=True, colour=False, unicode=True)
LOGS = {"accuracy": 0.91234, "loss": 0.30124}
VALIDATED = {**LOGS, "val_accuracy": 0.5, "val_loss": 0.00001}


class Stream(io.StringIO):
    """A stream that says whether it is a terminal."""

    encoding = "utf-8"  # type: ignore[assignment]

    def __init__(self, is_terminal: bool = True) -> None:
        super().__init__()
        self._is_terminal = is_terminal

    def isatty(self) -> bool:
        return self._is_terminal


class Clock:
    """A clock that only goes when it is told to."""

    now = 100.0

    def perf_counter(self) -> float:
        return self.now


@pytest.fixture(autouse=True)
def clock(monkeypatch: pytest.MonkeyPatch) -> Iterator[Clock]:
    """Give a clock that only goes when it is told to, and a terminal of 100 columns without colours."""
    clock = Clock()
    monkeypatch.setattr(screens, "time", clock)
    monkeypatch.setattr(progress_line, "time", clock)
    monkeypatch.setenv("NO_COLOR", "1")
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setenv("COLUMNS", "101")
    monkeypatch.delitem(sys.modules, "IPython", raising=False)
    yield clock
    Cursor.inside_line = False


def ticking(clock: Clock, seconds: float = 1.0) -> LambdaCallback:
    """Return a callback that lets time pass with each batch."""

    def tick(batch: int, logs: Any) -> None:
        clock.now += seconds

    return LambdaCallback(on_train_batch_begin=tick, on_test_batch_begin=tick, on_predict_batch_begin=tick)


def shown(stream: Any, clock: Clock, script: Any = (LOGS,), seconds: float = 1.0, **params: Any) -> str:
    """Return what is written in a training of 3 batches an epoch."""
    model = Model()
    params = {"verbose": "auto", "epochs": len(script), "steps": 3, **params}
    told = CallbackList([ticking(clock, seconds), ProgbarLogger(stream)], model=model, **params)
    play(told, model, list(script))
    told.close()
    return str(stream.getvalue())


BARS = ["━" * n + "─" * (20 - n) for n in (6, 13, 20)]


def test_on_a_terminal_the_line_is_written_over(clock: Clock) -> None:
    assert shown(Stream(), clock).split("\r") == [
        "",
        f"1/3 {BARS[0]} 2s left - accuracy: 0.9123 - loss: 0.3012\x1b[K",
        f"2/3 {BARS[1]} 1s left - accuracy: 0.9123 - loss: 0.3012\x1b[K",
        f"3/3 {BARS[2]} 3s 1s/step - accuracy: 0.9123 - loss: 0.3012\x1b[K",
        f"3/3 {BARS[2]} 3s 1s/step - accuracy: 0.9123 - loss: 0.3012\x1b[K\n",
    ]


def test_several_epochs_have_headings_and_the_validation_ends_the_line(clock: Clock) -> None:
    text = shown(Stream(), clock, [VALIDATED, LOGS])
    assert text.startswith("Epoch 1/2\n\r1/3")
    assert f"- val_accuracy: 0.5000 - val_loss: 1.0000e-05\x1b[K\nEpoch 2/2\n\r1/3 {BARS[0]}" in text


def test_it_is_not_written_more_often_than_needed(clock: Clock) -> None:
    assert len(shown(Stream(), clock, seconds=0.02).split("\r")) == 3  # the first and the last


def test_the_first_report_does_not_count_for_the_speed(clock: Clock) -> None:
    line = ProgressLine(10, is_first=True)
    clock.now += 60  # compiles
    line.update(2, LOGS)
    clock.now += 4
    line.update(6, LOGS)
    assert (
        line.text(PLAIN, 100)
        == "6/10".rjust(5) + f" {BARS[0][:0]}{'━' * 12}{'─' * 8} 4s left - accuracy: 0.9123 - loss: 0.3012"
    )
    clock.now += 4
    line.update(10, LOGS)
    assert "1:08 1s/step" in line.text(PLAIN, 100)


@pytest.mark.parametrize(
    ("columns", "text"),
    [
        (200, "3/3 ━━━━━━━━━━━━━━━━━━━━ 3s 1s/step - accuracy: 0.9123 - loss: 0.3012"),
        (60, "3/3 ━━━━━━━━ 3s 1s/step - accuracy: 0.9123 - loss: 0.3012"),
        (54, "3/3 ━━━━━ 3s 1s/step - accuracy: 0.9123 - loss: 0.3012"),
        (50, "3/3 3s 1s/step - accuracy: 0.9123 - loss: 0.3012"),
        (40, "3/3 3s 1s/step - accuracy: 0.9123"),
        (20, "3/3 3s 1s/step"),
        (5, "3/3"),
        (2, "3/"),
    ],
)
def test_the_line_fits_the_terminal(columns: int, text: str, clock: Clock) -> None:
    line = ProgressLine(3, is_first=False)
    clock.now += 3
    line.update(3, LOGS)
    assert line.text(PLAIN, columns) == text
    assert len(text) <= columns


def test_an_unknown_number_of_steps_is_known_after_the_first_epoch(clock: Clock) -> None:
    text = shown(Stream(), clock, [LOGS, LOGS], steps=None)
    assert "\r1/? 1s 1s/step - accuracy" in text
    assert f"\r3/3 {BARS[2]} 3s 1s/step" in text
    assert f"Epoch 2/2\n\r1/3 {BARS[0]} 2s left" in text


def test_elsewhere_there_is_one_line_per_epoch(clock: Clock) -> None:
    assert shown(Stream(False), clock, [VALIDATED, LOGS]) == (
        "Epoch 1/2 - 3/3 3s 1s/step - accuracy: 0.9123 - loss: 0.3012 - val_accuracy: 0.5000 - val_loss: "
        "1.0000e-05\n"
        "Epoch 2/2 - 3/3 3s 1s/step - accuracy: 0.9123 - loss: 0.3012\n"
    )
    assert shown(Stream(True), clock, verbose=2) == "3/3 3s 1s/step - accuracy: 0.9123 - loss: 0.3012\n"


def test_nothing_is_shown_where_nothing_is_wanted(clock: Clock) -> None:
    assert shown(Stream(), clock, verbose=0) == ""
    told = CallbackList([ProgbarLogger()], model=Model(), verbose=1)
    sys_stdout, sys.stdout = sys.stdout, None  # type: ignore[assignment]
    try:
        play(told, Model(), [LOGS])
        say("nothing")
    finally:
        sys.stdout = sys_stdout


@pytest.mark.parametrize("verbose", [3, -1, "yes", None])
def test_verbose_is_one_of_four(verbose: Any) -> None:
    with pytest.raises(ArgumentError, match='^verbose must be 0, 1, 2 or "auto", got '):
        CallbackList([ProgbarLogger()], verbose=verbose)


def test_colours_only_where_they_are_wanted(clock: Clock, monkeypatch: pytest.MonkeyPatch) -> None:
    assert "\x1b[32m" not in shown(Stream(), clock)
    monkeypatch.delenv("NO_COLOR")
    assert "\x1b[32m━" in shown(Stream(), clock)
    assert "\x1b" not in shown(Stream(False), clock, [LOGS, LOGS])


@pytest.mark.parametrize("kind", ["test", "predict"])
def test_tests_and_predictions_are_shown_unless_they_are_part_of_a_training(kind: str, clock: Clock) -> None:
    stream = Stream()
    told = CallbackList([ProgbarLogger(stream), ticking(clock)], model=Model(), verbose=1, epochs=1, steps=1)
    getattr(told, f"on_{kind}_begin")()
    getattr(told, f"on_{kind}_batch_begin")(0)
    getattr(told, f"on_{kind}_batch_end")(0, {"loss": 0.5} if kind == "test" else {"outputs": 1})
    getattr(told, f"on_{kind}_end")({"loss": 0.5} if kind == "test" else None)
    metrics = " - loss: 0.5000" if kind == "test" else ""
    assert stream.getvalue().endswith(f"\r1/1 {BARS[2]} 1s 1s/step{metrics}\x1b[K\n")


def test_a_message_is_a_line_of_its_own(clock: Clock, monkeypatch: pytest.MonkeyPatch) -> None:
    stream = Stream()
    monkeypatch.setattr(sys, "stdout", stream)
    line = ProgressLine(3, is_first=False)
    screen = screens.screen_for(stream, 1)
    say("before")
    screen.update(line.text)
    say("while")
    say("after")
    assert stream.getvalue() == f"before\n\r0/3 {'─' * 20} ...\x1b[K\nwhile\nafter\n"


def test_close_ends_an_open_line(clock: Clock) -> None:
    stream = Stream()
    progress = ProgbarLogger(stream)
    told = CallbackList([progress], model=Model(), verbose=1, epochs=1, steps=3)
    told.on_train_begin()
    told.on_epoch_begin(0)
    told.on_train_batch_end(0, LOGS)
    told.close()
    told.close()
    assert stream.getvalue().endswith("\x1b[K\n")


class Display:
    """What IPython gives to show and change outputs; keeps all texts."""

    def __init__(self) -> None:
        self.texts: list[str] = []
        self.made = 0

    def __call__(self, bundle: Any, raw: bool, display_id: bool) -> Display:
        assert raw
        assert display_id
        self.made += 1
        self.texts.append(bundle["text/plain"])
        return self

    def update(self, bundle: Any, raw: bool) -> None:
        assert raw
        self.texts.append(bundle["text/plain"])


@pytest.fixture
def display(monkeypatch: pytest.MonkeyPatch) -> Display:
    """Pretend to run in a notebook's kernel."""
    display = Display()
    ipython = SimpleNamespace(
        get_ipython=lambda: SimpleNamespace(kernel=object()), display=SimpleNamespace(display=display)
    )
    monkeypatch.setitem(sys.modules, "IPython", ipython)  # type: ignore[arg-type]
    return display


def test_in_a_notebook_one_output_changes_four_times_a_second(
    clock: Clock, display: Display, monkeypatch: pytest.MonkeyPatch
) -> None:
    stream = Stream(False)
    monkeypatch.setattr(sys, "stdout", stream)
    shown(stream, clock, [LOGS, LOGS], seconds=0.1)
    assert display.made == 1
    assert stream.getvalue() == ""
    assert len(display.texts) == 4  # of each epoch a first line and the last
    end = f"3/3 {BARS[2]} 0s 100ms/step - accuracy: 0.9123 - loss: 0.3012"
    assert display.texts[-1] == f"Epoch 1/2\n{end}\nEpoch 2/2\n{end}"


def test_a_long_training_keeps_its_last_lines_in_a_notebook(
    clock: Clock, display: Display, monkeypatch: pytest.MonkeyPatch
) -> None:
    stream = Stream(False)
    monkeypatch.setattr(sys, "stdout", stream)
    shown(stream, clock, [LOGS] * 80)
    assert display.made == 1
    lines = display.texts[-1].splitlines()
    assert len(lines) == 100
    assert lines[-2] == "Epoch 80/80"


def test_in_ipython_on_a_terminal_there_is_no_notebook(
    clock: Clock, display: Display, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys.modules["IPython"], "get_ipython", lambda: SimpleNamespace())
    stream = Stream()
    monkeypatch.setattr(sys, "stdout", stream)
    assert "3/3" in shown(stream, clock)
    assert display.texts == []
