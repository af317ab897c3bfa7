"""Identity, Lambda and ActivityRegularization."""

import numpy as np
import pytest

from gradtape import as_tensor, compile, layers, ops
from gradtape.base.config import custom_objects, register_serializable
from gradtape.errors import ArgumentError, ArgumentTypeError
from gradtape.layers import ActivityRegularization, Identity, Lambda

X = np.array([[1.0, -2.0]], "float32")


@register_serializable(package="test_wrapping")
def tripled(x):
    return x * 3.0


def test_identity_returns_what_it_gets():
    pair = [as_tensor(X), as_tensor(X)]
    assert Identity()(pair) == pair


def test_lambda_applies_a_function():
    assert Lambda(lambda x: ops.square(x))(X).tolist() == [[1.0, 4.0]]
    assert Lambda(lambda x, power: x**power, arguments={"power": 3})(X).tolist() == [[1.0, -8.0]]
    assert Lambda(lambda pair: pair[0] + pair[1])([X, X]).tolist() == [[2.0, -4.0]]
    np.testing.assert_array_equal(compile(Lambda(tripled))(X), X * 3)


def test_a_lambda_may_ask_whether_this_is_training():
    layer = Lambda(lambda x, training: x * (2.0 if training else 1.0))
    assert layer(X, training=True).tolist() == [[2.0, -4.0]] and layer(X).tolist() == X.tolist()


def test_the_shape_of_a_lambda_is_found_by_trying_it():
    placeholder = Lambda(lambda x: x[:, :2], output_shape=(2,))(layers.Input((5,)))
    assert placeholder.shape == (None, 2)


def test_a_lambda_cannot_be_saved_and_a_registered_function_can():
    with pytest.raises(
        ArgumentError, match="doubled: a Lambda of <function .* cannot be saved: write a Layer"
    ):
        layers.serialize(Lambda(lambda x: x * 2, name="doubled"))
    config = layers.serialize(Lambda(tripled, arguments={}))
    assert "code" not in str(config)
    assert layers.deserialize(config)(X).tolist() == [[3.0, -6.0]]


def test_a_name_from_outside_is_not_looked_up_elsewhere():
    config = layers.serialize(Lambda(tripled))
    config["config"]["function"]["is"] = "os>system"
    with pytest.raises(ArgumentError, match="there is no registered function 'os>system'"):
        layers.deserialize(config)
    with custom_objects({"os>system": abs}):
        assert layers.deserialize(config).function is abs


def test_activity_regularization_adds_a_loss_per_sample():
    layer = ActivityRegularization(l1=0.5, l2=0.25)
    assert layer(np.repeat(X, 4, axis=0)).tolist() == [X[0].tolist()] * 4
    assert [loss.item() for loss in layer.losses] == [0.5 * 3 + 0.25 * 5]


def test_errors():
    with pytest.raises(ArgumentTypeError, match="Lambda: function must be a function, got 3"):
        Lambda(3)
    with pytest.raises(ArgumentError, match="Lambda: mask must be None, masks are not passed on, got 1"):
        Lambda(tripled, mask=1)
    with pytest.raises(ArgumentError, match=r"L1L2: l1 must be in \[0, inf\), got -1"):
        ActivityRegularization(l1=-1)
