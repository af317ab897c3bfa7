"""Programs such as a reader of a book on Keras writes them; only the import lines are changed.

Each runs through `gradtape` and through `gradtape.tf.keras`, on both engines.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import gradtape
import gradtape.tf.keras
from gradtape import tf

pytestmark = pytest.mark.filterwarnings("error")


@pytest.fixture(params=["gradtape", "tf.keras"])
def keras(request: Any, an_engine: str) -> Any:
    """Give what stands for `keras` in a program."""
    gradtape.set_seed(42)
    return gradtape if request.param == "gradtape" else gradtape.tf.keras


@pytest.fixture(params=["numpy", "jax"])
def an_engine(request: Any, on_engine: Any) -> Any:
    """Let a program run on each engine."""
    with on_engine(request.param):
        yield request.param


RNG = np.random.default_rng(0)


def digits(samples: int = 600) -> Any:
    """Return images and labels of MNIST."""
    (x, y), (x_test, y_test) = gradtape.datasets.mnist.load_data()
    return (x[:samples], y[:samples]), (x_test[:200], y_test[:200])


def reviews(samples: int = 400, words: int = 200) -> Any:
    """Return lists of word numbers, as a data set of film reviews has them, and whether they are good."""
    rng = np.random.default_rng(1)
    good, bad = rng.permutation(words)[:40], rng.permutation(words)[:40]
    labels = rng.integers(0, 2, samples)
    texts = [
        np.concatenate([rng.choice(good if label else bad, 12), rng.integers(0, words, 20)]).tolist()
        for label in labels
    ]
    return texts, labels


def vectorized(sequences: Any, dimension: int = 200) -> Any:
    results = np.zeros((len(sequences), dimension))
    for i, sequence in enumerate(sequences):
        for j in sequence:
            results[i, j] = 1.0
    return results


def test_digits_in_a_few_lines(keras: Any) -> None:
    (train_images, train_labels), (test_images, test_labels) = digits()
    model = keras.Sequential(
        [keras.layers.Dense(64, activation="relu"), keras.layers.Dense(10, activation="softmax")]
    )
    model.compile(optimizer="rmsprop", loss="sparse_categorical_crossentropy", metrics=["accuracy"])
    train_images = train_images.reshape((600, 28 * 28)).astype("float32") / 255
    test_images = test_images.reshape((200, 28 * 28)).astype("float32") / 255
    model.fit(train_images, train_labels, epochs=5, batch_size=64, verbose=0)
    predictions = model.predict(test_images[0:10], verbose=0)
    assert predictions[0].argmax() == test_labels[0]
    test_loss, test_acc = model.evaluate(test_images, test_labels, verbose=0)
    assert test_acc > 0.7 and test_loss < 1.2


def test_a_linear_classifier_in_plain_tape_code(an_engine: str) -> None:
    gradtape.set_seed(42)
    negative = RNG.multivariate_normal(mean=[0, 3], cov=[[1, 0.5], [0.5, 1]], size=200)
    positive = RNG.multivariate_normal(mean=[3, 0], cov=[[1, 0.5], [0.5, 1]], size=200)
    inputs = np.vstack((negative, positive)).astype(np.float32)
    targets = np.vstack((np.zeros((200, 1), "float32"), np.ones((200, 1), "float32")))
    W = tf.Variable(initial_value=tf.random.uniform(shape=(2, 1)))
    b = tf.Variable(initial_value=tf.zeros(shape=(1,)))

    def model(inputs: Any) -> Any:
        return tf.matmul(inputs, W) + b

    def square_loss(targets: Any, predictions: Any) -> Any:
        return tf.reduce_mean(tf.square(targets - predictions))

    def training_step(inputs: Any, targets: Any) -> Any:
        with tf.GradientTape() as tape:
            predictions = model(inputs)
            loss = square_loss(targets, predictions)
        grad_loss_wrt_W, grad_loss_wrt_b = tape.gradient(loss, [W, b])
        W.assign_sub(grad_loss_wrt_W * 0.1)
        b.assign_sub(grad_loss_wrt_b * 0.1)
        return loss

    losses = [float(training_step(inputs, targets)) for _ in range(40)]
    assert losses[-1] < 0.05
    assert ((model(inputs).numpy() > 0.5) == targets).mean() > 0.98


def test_reviews_with_validation(keras: Any) -> None:
    texts, labels = reviews()
    x_train, y_train = vectorized(texts), np.asarray(labels).astype("float32")
    layers = keras.layers
    model = keras.Sequential(
        [
            layers.Dense(16, activation="relu"),
            layers.Dense(16, activation="relu"),
            layers.Dense(1, activation="sigmoid"),
        ]
    )
    model.compile(optimizer="rmsprop", loss="binary_crossentropy", metrics=["accuracy"])
    x_val, partial_x_train = x_train[:100], x_train[100:]
    y_val, partial_y_train = y_train[:100], y_train[100:]
    history = model.fit(
        partial_x_train, partial_y_train, epochs=12, batch_size=64, validation_data=(x_val, y_val), verbose=0
    )
    history_dict = history.history
    assert set(history_dict) == {"accuracy", "loss", "val_accuracy", "val_loss"}
    assert history_dict["val_accuracy"][-1] > 0.9
    assert model.predict(x_val, verbose=0).shape == (100, 1)


def test_a_linear_classifier_with_the_names_of_keras(keras: Any) -> None:
    ops = gradtape.ops  # tf.keras has none: there the names of tf serve, as above
    inputs = np.vstack((RNG.normal([0, 3], 0.7, (100, 2)), RNG.normal([3, 0], 0.7, (100, 2)))).astype(
        "float32"
    )
    targets = np.repeat([[0.0], [1.0]], 100, axis=0).astype("float32")
    W = gradtape.Variable(keras.initializers.RandomUniform(0.0, 1.0)((2, 1)), name="W")
    b = gradtape.Variable(np.zeros((1,), "float32"), name="b")
    losses = []
    for _ in range(40):
        with gradtape.GradientTape() as tape:
            predictions = ops.matmul(inputs, W) + b
            loss = ops.mean(keras.losses.mean_squared_error(targets, predictions))
        for variable, gradient in zip((W, b), tape.gradient(loss, [W, b]), strict=True):
            variable.assign_sub(gradient * 0.1)
        losses.append(float(loss))
    assert losses[-1] < 0.05 < losses[0]


def test_plots_of_a_training(keras: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("matplotlib").use("Agg")
    import matplotlib.pyplot as plt

    texts, labels = reviews(120)
    model = keras.Sequential(
        [keras.layers.Dense(4, activation="relu"), keras.layers.Dense(1, activation="sigmoid")]
    )
    model.compile(optimizer="rmsprop", loss="binary_crossentropy", metrics=["accuracy"])
    history = model.fit(vectorized(texts), labels, epochs=4, batch_size=64, validation_split=0.25, verbose=0)
    plt.clf()
    history_dict = history.history
    epochs = range(1, len(history_dict["loss"]) + 1)
    plt.plot(epochs, history_dict["loss"], "bo", label="Training loss")
    plt.plot(epochs, history_dict["val_loss"], "b", label="Validation loss")
    plt.title("Training and validation loss")
    plt.legend()
    assert [line.get_ydata().tolist() for line in plt.gca().lines] == [
        history_dict["loss"],
        history_dict["val_loss"],
    ]
    plt.close("all")

    monkeypatch.setattr(plt, "show", lambda: pytest.fail("plot must not show"))
    axes = history.plot("accuracy")
    assert axes.lines[0].get_ydata().tolist() == history_dict["accuracy"]
    assert len(axes.lines) == 2
    plt.close("all")


def test_tensorboard(keras: Any, tmp_path: Any) -> None:
    pytest.importorskip("tensorboardX")
    (x, y), (x_test, y_test) = flat_digits()
    model = mnist_model(keras)
    model.compile("rmsprop", "sparse_categorical_crossentropy", metrics=["accuracy"])
    tensorboard = keras.callbacks.TensorBoard(log_dir=str(tmp_path / "tb_log"))
    model.fit(x, y, epochs=2, validation_data=(x_test, y_test), verbose=0, callbacks=[tensorboard])
    assert sorted(folder.name for folder in (tmp_path / "tb_log").iterdir()) == ["train", "validation"]
    for folder in ("train", "validation"):
        (file,) = (tmp_path / "tb_log" / folder).iterdir()
        assert b"epoch_loss" in file.read_bytes() and b"epoch_accuracy" in file.read_bytes()


def test_a_callback_that_draws_each_epoch(keras: Any, tmp_path: Any) -> None:
    pytest.importorskip("matplotlib").use("Agg")
    import matplotlib.pyplot as plt

    class LossHistory(keras.callbacks.Callback):
        def on_train_begin(self, logs: Any) -> None:
            self.per_batch_losses: list[float] = []

        def on_batch_end(self, batch: int, logs: Any) -> None:
            self.per_batch_losses.append(logs.get("loss"))

        def on_epoch_end(self, epoch: int, logs: Any) -> None:
            plt.clf()
            plt.plot(range(len(self.per_batch_losses)), self.per_batch_losses, label="Training loss")
            plt.savefig(tmp_path / f"plot_at_epoch_{epoch}")
            self.per_batch_losses = []

    (x, y), _ = flat_digits()
    model = mnist_model(keras)
    model.compile("rmsprop", "sparse_categorical_crossentropy")
    model.fit(x, y, epochs=2, verbose=0, callbacks=[LossHistory()])
    plt.close("all")
    assert sorted(file.name for file in tmp_path.iterdir()) == ["plot_at_epoch_0.png", "plot_at_epoch_1.png"]


def test_topics_with_one_hot_labels_and_with_class_numbers(keras: Any) -> None:
    x = RNG.normal(size=(300, 30)).astype("float32")
    labels = x[:, :8].argmax(axis=1)
    for loss, y in (
        ("categorical_crossentropy", keras.utils.to_categorical(labels)),
        ("sparse_categorical_crossentropy", labels),
    ):
        model = keras.Sequential(
            [keras.layers.Dense(64, activation="relu"), keras.layers.Dense(8, activation="softmax")]
        )
        model.compile(optimizer="adam", loss=loss, metrics=["accuracy"])
        history = model.fit(x, y, epochs=30, batch_size=32, verbose=0)
        assert history.history["accuracy"][-1] > 0.8
        np.testing.assert_allclose(model.predict(x, verbose=0).sum(axis=1), 1.0, rtol=1e-4)


def test_prices_with_k_fold_validation(keras: Any) -> None:
    data = RNG.normal(size=(120, 13)) * RNG.uniform(1, 50, 13) + 7
    targets = (data - data.mean(axis=0)) @ RNG.normal(size=13) * 0.05 + 20
    data -= data.mean(axis=0)
    data /= data.std(axis=0)

    def build_model() -> Any:
        model = keras.Sequential(
            [
                keras.layers.Dense(32, activation="relu"),
                keras.layers.Dense(32, activation="relu"),
                keras.layers.Dense(1),
            ]
        )
        model.compile(optimizer="rmsprop", loss="mse", metrics=["mae"])
        return model

    k, scores = 4, []
    size = len(data) // k
    for i in range(k):
        val_data, val_targets = data[i * size : (i + 1) * size], targets[i * size : (i + 1) * size]
        rest = np.concatenate([data[: i * size], data[(i + 1) * size :]], axis=0)
        rest_targets = np.concatenate([targets[: i * size], targets[(i + 1) * size :]], axis=0)
        model = build_model()
        model.fit(rest, rest_targets, epochs=30, batch_size=16, verbose=0)
        _, val_mae = model.evaluate(val_data, val_targets, verbose=0)
        scores.append(val_mae)
    assert np.mean(scores) < np.abs(targets).mean()


def test_regularization_and_dropout(keras: Any) -> None:
    texts, labels = reviews()
    regularizers, layers = keras.regularizers, keras.layers
    model = keras.Sequential(
        [
            layers.Dense(16, kernel_regularizer=regularizers.l2(0.002), activation="relu"),
            layers.Dropout(0.5),
            layers.Dense(16, kernel_regularizer=regularizers.l1_l2(l1=0.001, l2=0.001), activation="relu"),
            layers.Dropout(0.5),
            layers.Dense(1, activation="sigmoid"),
        ]
    )
    model.compile(optimizer="rmsprop", loss="binary_crossentropy", metrics=["accuracy"])
    history = model.fit(vectorized(texts), labels, epochs=20, batch_size=64, validation_split=0.4, verbose=0)
    assert history.history["val_accuracy"][-1] > 0.7


def test_the_ways_to_build_a_model(keras: Any) -> None:
    model = keras.Sequential(name="my_example_model")
    model.add(keras.layers.Dense(64, activation="relu", name="my_first_layer"))
    model.add(keras.layers.Dense(10, activation="softmax", name="my_last_layer"))
    model.build(input_shape=(None, 3))
    assert len(model.weights) == 4
    lines: list[str] = []
    model.summary(print_fn=lines.append)
    text = "\n".join(lines)
    assert "my_example_model" in text and "my_first_layer (Dense)" in text and "906" in text.replace(",", "")

    vocabulary_size, tags, departments, samples = 50, 8, 4, 96
    title = keras.Input(shape=(vocabulary_size,), name="title")
    text_body = keras.Input(shape=(vocabulary_size,), name="text_body")
    tag = keras.Input(shape=(tags,), name="tags")
    features = keras.layers.Concatenate()([title, text_body, tag])
    features = keras.layers.Dense(64, activation="relu")(features)
    priority = keras.layers.Dense(1, activation="sigmoid", name="priority")(features)
    department = keras.layers.Dense(departments, activation="softmax", name="department")(features)
    model = keras.Model(inputs=[title, text_body, tag], outputs=[priority, department])
    title_data = RNG.integers(0, 2, size=(samples, vocabulary_size))
    text_body_data = RNG.integers(0, 2, size=(samples, vocabulary_size))
    tags_data = RNG.integers(0, 2, size=(samples, tags))
    priority_data = RNG.random(size=(samples, 1))
    department_data = keras.utils.to_categorical(RNG.integers(0, departments, samples), departments)
    model.compile(
        optimizer="rmsprop",
        loss=["mean_squared_error", "categorical_crossentropy"],
        metrics=[["mean_absolute_error"], ["accuracy"]],
    )
    inputs, outputs = [title_data, text_body_data, tags_data], [priority_data, department_data]
    model.fit(inputs, outputs, epochs=1, verbose=0)
    model.evaluate(inputs, outputs, verbose=0)
    priority_preds, department_preds = model.predict(inputs, verbose=0)
    assert priority_preds.shape == (samples, 1) and department_preds.shape == (samples, departments)
    model.compile(
        optimizer="rmsprop",
        loss={"priority": "mean_squared_error", "department": "categorical_crossentropy"},
        metrics={"priority": ["mean_absolute_error"], "department": ["accuracy"]},
    )
    named = {"title": title_data, "text_body": text_body_data, "tags": tags_data}
    history = model.fit(
        named, {"priority": priority_data, "department": department_data}, epochs=1, verbose=0
    )
    assert "department_accuracy" in history.history and "priority_mean_absolute_error" in history.history

    extractor = keras.Model(inputs=model.input, outputs=model.layers[4].output)
    assert extractor.predict(inputs, verbose=0).shape == (samples, 64)
    difficulty = keras.layers.Dense(3, activation="softmax", name="difficulty")(model.layers[4].output)
    larger = keras.Model(inputs=model.inputs, outputs=[priority, department, difficulty])
    assert len(larger.predict(inputs, verbose=0)) == 3


def test_a_subclassed_model_inside_a_functional_one(keras: Any) -> None:
    class CustomerTicketModel(keras.Model):
        def __init__(self, num_departments: int) -> None:
            super().__init__()
            self.concat_layer = keras.layers.Concatenate()
            self.mixing_layer = keras.layers.Dense(64, activation="relu")
            self.priority_scorer = keras.layers.Dense(1, activation="sigmoid")
            self.department_classifier = keras.layers.Dense(num_departments, activation="softmax")

        def call(self, inputs: Any) -> Any:
            features = self.concat_layer([inputs["title"], inputs["tags"]])
            features = self.mixing_layer(features)
            return self.priority_scorer(features), self.department_classifier(features)

    model = CustomerTicketModel(num_departments=4)
    data = {"title": RNG.random((64, 10)), "tags": RNG.random((64, 5))}
    priority, department = model(data)
    assert priority.shape == (64, 1) and department.shape == (64, 4)
    model.compile("rmsprop", loss=["mse", "categorical_crossentropy"], metrics=[["mae"], ["accuracy"]])
    targets = [RNG.random((64, 1)), np.eye(4)[RNG.integers(0, 4, 64)]]
    assert np.isfinite(model.fit(data, targets, epochs=2, verbose=0).history["loss"]).all()

    class Classifier(keras.Model):
        def __init__(self, num_classes: int = 2) -> None:
            super().__init__()
            self.dense = keras.layers.Dense(num_classes, activation="softmax")

        def call(self, inputs: Any) -> Any:
            return self.dense(inputs)

    inputs = keras.Input(shape=(3,))
    outputs = Classifier(num_classes=10)(keras.layers.Dense(64, activation="relu")(inputs))
    assert keras.Model(inputs=inputs, outputs=outputs).predict(np.ones((2, 3)), verbose=0).shape == (2, 10)


def mnist_model(keras: Any) -> Any:
    inputs = keras.Input(shape=(28 * 28,))
    features = keras.layers.Dense(64, activation="relu")(inputs)
    features = keras.layers.Dropout(0.5)(features)
    return keras.Model(inputs, keras.layers.Dense(10, activation="softmax")(features))


def flat_digits() -> Any:
    (x, y), (x_test, y_test) = digits()
    return (
        (x.reshape(-1, 784).astype("float32") / 255, y),
        (x_test.reshape(-1, 784).astype("float32") / 255, y_test),
    )


def test_a_metric_of_ones_own(keras: Any) -> None:
    class RootMeanSquaredError(keras.metrics.Metric):
        def __init__(self, name: str = "rmse", **kwargs: Any) -> None:
            super().__init__(name=name, **kwargs)
            self.mse_sum = self.add_weight(name="mse_sum", initializer="zeros")
            self.total_samples = self.add_weight(name="total_samples", initializer="zeros", dtype="int32")

        def update_state(self, y_true: Any, y_pred: Any, sample_weight: Any = None) -> None:
            y_true = tf.one_hot(y_true, depth=tf.shape(y_pred)[1])
            self.mse_sum.assign_add(tf.cast(tf.reduce_sum(tf.square(y_true - y_pred)), self.mse_sum.dtype))
            self.total_samples.assign_add(tf.shape(y_pred)[0])

        def result(self) -> Any:
            return tf.sqrt(self.mse_sum / tf.cast(self.total_samples, self.mse_sum.dtype))

        def reset_state(self) -> None:
            self.mse_sum.assign(0.0)
            self.total_samples.assign(0)

    (x, y), (x_test, y_test) = flat_digits()
    model = mnist_model(keras)
    model.compile("rmsprop", "sparse_categorical_crossentropy", metrics=["accuracy", RootMeanSquaredError()])
    model.fit(x, y, epochs=2, validation_split=0.2, verbose=0)
    _, _, rmse = model.evaluate(x_test, y_test, verbose=0)
    expected = np.sqrt(((np.eye(10)[y_test] - model.predict(x_test, verbose=0)) ** 2).sum() / len(y_test))
    assert rmse == pytest.approx(expected, rel=1e-4)


def test_callbacks(keras: Any, tmp_path: Any) -> None:
    class LossHistory(keras.callbacks.Callback):
        def on_train_begin(self, logs: Any = None) -> None:
            self.per_batch_losses: list[float] = []
            self.epochs = 0

        def on_batch_end(self, batch: int, logs: Any) -> None:
            self.per_batch_losses.append(logs.get("loss"))

        def on_epoch_end(self, epoch: int, logs: Any) -> None:
            self.epochs += 1

    (x, y), (x_test, y_test) = flat_digits()
    model = mnist_model(keras)
    model.compile("rmsprop", "sparse_categorical_crossentropy", metrics=["accuracy"])
    mine = LossHistory()
    path = str(tmp_path / "checkpoint_path.keras")
    history = model.fit(
        x,
        y,
        epochs=30,
        batch_size=100,
        verbose=0,
        callbacks=[
            keras.callbacks.EarlyStopping(monitor="val_accuracy", patience=2),
            keras.callbacks.ModelCheckpoint(filepath=path, monitor="val_loss", save_best_only=True),
            keras.callbacks.ReduceLROnPlateau(monitor="val_loss", patience=1),
            keras.callbacks.CSVLogger(str(tmp_path / "log.csv")),
            mine,
        ],
        validation_data=(x_test, y_test),
    )
    assert mine.epochs == len(history.epoch) < 30
    assert len(mine.per_batch_losses) == 6 * mine.epochs
    best = keras.models.load_model(path)
    assert best.evaluate(x_test, y_test, verbose=0)[0] == pytest.approx(
        min(history.history["val_loss"]), rel=1e-4
    )
    assert len((tmp_path / "log.csv").read_text().splitlines()) == 1 + mine.epochs


def test_a_training_and_an_evaluation_loop_from_scratch(keras: Any) -> None:
    (train_images, train_labels), (val_images, val_labels) = flat_digits()
    model = mnist_model(keras)
    loss_fn = keras.losses.SparseCategoricalCrossentropy()
    optimizer = keras.optimizers.RMSprop()
    metrics = [keras.metrics.SparseCategoricalAccuracy()]
    loss_tracking_metric = keras.metrics.Mean()

    @tf.function
    def train_step(inputs: Any, targets: Any) -> Any:
        with tf.GradientTape() as tape:
            predictions = model(inputs, training=True)
            loss = loss_fn(targets, predictions)
        gradients = tape.gradient(loss, model.trainable_weights)
        optimizer.apply_gradients(zip(gradients, model.trainable_weights, strict=True))
        logs = {}
        for metric in metrics:
            metric.update_state(targets, predictions)
            logs[metric.name] = metric.result()
        loss_tracking_metric.update_state(loss)
        logs["loss"] = loss_tracking_metric.result()
        return logs

    def test_step(inputs: Any, targets: Any) -> Any:
        predictions = model(inputs, training=False)
        loss = loss_fn(targets, predictions)
        logs = {}
        for metric in metrics:
            metric.update_state(targets, predictions)
            logs["val_" + metric.name] = metric.result()
        loss_tracking_metric.update_state(loss)
        logs["val_loss"] = loss_tracking_metric.result()
        return logs

    def reset_metrics() -> None:
        for metric in [*metrics, loss_tracking_metric]:
            metric.reset_state()

    losses = []
    for _ in range(4):
        reset_metrics()
        for start in range(0, 600, 50):
            logs = train_step(train_images[start : start + 50], train_labels[start : start + 50])
        losses.append(float(logs["loss"]))
    assert losses[-1] < 0.6 * losses[0]
    reset_metrics()
    for start in range(0, 200, 50):
        logs = test_step(val_images[start : start + 50], val_labels[start : start + 50])
    assert float(logs["val_sparse_categorical_accuracy"]) > 0.6


def test_fit_with_ones_own_training_step(keras: Any) -> None:
    loss_fn = keras.losses.SparseCategoricalCrossentropy()
    loss_tracker = keras.metrics.Mean(name="loss")

    class Plain(keras.Model):
        def train_step(self, data: Any) -> Any:
            inputs, targets = data
            with tf.GradientTape() as tape:
                predictions = self(inputs, training=True)
                loss = loss_fn(targets, predictions)
            gradients = tape.gradient(loss, self.trainable_weights)
            self.optimizer.apply_gradients(zip(gradients, self.trainable_weights, strict=True))
            loss_tracker.update_state(loss)
            return {"loss": loss_tracker.result()}

        @property
        def metrics(self) -> Any:
            return [loss_tracker]

    class Compiled(keras.Model):
        def train_step(self, data: Any) -> Any:
            inputs, targets = data
            with tf.GradientTape() as tape:
                predictions = self(inputs, training=True)
                loss = self.compute_loss(y=targets, y_pred=predictions)
            gradients = tape.gradient(loss, self.trainable_weights)
            self.optimizer.apply_gradients(zip(gradients, self.trainable_weights, strict=True))
            for metric in self.metrics:
                if metric.name == "loss":
                    metric.update_state(loss)
                else:
                    metric.update_state(targets, predictions)
            return {m.name: m.result() for m in self.metrics}

    (x, y), _ = flat_digits()
    for made, compiled in (
        (Plain, {"optimizer": keras.optimizers.RMSprop()}),
        (Compiled, {"optimizer": "rmsprop", "loss": "sparse_categorical_crossentropy"}),
    ):
        inputs = keras.Input(shape=(28 * 28,))
        features = keras.layers.Dense(64, activation="relu")(inputs)
        features = keras.layers.Dropout(0.5)(features)
        model = made(inputs, keras.layers.Dense(10, activation="softmax")(features))
        model.compile(**compiled)
        losses = model.fit(x, y, epochs=3, verbose=0).history["loss"]
        assert losses[-1] < losses[0]


def test_a_layer_of_ones_own(keras: Any) -> None:
    class SimpleDense(keras.layers.Layer):
        def __init__(self, units: int, activation: Any = None) -> None:
            super().__init__()
            self.units = units
            self.activation = activation

        def build(self, input_shape: Any) -> None:
            input_dim = input_shape[-1]
            self.W = self.add_weight(shape=(input_dim, self.units), initializer="random_normal")
            self.b = self.add_weight(shape=(self.units,), initializer="zeros")

        def call(self, inputs: Any) -> Any:
            y = tf.matmul(inputs, self.W) + self.b
            return y if self.activation is None else self.activation(y)

    my_dense = SimpleDense(units=32, activation=tf.nn.relu)
    assert my_dense(tf.ones(shape=(2, 784))).shape == (2, 32)
    model = keras.Sequential(
        [SimpleDense(32, activation=tf.nn.relu), SimpleDense(10, activation=tf.nn.softmax)]
    )
    (x, y), _ = flat_digits()
    model.compile("adam", "sparse_categorical_crossentropy", metrics=["accuracy"])
    assert model.fit(x, y, epochs=4, verbose=0).history["accuracy"][-1] > 0.6
