"""The progress as text."""

from __future__ import annotations

import io
import re
import subprocess
import sys
from typing import Any

import pytest

from gradtape.training import progress as progress_module
from gradtape.training.loop import Progress
from gradtape.training.progress import Display, Pace, Terminal, duration, number, per_step, thousands

PLAIN = Terminal(live=True, colour=False, unicode=True)


class Stream(io.StringIO):
    """A stream that says it is a terminal, or not."""

    def __init__(self, is_terminal: bool, encoding: str = "utf-8") -> None:
        super().__init__()
        self._is_terminal, self._encoding = is_terminal, encoding

    @property
    def encoding(self) -> str:  # type: ignore[override]
        return self._encoding

    def isatty(self) -> bool:
        return self._is_terminal


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Any:
    """A clock that stands still until it is set."""

    class Clock:
        now = 100.0

        def perf_counter(self) -> float:
            return self.now

    clock = Clock()
    monkeypatch.setattr(progress_module, "time", clock)
    for name in ("NO_COLOR", "FORCE_COLOR", "COLUMNS"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("TERM", "xterm")
    return clock


def at(step: int, epoch: int = 0, steps: int = 10, seconds: float | None = None) -> Progress:
    """A progress of 5 epochs of 10 steps with 100 samples, 0.5 s each."""
    spent = step * 0.5 if seconds is None else seconds
    return Progress(epoch, 5, step, steps, step * 100, 0.30124, 0.91234, spent)


def test_the_last_line_of_an_epoch_looks_as_keras_draws_it() -> None:
    display = Display(Stream(True))
    display.terminal = PLAIN
    progress = Progress(0, 5, 469, 469, 60000, 0.30124, 0.91234, 2.0)
    display._pace.last = progress
    bar = "━" * 20
    assert display.line(progress, 100) == (
        f"469/469 {bar} 2s 4ms/step - accuracy: 0.9123 - loss: 0.3012 - 30k samples/s"
    )


def test_on_a_terminal_the_line_is_written_over_itself(clock: Any) -> None:
    stream = Stream(True)
    with Display(stream) as display:
        display.terminal = PLAIN
        for step in (1, 2, 3):
            clock.now += 1
            display.show(at(step))
    assert stream.getvalue() == (
        "Epoch 1/5\n"
        "\r 1/10 ──────── 24s left - accuracy: 0.9123 - loss: 0.3012 - 200 samples/s\x1b[K"
        "\r 2/10 ━─────── 24s left - accuracy: 0.9123 - loss: 0.3012 - 200 samples/s\x1b[K"
        "\r 3/10 ━━────── 24s left - accuracy: 0.9123 - loss: 0.3012 - 200 samples/s\x1b[K"
        "\n"
    )


def test_it_is_drawn_20_times_a_second_at_most_but_always_at_the_end(clock: Any) -> None:
    stream = Stream(True)
    with Display(stream) as display:
        for step in range(1, 11):
            clock.now += 0.02
            display.show(at(step))
    drawn = [int(found) for found in re.findall(r"\r *(\d+)/10", stream.getvalue())]
    assert drawn == [1, 4, 7, 10]


def test_each_epoch_has_its_heading_and_its_line(clock: Any) -> None:
    stream = Stream(True)
    with Display(stream) as display:
        display.terminal = PLAIN
        for epoch in (0, 1):
            for step in (1, 10):
                clock.now += 1
                display.show(at(step, epoch))
    lines = stream.getvalue().split("\n")
    assert lines[0] == "Epoch 1/5" and lines[2] == "Epoch 2/5" and lines[4:] == [""]
    assert lines[1].endswith("samples/s\x1b[K") and " 5s 500ms/step " in lines[3]


def test_elsewhere_an_epoch_is_one_line(clock: Any) -> None:
    stream = Stream(False)
    with Display(stream) as display:
        for epoch in (0, 1):
            for step in range(1, 11):
                clock.now += 1
                display.show(at(step, epoch))
    line = "10/10 5s 500ms/step - accuracy: 0.9123 - loss: 0.3012 - 200 samples/s"
    assert stream.getvalue() == f"Epoch 1/5 - {line}\nEpoch 2/5 - {line}\n"


def test_a_line_left_open_is_ended_whatever_happens(clock: Any) -> None:
    stream = Stream(True)
    with pytest.raises(KeyboardInterrupt), Display(stream) as display:
        display.show(at(1))
        raise KeyboardInterrupt
    assert stream.getvalue().endswith("\x1b[K\n")


def test_an_epoch_of_one_step_is_shown(clock: Any) -> None:
    stream = Stream(False)
    with Display(stream) as display:
        display.show(at(1, steps=1))
    assert stream.getvalue().startswith("Epoch 1/5 - 1/1 ")


@pytest.mark.parametrize("columns", range(0, 130))
@pytest.mark.parametrize("step", [1, 123456])
def test_a_line_is_never_wider_than_asked(columns: int, step: int) -> None:
    display = Display(Stream(True))
    display.terminal = PLAIN
    progress = at(step, steps=123456)
    line = display.line(progress, columns)
    assert len(line) <= columns
    if columns >= 30:
        assert f"{step}/123456" in line and ("left" in line) == (step == 1)
    if columns >= 110:
        assert "samples/s" in line and ("━" * 20 in line or "─" * 20 in line)


def test_reports_of_several_steps_and_new_objects_are_fine(clock: Any) -> None:
    stream = Stream(False)
    with Display(stream) as display:
        for step in (4, 8, 10):
            display.show(at(step))
        display.show(at(10, epoch=1))
    assert stream.getvalue().count("\n") == 2


def test_the_first_report_of_all_does_not_count_as_speed() -> None:
    pace = Pace()
    first = Progress(0, 2, 1, 11, 10, 0.0, 0.0, 60.0)  # a minute of compiling
    pace.begin(first)
    pace.last = first
    then = Progress(0, 2, 11, 11, 110, 0.0, 0.0, 61.0)
    assert pace.measured(first) == (1, 10, 60.0)
    assert pace.measured(then) == (10, 100, 1.0)
    assert pace.seconds_left(then) == pytest.approx(11 * 0.1)
    pace.last = then
    second = Progress(1, 2, 1, 11, 10, 0.0, 0.0, 0.1)
    pace.begin(second)
    assert pace.measured(second) == (1, 10, 0.1)
    assert pace.seconds_left(second) == pytest.approx(10 * 0.1)


@pytest.mark.parametrize(
    ("is_terminal", "environment", "expected"),
    [
        (True, {}, (True, True)),
        (False, {}, (False, False)),
        (True, {"NO_COLOR": "1"}, (True, False)),
        (True, {"NO_COLOR": ""}, (True, True)),
        (False, {"FORCE_COLOR": "1"}, (False, True)),
        (False, {"FORCE_COLOR": ""}, (False, False)),
        (False, {"FORCE_COLOR": "0"}, (False, False)),
        (False, {"FORCE_COLOR": "1", "NO_COLOR": "1"}, (False, False)),
        (True, {"TERM": "dumb"}, (False, False)),
    ],
)
def test_what_a_terminal_can_do(
    is_terminal: bool, environment: dict[str, str], expected: tuple[bool, bool]
) -> None:
    terminal = Terminal.of(Stream(is_terminal), environment)
    assert (terminal.live, terminal.colour) == expected


@pytest.mark.parametrize(
    ("encoding", "bar"), [("utf-8", "━━━──"), ("ascii", "===.."), ("latin-1", "===.."), ("gbk", "━━━──")]
)
def test_the_bar_is_drawn_with_what_the_encoding_has(encoding: str, bar: str) -> None:
    assert Terminal.of(Stream(False, encoding), {}).bar(3, 5, 5) == bar


def test_a_bar_with_colours() -> None:
    bar = Terminal(live=True, colour=True, unicode=True).bar(1, 2, 4)
    assert bar == "\x1b[32m━━\x1b[0m\x1b[90m──\x1b[0m"


def test_without_any_output_nothing_is_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdout", None)
    with Display() as display:
        display.show(at(10))
    assert not display.terminal.live


def test_numbers_as_keras_writes_them() -> None:
    assert [number(value) for value in (0.0, 1.0, 0.00101, 0.001, 12.34567)] == [
        "0.0000",
        "1.0000",
        "0.0010",
        "1.0000e-03",
        "12.3457",
    ]
    assert number(float("nan")) == "nan" and number(float("inf")) == "inf"
    assert [per_step(seconds) for seconds in (12.0, 0.9, 1e-3, 9e-4)] == [
        "12s/step",
        "900ms/step",
        "1ms/step",
        "900us/step",
    ]
    assert [thousands(rate) for rate in (0.0, 999.0, 1000.0, 12_345.0, 1.5e6)] == [
        "0",
        "999",
        "1.0k",
        "12k",
        "1.5M",
    ]
    assert [duration(seconds) for seconds in (0.0, 59.4, 59.6, 3599.0, 36000.0)] == [
        "0s",
        "59s",
        "1:00",
        "59:59",
        "10:00:00",
    ]


def test_importing_gradtape_imports_no_command_line() -> None:
    code = "import sys, gradtape; print([m for m in ('typer', 'rich', 'gradtape.cli') if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"
