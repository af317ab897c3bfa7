"""TensorBoard: metrics and weights as event files that TensorBoard shows."""

from __future__ import annotations

import os
import time
from collections.abc import Mapping
from typing import Any

import numpy as np

from gradtape.base.checks import path_text, whole_or_one_of
from gradtape.callbacks.callback import Callback, Logs
from gradtape.errors import ArgumentError, GradtapeError, show


class TensorBoard(Callback):
    """Writes event files into `log_dir`: ``train`` and ``validation``, as TensorBoard expects them.

    Args:
        log_dir: the folder; look at it with ``tensorboard --logdir``.
        histogram_freq: after how many epochs the weights are written as histograms; 0: never.
        write_graph: ignored; kept for compatibility with Keras.
        write_images: whether the histograms are accompanied by pictures of the weights; needs Pillow.
        write_steps_per_second: whether the speed is written too.
        update_freq: "epoch", or after how many batches the metrics are written too; "batch" is 1.
        profile_batch: must be 0.
        embeddings_freq: must be 0.
        embeddings_metadata: must be None.

    Each epoch's metrics are called ``epoch_loss`` and so on, those of batches ``batch_loss``, those of
    `evaluate` ``evaluation_loss_vs_iterations``; weights go by their paths.

    Source: keras.callbacks.TensorBoard, which writes with TensorFlow; here tensorboardX writes.
    """

    _of_this_fit = {"_writers": {}}

    def __init__(
        self,
        log_dir: str | os.PathLike[str] = "logs",
        histogram_freq: int = 0,
        write_graph: bool = True,
        write_images: bool = False,
        write_steps_per_second: bool = False,
        update_freq: str | int = "epoch",
        profile_batch: object = 0,
        embeddings_freq: int = 0,
        embeddings_metadata: object = None,
    ) -> None:
        absent = {
            "profile_batch": profile_batch,
            "embeddings_freq": embeddings_freq,
            "embeddings_metadata": embeddings_metadata,
        }
        for name, value in absent.items():
            if value is not None and not (isinstance(value, int) and value == 0):
                raise ArgumentError(f"TensorBoard: {name} is not supported, got {show(value)}")
        self.log_dir = path_text(log_dir, "TensorBoard", "log_dir")
        self.histogram_freq = histogram_freq
        self.write_graph = write_graph
        self.write_images = write_images
        self.write_steps_per_second = write_steps_per_second
        self.update_freq = _frequency(update_freq)
        self._writer_class = _writer_class()
        self._writers: dict[str, Any] = {}
        self._batches = {"train": 0, "validation": 0}
        self._began = (0, 0.0)

    def needs_every(self, what: str) -> bool:
        """It must be told of each batch if it writes about batches."""
        return self.update_freq != "epoch" and what in ("train", "test")

    def reads_logs(self, what: str) -> bool:
        """Whether it would look at the metrics after a batch."""
        return self.needs_every(what)

    def on_train_begin(self, logs: Logs = None) -> None:
        """Begin to count batches."""
        self._batches = {"train": 0, "validation": 0}

    def on_train_end(self, logs: Logs = None) -> None:
        """Close the files."""
        self.close()

    def on_epoch_begin(self, epoch: int, logs: Logs = None) -> None:
        """Take the time."""
        self._began = (self._iterations(), time.perf_counter())

    def on_epoch_end(self, epoch: int, logs: Logs = None) -> None:
        """Write the metrics of the epoch, and the weights if it is time to."""
        train = {name: value for name, value in (logs or {}).items() if not name.startswith("val_")}
        train["learning_rate"] = float(self.model.optimizer.learning_rate)
        if self.write_steps_per_second:
            steps, began = self._began
            train["steps_per_second"] = (self._iterations() - steps) / (time.perf_counter() - began)
        self._write("train", "epoch_{}", train, epoch)
        tested = {name[4:]: value for name, value in (logs or {}).items() if name.startswith("val_")}
        self._write("validation", "epoch_{}", tested, epoch)
        if self.histogram_freq and epoch % self.histogram_freq == 0:
            self._write_weights(epoch)
        for writer in self._writers.values():
            writer.flush()

    def on_train_batch_end(self, batch: int, logs: Logs = None) -> None:
        """Write the metrics of the epoch so far, if it is time to."""
        self._write_batch("train", logs)

    def on_test_batch_end(self, batch: int, logs: Logs = None) -> None:
        """Write the metrics of the test so far, if it is time to."""
        self._write_batch("validation", logs)

    def on_test_end(self, logs: Logs = None) -> None:
        """Write the metrics of the test by the number of updates there have been."""
        self._write("validation", "evaluation_{}_vs_iterations", logs or {}, self._iterations())

    def _write_batch(self, part: str, logs: Logs) -> None:
        if self.update_freq == "epoch":
            return
        self._batches[part] += 1
        if self._batches[part] % int(self.update_freq) == 0:
            self._write(part, "batch_{}", logs or {}, self._batches[part])

    def _write(self, part: str, tag: str, values: Mapping[str, Any], step: int) -> None:
        for name, value in values.items():
            # TensorBoard draws one number: of a metric with several, their mean, as in the progress line.
            self._writer(part).add_scalar(tag.format(name), np.mean(value), step)

    def _write_weights(self, epoch: int) -> None:
        for path, variable in self.model.named_variables().items():
            weight = variable.numpy()
            self._writer("train").add_histogram(f"{path}/histogram", weight, epoch)
            picture = _picture(np.asarray(weight)) if self.write_images else None
            if picture is not None:
                self._writer("train").add_image(f"{path}/image", picture, epoch)

    def _writer(self, part: str) -> Any:
        if part not in self._writers:
            self._writers[part] = self._writer_class(os.path.join(self.log_dir, part))
        return self._writers[part]

    def _iterations(self) -> int:
        return int(self.model.optimizer.iterations)

    def close(self) -> None:
        """Close the files."""
        for writer in self._writers.values():
            writer.close()
        self._writers = {}

    def get_state(self) -> dict[str, Any]:
        """Return how many batches there have been."""
        return dict(self._batches)

    def set_state(self, state: Mapping[str, Any]) -> None:
        """Go on counting batches."""
        self._batches = {"train": state["train"], "validation": state["validation"]}


def _frequency(update_freq: object) -> str | int:
    frequency = whole_or_one_of(update_freq, "TensorBoard", "update_freq", ("epoch", "batch"), 1)
    return 1 if frequency == "batch" else frequency


def _writer_class() -> Any:
    try:
        from tensorboardX import SummaryWriter
    except ModuleNotFoundError:
        raise GradtapeError('TensorBoard: needs tensorboardX: pip install "gradtape[tensorboard]"') from None
    return SummaryWriter


def _picture(weight: Any) -> Any:
    """Return a weight of up to two axes as a picture (1, height, width) in [0, 1], lying; None for others."""
    flat = np.squeeze(weight)
    if flat.ndim > 2 or not flat.size:
        return None
    flat = np.atleast_2d(flat)
    flat = flat.T if flat.shape[0] > flat.shape[1] else flat
    low, high = float(flat.min()), float(flat.max())
    # A weight whose elements are all alike would divide 0 by 0.
    return ((flat - low) / ((high - low) or 1.0)).astype("float32")[None]
