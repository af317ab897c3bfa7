"""tf.data.Dataset: elements, lengths and orders by hand; a training on it resumes bit for bit."""

import copy

import numpy as np
import pytest

import gradtape as keras
import gradtape.tf as tf
from gradtape import Tensor
from gradtape.callbacks import Callback
from gradtape.errors import ArgumentError, ArgumentTypeError, ShapeError

Dataset = tf.data.Dataset


def numbers(data):
    """Return the elements of a data set of numbers or vectors as lists."""
    return [np.asarray(x).tolist() for x in data]


def test_slices_of_tuples_and_dicts():
    data = Dataset.from_tensor_slices(({"a": [[1.0, 2.0], [3.0, 4.0]]}, [7, 8]))
    elements = list(data)
    assert len(data) == 2 and isinstance(elements[1][0]["a"], Tensor)
    assert elements[1][0]["a"].tolist() == [3.0, 4.0] and elements[1][1].item() == 8
    assert str(elements[0][0]["a"].dtype) == "float32" and str(elements[0][1].dtype) == "int32"
    assert numbers(Dataset.from_tensors([1, 2])) == [[1, 2]] and numbers(Dataset.range(2, 8, 3)) == [2, 5]
    assert [tuple(map(int, e)) for e in Dataset.zip(Dataset.range(3), Dataset.range(5, 7))] == [
        (0, 5),
        (1, 6),
    ]
    assert list(Dataset.range(2).as_numpy_iterator()) == [0, 1]


def test_map_batch_repeat_take_and_skip_by_hand():
    data = Dataset.range(5)
    assert numbers(data.map(lambda x: x * x)) == [0, 1, 4, 9, 16]
    assert numbers(data.batch(2)) == [[0, 1], [2, 3], [4]] and len(data.batch(2)) == 3
    assert numbers(data.batch(2, drop_remainder=True)) == [[0, 1], [2, 3]]
    assert numbers(data.repeat(2).batch(4)) == [[0, 1, 2, 3], [4, 0, 1, 2], [3, 4]]
    assert numbers(data.batch(2).repeat(2)) == [[0, 1], [2, 3], [4]] * 2
    assert numbers(data.take(2)) == [0, 1] and numbers(data.take(9)) == numbers(data.take(-1)) == [
        0,
        1,
        2,
        3,
        4,
    ]
    assert numbers(data.skip(3)) == [3, 4] and numbers(data.skip(-1)) == [] and numbers(data.skip(9)) == []
    assert numbers(data.skip(1).take(2).repeat(2)) == [1, 2, 1, 2]
    assert numbers(data.prefetch(tf.data.AUTOTUNE).cache().batch(5).map(lambda b: tf.reduce_sum(b))) == [10]
    assert numbers(data.repeat(0)) == [] and bool(data.repeat(0)) is True
    pairs = Dataset.zip((data, data.map(lambda x: -x))).map(lambda x, y: (x + y, x)).batch(5)
    assert [tuple(part.tolist() for part in pair) for pair in pairs] == [([0] * 5, [0, 1, 2, 3, 4])]


def test_without_end():
    data = Dataset.range(3).repeat()
    assert data.cardinality().item() == tf.data.INFINITE_CARDINALITY == -1 and data.num_batches is None
    with pytest.raises(TypeError, match="Dataset: it has no length, as it is repeated without end"):
        len(data)
    assert numbers(data.batch(2).take(4)) == [[0, 1], [2, 0], [1, 2], [0, 1]]
    assert numbers(data.skip(2).take(2)) == [2, 0] and Dataset.range(4).cardinality().item() == 4
    with pytest.raises(ArgumentError, match=r"shuffle before repeat\(\), which has no end"):
        data.shuffle(3)
    with pytest.raises(ArgumentError, match="the data set is empty"):
        Dataset.range(0).repeat()


def test_shuffle_draws_from_its_buffer():
    data = Dataset.range(20)
    assert numbers(data.shuffle(1)) == list(range(20))
    for size in (3, 7, 20, 50):
        order = numbers(data.shuffle(size, seed=4))
        assert sorted(order) == list(range(20)) and order != list(range(20))
        assert all(x < place + size for place, x in enumerate(order))  # it must have been in the buffer
    assert (
        numbers(data.shuffle(20, seed=4))
        == numbers(data.shuffle(20, seed=4))
        != numbers(data.shuffle(20, seed=5))
    )
    # Of two in the buffer each is first in half of the orders.
    firsts = [numbers(Dataset.range(9).shuffle(2, seed=s))[0] for s in range(200)]
    assert set(firsts) == {0, 1} and 70 < firsts.count(0) < 130
    keras.set_seed(3)
    first = numbers(data.shuffle(20))
    keras.set_seed(3)
    assert numbers(data.shuffle(20)) == first != numbers(data.shuffle(20))


def test_each_pass_has_an_order_of_its_own_unless_told_otherwise():
    anew, kept = [Dataset.range(20).shuffle(20, 1, reshuffle_each_iteration=again) for again in (True, False)]
    assert numbers(anew) != numbers(anew) and numbers(kept) == numbers(kept)
    first, second = np.reshape(numbers(Dataset.range(9).shuffle(9, seed=1).repeat(2)), (2, 9)).tolist()
    assert first != second and sorted(first) == sorted(second) == list(range(9))
    data = Dataset.range(20).shuffle(20, 1).batch(4)
    assert numbers([data.batch_at(2, i) for i in range(5)]) == numbers(
        [data.batch_at(2, i) for i in range(5)]
    )
    assert numbers([data.batch_at(2, 0)]) != numbers([data.batch_at(3, 0)])
    assert numbers([data[1]]) == numbers([data.batch_at(0, 1)])


@pytest.mark.parametrize(
    ("act", "error", "text"),
    [
        (lambda: Dataset.from_tensor_slices(([1, 2], [1])), ShapeError, r"must have one length, got shapes \[\(2,\), \(1,\)\]"),
        (lambda: Dataset.from_tensor_slices(3.0), ShapeError, "must have one length"),
        (lambda: Dataset.range(3).batch(0), ArgumentError, "Dataset.batch: batch_size must be .*1, got 0"),
        (lambda: Dataset.range(3).shuffle("a"), ArgumentTypeError, "Dataset.shuffle: buffer_size must be"),
        (lambda: Dataset.range(3).map(3), ArgumentTypeError, "Dataset.map: map_func must be a function, got 3"),
        (lambda: Dataset.zip([1]), ArgumentTypeError, "Dataset.zip: needs data sets"),
        (lambda: Dataset.range(3)[3], ArgumentError, r"Dataset: index must be in \[0, 3\), got 3"),
        (lambda: Dataset.range(3).window(2), AttributeError, "Dataset has no window; it has from_tensor_slices, .*, skip"),
        (lambda: list(Dataset.range(1, 3).map(lambda x: tf.zeros((int(x),))).batch(2)), ShapeError, "Dataset.batch: elements must have one shape"),
        (lambda: tf.data.TFRecordDataset, AttributeError, "gradtape.tf.data has no TFRecordDataset"),
    ],
)  # fmt: skip
def test_what_cannot_be_is_refused(act, error, text):
    with pytest.raises(error, match=text):
        act()


X = np.random.default_rng(0).normal(size=(40, 3)).astype("float32")
Y = (X.sum(1) > 0).astype("int32")


def pipeline(seed=5):
    data = Dataset.from_tensor_slices((X, Y)).shuffle(40, seed=seed)
    return data.map(lambda x, y: (x * 2.0, y)).batch(8).prefetch(tf.data.AUTOTUNE)


def trained(data, epochs=3, **options):
    keras.utils.set_random_seed(1)
    model = keras.Sequential(
        [keras.Input((3,)), keras.layers.Dense(4, "relu"), keras.layers.Dense(2, "softmax")]
    )
    model.compile("adam", "sparse_categorical_crossentropy", metrics=["accuracy"])
    history = model.fit(data, epochs=epochs, verbose=0, **options)
    return model, history


def test_fit_evaluate_and_predict_take_it():
    model, history = trained(pipeline(), validation_data=Dataset.from_tensor_slices((X, Y)).batch(20))
    assert len(history.history["val_loss"]) == 3 and history.params["steps"] == 5
    plain = Dataset.from_tensor_slices((X, Y)).batch(7)
    assert model.evaluate(plain, verbose=0) == pytest.approx(
        model.evaluate(X, Y, batch_size=7, verbose=0), rel=1e-5
    )
    np.testing.assert_allclose(
        model.predict(plain.map(lambda x, y: x), verbose=0), model.predict(X, verbose=0), rtol=1e-5
    )


def test_fit_sees_the_batches_of_each_pass_in_order():
    seen = []

    class Kept(Callback):
        sees = {"batch"}

        def on_train_step(self, record):
            seen.append(np.asarray(record.x).tolist())

    data = pipeline()
    trained(data, epochs=2, callbacks=[Kept()])
    wanted = [data.batch_at(turn, i)[0].tolist() for turn in (0, 1) for i in range(5)]
    assert seen == wanted and wanted[:5] != wanted[5:]
    seen.clear()
    trained(pipeline().repeat(), epochs=2, steps_per_epoch=3, callbacks=[Kept()])
    assert seen == wanted[:6]  # an epoch goes on where the one before it stopped


def test_a_training_on_it_resumes_bit_for_bit(tmp_path):
    straight, history = trained(pipeline(), epochs=4)

    class Stop(Callback):
        def on_epoch_end(self, epoch, logs=None):
            if epoch == 1:
                self.model.stop_training = True

    trained(pipeline(), epochs=4, run=tmp_path / "run", callbacks=[Stop()])
    resumed, _ = trained(pipeline(), epochs=4, run=tmp_path / "run", resume=True)
    for ours, theirs in zip(resumed.get_weights(), straight.get_weights(), strict=True):
        np.testing.assert_array_equal(ours, theirs)


def test_a_copy_is_the_same_data_set():
    data = pipeline()
    assert numbers(x for x, _ in copy.deepcopy(data)) == numbers(x for x, _ in data)
