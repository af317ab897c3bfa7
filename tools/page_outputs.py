"""The printed outputs of docs/replay.md: the programs of the page run, and what they print stands below them.

A section is the text below a heading ``##``.  The Python blocks of all sections run in order in an empty
folder, on NumPy, and share their names.  What those of a section print, or the error they end with, belongs
in its first block without a language.  `BEFORE` and `AFTER` have the lines that the page does not show.
"""

from __future__ import annotations

import contextlib
import io
import json
import linecache
import os
import re
import subprocess
import sys
import tempfile
import textwrap
from pathlib import Path
from typing import Any

from gradtape.errors import GradtapeError

ROOT = Path(__file__).parents[1]
PAGE = ROOT / "docs" / "replay.md"
WIDTH = 110  # of a long message; others stand as they are
LOOP = "The loop as a program"

BEFORE = {
    "The table": """
        import subprocess, sys
        command = "-m gradtape train digits --engine numpy --epochs 1 --out runs/digits"
        subprocess.run([sys.executable, *command.split()], check=True, stdout=subprocess.DEVNULL)
        run = gradtape.open_run("runs/digits")
        print(run.at(7))
        """,
    "Where do two runs diverge?": """
        program = source["Why did this weight change?"].partition("run = gradtape")[0]
        program = program.replace("model = ", "x[163, 2] = 0.0; model = ").replace('"signs"', '"other"')
        inner = {}
        exec(program, inner)
        other = gradtape.open_run("other", inner["x"], inner["y"])
        """,
    LOOP: """
        run.eject("loop.py")
        np.savez("data.npz", x=x, y=y)
        """,
    "In your own test suite": """
        import pathlib
        class Change(gradtape.callbacks.Callback):
            def on_epoch_begin(self, epoch, logs=None):
                if epoch == 1 and self.model.run_name != "tests/golden":
                    weight = self.model.weights[0]
                    value = np.array(weight)
                    value[0, 0] += 0.001
                    weight.assign(value)
        def train(folder):
            gradtape.set_seed(0)
            model = gradtape.Sequential([layers.Input((4,)), layers.Dense(2, activation="softmax")])
            model.compile("adam", "sparse_categorical_crossentropy")
            model.run_name = str(folder)
            model.fit(x, y, batch_size=100, epochs=3, verbose=0, run=folder, callbacks=[Change()])
        train("tests/golden")
        """,
}
AFTER = {"In your own test suite": 'test_the_training_is_what_it_was(pathlib.Path("."))'}
NAMES = {"Where does the NaN come from?": "heights.py"}  # the name that the printed source line shows


def sections(page: str) -> dict[str, str]:
    """Return the text below each heading of a page; that before the first stands under ""."""
    parts = re.split(r"^## (.*)\n", "\n" + page, flags=re.M)
    return dict(zip(["", *parts[1::2]], parts[::2], strict=True))


def program(text: str) -> str:
    """Return the Python blocks of a section as one program."""
    return "\n".join(re.findall(r"^```python\n(.*?)^```$", text, flags=re.M | re.S))


def with_outputs(page: str, printed: dict[str, str], loop: str) -> str:
    """Return the page with the outputs in their places.

    Args:
        page: the text of docs/replay.md.
        printed: what each section prints.
        loop: the part of the ejected program that the page shows.
    """
    for heading, text in sections(page).items():
        if heading in printed:
            changed = _replaced(text, "", printed[heading].rstrip() + "\n")
            if heading == LOOP:
                changed = _replaced(changed, "python", loop)
            page = page.replace(text, changed)
    return page


def _replaced(text: str, language: str, content: str) -> str:
    """Return a section with new content in its first block in a language."""
    for block in re.finditer(r"^```(\w*)\n(.*?)^```$", text, flags=re.M | re.S):
        if block[1] == language:
            return text[: block.start(2)] + content + text[block.end(2) :]
    raise ValueError(f"replay.md: there is no block to put this in:\n{content}")


def same_form(one: str, other: str) -> bool:
    """Tell whether two outputs differ only in what another machine may print otherwise.

    Words and whole numbers must be the same, other numbers within 2 percent or 1e-4, and times may be any.

    >>> same_form("loss 0.5012 in 3.1 ms", "loss 0.5013 in 99 us"), same_form("loss 0.5", "loss 0.6")
    (True, False)
    """
    ours, theirs = (re.findall(r"\S+", _without_times(text)) for text in (one, other))
    return len(ours) == len(theirs) and all(map(_same_word, ours, theirs))


def _without_times(text: str) -> str:
    text = re.sub(r"^time .*$", "TIMES", text, flags=re.M)
    return re.sub(r"\d[\d.]* (?:ms|us|s)(?=\W|$)", "TIME", text)


def _same_word(one: str, other: str) -> bool:
    decimal = r"[-+]?\d+\.\d*(?:e[-+]\d+)?|[-+]?\d+e[-+]\d+|\d+(?=%)"
    if re.sub(decimal, "#", one) != re.sub(decimal, "#", other):
        return False
    pairs = zip(re.findall(decimal, one), re.findall(decimal, other), strict=True)
    return all(abs(float(a) - float(b)) <= 1e-4 + 0.02 * abs(float(b)) for a, b in pairs)


def page_with_outputs() -> str:
    """Return docs/replay.md as a run gives it now; an output of the same form stays as it is."""
    page = PAGE.read_text(encoding="utf-8")
    places = {"GRADTAPE_ENGINE": "numpy", "PYTHONPATH": os.pathsep.join([str(ROOT / "src"), str(ROOT)])}
    with tempfile.TemporaryDirectory() as folder:
        done = subprocess.run(
            [sys.executable, "-m", "tools.page_outputs", str(PAGE)],
            cwd=folder,
            env={**os.environ, **places},
            capture_output=True,
            text=True,
        )
    if done.returncode:
        raise ValueError(f"a program of replay.md fails:\n{done.stderr}")
    found = json.loads(done.stdout)
    changed = with_outputs(page, found["printed"], found["loop"])
    return page if same_form(page, changed) else changed


def run_sections(page: str) -> dict[str, str]:
    """Run the programs of the page in the current folder, and return what each section prints."""
    texts = sections(page)
    source = {heading: program(text) for heading, text in texts.items()}
    source[LOOP] = ""  # what stands there is the program that `eject` writes
    namespace: dict[str, Any] = {"source": source}
    printed = {heading: _printed(heading, source[heading], namespace) for heading in texts}
    done = subprocess.run([sys.executable, "loop.py", "data.npz"], capture_output=True, text=True, check=True)
    printed[LOOP] = "$ python loop.py data.npz\n" + done.stdout
    return {heading: text for heading, text in printed.items() if text}


def _printed(heading: str, code: str, namespace: dict[str, Any]) -> str:
    if not heading:
        namespace["gradtape"] = __import__("gradtape")
        return ""
    out = io.StringIO()
    with contextlib.redirect_stdout(out):
        exec(textwrap.dedent(BEFORE.get(heading, "")), namespace)
        path = Path(NAMES.get(heading, "program.py")).absolute()
        path.write_text(code, encoding="utf-8")  # records find their source lines in it
        linecache.checkcache(str(path))
        try:
            exec(compile(code, str(path), "exec"), namespace)
            exec(AFTER.get(heading, ""), namespace)
        except GradtapeError as error:
            print(_error(error))
    return out.getvalue()


def _error(error: Exception) -> str:
    text = str(error)
    if "\n" in text:
        return f"{type(error).__name__}: {text}"
    return textwrap.fill(text, WIDTH)


def loop_excerpt(text: str) -> str:
    """Return the part of an ejected program from the model to the end of the loop, without its data."""
    found = text[text.index("\nmodel = ") + 1 : text.index("\nif __name__")]
    return re.sub(r"^def load_data.*?(?=^def )", "", found, flags=re.M | re.S).rstrip() + "\n"


if __name__ == "__main__":
    outputs = run_sections(Path(sys.argv[1]).read_text(encoding="utf-8"))
    json.dump({"printed": outputs, "loop": loop_excerpt(Path("loop.py").read_text("utf-8"))}, sys.stdout)
