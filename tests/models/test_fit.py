"""fit, evaluate, predict: on a small problem, through every kind of model."""

import numpy as np
import pytest

import gradtape
from gradtape import GradientTape, losses, metrics, ops
from gradtape.callbacks import Callback
from gradtape.errors import ArgumentError, ArgumentTypeError
from gradtape.layers import Dense, Input, Layer
from gradtape.models import Model, Sequential


@pytest.fixture
def data():
    """Return (samples, 4) inputs and the class of each, which a straight line tells apart."""
    rng = np.random.default_rng(0)
    x = rng.normal(size=(200, 4)).astype("float32")
    return x, (x @ [1.0, -2.0, 0.5, 1.0] > 0).astype("int32")


def classifier(inputs=True):
    gradtape.set_seed(7)
    first = [Input((4,))] if inputs else []
    return Sequential([*first, Dense(16, activation="relu"), Dense(2, activation="softmax")])


def compiled(model, **options):
    model.compile("adam", "sparse_categorical_crossentropy", metrics=["accuracy"], **options)
    return model


@pytest.mark.parametrize("inputs", [True, False])
@pytest.mark.parametrize("run_eagerly", [True, False])
def test_a_model_learns(data, inputs, run_eagerly):
    model = compiled(classifier(inputs), run_eagerly=run_eagerly)
    history = model.fit(*data, batch_size=16, epochs=12, verbose=0)
    assert history.epoch == list(range(12))
    assert sorted(history.history) == ["accuracy", "loss"]
    assert history.history["loss"][-1] < history.history["loss"][0] / 2
    loss, accuracy = model.evaluate(*data, verbose=0)
    assert accuracy > 0.9 and loss < 0.4
    assert (model.predict(data[0], verbose=0).argmax(axis=1) == data[1]).mean() == pytest.approx(accuracy)


def test_fit_is_a_function_of_the_seed(data):
    runs = []
    for _ in range(2):
        model = compiled(classifier())
        runs.append((model.fit(*data, epochs=2, verbose=0).history, model.get_weights()))
    assert runs[0][0] == runs[1][0]
    assert all((a == b).all() for a, b in zip(runs[0][1], runs[1][1], strict=True))


def test_the_history_is_that_of_steps_taken_by_hand(data):
    x, y = data
    one, two = compiled(classifier()), compiled(classifier())
    history = one.fit(x, y, batch_size=64, epochs=1, shuffle=False, verbose=0).history
    means = {"loss": 0.0, "accuracy": 0.0}
    for start in range(0, 200, 64):
        logs = two.train_on_batch(x[start : start + 64], y[start : start + 64], return_dict=True)
        for name in means:
            means[name] += logs[name] * min(64, 200 - start) / 200
    assert {name: values[-1] for name, values in history.items()} == pytest.approx(means, rel=1e-5)
    for a, b in zip(one.get_weights(), two.get_weights(), strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-5, atol=1e-7)


def test_the_loss_of_an_epoch_is_the_mean_over_samples_not_over_batches(data):
    x, y = data
    model = classifier()
    model.compile(gradtape.optimizers.SGD(0.0), "sparse_categorical_crossentropy")
    history = model.fit(x, y, batch_size=150, epochs=1, verbose=0).history
    expected = losses.sparse_categorical_crossentropy(y, model(x)).numpy().mean()
    assert history["loss"][0] == pytest.approx(expected, rel=1e-6)
    assert model.evaluate(x, y, batch_size=33, verbose=0) == pytest.approx(expected, rel=1e-6)


def test_validation(data):
    x, y = data
    split = (
        compiled(classifier()).fit(x, y, validation_split=0.25, epochs=2, shuffle=False, verbose=0).history
    )
    given = (
        compiled(classifier())
        .fit(x[:150], y[:150], validation_data=(x[150:], y[150:]), epochs=2, shuffle=False, verbose=0)
        .history
    )
    assert split == given
    assert sorted(split) == ["accuracy", "loss", "val_accuracy", "val_loss"]
    rarely = compiled(classifier()).fit(x, y, validation_split=0.25, epochs=4, validation_freq=2, verbose=0)
    assert len(rarely.history["val_loss"]) == 2


def test_weights_of_samples_and_classes(data):
    x, y = data
    weight = np.where(y == 1, 3.0, 1.0).astype("float32")
    by_sample = compiled(classifier()).fit(x, y, sample_weight=weight, epochs=2, shuffle=False, verbose=0)
    by_class = compiled(classifier()).fit(
        x, y, class_weight={0: 1.0, 1: 3.0}, epochs=2, shuffle=False, verbose=0
    )
    assert by_sample.history["loss"] == pytest.approx(by_class.history["loss"], rel=1e-5)
    model = classifier()
    model.compile("sgd", "sparse_categorical_crossentropy")
    values = losses.sparse_categorical_crossentropy(y, model(x)).numpy()
    expected = (values * weight).mean()
    assert model.evaluate(x, y, sample_weight=weight, verbose=0) == pytest.approx(expected, rel=1e-5)


def test_batches_may_come_from_a_generator(data):
    x, y = data

    def batches():
        while True:
            yield x[:50], y[:50]
            yield x[50:], y[50:]

    model = compiled(classifier())
    history = model.fit(batches(), steps_per_epoch=2, epochs=3, verbose=0).history
    again = compiled(classifier())
    for epoch in range(3):
        first, _ = again.train_on_batch(x[:50], y[:50])
        second, _ = again.train_on_batch(x[50:], y[50:])
        assert history["loss"][epoch] == pytest.approx((first + 3 * second) / 4, rel=1e-5)


def two_headed():
    gradtape.set_seed(3)
    left, right = Input((4,), name="left"), Input((2,), name="right")
    shared = Dense(3, activation="tanh", name="shared")
    joined = shared(left) + shared(Dense(4, name="widen")(right))
    outputs = {
        "kind": Dense(2, activation="softmax", name="kind")(joined),
        "size": Dense(1, name="size")(joined),
    }
    return Model({"left": left, "right": right}, outputs)


def test_several_inputs_and_outputs_and_a_shared_layer(data):
    x, y = data
    model = two_headed()
    model.compile(
        "adam",
        loss={"kind": "sparse_categorical_crossentropy", "size": "mse"},
        loss_weights={"kind": 1.0, "size": 0.5},
        metrics={"kind": ["accuracy"]},
    )
    inputs = {"left": x, "right": x[:, :2]}
    targets = {"kind": y, "size": x.sum(axis=1, keepdims=True)}
    history = model.fit(inputs, targets, epochs=3, verbose=0).history
    assert sorted(history) == ["kind_accuracy", "kind_loss", "loss", "size_loss"]
    sums = np.add(history["kind_loss"], np.multiply(history["size_loss"], 0.5))
    assert history["loss"] == pytest.approx(sums, rel=1e-5)
    assert history["loss"][-1] < history["loss"][0]
    predicted = model.predict(inputs, verbose=0)
    assert predicted["kind"].shape == (200, 2) and predicted["size"].shape == (200, 1)
    assert len(model.get_layer("shared").weights) == 2 and len(model.weights) == 8


class Blend(Model):
    def __init__(self):
        super().__init__()
        self.hidden = Dense(8, activation="relu", kernel_regularizer="l2")
        self.last = Dense(2, activation="softmax")

    def call(self, inputs, training=None):
        return self.last(self.hidden(inputs))


def test_a_model_with_its_own_call(data):
    gradtape.set_seed(1)
    model = compiled(Blend())
    history = model.fit(*data, epochs=5, verbose=0).history
    assert history["loss"][-1] < history["loss"][0]
    assert list(model.named_variables()) == ["hidden.kernel", "hidden.bias", "last.kernel", "last.bias"]
    plain = losses.sparse_categorical_crossentropy(data[1], model(data[0])).numpy().mean()
    penalty = 0.01 * (model.hidden.kernel.numpy() ** 2).sum()
    assert model.evaluate(*data, verbose=0)[0] == pytest.approx(plain + penalty, rel=1e-5)


def test_a_model_with_its_own_train_step(data):
    class Doubled(Model):
        def __init__(self, *args, **kwargs):
            super().__init__(*args, **kwargs)
            self.tracker = metrics.Mean(name="twice")

        def train_step(self, data):
            inputs, targets = data
            with GradientTape() as tape:
                predictions = self(inputs, training=True)
                loss = 2.0 * ops.mean(losses.sparse_categorical_crossentropy(targets, predictions))
            gradients = tape.gradient(loss, self.trainable_weights)
            self.optimizer.apply(gradients, self.trainable_weights)
            self.tracker.update_state(loss)
            return {"twice": self.tracker.result()}

    x = Input((4,))
    model = Doubled(x, Dense(2, activation="softmax")(x))
    model.compile("adam", "sparse_categorical_crossentropy")
    history = model.fit(*data, epochs=4, verbose=0).history
    assert list(history) == ["twice"]
    assert history["twice"][-1] < history["twice"][0]


def test_a_loss_that_a_layer_adds_is_minimised(data):
    class Small(Layer):
        def call(self, inputs):
            self.add_loss(0.1 * ops.mean(ops.square(inputs)))
            return inputs

    x = Input((4,))
    model = Model(x, Small()(Dense(3)(x)))
    model.compile("sgd")
    history = model.fit(data[0], epochs=3, verbose=0).history
    assert history["loss"][-1] < history["loss"][0]


def test_a_second_fit_goes_on_and_compiles_nothing(data):
    model = compiled(classifier())
    model.fit(*data, batch_size=50, epochs=1, verbose=0)
    traces = [program.traces for program in model.train_function().programs]
    model.fit(*data, batch_size=50, epochs=2, verbose=0)
    assert [program.traces for program in model.train_function().programs] == traces
    assert model.optimizer.iterations.item() == 12


def test_a_callback_can_stop_a_training(data):
    class Enough(Callback):
        def on_epoch_end(self, epoch, logs=None):
            self.model.stop_training = epoch == 1

    assert compiled(classifier()).fit(*data, epochs=9, callbacks=[Enough()], verbose=0).epoch == [0, 1]


def test_frozen_layers_do_not_change(data):
    model = classifier()
    model.layers[0].trainable = False
    compiled(model)
    before = model.get_weights()
    model.fit(*data, verbose=0)
    changed = [not (a == b).all() for a, b in zip(before, model.get_weights(), strict=True)]
    assert changed == [False, False, True, True]


def test_the_config_of_a_sequential_makes_it_again(data):
    model = classifier()
    again = Sequential.from_config(model.get_config())
    again.set_weights(model.get_weights())
    assert (again.predict(data[0], verbose=0) == model.predict(data[0], verbose=0)).all()


@pytest.mark.parametrize(
    ("act", "fault"),
    [
        (lambda m, x, y: m.fit(x, y), "fit: call compile"),
        (lambda m, x, y: compiled(m).fit(x, y[:-1]), "fit.*199"),
        (lambda m, x, y: compiled(m).fit(x[:, :3], y), r"must have shape \(None, 4\)"),
        (lambda m, x, y: compiled(m).fit(x, y, epochs=-1), "fit: epochs must be a whole number >= 0, got -1"),
        (lambda m, x, y: compiled(m).fit(x, y, epochs=1.5), "fit: epochs must be a whole number"),
        (lambda m, x, y: compiled(m).fit(x, y, batch_size=0), "batch_size"),
        (lambda m, x, y: m.compile("adam", "mse", metrics=["acuracy"]), "acuracy.*accuracy"),
        (lambda m, x, y: m.compile("adm", "mse"), "adm"),
        (lambda m, x, y: m.get_layer("nobody"), "get_layer: there is no layer 'nobody'; there are dense"),
    ],
)
def test_what_is_refused_changes_nothing(data, act, fault):
    model = classifier()
    before = model.get_weights()
    with pytest.raises((ArgumentError, ArgumentTypeError), match=fault):
        act(model, *data)
    assert all((a == b).all() for a, b in zip(before, model.get_weights(), strict=True))
