"""The history kept, drawn, and taken up again."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from typing import Any

import matplotlib
import pytest
from matplotlib import pyplot

from gradtape.callbacks import CallbackList, History
from gradtape.errors import ArgumentError, GradtapeError
from tests.callbacks.scripted import Model, play


@pytest.fixture(autouse=True)
def no_window() -> Iterator[None]:
    """Draw without a window, and leave no figure open."""
    kept = matplotlib.get_backend()
    pyplot.switch_backend("agg")
    yield
    pyplot.close("all")
    pyplot.switch_backend(kept)


def history(script: list[dict[str, float]]) -> History:
    """Return the history of a training with these metrics."""
    model = Model()
    play(CallbackList(add_history=True, model=model, epochs=len(script)), model, script)
    found: History = model.history
    return found


def lines(ax: Any) -> list[tuple[str, list[float], list[float]]]:
    """Return label, x and y of each line."""
    return [(line.get_label(), list(line.get_xdata()), list(line.get_ydata())) for line in ax.get_lines()]


def test_training_and_validation_are_drawn_over_epochs_from_one() -> None:
    ax = history([{"loss": 1.0, "val_loss": 1.5}, {"loss": 0.5, "val_loss": 1.2}]).plot()
    assert lines(ax) == [("training", [1, 2], [1.0, 0.5]), ("validation", [1, 2], [1.5, 1.2])]
    assert (ax.get_xlabel(), ax.get_ylabel()) == ("epoch", "loss")
    assert [text.get_text() for text in ax.get_legend().get_texts()] == ["training", "validation"]


def test_a_validation_that_is_not_made_in_every_epoch_is_drawn_where_it_was_made() -> None:
    script = [{"acc": 0.1}, {"acc": 0.2, "val_acc": 0.3}, {"acc": 0.4}, {"acc": 0.4, "val_acc": 0.5}]
    ax = history(script).plot("acc")
    assert lines(ax)[1] == ("validation", [2, 4], [0.3, 0.5])


def test_it_is_drawn_where_one_says_and_nothing_is_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pyplot, "show", lambda: pytest.fail("shown"))
    _, ax = pyplot.subplots()
    before = pyplot.get_fignums()
    assert history([{"loss": 1.0}]).plot(ax=ax) is ax
    assert pyplot.get_fignums() == before
    assert [label for label, _, _ in lines(ax)] == ["training"]


def test_an_unknown_metric_is_named() -> None:
    with pytest.raises(ArgumentError, match="^plot: no metric 'los'; did you mean 'loss'?"):
        history([{"loss": 1.0}]).plot("los")


def test_without_matplotlib_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    with pytest.raises(GradtapeError, match=r'needs matplotlib: pip install "gradtape\[plots\]"'):
        history([{"loss": 1.0}]).plot()


def test_a_history_that_goes_on_draws_the_same() -> None:
    first, second = history([{"loss": 1.0}, {"loss": 0.5, "val_loss": 0.7}]), History()
    second.on_train_begin()
    second.set_state(first.get_state())
    second.on_epoch_end(2, {"loss": 0.25})
    assert second.epoch == [0, 1, 2]
    assert first.epoch == [0, 1]
    assert lines(second.plot()) == [("training", [1, 2, 3], [1.0, 0.5, 0.25]), ("validation", [2], [0.7])]
