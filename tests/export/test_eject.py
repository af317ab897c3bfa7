"""run.eject: the program does what the run did, bit for bit; a hostile run.json puts no code into it."""

import ast
import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

import gradtape
from gradtape import layers, ops
from gradtape.base.config import register_serializable
from gradtape.callbacks import Callback, EarlyStopping, LearningRateScheduler
from gradtape.errors import RunError
from gradtape.export.eject import program
from gradtape.layers import BatchNormalization, Dropout
from gradtape.optimizers import SGD, Adam, Nadam
from gradtape.optimizers.schedules import ExponentialDecay
from tests.replay.small_runs import BATCH, Halved, Scale, data, dense, train

ROOT = Path(__file__).parents[2]

RUNNER = """
import runpy, sys
for name in sys.argv[1:]:
    sys.argv = [name + "/loop.py", name + "/data.npz"]
    print(name)
    runpy.run_path(name + "/loop.py", run_name="__main__")
"""


def functional():
    """A model with a layer that is shared, operators, and two outputs."""
    entry = layers.Input((5,), name="measured values")
    turn = layers.Dense(5, activation="relu", name="class")
    hidden = turn(turn(entry)) * 2.0 + ops.tanh(entry[:, :])
    out = [layers.Dense(3, "softmax")(hidden), layers.Dense(1)(layers.Concatenate()([hidden, entry]))]
    return gradtape.Model(entry, out)


@register_serializable("eject_tests")
class EjectedTower(gradtape.Model):
    """A model whose weights are made by a call: two layers and how they are used."""

    def __init__(self, **kwargs):
        super().__init__(**kwargs)
        self.hidden = layers.Dense(4, "tanh")
        self.top = layers.Dense(3, "softmax")

    def call(self, inputs):
        return self.top(self.hidden(inputs) * 2.0)


class Slower(Callback):
    """Makes the learning rate smaller within epochs."""

    def on_train_batch_end(self, batch, logs=None):
        self.model.optimizer.learning_rate = 0.1 / (batch + 2)


class Within(Callback):
    """Ends the training within an epoch."""

    def on_train_batch_end(self, batch, logs=None):
        self.model.stop_training = self.model.optimizer.iterations.item() == 5


def nested():
    inner = gradtape.Sequential([layers.Dense(4, "tanh"), Dropout(0.2)])
    return gradtape.Sequential([layers.Input((5,)), inner, layers.Dense(3, "softmax")])


x, y = data()
MANY = {"callbacks": [Within()], "epochs": 3}
W = np.linspace(0, 1, len(x)).astype("float32")
TWO = {"x": x, "y": [y, x[:, :1]], "loss": ["sparse_categorical_crossentropy", "mse"]}
RUNS = {
    "plain": ({}, {}),
    "all-layers": (
        {"model": lambda: dense(BatchNormalization(), Dropout(0.3), kernel_regularizer="l2")},
        {"optimizer": Nadam(0.01, weight_decay=0.1), "metrics": ["accuracy"], "validation_split": 0.2},
    ),
    "functional": ({"model": functional}, {"optimizer": Adam(0.01), "loss_weights": [1.0, 0.5], **TWO}),
    "subclass": ({"model": EjectedTower}, {"optimizer": SGD(0.1, momentum=0.9)}),
    "nested": ({"model": nested}, {"shuffle": False, "sample_weight": W}),
    "own-layer": (
        {"model": lambda: dense(Scale())},
        {"shuffle": "batch", "class_weight": {0: 2.0, 1: 0.5, 2: 1.0}},
    ),
    "schedule": ({}, {"optimizer": SGD(ExponentialDecay(0.1, 1, 0.5), momentum=0.9), "steps_per_epoch": 2}),
    "epoch-rates": ({}, {"callbacks": [LearningRateScheduler(lambda e, rate: rate / 2)]}),
    "batch-rates": ({}, {"callbacks": [Slower()], "optimizer": "adam"}),
    "within": ({}, MANY),
    "taken-up": ({"goes_on": True}, {"optimizer": Adam(0.01, use_ema=True, ema_overwrite_frequency=2)}),
    "stopped": ({}, {"epochs": 9, "callbacks": [EarlyStopping("loss", patience=0, min_delta=9.0)]}),
}


@pytest.fixture(scope="module")
def ejected(tmp_path_factory):
    """All programs, and what each of them printed in a new process."""
    folder = tmp_path_factory.mktemp("ejected")
    texts = {}
    for name, (made, options) in RUNS.items():
        place = folder / name
        folders = ["first", "run"] if "goes_on" in made else ["run"]
        model = train(place / folders[0], made.get("model"), **{"optimizer": SGD(0.1), **options})
        for other in folders[1:]:
            halve = [LearningRateScheduler(lambda e, rate: rate / 2)]
            model.fit(x, y, batch_size=BATCH, epochs=2, verbose=0, run=place / other, callbacks=halve)
        given = [options.get("x", x), options.get("y", y), options.get("sample_weight")]
        run = gradtape.open_run(place / "run", *given)
        texts[name] = run.eject(place / "loop.py").read_text()
        goals = given[1] if isinstance(given[1], list) else [given[1]]
        names = [f"y_{i}" for i in range(len(goals))] if len(goals) > 1 else ["y"]
        arrays = {"x": given[0], **dict(zip(names, goals, strict=True))}
        np.savez(place / "data.npz", **arrays, **({} if given[2] is None else {"sample_weight": given[2]}))
    paths = [str(folder / name) for name in RUNS]
    around = {**os.environ, "PYTHONPATH": f"{Path(gradtape.__file__).parents[1]}:{ROOT}"}
    done = subprocess.run(
        [sys.executable, "-c", RUNNER, *paths], capture_output=True, text=True, env=around, timeout=300
    )
    assert done.returncode == 0, done.stderr
    said = done.stdout.split(str(folder) + os.sep)[1:]
    return {text.partition("\n")[0]: (texts[text.partition("\n")[0]], text) for text in said}


@pytest.mark.parametrize("name", RUNS)
def test_the_program_has_the_bits_of_the_run(name, ejected):
    text, said = ejected[name]
    counts = said.strip().splitlines()[-1].split()
    assert counts[0] == counts[2] != "0", said
    assert " losses have the bits of the run's" in said
    assert max(map(len, text.splitlines())) <= 110


def test_the_program_reads_like_the_article(ejected):
    text = ejected["all-layers"][0]
    assert (
        "    with GradientTape() as tape:\n"
        "        predictions = model(x, training=True)\n"
        "        loss = loss_function(y, predictions)\n"
        "        for extra in model.losses:\n"
        "            loss = loss + extra\n"
        "    gradients = tape.gradient(loss, model.trainable_weights)\n"
        "    optimizer.apply(gradients, model.trainable_weights)\n"
        "    return loss\n"
    ) in text
    assert "    layers.Dropout(0.3),\n" in text
    assert "x, y = x[:16], y[:16]" in text
    assert "optimizer = optimizers.Nadam(learning_rate=0.01, weight_decay=0.1)" in text
    assert "for extra" not in ejected["plain"][0]


def test_shared_layers_operators_and_odd_names_become_statements(ejected):
    text = ejected["functional"][0]
    assert 'measured_values = Input((5,), name="measured values")' in text
    assert text.count('layers.Dense(5, activation="relu"') == 1
    assert " * 2.0" in text
    assert "ops.tanh(" in text
    assert "measured_values[:, :]" in text
    assert "loss = loss_functions[0](y_0, predictions[0]) * 1.0" in text
    assert "loss = loss + loss_functions[1](y_1, predictions[1]) * 0.5" in text


def test_rates_and_layers_of_ones_own_are_in_the_program(ejected):
    assert "RATES = {1: 0.025}" in ejected["epoch-rates"][0]
    assert "if len(found) in RATES:" in ejected["batch-rates"][0]
    assert "from tests.replay.small_runs import Scale" in ejected["own-layer"][0]
    assert "optimizers.schedules.ExponentialDecay(0.1, 1, 0.5)" in ejected["schedule"][0]


def test_data_is_found_by_its_name_where_the_run_knows_it(tmp_path, monkeypatch):
    train(tmp_path / "run")
    run = gradtape.open_run(tmp_path / "run", x, y)
    run.config["data_name"] = {"dataset": "mnist", "part": "train", "preparation": "flat"}
    text = program(run, tmp_path)
    assert 'x, y = named({"dataset": "mnist", "part": "train", "preparation": "flat"})' in text
    assert "train(*load_data())" in text
    ast.parse(text)


def test_a_fork_begins_within_an_epoch_with_the_state_it_took_over(tmp_path):
    train(tmp_path / "run", optimizer=Adam(0.01), epochs=3)
    parent = gradtape.open_run(tmp_path / "run", x, y)
    parent.fork(4, tmp_path / "child", learning_rate=0.002)
    child = gradtape.open_run(tmp_path / "child", x, y)
    space = {"__name__": "loop", "__file__": str(tmp_path / "loop.py")}
    exec(compile(program(child, tmp_path), "loop.py", "exec"), space)
    np.testing.assert_array_equal(space["train"](x, y), child.steps["loss"])


def test_other_data_is_refused_by_the_program(tmp_path):
    train(tmp_path / "run")
    loop = gradtape.open_run(tmp_path / "run", x, y).eject(tmp_path / "loop.py")
    space = {"__name__": "loop", "__file__": str(loop)}
    np.savez(tmp_path / "data.npz", x=x + 1, y=y)
    engine = gradtape.get_engine()
    exec(compile(loop.read_text(), str(loop), "exec"), space)
    assert gradtape.get_engine() == engine
    with pytest.raises(SystemExit, match="not the arrays"):
        space["load_data"](tmp_path / "data.npz")


def rewritten(folder, change):
    """Change run.json of a run."""
    path = folder / "run.json"
    config = json.loads(path.read_text())
    change(config)
    path.write_text(json.dumps(config))


EVIL = 'x\'"\n"""\nimport os; os.mkdir(\'gotcha\') #'


def test_a_hostile_run_json_puts_no_code_into_the_program(tmp_path):
    train(tmp_path / "run")

    def change(config):
        config["model"]["config"]["name"] = EVIL
        for layer in config["model"]["config"]["layers"]:
            layer["is"]["config"]["name"] = EVIL + layer["is"]["config"]["name"]
        config["compile"]["optimizer"]["is"]["config"]["name"] = EVIL
        config["compile"]["loss"] = {
            "kind": "loss",
            "is": {"class_name": "SparseCategoricalCrossentropy", "config": {"name": EVIL}},
        }

    rewritten(tmp_path / "run", change)
    tree = ast.parse(program(gradtape.open_run(tmp_path / "run", x, y), tmp_path))
    imported = [a.name for n in ast.walk(tree) if isinstance(n, ast.Import) for a in n.names]
    assert sorted(imported) == ["numpy", "sys"]
    assert not [n for n in ast.walk(tree) if isinstance(n, ast.Name) and n.id == "os"]
    assert any(isinstance(n, ast.Constant) and EVIL in str(n.value) for n in ast.walk(tree))


@pytest.mark.parametrize("key", ["units=1, **evil", "class", "no_such_argument"])
def test_arguments_that_are_none_are_refused(key, tmp_path):
    train(tmp_path / "run")
    first = "layers"
    rewritten(
        tmp_path / "run", lambda c: c["model"]["config"][first][0]["is"]["config"].update({key: "evil"})
    )
    with pytest.raises((RunError, gradtape.errors.ArgumentError)):
        program(gradtape.open_run(tmp_path / "run", x, y), tmp_path)


def test_what_is_no_plain_loop_is_refused(tmp_path):
    train(tmp_path / "run", Halved)
    with pytest.raises(RunError, match="Halved has a train_step of its own"):
        gradtape.open_run(tmp_path / "run", x, y).eject(tmp_path / "loop.py")
    assert not (tmp_path / "loop.py").exists()

    @gradtape.base.config.register_serializable("tests")
    class Local(Scale):
        """A layer that no program can import."""

    train(tmp_path / "local", lambda: dense(Local()))
    with pytest.raises(RunError, match="cannot be imported"):
        gradtape.open_run(tmp_path / "local", x, y).eject(tmp_path / "loop.py")


def test_a_file_that_is_there_is_kept(tmp_path):
    train(tmp_path / "run")
    run = gradtape.open_run(tmp_path / "run", x, y)
    (tmp_path / "loop.py").write_text("mine")
    with pytest.raises(RunError, match="overwrite=True replaces it"):
        run.eject(tmp_path / "loop.py")
    assert (tmp_path / "loop.py").read_text() == "mine"
    assert run.eject(tmp_path / "loop.py", overwrite=True).read_text() != "mine"
