"""The base class: own losses, dtypes, names, configurations, what is refused."""

import json

import numpy as np
import pytest

from gradtape import Variable, as_tensor, compile, losses, ops
from gradtape.base.config import register_serializable
from gradtape.errors import ArgumentError, ArgumentTypeError, DtypeError
from gradtape.layers import Dense
from gradtape.models import Sequential
from tests.losses.cases import CASES, EACH, EACH_ID


class RootError(losses.Loss):
    """An own loss with an option."""

    def __init__(self, power=0.5, **others):
        super().__init__(**others)
        self.power = power

    def call(self, y_true, y_pred):
        return ops.mean(abs(y_true - y_pred), axis=-1) ** self.power

    def get_config(self):
        return {**super().get_config(), "power": self.power}


def test_an_own_loss_only_needs_call():
    loss = RootError()
    assert loss.name == "root_error"
    true, predicted = np.zeros((2, 2)), np.array([[4.0, 4.0], [9.0, 9.0]])
    assert loss(true, predicted).item() == 2.5
    assert loss(true, predicted, sample_weight=[1.0, 0.0]).item() == 1.0
    assert RootError(reduction=None)(true, predicted).tolist() == [2.0, 3.0]


def test_an_own_loss_comes_back_from_its_configuration_once_it_is_registered():
    config = {"class_name": "RootError", "config": RootError(power=2.0).get_config()}
    with pytest.raises(ArgumentError, match="loss: unknown name 'RootError'"):
        losses.deserialize(config)
    assert losses.deserialize(config, custom_objects={"RootError": RootError}).power == 2.0
    assert losses.serialize(RootError())["class_name"] == "RootError"
    named = register_serializable("tests")(type("RegisteredError", (RootError,), {}))
    written = losses.serialize(named(power=3.0))
    assert written["class_name"] == "tests>RegisteredError"
    assert losses.deserialize(json.loads(json.dumps(written))).power == 3.0


def test_an_own_loss_may_need_the_weights_given_in_so_many_words():
    class Strict(losses.Loss):
        def __call__(self, y_true, y_pred, sample_weight):
            assert sample_weight is None
            return ops.mean(ops.square(y_true - y_pred))

    model = Sequential([Dense(1)])
    model.compile("sgd", Strict())
    assert model.fit(np.ones((4, 2), "float32"), np.ones((4, 1), "float32"), verbose=0).history["loss"]


def test_a_loss_without_call_says_what_it_lacks():
    with pytest.raises(NotImplementedError, match=r"Loss: a loss must define call\(y_true, y_pred\)"):
        losses.Loss()([1.0], [1.0])


def test_targets_and_predictions_reach_call_as_floats_of_the_loss():
    seen = []

    class Looks(losses.Loss):
        def call(self, y_true, y_pred):
            seen.append((y_true.dtype.name, y_pred.dtype.name))
            return y_pred - y_true

    assert Looks()(np.array([250], "uint8"), np.array([1.0])).item() == -249.0
    Looks(dtype="float64")([True], np.array([1.0], "float16"))
    assert seen == [("float32", "float32"), ("float64", "float64")]
    assert Looks(dtype="float64")([1], [1.0]).dtype == "float64"


def test_what_call_returns_is_brought_to_the_dtype_of_the_loss():
    class Widens(losses.Loss):
        def call(self, y_true, y_pred):
            return np.ones(3)

    assert Widens(reduction="sum")([1.0], [1.0]).dtype == "float32"
    assert Widens(reduction=None)([1.0], [1.0]).dtype == "float32"


def test_class_numbers_do_not_pass_through_float32():
    """NUMERICS, trap 13: 2**24 + 1 is no float32."""
    loss = losses.SparseCategoricalCrossentropy(ignore_class=2**24, from_logits=True)
    value = loss(np.array([2**24, 0]), np.zeros((2, 2)))
    np.testing.assert_allclose(value, np.log(2.0), rtol=1e-6)
    with pytest.raises(ArgumentError, match=r"class numbers in \[0, 2\), got 16777217"):
        loss(np.array([2**24 + 1], "int64"), np.zeros((1, 2)))


@pytest.mark.parametrize("dtype", ["float16", "float32", "float64"])
def test_saturated_probabilities_keep_their_logits_in_every_dtype(dtype):
    p = ops.softmax(as_tensor(np.array([[0.0, 200.0]], dtype)))
    assert losses.SparseCategoricalCrossentropy()([0], p).item() == 200.0
    assert losses.CategoricalCrossentropy()([[1, 0]], p).item() == 200.0
    assert losses.KLDivergence()([[1, 0]], p).item() == 200.0


def test_options_of_the_base_are_checked():
    with pytest.raises(
        ArgumentError,
        match="MeanSquaredError: reduction must be one of 'sum_over_batch_size', 'mean', .*got 'avg'",
    ):
        losses.MeanSquaredError(reduction="avg")
    with pytest.raises(ArgumentError, match="Huber: reduction must be one of .*got 3"):
        losses.Huber(reduction=3)
    with pytest.raises(DtypeError, match="Poisson: dtype must be floating, got int32"):
        losses.Poisson(dtype="int32")


@pytest.mark.parametrize(("name", "true", "predicted", "options"), EACH, ids=EACH_ID)
def test_every_loss_comes_back_from_its_configuration(name, true, predicted, options):
    loss = getattr(losses, name)(**options, reduction="sum", name="mine", dtype="float64")
    written = losses.serialize(loss)
    assert written["class_name"] == name
    again = losses.deserialize(json.loads(json.dumps(written)))
    assert type(again) is type(loss) and again.get_config() == loss.get_config()
    assert again(true, predicted).numpy() == loss(true, predicted).numpy()


@pytest.mark.parametrize("name", CASES)
def test_every_loss_is_found_by_its_name_and_made_with_defaults(name):
    loss = losses.get(name)
    assert type(loss) is getattr(losses, name)
    assert losses.get(loss) is loss
    assert type(losses.get(type(loss))) is type(loss)
    assert losses.get(losses.serialize(loss)).get_config() == loss.get_config()
    assert "dtype" not in loss.get_config()


@pytest.mark.parametrize(
    ("short", "name"),
    [
        ("bce", "binary_crossentropy"),
        ("kld", "kl_divergence"),
        ("mae", "mean_absolute_error"),
        ("mape", "mean_absolute_percentage_error"),
        ("mse", "mean_squared_error"),
        ("msle", "mean_squared_logarithmic_error"),
    ],
)
def test_short_names(short, name):
    function = getattr(losses, name)
    assert losses.get(short) is losses.get(short.upper()) is losses.get(name) is function
    assert getattr(losses, short) is getattr(losses, short.upper()) is function
    assert losses.serialize(function) == name
    assert losses.deserialize(name) is function


def test_an_unknown_name_suggests_the_nearest():
    with pytest.raises(
        ArgumentError, match="loss: unknown name 'mean_square_error'; did you mean 'mean_squared_error'?"
    ):
        losses.get("mean_square_error")
    with pytest.raises(ArgumentError, match="loss: the configuration of Huber does not fit: .*delt"):
        losses.deserialize({"class_name": "Huber", "config": {"delt": 1.0}})
    with pytest.raises(
        ArgumentTypeError, match="loss: must be the name of one, a loss or a configuration, got 3"
    ):
        losses.get(3)
    assert losses.get(None) is None


@pytest.mark.parametrize(("name", "true", "predicted", "options"), EACH, ids=EACH_ID)
def test_compiled_it_gives_the_same_as_eagerly(name, true, predicted, options):
    loss = getattr(losses, name)(**options)
    weight = Variable(np.float32(1.0))

    def step(true, predicted, sample_weight):
        return loss(true, predicted * weight), loss(true, predicted * weight, sample_weight)

    predicted = as_tensor(predicted.astype("float32"))
    sample_weight = as_tensor(0.7)
    eager = step(as_tensor(true), predicted, sample_weight)
    compiled = compile(step)(as_tensor(true), predicted, sample_weight)
    for ours, other in zip(compiled, eager, strict=True):
        np.testing.assert_allclose(ours, other, rtol=1e-5)
