"""tf.add_n, clip_by_norm, clip_by_global_norm, boolean_mask, print and Module, by hand."""

import io

import numpy as np
import pytest

import gradtape as keras
import gradtape.tf as tf
from gradtape.errors import ArgumentError, ArgumentTypeError, DtypeError, ShapeError


def test_add_n():
    assert tf.add_n([[1.0, 2.0], [3.0, 4.0], np.float32([5, 6])]).tolist() == [9.0, 12.0]
    assert tf.add_n([tf.Variable(2)]).item() == 2 and tf.math.add_n is tf.add_n
    w = tf.Variable([1.0, 2.0])
    with tf.GradientTape() as tape:
        y = tf.add_n([w, w, w * w])
    assert tape.gradient(y, w).tolist() == [4.0, 6.0]
    with pytest.raises(
        ArgumentError, match="add_n: inputs must be a list of at least one tensor, got \\[\\]"
    ):
        tf.add_n([])
    with pytest.raises(ShapeError, match=r"add_n: inputs must have one shape, got \[\(2,\), \(\)\]"):
        tf.add_n([[1.0, 2.0], 1.0])


def test_clip_by_norm():
    assert tf.clip_by_norm([3.0, 4.0], 1.0).tolist() == pytest.approx([0.6, 0.8])
    assert tf.clip_by_norm([3.0, 4.0], 10.0).tolist() == [3.0, 4.0]
    assert tf.clip_by_norm([0.0, 0.0], 1.0).tolist() == [0.0, 0.0]
    rows = tf.clip_by_norm([[3.0, 4.0], [0.3, 0.4]], 1.0, axes=[1])
    np.testing.assert_allclose(rows, [[0.6, 0.8], [0.3, 0.4]], rtol=1e-6)
    w = tf.Variable([0.0, 0.0])
    with tf.GradientTape() as tape:
        y = tf.clip_by_norm(w, 1.0)
    assert tape.gradient(y, w).tolist() == [1.0, 1.0]


def test_clip_by_global_norm():
    clipped, norm = tf.clip_by_global_norm([tf.constant([3.0]), None, tf.constant([[4.0]])], 1.0)
    assert norm.item() == 5.0 and clipped[1] is None
    np.testing.assert_allclose([clipped[0].item(), clipped[2].item()], [0.6, 0.8], rtol=1e-6)
    assert clipped[2].shape == (1, 1)
    kept, _ = tf.clip_by_global_norm([tf.constant([3.0]), tf.constant([4.0])], 10.0)
    assert [t.item() for t in kept] == pytest.approx([3.0, 4.0])
    halved, norm = tf.clip_by_global_norm([tf.constant([3.0])], 2.0, use_norm=4.0)
    assert (halved[0].item(), norm.item()) == (1.5, 4.0)
    broken, _ = tf.clip_by_global_norm([tf.constant([np.inf]), tf.constant([1.0])], 1.0)
    assert all(np.isnan(t.item()) for t in broken)
    assert tf.linalg.global_norm([[3.0], None, [4.0]]).item() == 5.0
    with pytest.raises(ArgumentTypeError, match="global_norm: t_list must be a list of tensors"):
        tf.clip_by_global_norm(tf.constant([1.0]), 1.0)


def test_gradients_clipped_in_a_step_of_ones_own():
    model = keras.Sequential([keras.Input((2,)), keras.layers.Dense(1, kernel_initializer="ones")])
    with tf.GradientTape() as tape:
        loss = tf.reduce_sum(model(tf.constant([[30.0, 40.0]])))
    gradients, norm = tf.clip_by_global_norm(tape.gradient(loss, model.trainable_variables), 1.0)
    assert norm.item() == pytest.approx(np.sqrt(30**2 + 40**2 + 1))
    assert tf.linalg.global_norm(gradients).item() == pytest.approx(1.0)


def test_boolean_mask():
    x = [[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]]
    assert tf.boolean_mask(x, [True, False, True]).tolist() == [[1.0, 2.0], [5.0, 6.0]]
    assert tf.boolean_mask(x, np.float32(x) > 2).tolist() == [3.0, 4.0, 5.0, 6.0]
    assert tf.boolean_mask(x, [False, True], axis=1).tolist() == [[2.0], [4.0], [6.0]]
    assert tf.boolean_mask(x, [False, True], axis=-1).shape == (3, 1) and tf.boolean_mask(
        x, [False] * 3
    ).shape == (0, 2)
    w = tf.Variable(x)
    with tf.GradientTape() as tape:
        y = tf.reduce_sum(tf.boolean_mask(w, w > 3.0) ** 2)
    assert tape.gradient(y, w).tolist() == [[0.0, 0.0], [0.0, 8.0], [10.0, 12.0]]
    with pytest.raises(DtypeError, match="mask must be of booleans, got int64"):
        tf.boolean_mask(x, np.array([1, 0, 1]))
    with pytest.raises(ShapeError, match=r"from axis 0 on, got tensor \(3, 2\) and mask \(2,\)"):
        tf.boolean_mask(x, [True, False])


@pytest.mark.parametrize(
    ("values", "text"),
    [
        ((tf.constant([[1.0, 2.5], [3.0, 4.0]]),), "[[1 2.5]\n [3 4]]\n"),
        (("loss", tf.constant(0.1), 3), "loss 0.1 3\n".replace("0.1", format(np.float32(0.1), ".9g"))),
        ((tf.range(10),), "[0 1 2 ... 7 8 9]\n"),
        (([tf.constant(1), tf.constant(2)], {"a": tf.constant([True, False])}), "[1, 2] {'a': [1 0]}\n"),
        ((tf.constant(1 / 3, "float64"),), "0.33333333333333331\n"),
    ],
)
def test_print(values, text):
    stream = io.StringIO()
    tf.print(*values, output_stream=stream)
    assert stream.getvalue() == text


def test_print_goes_to_the_error_stream(capsys):
    tf.print("a", tf.range(5), sep="|", end="!", summarize=1)
    tf.print(tf.range(9), summarize=-1)
    assert capsys.readouterr() == ("", "a|[0 ... 4]![0 1 2 3 4 5 6 7 8]\n")


class Dense(tf.Module):
    def __init__(self, name=None):
        super().__init__(name=name)
        self.w = tf.Variable([[2.0]], name="w")
        self.b = tf.Variable([0.0], name="b")

    @tf.Module.with_name_scope
    def __call__(self, x):
        return x @ self.w + self.b


class TwoLayers(tf.Module):
    def __init__(self):
        super().__init__()
        self.second, self.first = Dense("second"), [Dense("first"), {"more": Dense("more")}]
        self.count = tf.Variable(0, trainable=False, name="count")
        self.again = self.second
        self.layer = keras.layers.Dense(1)
        self.layer.build((None, 2))


def test_a_module_finds_its_variables_in_tensorflows_order():
    module = Dense()
    assert module.name == "dense" and [v.name for v in module.variables] == ["b", "w"]
    assert module(tf.constant([[3.0]])).tolist() == [[6.0]]
    two = TwoLayers()
    assert two.name == "two_layers" and two.variables[0] is two.count
    wanted = [two.count, two.second.b, two.second.w, two.first[0].b, two.first[0].w]
    wanted += [two.first[1]["more"].b, two.first[1]["more"].w, *two.layer.variables]
    assert list(map(id, two.variables)) == list(map(id, wanted))
    assert [v.trainable for v in two.trainable_variables] == [True] * 8
    assert list(map(id, two.non_trainable_variables)) == [id(two.count)]
    assert {id(m) for m in two.submodules} == {
        id(two.second),
        id(two.first[0]),
        id(two.first[1]["more"]),
        id(two.layer),
    }
    with two.name_scope:
        assert Dense("x").name == "x"


def test_a_module_trains():
    module = Dense()
    optimizer = keras.optimizers.SGD(0.1)
    for _ in range(60):
        with tf.GradientTape() as tape:
            loss = tf.reduce_mean(tf.square(module(tf.constant([[1.0], [2.0]])) - [[5.0], [8.0]]))
        optimizer.apply_gradients(
            zip(tape.gradient(loss, module.trainable_variables), module.trainable_variables, strict=True)
        )
    assert loss.item() < 0.2
