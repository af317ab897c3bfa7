"""step.why: the parts of a change add up to it, for every optimizer and option."""

import numpy as np
import pytest

import gradtape
from gradtape import layers, ops
from gradtape.errors import ArgumentError, ArgumentTypeError, AxisError
from gradtape.layers import BatchNormalization, Dropout
from gradtape.optimizers import SGD, Adadelta, Adagrad, Adam, Adamax, AdamW, Lion, Nadam, Optimizer, RMSprop
from gradtape.optimizers.base.update_terms import UpdateTerms
from gradtape.optimizers.schedules import ExponentialDecay
from tests.replay.small_runs import BATCH, Halved, Scale, data, dense, opened, train

KERNEL = "layers.0.kernel"


ROUNDING = {"rounding of the weight", "other rounding of the compiled step"}


def check(why, roundings=64):
    """Assert that the parts are the change, and that what is left is rounding of the parts."""
    size = why.size + abs(why.before)
    assert all(abs(p.change) <= roundings * why.resolution * size for p in why.terms if p.name in ROUNDING)
    parts = [p.change for p in (*why.samples, *why.terms)]
    assert sum(parts) + why.residual == pytest.approx(why.after - why.before, rel=0, abs=1e-15)
    assert abs(why.residual) <= roundings * why.resolution * why.size, str(why)
    return why


def parts_of(why):
    return {p.name: p.change for p in why.terms}


@gradtape.base.config.register_serializable("trainings")
def quarter():
    """A learning rate that is a function."""
    return 0.25


OPTIMIZERS = {
    "sgd": lambda: SGD(0.1),
    "momentum": lambda: SGD(0.1, momentum=0.9),
    "nesterov": lambda: SGD(0.1, momentum=0.9, nesterov=True),
    "rmsprop": lambda: RMSprop(0.01),
    "rmsprop-all": lambda: RMSprop(0.01, momentum=0.5, centered=True),
    "adam": lambda: Adam(0.01),
    "amsgrad": lambda: Adam(0.01, amsgrad=True, epsilon=1e-3),
    "adamw": lambda: AdamW(0.01, weight_decay=0.1),
    "nadam": lambda: Nadam(0.01),
    "adamax": lambda: Adamax(0.01),
    "adagrad": lambda: Adagrad(0.1),
    "adadelta": lambda: Adadelta(1.0, epsilon=1e-3),
    "lion": lambda: Lion(0.01),
    "decay": lambda: SGD(0.1, weight_decay=0.3),
    "clipnorm": lambda: SGD(0.1, clipnorm=0.05),
    "global_clipnorm": lambda: Adam(0.01, global_clipnorm=0.05),
    "clipvalue": lambda: SGD(0.1, clipvalue=0.01),
    "ema": lambda: SGD(0.1, use_ema=True, ema_momentum=0.5, ema_overwrite_frequency=2),
    "accumulate": lambda: Adam(0.01, gradient_accumulation_steps=2, clipnorm=0.05),
    "accumulate-nadam": lambda: Nadam(0.01, gradient_accumulation_steps=2),
    "scaled": lambda: SGD(0.1, momentum=0.9, loss_scale_factor=4.0),
    "schedule": lambda: Adam(ExponentialDecay(0.1, 1, 0.5)),
    "function": lambda: SGD(quarter),
    "everything": lambda: Adam(
        0.01, weight_decay=0.1, global_clipnorm=0.1, use_ema=True, ema_overwrite_frequency=1
    ),
}


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_the_parts_are_the_change_with_every_optimizer(name, tmp_path):
    train(tmp_path / "run", optimizer=OPTIMIZERS[name]())
    for number in (3, 4):
        step = opened(tmp_path / "run", number)
        for path, index in ((KERNEL, (2, 1)), ("layers.1.bias", (0,))):
            why = check(step.why(path, index))
            assert len(why.samples) == BATCH
            assert why.coefficient < 0
            assert not any("not taken apart" in p.name or "did to the gradient" in p.name for p in why.terms)
            shares = sum(p.gradient for p in why.samples)
            assert shares == pytest.approx(why.gradient, rel=1e-4, abs=1e-7)


def test_samples_are_named_by_their_numbers_and_their_shares_are_those_of_the_samples(tmp_path):
    train(tmp_path / "run", optimizer=SGD(0.5))
    step = opened(tmp_path / "run", 4)
    why = step.why(KERNEL, (0, 3))
    assert {p.sample for p in why.samples} == set(step.sample_ids.tolist())
    sizes = [abs(p.gradient) for p in why.samples]
    assert sizes == sorted(sizes, reverse=True)
    x, y = data()
    model = dense()
    model.build((None, 5))
    for name, variable in model.named_variables().items():
        variable.assign(step.variables_before[name])
    for part in why.samples[:3]:
        one = slice(part.sample, part.sample + 1)
        with gradtape.GradientTape() as tape:
            loss = gradtape.losses.SparseCategoricalCrossentropy()(y[one], model(x[one])) / BATCH
        gradient = tape.gradient(loss, model.layers[0].kernel).numpy()[0, 3]
        assert part.gradient == pytest.approx(gradient, rel=1e-4)
        assert part.change == pytest.approx(-0.5 * gradient, rel=1e-4)


def test_all_that_takes_part_is_named(tmp_path):
    adam = Adam(0.01, weight_decay=0.1, clipvalue=1e-3, use_ema=True, ema_overwrite_frequency=1)
    train(
        tmp_path / "run",
        lambda: dense(kernel_regularizer=gradtape.regularizers.L2(0.1), kernel_constraint="non_neg"),
        adam,
    )
    step = opened(tmp_path / "run", 4)
    changed = [step.why(KERNEL, (i, j)) for i in range(5) for j in range(4)]
    named = {p.name for why in changed for p in check(why).terms}
    assert named >= {
        "regularizers and other losses",
        "clipping, clipvalue=0.001",
        "momentum",
        "weight decay",
        "its moving average put in its place",
        "constraint",
        "rounding of the weight",
    }


def test_a_step_that_only_accumulates_puts_everything_back(tmp_path):
    train(tmp_path / "run", optimizer=SGD(0.1, gradient_accumulation_steps=2))
    kept, due = [check(opened(tmp_path / "run", n).why(KERNEL, (2, 1))) for n in (2, 3)]
    assert kept.change == 0
    assert parts_of(kept)["put back: gradients are being accumulated"] != 0
    assert due.change != 0
    assert parts_of(due)["gradients of the steps before"] != 0


def test_samples_that_meet_in_batch_normalization_still_have_shares(tmp_path):
    train(tmp_path / "run", lambda: dense(BatchNormalization(), Dropout(0.3)), "adam")
    step = opened(tmp_path / "run", 4)
    for path in (KERNEL, "layers.1.gamma"):
        check(step.why(path, (1, 2)[: step.variables_before[path].ndim]))
    moved = step.why("layers.1.moving_mean", (0,))
    assert moved.terms[0].name.startswith("assign by layers.1 at ")
    assert {p.name for p in moved.terms[1:]} <= ROUNDING
    assert moved.residual == 0
    assert moved.gradient is None


def test_a_weight_as_long_as_the_batch_is_not_taken_for_samples(tmp_path):
    def model():
        return dense(layers.Dense(BATCH), layers.Dense(2, kernel_regularizer="l2"))

    train(tmp_path / "run", model, SGD(0.1))
    why = check(opened(tmp_path / "run", 0).why("layers.2.kernel", (0, 1)))
    assert "regularizers and other losses" in parts_of(why)


def test_weighted_samples_and_several_outputs(tmp_path):
    x, y = data()
    weight = np.linspace(0, 1, len(x)).astype("float32")
    train(tmp_path / "weighted", optimizer="adam", sample_weight=weight, shuffle=False)
    why = check(opened(tmp_path / "weighted", 0, sample_weight=weight).why(KERNEL, (2, 1)))
    assert [p.change for p in why.samples if p.sample == 0] == [0]

    entry = layers.Input((5,))
    hidden = layers.Dense(4, activation="tanh")(entry)
    two = gradtape.Model(entry, [layers.Dense(3, activation="softmax")(hidden), layers.Dense(1)(hidden)])
    goals = [y, x[:, :1]]
    loss = ["sparse_categorical_crossentropy", "mse"]
    train(tmp_path / "two", two, "adam", loss=loss, loss_weights=[1.0, 0.5], x=x, y=goals)
    why = check(opened(tmp_path / "two", 4, x, goals).why("layers.1.kernel", (2, 1)))
    assert len(why.samples) == BATCH
    assert parts_of(why).get("regularizers and other losses", 0) == 0


def test_layers_of_ones_own_activity_and_a_train_step_of_ones_own(tmp_path):
    train(tmp_path / "own", lambda: dense(Scale(), activity_regularizer="l2"), SGD(0.1))
    step = opened(tmp_path / "own", 4)
    why = check(step.why("layers.1.scale"))
    assert why.index == ()
    check(step.why(KERNEL, (2, 1)))

    train(tmp_path / "step", Halved, SGD(0.1))
    why = check(opened(tmp_path / "step", 4).why("inner.kernel", (2, 1)))
    assert len(why.samples) == BATCH
    shares = sum(p.gradient for p in (*why.samples, why.terms[0]))
    assert why.gradient == pytest.approx(shares / 2, rel=1e-4)
    taken = -0.5 * 0.1 * -shares
    assert parts_of(why)["what the step did to the gradient"] == pytest.approx(taken, rel=1e-4)
    assert parts_of(why)["regularizers and other losses"] != 0


@gradtape.base.config.register_serializable("trainings")
class Halving(Optimizer):
    """An optimizer that does not give the terms of its update."""

    def update_step(self, gradient, variable, learning_rate):
        variable.assign_sub(learning_rate * gradient / 2)


@gradtape.base.config.register_serializable("trainings")
class Slowing(Optimizer):
    """One that gives them: half a step down the gradient, and half of the step before."""

    slots = {"last": 0.0}

    def update_step(self, gradient, variable, learning_rate):
        last = self.slot(variable, "last")
        last.assign((last - learning_rate * gradient) / 2)
        variable.assign_add(last)

    def update_terms(self, gradient, variable, learning_rate, before):
        return UpdateTerms(
            -learning_rate / 2, "(last - learning_rate * g) / 2", {"last step": before["last"] / 2}
        )


@gradtape.base.config.register_serializable("trainings")
class Named(SGD):
    """One that only has another name."""


def test_an_optimizer_of_ones_own_explains_its_update(tmp_path):
    train(tmp_path / "run", optimizer=Slowing(learning_rate=0.1, clipvalue=0.01, weight_decay=0.1))
    why = check(opened(tmp_path / "run", 4).why(KERNEL, (2, 1)))
    assert why.coefficient == pytest.approx(-0.05)
    assert len(why.samples) == BATCH
    assert set(parts_of(why)) - ROUNDING == {"clipping, clipvalue=0.01", "last step", "weight decay"}
    assert "(last - learning_rate * g) / 2" in str(why)


def test_an_optimizer_that_gives_no_terms_is_said_to_be_so(tmp_path):
    train(tmp_path / "run", optimizer=Halving(learning_rate=0.1))
    why = check(opened(tmp_path / "run", 4).why(KERNEL, (2, 1)))
    assert why.coefficient is None
    assert len(why.samples) == BATCH
    assert parts_of(why)["update of Halving, not taken apart"] == pytest.approx(why.change, rel=1e-5)
    train(tmp_path / "named", optimizer=Named(0.1))
    assert opened(tmp_path / "named", 4).why(KERNEL, (2, 1)).coefficient == pytest.approx(-0.1)


@gradtape.base.config.register_serializable("trainings")
def whole(y_true, y_pred):
    """A loss in which the samples cannot be told apart any more."""
    return ops.einsum("ij,ij->", y_pred, y_pred)


def test_a_loss_without_samples_is_said_to_be_so(tmp_path):
    train(tmp_path / "run", optimizer=SGD(0.1), loss=whole)
    why = check(opened(tmp_path / "run", 4).why(KERNEL, (2, 1)))
    assert why.samples == []
    assert "no shares of samples" in str(why)
    assert parts_of(why)["the loss"] == pytest.approx(why.change, rel=1e-4)


def test_the_table_shows_the_largest_samples_and_the_sum(tmp_path):
    train(tmp_path / "run", optimizer=SGD(0.1, momentum=0.9))
    text = str(opened(tmp_path / "run", 4).why(KERNEL, (0, -1)))
    lines = text.splitlines()
    assert lines[0].startswith("Why layers.0.kernel[0, 3] went from ")
    assert sum(line.startswith("  sample ") for line in lines) == 5
    for part in ("3 other samples", "momentum", "residual", "sum"):
        assert any(line.strip().startswith(part) for line in lines), text
    assert "momentum * m - learning_rate * g" in text


@pytest.mark.parametrize(
    ("path", "index", "error", "text"),
    [
        ("layers.0.kernl", (0, 0), ArgumentError, "did you mean 'layers.0.kernel'?"),
        (KERNEL, (5, 0), AxisError, r"shape \(5, 4\), got \(5, 0\); the nearest is \(4, 0\)"),
        (KERNEL, 0, AxisError, "one number for each axis of layers.0.kernel"),
        (KERNEL, (0.5, 1), ArgumentTypeError, "whole numbers"),
        (3, (0, 0), ArgumentTypeError, "path must be a string"),
    ],
)
def test_what_is_not_there_is_named_with_the_nearest(path, index, error, text, tmp_path):
    train(tmp_path / "run", epochs=1)
    with pytest.raises(error, match=text):
        opened(tmp_path / "run", 0).why(path, index)


@pytest.mark.parametrize(("name", "notes"), [("scaled", 1), ("plain", 0)])
def test_a_loss_scale_is_named_and_only_where_there_is_one(name, notes, tmp_path):
    options = {"loss_scale_factor": 4.0} if name == "scaled" else {}
    train(tmp_path / "run", optimizer=SGD(0.1, **options))
    said = str(opened(tmp_path / "run", 3).why(KERNEL, (2, 1)))
    assert said.count("the optimizer multiplied the gradient by 0.25 first") == notes
    assert said.count("multiplied the gradient") == notes
