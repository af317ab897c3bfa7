"""Event files: read back record by record, with their checksums, they say what was written."""

from __future__ import annotations

import struct
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from tensorboardX.crc32c import crc32c
from tensorboardX.proto.event_pb2 import Event

from gradtape import Variable
from gradtape.callbacks import CallbackList, TensorBoard
from gradtape.errors import ArgumentError, ArgumentTypeError, GradtapeError
from tests.callbacks.scripted import Model, play

SCRIPT = [{"loss": 0.5, "val_loss": 0.75}, {"loss": 0.25, "val_loss": 0.5}]


def masked(data: bytes) -> int:
    """Return the checksum that stands beside `data` in an event file."""
    crc = crc32c(data)
    return ((crc >> 15 | crc << 17) + 0xA282EAD8) & 0xFFFFFFFF


def events(folder: Path) -> list[Any]:
    """Return the values in the folder's only event file, each with its step."""
    (file,) = folder.iterdir()
    data, at, found = file.read_bytes(), 0, []
    while at < len(data):
        (length, check) = struct.unpack_from("<QI", data, at)
        body = data[at + 12 : at + 12 + length]
        assert check == masked(data[at : at + 8])
        assert struct.unpack_from("<I", data, at + 12 + length)[0] == masked(body)
        event = Event.FromString(body)
        found += [(value, event.step) for value in event.summary.value]
        at += 16 + length
    return found


def scalars(folder: Path) -> dict[tuple[str, int], float]:
    """Return the scalars in a folder by tag and step."""
    return {(value.tag, step): value.simple_value for value, step in events(folder)}


def played(folder: Path, **options: Any) -> tuple[Model, CallbackList]:
    """Play the script with a TensorBoard that writes there."""
    model = Model(rate=0.5)
    model.named_variables = lambda: {  # type: ignore[attr-defined]
        "layers.0.kernel": Variable(np.arange(6.0).reshape(3, 2)),
        "layers.0.bias": Variable([0.5, 1.0]),
        "scale": Variable(2.0),
    }
    told = CallbackList([TensorBoard(folder, **options)], model=model)
    play(told, model, SCRIPT)
    return model, told


def test_the_metrics_of_epochs_are_where_tensorboard_looks_for_them(tmp_path: Path) -> None:
    played(tmp_path)
    assert scalars(tmp_path / "train") == {
        ("epoch_loss", 0): 0.5, ("epoch_loss", 1): 0.25,
        ("epoch_learning_rate", 0): 0.5, ("epoch_learning_rate", 1): 0.5,
    }  # fmt: skip
    assert scalars(tmp_path / "validation") == {
        ("epoch_loss", 0): 0.75, ("epoch_loss", 1): 0.5,
        ("evaluation_loss_vs_iterations", 3): 0.75, ("evaluation_loss_vs_iterations", 6): 0.5,
    }  # fmt: skip


@pytest.mark.parametrize(("update_freq", "steps"), [("batch", range(1, 7)), (2, (2, 4, 6)), (4, (4,))])
def test_the_metrics_of_batches(update_freq: Any, steps: Any, tmp_path: Path) -> None:
    played(tmp_path, update_freq=update_freq)
    found = scalars(tmp_path / "train")
    assert sorted(step for tag, step in found if tag == "batch_loss") == list(steps)
    assert found["batch_loss", 4] == 0.25


def test_weights_are_written_as_histograms_and_pictures(tmp_path: Path) -> None:
    played(tmp_path, histogram_freq=2, write_images=True)
    found = {value.tag: value for value, step in events(tmp_path / "train") if step == 0}
    histogram = found["layers.0.kernel/histogram"].histo
    assert (histogram.min, histogram.max, histogram.num, histogram.sum) == (0, 5, 6, 15)
    picture = found["layers.0.kernel/image"].image
    assert (picture.height, picture.width) == (2, 3)
    assert (found["layers.0.bias/image"].image.height, found["layers.0.bias/image"].image.width) == (1, 2)
    assert not any(value.tag.endswith("histogram") for value, step in events(tmp_path / "train") if step == 1)


def test_the_speed_is_written(tmp_path: Path) -> None:
    played(tmp_path, write_steps_per_second=True)
    assert scalars(tmp_path / "train")["epoch_steps_per_second", 1] > 0


def test_batches_are_counted_on_when_a_training_goes_on(tmp_path: Path) -> None:
    _, told = played(tmp_path / "first", update_freq=2)
    again = TensorBoard(tmp_path / "second", update_freq=2)
    again.set_model(Model())
    again.on_train_begin()
    again.set_state(told.get_state()[0]["state"])
    again.on_train_batch_end(0, {"loss": 1.0})
    again.on_train_batch_end(1, {"loss": 2.0})
    again.close()
    assert scalars(tmp_path / "second" / "train") == {("batch_loss", 8): 2.0}


@pytest.mark.parametrize(
    ("options", "error", "text"),
    [
        ({"update_freq": 0}, ArgumentError, 'TensorBoard: update_freq must be "epoch", "batch" or a whole number >= 1, got 0'),
        ({"update_freq": "day"}, ArgumentTypeError, 'TensorBoard: update_freq must be "epoch", "batch" or a whole number >= 1, got \'day\''),
        ({"profile_batch": 5}, ArgumentError, "TensorBoard: profile_batch is not supported, got 5"),
        ({"embeddings_freq": 1}, ArgumentError, "TensorBoard: embeddings_freq is not supported, got 1"),
    ],
)  # fmt: skip
def test_bad_arguments_are_named(options: Any, error: Any, text: str) -> None:
    with pytest.raises(error) as caught:
        TensorBoard(**options)
    assert str(caught.value) == text


def test_without_the_writer_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "tensorboardX", None)
    with pytest.raises(GradtapeError, match=r'needs tensorboardX: pip install "gradtape\[tensorboard\]"'):
        TensorBoard()


@pytest.mark.parametrize(("frequency", "epochs"), [(1, {0, 1, 2}), (2, {0, 2}), (3, {0}), (0, set())])
def test_weights_are_written_after_each_nth_epoch(frequency: int, epochs: set[int], tmp_path: Path) -> None:
    told = CallbackList([TensorBoard(tmp_path, histogram_freq=frequency)], model=(model := Model(rate=0.5)))
    model.named_variables = lambda: {"kernel": Variable([1.0, 2.0])}  # type: ignore[attr-defined]
    play(told, model, [{"loss": 0.5}] * 3)
    assert {step for value, step in events(tmp_path / "train") if "histogram" in value.tag} == epochs
