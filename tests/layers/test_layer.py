"""Layer: building, calling, weights and their paths, losses, configuration."""

import numpy as np
import pytest

from gradtape import GradientTape, Variable, compile
from gradtape.base.config import custom_objects
from gradtape.core.tensor import Tensor
from gradtape.errors import ArgumentError, ArgumentTypeError, ShapeError
from gradtape.layers import LAYERS, Dense, Input, Layer
from gradtape.layers.base.layer_names import unique_name
from gradtape.models import Model
from gradtape.ops.numpy.reductions import sum


class Scale(Layer):
    def __init__(self, start=1.0, **kwargs):
        super().__init__(**kwargs)
        self.start = start
        self.builds = 0

    def build(self, input_shape):
        self.builds += 1
        self.scale = self.add_weight(input_shape[-1:], "ones", name="scale")
        self.seen = self.add_weight((), "zeros", trainable=False, name="seen")

    def call(self, inputs, training=None):
        if training:
            self.seen.assign_add(1.0)
        return inputs * self.scale * self.start


class Pair(Layer):
    def __init__(self):
        super().__init__()
        self.parts = [Scale(2.0), Dense(2, kernel_initializer="ones")]
        self.own = Variable([1.0], name="own")

    def call(self, inputs):
        return self.parts[1](self.parts[0](inputs))


X = np.array([[1.0, 2.0, 3.0]], "float32")


def test_a_layer_is_built_by_its_first_call_and_only_then():
    layer = Scale(2.0)
    assert not layer.built and layer.weights == []
    assert layer(X).tolist() == [[2.0, 4.0, 6.0]]
    layer(X)
    assert layer.built and layer.builds == 1
    assert [w.name for w in layer.weights] == ["scale", "seen"]


def test_build_can_be_called_by_hand():
    layer = Scale()
    layer.build((None, 4))
    assert layer.built and layer.scale.shape == (4,)
    layer(np.ones((1, 4), "float32"))
    assert layer.builds == 1


def test_weights_come_with_the_path_of_their_attributes():
    pair = Pair()
    pair(X)
    assert list(pair.named_variables()) == [
        "own", "parts.0.scale", "parts.0.seen", "parts.1.kernel", "parts.1.bias"
    ]  # fmt: skip
    assert [w.name for w in pair.trainable_weights] == ["own", "scale", "kernel", "bias"]
    assert [w.name for w in pair.non_trainable_weights] == ["seen"]
    assert pair.count_params() == 1 + 3 + 1 + 6 + 2


def test_a_layer_reached_twice_counts_once():
    pair = Pair()
    pair.again = pair.parts[1]
    pair(X)
    assert len(pair.weights) == 5


def test_a_frozen_layer_has_no_trainable_weights():
    pair = Pair()
    pair(X)
    pair.parts[1].trainable = False
    assert [w.name for w in pair.trainable_weights] == ["own", "scale"]
    pair.trainable = False
    assert pair.trainable_weights == [] and not pair.parts[0].trainable
    pair.trainable = True
    assert len(pair.trainable_weights) == 4
    with pytest.raises(ArgumentTypeError, match="trainable must be True or False, got 'no'"):
        pair.trainable = "no"


def test_training_is_passed_on_to_the_layers_inside():
    pair = Pair()
    pair(X, training=True)
    pair(X)
    pair(X, training=False)
    assert pair.parts[0].seen.item() == 1.0


def test_inputs_are_cast_to_the_dtype_of_the_layer():
    assert Scale()(X.astype("float64")).dtype == "float32"
    assert Scale(dtype="float64")(X).dtype == "float64"
    assert Scale(autocast=False)(X.astype("float64")).dtype == "float64"
    assert Scale()([[1, 2]]).dtype == "float32"


def test_gradients_reach_the_weights_through_a_layer():
    layer = Dense(2, kernel_initializer="ones")
    with GradientTape() as tape:
        loss = sum(layer(X))
    gradients = tape.gradient(loss, layer.trainable_weights)
    assert gradients[0].tolist() == [[1.0, 1.0], [2.0, 2.0], [3.0, 3.0]]
    assert gradients[1].tolist() == [1.0, 1.0]


def test_losses_are_those_of_the_last_call_and_of_the_regularizers():
    class Costly(Layer):
        def __init__(self):
            super().__init__()
            self.inner = Dense(
                1, kernel_initializer="ones", kernel_regularizer="l2", activity_regularizer="l1"
            )

        def call(self, inputs):
            self.add_loss(sum(inputs))
            return self.inner(inputs)

    layer = Costly()
    for _ in range(2):
        layer(X)
    assert [f"{loss.item():.2f}" for loss in layer.losses] == ["6.00", "0.06", "0.03"]


def test_set_weights_changes_all_or_nothing():
    layer = Dense(2)
    layer.build((None, 3))
    before = layer.get_weights()
    with pytest.raises(ShapeError, match=r"array 1 \(bias\) must have shape \(2,\), got \(3,\)"):
        layer.set_weights([np.zeros((3, 2)), np.zeros(3)])
    with pytest.raises(ArgumentError, match="needs 2 arrays, one for each weight, got 1"):
        layer.set_weights([np.zeros((3, 2))])
    assert all((a == b).all() for a, b in zip(before, layer.get_weights(), strict=True))
    layer.set_weights([np.ones((3, 2)), np.ones(2)])
    assert layer(X).tolist() == [[7.0, 7.0]]


def test_a_layer_is_made_again_from_its_configuration():
    layer = Dense(3, activation="relu", kernel_regularizer="l2", bias_initializer="ones", name="first")
    written = LAYERS.serialize(layer)
    again = LAYERS.deserialize(written)
    assert LAYERS.serialize(again) == written
    assert again.name == "first" and again.kernel_regularizer.l2 == layer.kernel_regularizer.l2
    assert again(X).shape == (1, 3)


def test_a_layer_of_a_user_needs_no_get_config():
    with custom_objects({"Scale": Scale}):
        again = LAYERS.deserialize(LAYERS.serialize(Scale(3.0, name="mine", trainable=False)))
    assert (again.start, again.name, again.trainable) == (3.0, "mine", False)


def test_a_layer_whose_constructor_takes_no_name_keeps_it_all_the_same():
    pair = Pair()
    pair.trainable = False
    again = Pair.from_config(pair.get_config())
    assert (again.name, again.trainable) == (pair.name, False)


def test_compiled_equals_eager():
    layer = Dense(2, activation="tanh")
    layer.build((None, 3))
    assert np.allclose(compile(layer)(X).numpy(), layer(X).numpy(), rtol=1e-6)


def test_names_are_made_from_classes():
    assert unique_name("HTTPThing") == "http_thing"
    assert unique_name("HTTPThing") == "http_thing_1"


@pytest.mark.parametrize(
    ("make", "fault"),
    [
        (lambda: Dense(0), "Dense: units must be a whole number >= 1, got 0"),
        (lambda: Dense(True), "Dense: units must be a whole number, got True"),
        (lambda: Dense(2, activation="rellu"), "unknown name 'rellu'; did you mean 'relu'?"),
        (lambda: Dense(2, kernel_initializer="glorot"), "initializer: unknown name 'glorot'"),
        (lambda: Dense(2, dtype="float23"), "float23"),
        (lambda: Dense(2, name=3), "Dense: name must be a string, got 3"),
        (lambda: Layer()(X), r"Layer: a layer must define call\(self, inputs\)"),
        (lambda: Dense(2, name="d").count_params(), "d: count_params: the layer has no weights yet"),
        (lambda: Dense(2, name="d").output, "d: output: the layer is not part of a functional model"),
        (lambda: Input(), "Input: needs shape"),
        (lambda: Input((-1,)), "Input: shape: must be lengths, or None for any length"),
    ],
)
def test_what_is_refused(make, fault):
    with pytest.raises((ArgumentError, ArgumentTypeError), match=fault):
        make()


def test_inputs_of_another_width_than_the_first():
    layer = Dense(2, name="d")
    layer(X)
    with pytest.raises(ShapeError, match=r"d: inputs must be \(..., 3\).*got \(1, 4\)"):
        layer(np.ones((1, 4), "float32"))


def test_placeholders_have_shapes_and_no_values():
    x = Input((None, 3), name="x")
    y = Dense(2)(x)
    assert x.shape == (None, None, 3) and y.shape == (None, None, 2)
    for act in (lambda: float(y), lambda: bool(x), lambda: np.asarray(x)):
        with pytest.raises((ArgumentTypeError, TypeError)):
            act()


def test_a_placeholder_does_not_run_a_layer_for_real():
    layer = Scale()
    layer(Input((3,)), training=True)
    assert layer.seen.item() == 0.0


def test_a_layer_returns_a_tensor():
    assert isinstance(Scale()(X), Tensor)


def test_the_shape_of_the_output_is_known_without_data():
    assert Scale().compute_output_shape((None, 7)) == (None, 7)
    assert Dense(3).compute_output_shape((None, 7)) == (None, 3)


def test_what_is_added_later_is_found():
    pair = Pair()
    pair(X)
    assert len(pair.weights) == 5
    pair.parts.append(Dense(1))
    pair.parts[2].build((None, 2))
    assert [f for f in pair.named_variables() if f.startswith("parts.2")] == [
        "parts.2.kernel",
        "parts.2.bias",
    ]
    pair.extra = {"late": Variable(1.0, name="late")}
    assert "extra.late" in pair.named_variables()
    pair.extra["later"] = Variable(1.0, name="later")
    assert "extra.later" in pair.named_variables()
    del pair.extra
    assert "extra.late" not in pair.named_variables()
    pair.own.trainable = False
    assert "own" not in [w.name for w in pair.trainable_weights]


def test_a_regularized_weight_keeps_its_path():
    layer = Dense(1, kernel_regularizer="l2")
    layer(X)
    assert list(layer.named_variables()) == ["kernel", "bias"]


def test_a_layer_must_return_as_many_outputs_as_when_it_was_tried():
    class Fickle(Layer):
        count = 2

        def call(self, inputs):
            return [inputs] * self.count

    layer = Fickle()
    x = Input((3,))
    model = Model(x, layer(x))
    assert len(model(X)) == 2
    layer.count = 1
    with pytest.raises(ArgumentError, match="fickle.* returned 1 outputs?, but 2 when the model was made"):
        model(X)
