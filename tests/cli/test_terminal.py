"""What is seen on a terminal, and what goes into a pipe."""

from __future__ import annotations

import os
import re
import struct
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.runs.training import train

pytestmark = pytest.mark.skipif(os.name == "nt", reason="pseudo-terminals of POSIX")
ERASED = "\x1b[K"


def on_terminal(start: Any, words: list[str], columns: int = 80, **environment: str) -> str:
    """Return all that the command writes on a terminal of that width."""
    import fcntl
    import pty
    import termios

    reading, terminal = pty.openpty()
    fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack("HHHH", 24, columns, 0, 0))
    changes = {"TERM": "xterm-256color", "PYTHONIOENCODING": "utf-8"} | environment
    process = start(*words, stdin=terminal, stdout=terminal, stderr=terminal, environment=changes)
    os.close(terminal)
    written = b""
    while True:
        try:
            part = os.read(reading, 65536)
        except OSError:
            break
        if not part:
            break
        written += part
    os.close(reading)
    assert process.wait(timeout=60) == 0, written
    return written.decode(environment.get("PYTHONIOENCODING", "utf-8")).replace("\r\n", "\n")


def seen(line: str) -> str:
    """Return the line without what a terminal does not show."""
    return re.sub(r"\x1b\[[\d;]*[mK]", "", line)


def test_the_live_line_is_written_over_itself(start: Any, tiny: list[str]) -> None:
    text = on_terminal(start, [*tiny, "--batch-size", "128"])
    frames, *rest = text.split("\n")
    first, *others = frames.split("\r")
    assert first == "" and len(others) >= 2
    for frame in others:
        assert frame.endswith(ERASED)
        assert len(seen(frame)) < 80
    assert re.fullmatch(
        r"  1/469 ─{20} \d+s left - accuracy: \d\.\d{4} - loss: \d\.\d{4}",
        seen(others[0]),
    )
    assert re.fullmatch(
        r"469/469 ━{20} \d+s \S+/step - accuracy: \d\.\d{4} - loss: \d\.\d{4}",
        seen(others[-1]),
    )
    assert "\x1b[32m" in others[-1]
    assert rest[0].startswith("test accuracy: ") and "\x1b" not in "".join(rest)


def test_no_color_leaves_the_live_line_without_colours(start: Any, tiny: list[str]) -> None:
    text = on_terminal(start, tiny, NO_COLOR="1", FORCE_COLOR="1")
    assert "\r" in text and ERASED in text
    assert set(re.findall(r"\x1b\[[\d;]*[A-Za-z]", text)) == {ERASED}


@pytest.mark.parametrize("columns", [20, 45, 200])
def test_no_line_that_is_written_over_is_wider_than_the_terminal(
    start: Any, tiny: list[str], columns: int
) -> None:
    text = on_terminal(start, tiny, columns=columns)
    *frames, _ = [seen(frame) for frame in text.split("\n")[0].split("\r")[1:]]  # the last one stays, whole
    assert frames and all(0 < len(frame) < columns for frame in frames)


def test_an_encoding_without_the_bar_gets_another(start: Any, tiny: list[str]) -> None:
    text = on_terminal(start, tiny, PYTHONIOENCODING="ascii")
    assert "118/118 ========" in seen(text)


def test_a_dumb_terminal_gets_plain_lines(start: Any, tiny: list[str]) -> None:
    text = on_terminal(start, tiny, TERM="dumb")
    assert text.startswith("118/118 ") and "\x1b" not in text and "\r" not in text


def piped(start: Any, words: list[str], **environment: str) -> str:
    process = start(*words, stderr=subprocess.STDOUT, environment=environment)
    out, _ = process.communicate(timeout=60)
    assert process.returncode == 0, out
    return str(out.decode())


def test_a_pipe_gets_no_control_characters(start: Any, tiny: list[str]) -> None:
    lines = piped(start, tiny).split("\n")
    assert all(line.isprintable() for line in lines)
    assert [line.split(" ")[0] for line in lines if line.strip()] == [
        "118/118",
        "test",
        "test",
        "run:",
        "next:",
        "",
        "",
    ]


def test_force_color_colours_a_pipe_but_moves_nothing(start: Any, tiny: list[str]) -> None:
    text = piped(start, [*tiny, "--epochs", "2"], FORCE_COLOR="1")
    assert set(re.findall(r"\x1b\[[\d;]*[A-Za-z]", text)) == {"\x1b[1m", "\x1b[0m"} and "\r" not in text


def test_the_network_of_the_command_learns_mnist(start: Any) -> None:
    text = piped(start, ["train", "mnist", "--epochs", "1", "--hidden", "32"])
    found = re.search(r"test accuracy: (0\.\d+)", text)
    assert found and float(found[1]) > 0.91


def test_a_name_that_the_encoding_cannot_write_is_no_error(
    start: Any, tiny: list[str], tmp_path: Path
) -> None:
    text = piped(start, [*tiny, "--out", "数字"], PYTHONIOENCODING="ascii")
    assert "run: \\u6570\\u5b57\n" in text
    assert (tmp_path / "数字/run.json").exists()


def test_a_table_has_a_bold_heading_on_a_terminal_unless_colours_are_unwanted(
    start: Any, tmp_path: Path
) -> None:
    train(tmp_path / "runs/first", epochs=1)
    for words in (["runs"], ["show"], ["compare", "first", "first"]):
        bold, plain = (on_terminal(start, words, COLUMNS="300", **more) for more in ({}, {"NO_COLOR": "1"}))
        assert "\x1b[1m" in bold and seen(bold) == plain and "\x1b" not in plain
        assert piped(start, words) == plain


def test_a_narrow_terminal_gets_the_columns_for_which_there_is_room(start: Any, tmp_path: Path) -> None:
    train(tmp_path / "runs/first", epochs=1)
    headings, widths = [], (300, 70, 50, 30)
    for width in widths:
        lines = seen(on_terminal(start, ["runs"], COLUMNS=str(width))).splitlines()
        headings.append(lines[0].split())
        assert width < 40 or max(map(len, lines)) <= width
    whole = ["run", "recipe", "epochs", "result", "state", "started"]
    assert headings == [whole, whole[:5], ["run", "epochs", "result", "state"], ["run", "result", "state"]]
    folded = seen(on_terminal(start, ["show"], COLUMNS="60"))
    facts = folded.split("\nepochs\n")[0].splitlines()
    assert max(map(len, facts)) <= 60 and re.search(r"\n {20,}\S", folded)


def test_the_shell_completes_commands() -> None:
    asked = {"_GRADTAPE_COMPLETE": "complete_bash", "COMP_WORDS": "gradtape tr", "COMP_CWORD": "1"}
    found = subprocess.run(
        [sys.executable, "-m", "gradtape"], env={**os.environ, **asked}, capture_output=True, text=True
    )
    assert found.stdout.split() == ["train"], found.stderr
