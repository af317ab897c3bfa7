"""The article's own text runs when `tensorflow` is replaced by `gradtape.tf` in its import lines."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

TEXT = (Path(__file__).parent / "article.txt").read_text()


def on_gradtape(epochs: int) -> str:
    """Return the article's text with its import lines changed, and its number of epochs."""
    text = re.sub(r"^import tensorflow as tf$", "import gradtape.tf as tf", TEXT, flags=re.M)
    text = re.sub(r"^from tensorflow\.", "from gradtape.tf.", text, flags=re.M)
    assert "tensorflow" not in text
    return text.replace("epochs=10", f"epochs={epochs}")


def test_the_articles_text_runs_with_its_import_lines_changed() -> None:
    text = on_gradtape(epochs=1)
    done = subprocess.run([sys.executable, "-W", "error", "-c", text], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    lines = done.stdout.splitlines()
    assert lines[0] == "Epoch 0"
    losses = [float(line.rpartition(" ")[2]) for line in lines[1:-1]]
    expected = [
        f"loss at batch {number}: {loss:.2f}"
        for number, loss in zip(range(0, 469, 100), losses, strict=False)
    ]
    assert lines[1:-1] == expected
    assert losses[-1] < losses[0]
    assert float(lines[-1].removeprefix("accuracy: ")) > 0.3
