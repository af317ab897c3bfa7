"""Ordinary requests that once failed, or were done another way than asked; on both engines."""

import numpy as np
import pytest

import gradtape
from gradtape import callbacks, layers, optimizers
from gradtape.base.config import register_serializable
from gradtape.errors import GradtapeError
from gradtape.models import Model, Sequential, load_model

X = np.random.default_rng(0).normal(size=(40, 4)).astype("float32")
Y = X[:, :1] * 2
CLASSES = (np.arange(40) % 3).astype("int32")
WEIGHTS = np.linspace(0.1, 2.0, 40).astype("float32")
QUIET = {"verbose": 0, "shuffle": False, "batch_size": 16}


@pytest.fixture(params=["numpy", "jax"], autouse=True)
def both_engines(request, on_engine):
    """Run every test here on both engines."""
    with on_engine(request.param):
        gradtape.set_seed(0)
        yield


def one():
    model = Sequential([layers.Input((4,)), layers.Dense(1)])
    model.compile(optimizers.SGD(0.05), "mse")
    return model


def two(loss, optimizer="sgd", **options):
    x = layers.Input((4,), name="x")
    shared = layers.Dense(3, name="shared")(x)
    amount = layers.Dense(1, name="amount")(shared)
    kind = layers.Dense(3, activation="softmax", name="kind")(shared)
    model = Model(x, [amount, kind])
    model.compile(optimizer, loss, **options)
    return model


@pytest.mark.parametrize(
    ("loss", "y"), [(["mse", None], [Y, CLASSES]), ({"amount": "mse"}, {"amount": Y})], ids=["list", "dict"]
)
def test_an_output_without_a_loss_is_left_alone(loss, y):
    model = two(loss, optimizers.Adam(0.1))
    before = model.get_layer("kind").get_weights()
    losses = model.fit(X, y, epochs=2, **QUIET).history["loss"]
    assert losses[1] < losses[0]
    assert all((a == b).all() for a, b in zip(before, model.get_layer("kind").get_weights(), strict=True))


def test_an_output_with_a_loss_needs_targets():
    model = two(["mse", "sparse_categorical_crossentropy"])
    with pytest.raises(GradtapeError, match="^fit: output 'kind': y must be given, sparse_categorical_cross"):
        model.fit(X, {"amount": Y}, **QUIET)
    with pytest.raises(GradtapeError, match="^fit: y: needs one for each of the 2 outputs, got 1"):
        model.fit(X, [Y], **QUIET)


def test_none_among_sample_weights_counts_all_alike():
    found = []
    for weights in ([WEIGHTS, None], [WEIGHTS, np.ones(40)]):
        model = two(["mse", "sparse_categorical_crossentropy"])
        model.set_weights([np.full(w.shape, 0.3) for w in model.get_weights()])
        found.append(model.fit(X, [Y, CLASSES], sample_weight=weights, **QUIET).history)
    assert found[0] == found[1]


def test_class_numbers_may_be_true_and_false():
    found = []
    for labels in (CLASSES > 0, (CLASSES > 0).astype("int32")):
        model = Sequential([layers.Input((4,)), layers.Dense(2, activation="softmax")])
        model.set_weights([np.full((4, 2), 0.3), np.array([0.1, 0.2])])
        model.compile("sgd", "sparse_categorical_crossentropy", metrics=["accuracy"])
        found.append(model.fit(X, labels, **QUIET).history)
    assert found[0] == found[1]


@register_serializable("requests")
class Block(layers.Layer):
    """Calls itself other than self, and has a configuration of its own, as is usual with Keras."""

    def __init__(this, units, activation="relu", **kwargs):
        super().__init__(**kwargs)
        this.units, this.activation = units, activation
        this.dense = layers.Dense(units, activation=activation)

    def call(this, inputs):
        return this.dense(inputs)

    def get_config(this):
        return {**super().get_config(), "units": this.units, "activation": this.activation}


def test_a_layer_whose_constructor_calls_it_otherwise_is_saved(tmp_path):
    model = Sequential([layers.Input((4,)), Block(3, name="block"), layers.Dense(1)])
    model.save(tmp_path / "model.keras")
    loaded = load_model(tmp_path / "model.keras")
    assert loaded.layers[0].get_config() == {
        "units": 3,
        "activation": "relu",
        "name": "block",
        "trainable": True,
    }
    np.testing.assert_array_equal(loaded.predict(X, verbose=0), model.predict(X, verbose=0))


class Told(callbacks.Callback):
    """Keeps what it is told of batches, in order."""

    def __init__(self):
        super().__init__()
        self.calls = []

    def on_train_batch_begin(self, batch, logs=None):
        self.calls.append(("begin", batch))

    def on_train_batch_end(self, batch, logs=None):
        self.calls.append(("end", batch))

    on_test_batch_begin = on_predict_batch_begin = on_train_batch_begin
    on_test_batch_end = on_predict_batch_end = on_train_batch_end


@pytest.mark.parametrize("act", ["fit", "evaluate", "predict"])
def test_every_batch_begins_before_it_ends_and_no_other_begins(act):
    told, data = Told(), (X,) if act == "predict" else (X, Y)
    getattr(one(), act)(*data, batch_size=16, verbose=0, callbacks=[told])
    assert told.calls == [(what, batch) for batch in range(3) for what in ("begin", "end")]


@pytest.mark.parametrize("given", [0, -1, True, 1.5, "1", None, [0, 2], ["1"], {2: 3}])
def test_validation_freq_is_checked_before_the_first_step(given):
    model = one()
    before = model.get_weights()
    with pytest.raises(GradtapeError, match="^fit: validation_freq must be "):
        model.fit(X, Y, validation_data=(X, Y), validation_freq=given, **QUIET)
    assert all((a == b).all() for a, b in zip(before, model.get_weights(), strict=True))


@pytest.mark.parametrize("given", [[2, 3], (3, 2), {2, 3}, range(2, 4), np.array([2, 3])])
def test_validation_freq_may_be_any_collection_of_epochs(given):
    history = one().fit(X, Y, epochs=4, validation_split=0.2, validation_freq=given, **QUIET).history
    assert len(history["val_loss"]) == 2


def test_a_rate_below_zero_is_refused_however_it_came_there():
    model = one()
    before = model.get_weights()
    model.optimizer.learning_rate.assign(-0.1)
    for act in (model.fit, model.train_on_batch):
        with pytest.raises(GradtapeError, match=r"SGD: learning_rate must be in \[0, inf\), got -0.1"):
            act(X, Y)
    assert all((a == b).all() for a, b in zip(before, model.get_weights(), strict=True))


@pytest.mark.parametrize("weight", [float("nan"), float("inf"), True, "1"])
def test_loss_weights_must_be_finite_numbers(weight):
    with pytest.raises(GradtapeError, match="^compile: loss_weights must be finite numbers, got"):
        two(["mse", "sparse_categorical_crossentropy"], loss_weights=[1.0, weight])


def test_loss_weights_may_be_numbers_of_numpy():
    assert two(
        ["mse", "mse"], loss_weights=np.float32([1.0, 0.5]).tolist()
    ).training_state.objective.weights == [1.0, 0.5]
    assert two(
        ["mse", "mse"], loss_weights=[np.float32(1), np.int64(2)]
    ).training_state.objective.weights == [1.0, 2.0]


def test_the_check_for_nan_is_switched_off_in_every_call_that_names_the_switch():
    model, spoiled = one(), np.where(X > 1, np.nan, X)
    for act in (model.evaluate, model.fit, lambda x, y, **options: model.predict(x, **options)):
        with pytest.raises(GradtapeError, match="nan at .*switch this check off with check_finite=False"):
            act(spoiled, Y, verbose=0)
        act(spoiled, Y, verbose=0, check_finite=False)
    with pytest.raises(GradtapeError, match=r"sample_weight must hold finite numbers, got nan at \[0\]$"):
        one().fit(X, Y, sample_weight=WEIGHTS * np.nan, check_finite=False, **QUIET)


class Counting(layers.Layer):
    """Counts how often it is called in Python."""

    calls = 0

    def call(self, inputs):
        type(self).calls += 1
        return inputs * 1.0


def test_a_second_call_on_a_batch_prepares_and_compiles_nothing():
    model = Sequential([layers.Input((4,)), Counting(), layers.Dense(3)])
    loss = gradtape.losses.SparseCategoricalCrossentropy(from_logits=True)
    model.compile("adam", loss, metrics=["accuracy"])
    eager = 0 if gradtape.get_engine() == "jax" else 1
    acts = (model.train_on_batch, model.test_on_batch, lambda x, _: model.predict_on_batch(x))
    for act in acts:
        act(X, CLASSES)
        Counting.calls = 0
        act(X + 1, CLASSES)
        assert Counting.calls == eager
    for act in acts:  # a batch of another size, then the first one again
        act(X[:7], CLASSES[:7])
        Counting.calls = 0
        act(X, CLASSES)
        act(X[:7] - 1, CLASSES[:7])
        assert Counting.calls == 2 * eager


def test_a_second_fit_evaluate_and_predict_try_and_compile_nothing():
    model = Sequential([layers.Input((4,)), Counting(), layers.Dense(1)])
    model.compile("adam", "mse", metrics=["mae"])
    eager = 0 if gradtape.get_engine() == "jax" else 3
    for act in (model.fit, model.evaluate, lambda x, y, **options: model.predict(x, **options)):
        act(X, Y, batch_size=16, verbose=0)
        Counting.calls = 0
        act(X + 1, Y, batch_size=16, verbose=0)
        assert Counting.calls == eager


def test_what_was_found_out_does_not_outlive_a_change():
    model = Sequential([layers.Input((4,)), layers.Dense(1)])
    model.compile("sgd", "mse")
    model.train_on_batch(X, Y)
    model.add(layers.Dense(3))
    model.compile("sgd", "mse")
    with pytest.raises(GradtapeError, match="mean_squared_error: y_true must have the shape of y_pred"):
        model.train_on_batch(X, Y)
    model.compile("sgd", "sparse_categorical_crossentropy")
    with pytest.raises(GradtapeError, match="takes probabilities, but outputs for the first samples go from"):
        model.train_on_batch(X * 100, CLASSES)
    with pytest.raises(GradtapeError, match=r"class numbers in \[0, 3\), got 1 to 3"):
        model.train_on_batch(X, CLASSES + 1)


def test_a_layer_put_in_the_place_of_another_is_found():
    class Blocks(Model):
        def __init__(self):
            super().__init__()
            self.blocks = [layers.Dense(4), layers.Dense(1)]

        def call(self, inputs):
            return self.blocks[1](self.blocks[0](inputs))

    model = Blocks()
    model(X)
    before = model.trainable_weights
    model.blocks[1] = layers.Dense(1)
    model(X)
    assert [id(w) for w in model.trainable_weights[:2]] == [id(w) for w in before[:2]]
    assert model.trainable_weights[2] is model.blocks[1].kernel is not before[2]


def test_inputs_that_no_layer_takes_are_shown_as_they_came():
    class Own(Model):
        def __init__(self):
            super().__init__()
            self.dense = layers.Dense(1)

        def call(self, inputs):
            return self.dense(inputs)

    model = Own()
    model.compile("sgd", "mse")
    model.fit(X, Y, **QUIET)
    with pytest.raises(GradtapeError, match=r"^fit: x \(40, 3\) does not fit .*kernel \(4, 1\) was made for"):
        model.fit(X[:, :3], Y, **QUIET)


class Positive(layers.Layer):
    """Decides by a value, in Python."""

    def call(self, inputs):
        return inputs if gradtape.ops.sum(inputs) > 0 else -inputs


def test_a_layer_that_decides_by_a_value_runs_eagerly_and_says_so_compiled():
    def made(**options):
        model = Sequential([layers.Input((4,)), Positive(), layers.Dense(1)])
        model.compile("sgd", "mse", **options)
        return model

    made(run_eagerly=True).fit(X, Y, **QUIET)
    if gradtape.get_engine() == "numpy":
        made().fit(X, Y, **QUIET)
    else:
        with pytest.raises(
            GradtapeError, match=r"^compile: test_requests.py:\d+ needs the value of a tensor"
        ):
            made().fit(X, Y, **QUIET)


class Batches(gradtape.metrics.Metric):
    """Counts in Python, which a compiled step does once."""

    def __init__(self):
        super().__init__(name="batches")
        self.count = 0

    def update_state(self, y_true, y_pred, sample_weight=None):
        self.count += 1

    def result(self):
        return self.count

    def reset_state(self):
        self.count = 0


def test_a_metric_that_counts_in_python_is_right_or_refused():
    def made(**options):
        model = Sequential([layers.Input((4,)), layers.Dense(1)])
        model.compile("sgd", "mse", metrics=[Batches()], **options)
        return model

    assert made(run_eagerly=True).fit(X, Y, **QUIET).history["batches"] == [3.0]
    if gradtape.get_engine() == "numpy":
        assert made().fit(X, Y, **QUIET).history["batches"] == [3.0]
    else:
        with pytest.raises(
            GradtapeError, match="a result changes from call to call, .*in a metric: add_weight"
        ):
            made().fit(X, Y, **QUIET)


def test_options_of_the_optimizer_changed_between_two_fits_are_heard_of():
    start = [np.full((4, 1), 0.3), np.zeros(1)]
    changes = {
        "clipnorm": lambda optimizer: setattr(optimizer, "clipnorm", 0.01),
        "momentum": lambda optimizer: setattr(optimizer, "momentum", 0.5),
        "schedule": lambda optimizer: setattr(
            optimizer, "learning_rate", optimizers.schedules.ExponentialDecay(0.001, 1, 0.5)
        ),
    }
    for change in changes.values():
        model, eager = one(), one()
        model.compile(optimizers.SGD(0.05, momentum=0.9), "mse")
        eager.compile(optimizers.SGD(0.05, momentum=0.9), "mse", run_eagerly=True)
        for either in (model, eager):
            either.set_weights(start)
            either.fit(X, Y, **QUIET)
            change(either.optimizer)
            either.fit(X, Y, epochs=2, **QUIET)
        for a, b in zip(model.get_weights(), eager.get_weights(), strict=True):
            np.testing.assert_allclose(a, b, rtol=1e-5)


def test_an_option_that_needs_a_slot_there_is_not_says_so():
    model = one()
    model.fit(X, Y, **QUIET)
    model.optimizer.momentum = 0.5
    with pytest.raises(GradtapeError, match="^SGD: there is no momentum for Variable 'kernel': the option"):
        model.fit(X, Y, **QUIET)


@pytest.mark.parametrize("of_weight", [False, True])
def test_a_step_of_ones_own_hears_which_weights_are_to_be_trained(of_weight):
    model = Sequential([layers.Input((4,)), layers.Dense(3), layers.Dense(1)])
    optimizer = optimizers.SGD(0.01)
    optimizer.build(model.trainable_weights)

    @gradtape.compile
    def step(x, y):
        with gradtape.GradientTape() as tape:
            loss = gradtape.ops.mean(gradtape.ops.square(model(x) - y))
        weights = tape.watched_variables() if of_weight else model.trainable_weights
        optimizer.apply(tape.gradient(loss, weights), weights)
        return loss

    parts = model.layers[0].weights if of_weight else model.layers[:1]
    for trainable in (True, False, True, False, True):
        for part in parts:
            part.trainable = trainable
        before = model.layers[0].get_weights()
        step(X, Y)
        same = [(a == b).all() for a, b in zip(before, model.layers[0].get_weights(), strict=True)]
        assert any(same) is not trainable
    assert step.traces <= 2  # one for each of the two, and not for each change


def test_a_list_of_batches_is_gone_through():
    batches = [(X[:20], Y[:20]), (X[20:], Y[20:], WEIGHTS[20:])]
    pairs = [batch[:2] for batch in batches]
    found = [one().fit(data, epochs=2, verbose=0, shuffle=False).history for data in (pairs, Bare(pairs))]
    assert len(found[0]["loss"]) == 2
    model = one()
    whole = model.evaluate(X, Y, verbose=0)
    assert model.evaluate(pairs, verbose=0) == pytest.approx(whole, rel=1e-5)
    assert model.predict(pairs, verbose=0).shape == (40, 1)
    model.fit([batches[1]], verbose=0)
    assert len(two(["mse", "mse"]).predict(X, verbose=0)) == 2  # a list of inputs is still that


class Bare:
    """Can be iterated, and that is all."""

    def __init__(self, batches):
        self.batches = batches

    def __iter__(self):
        return iter(self.batches)


def test_weights_of_a_model_without_call_are_saved(tmp_path):
    class Pair(Model):
        def __init__(self):
            super().__init__()
            self.left = Sequential([layers.Input((4,)), layers.Dense(2)])
            self.right = layers.Dense(3)

    model, other = Pair(), Pair()
    with pytest.raises(GradtapeError, match="save_weights: the layer has no weights yet"):
        model.save_weights(tmp_path / "pair")
    for pair in (model, other):
        pair.right.build((None, 4))
    model.save_weights(tmp_path / "pair")
    other.load_weights(tmp_path / "pair")
    assert all((a == b).all() for a, b in zip(model.get_weights(), other.get_weights(), strict=True))
    assert model.count_params() == 25


@pytest.mark.parametrize("of", [list, tuple])
def test_a_list_of_one_output_is_that_output_as_with_keras(of, tmp_path):
    x = layers.Input((4,))
    model = Model(of([x]), of([layers.Dense(1, name="last")(x)]))
    model.compile("sgd", ["mse"], metrics=["mae"])
    assert list(model.fit([X], [Y], **QUIET).history) == ["loss", "mae"]
    assert model.predict(X, verbose=0).shape == model(X).shape == (40, 1)
    assert model.output_names == ["last"] and model.output_shape == (None, 1)
    model.save(tmp_path / "model.keras")
    assert load_model(tmp_path / "model.keras").predict([X], verbose=0).shape == (40, 1)
    outer = Model(x, layers.Dense(2)(model(x)))
    assert outer.predict(X, verbose=0).shape == (40, 2)
