"""gradtape predict."""

from __future__ import annotations

import builtins
import re
import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image, ImageDraw

from gradtape.cli.recipes import RECIPES, starting_model
from gradtape.datasets import mnist
from gradtape.datasets.by_name import flat
from gradtape.replay.run import open_run

LINE = re.compile(r"(.+): (\d) \((\d+\.\d\d)%\), then (\d) \((\d+\.\d\d)%\), (\d) \((\d+\.\d\d)%\)")


@pytest.fixture(scope="session")
def run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run whose model has learned enough to be asked: two epochs over a third of MNIST."""
    folder = tmp_path_factory.mktemp("predict") / "run"
    (x, y), _ = mnist.load_data()
    model = starting_model(replace(RECIPES["default"], hidden=64, optimizer="adam"), 0)
    model.fit(flat(x[:20000]), y[:20000], batch_size=100, epochs=2, verbose=0, run=folder)
    return folder


@pytest.fixture(scope="session")
def trained(run: Path) -> Any:
    """The model of the run."""
    return open_run(run).model()


@pytest.fixture
def predict(command: Any, run: Path, tmp_path: Path) -> Any:
    """Call `gradtape predict` with the trained weights."""
    shutil.copytree(run, tmp_path / "runs/mnist-1")
    return lambda *words: command("predict", *words)


def digits(done: Any) -> list[int]:
    """Return the digit of each line."""
    found = [LINE.fullmatch(line) for line in done.stdout.splitlines()]
    assert all(found), done.output
    return [int(match[2]) for match in found if match]


def test_each_image_has_one_line_with_the_three_likeliest_digits(predict: Any, trained: Any) -> None:
    done = predict("mnist:17", "mnist:3")
    assert done.exit_code == 0 and len(done.stdout.splitlines()) == 2
    match = LINE.fullmatch(done.stdout.splitlines()[0])
    assert match and match[1] == "mnist:17"
    (_, _), (x, _) = mnist.load_data()
    probabilities = np.asarray(trained(flat(x[17:18])))[0]
    order = np.argsort(-probabilities)[:3]
    assert [int(match[group]) for group in (2, 4, 6)] == order.tolist()
    assert [match[group] for group in (3, 5, 7)] == [f"{100 * p:.2f}" for p in probabilities[order]]


def sure_samples(trained: Any, few_samples: Any) -> list[int]:
    """Return the number of a test sample of each digit that the model is sure about."""
    _, (x, y) = few_samples
    probabilities = np.asarray(trained(flat(x)))
    right = np.where(probabilities.argmax(axis=1) == y, probabilities.max(axis=1), 0.0)
    return [int(np.argmax(np.where(y == digit, right, 0.0))) for digit in range(10)]


def test_samples_enlarged_inverted_and_moved_are_still_known(
    predict: Any, trained: Any, few_samples: Any, tmp_path: Path
) -> None:
    _, (x, _) = few_samples
    files = []
    for digit, sample in enumerate(sure_samples(trained, few_samples)):
        paper = Image.new("L", (400, 300), 255)
        ink = Image.fromarray(255 - x[sample]).resize((224, 224), Image.Resampling.BICUBIC)
        paper.paste(ink, (150, 10))
        files.append(f"{digit}{('.png', '.jpg', '.bmp')[digit % 3]}")
        paper.save(tmp_path / files[-1])
    assert digits(predict(*files)) == list(range(10))


def test_drawings_are_known(predict: Any, tmp_path: Path) -> None:
    drawings = {
        0: lambda pen: pen.ellipse((60, 30, 140, 170), outline=20, width=18),
        1: lambda pen: pen.line((105, 30, 95, 170), fill=20, width=18),
        7: lambda pen: pen.line((55, 40, 145, 40, 90, 170), fill=20, width=18, joint="curve"),
    }
    for digit, draw in drawings.items():
        paper = Image.new("RGB", (200, 200), (240, 240, 230))
        draw(ImageDraw.Draw(paper))
        paper.save(tmp_path / f"{digit}.png")
    assert digits(predict("0.png", "1.png", "7.png")) == [0, 1, 7]


def test_arrays_and_graymaps_need_no_pillow(
    predict: Any, trained: Any, few_samples: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _, (x, _) = few_samples
    sample = x[sure_samples(trained, few_samples)[4]]
    np.save(tmp_path / "bytes.npy", sample)
    np.save(tmp_path / "floats.npy", sample.astype("float64") / 255)
    np.save(
        tmp_path / "big.npy", np.pad(np.kron(255 - sample, np.ones((5, 5), "uint8")), 9, constant_values=255)
    )
    header = b"P5\n# made by hand\n28 28\n255\n"
    (tmp_path / "raw.pgm").write_bytes(header + sample.tobytes())
    text = "P2 28 28 255\n" + "\n".join(" ".join(map(str, row)) for row in sample)
    (tmp_path / "text.pgm").write_text(text)
    without_pillow(monkeypatch)
    assert digits(predict("bytes.npy", "floats.npy", "big.npy", "raw.pgm", "text.pgm")) == [4] * 5


def without_pillow(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let `import PIL` fail."""
    known = builtins.__import__

    def importing(name: str, *rest: Any) -> Any:
        if name.split(".")[0] == "PIL":
            raise ModuleNotFoundError("No module named 'PIL'", name="PIL")
        return known(name, *rest)

    monkeypatch.setattr(builtins, "__import__", importing)


def test_without_pillow_it_says_what_to_install(
    predict: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    Image.new("L", (9, 9)).save(tmp_path / "a.png")
    without_pillow(monkeypatch)
    done = predict("a.png")
    assert done.exit_code == 1
    assert done.stderr == (
        'gradtape: image: a.png: files other than .npy and .pgm need Pillow: pip install "gradtape[images]"\n'
    )


def test_an_image_that_cannot_be_read_does_not_hide_the_others(predict: Any, tmp_path: Path) -> None:
    Image.new("L", (30, 30), 200).save(tmp_path / "blank.png")
    (tmp_path / "broken.png").write_bytes(b"\x89PNG\r\n\x1a\n and no more")
    done = predict("mnist:0", "nowhere.png", "blank.png", "broken.png", "mnist:200", "mnist:x", "mnist:1")
    assert done.exit_code == 1
    assert len(done.stdout.splitlines()) == 2
    nowhere, blank, broken, beyond, nameless = done.stderr.splitlines()
    assert nowhere == "gradtape: image: nowhere.png: No such file or directory"
    assert blank == "gradtape: image: blank.png: shows nothing: all its pixels are alike"
    assert broken.startswith("gradtape: image: broken.png: is not a picture that Pillow reads")
    assert beyond == "gradtape: image: mnist:N needs a whole number N from 0 to 199, got '200'"
    assert nameless == "gradtape: image: mnist:N needs a whole number N from 0 to 199, got 'x'"


def test_no_image_at_all_is_a_wrong_command(command: Any) -> None:
    done = command("predict")
    assert done.exit_code == 2
    assert "IMAGE" in done.stderr and done.stderr.count("\n") == 1


def test_a_name_with_control_characters_is_printed_without_them(predict: Any, few_samples: Any) -> None:
    np.save("a\x1b[31m\n.npy", few_samples[1][0][0])
    done = predict("a\x1b[31m\n.npy")
    assert done.exit_code == 0 and "\x1b" not in done.stdout and len(done.stdout.splitlines()) == 1


def test_the_run_that_is_asked_may_be_named_first(predict: Any, run: Path) -> None:
    expected = predict("mnist:3", "mnist:17", "--weights", "runs/mnist-1").stdout
    assert len(expected.splitlines()) == 2
    for name in ("runs/mnist-1", "mnist-1", run):
        done = predict(name, "mnist:3", "mnist:17")
        assert (done.exit_code, done.stdout) == (0, expected), done.output
    done = predict("mnist-1")
    assert done.exit_code == 2 and "mnist-1 is a run; which image is it to be asked of?" in done.stderr
