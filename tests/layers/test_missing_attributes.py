"""`hasattr` answers for everything that is not built, without an error."""

import inspect

import numpy as np
import pytest

import gradtape as k
from gradtape.errors import ArgumentError


class OneLayer(k.Model):
    def __init__(self):
        super().__init__()
        self.d = k.layers.Dense(1)

    def call(self, x):
        return self.d(x)


ARGUMENTS = [(), (2,), ((2,),), ((1, 2),), (2, 3), ("relu",), (lambda x: x,), ("add",), (0.5,)]


def unbuilt():
    """Return one of everything, not built."""
    yield from [
        k.Sequential([k.layers.Dense(2)]),
        k.Sequential(),
        OneLayer(),
        k.Input((2,)),
        k.GradientTape(),
    ]
    yield from [k.optimizers.SGD(), k.optimizers.Adam(), k.losses.MeanSquaredError(), k.metrics.AUC()]
    yield from [
        k.callbacks.EarlyStopping(),
        k.random.SeedGenerator(1),
        k.optimizers.schedules.CosineDecay(0.1, 3),
    ]
    yield from [k.Variable(1.0), k.as_tensor([1.0, 2.0]), k.as_tensor(1.0)]
    for name in k.layers.__all__:
        kind = getattr(k.layers, name)
        if inspect.isclass(kind) and issubclass(kind, k.Layer):
            yield next(
                made for made in map(lambda a, kind=kind: attempt(kind, a), ARGUMENTS) if made is not None
            )


def attempt(kind, arguments):
    try:
        return kind(*arguments)
    except (TypeError, ValueError):
        return None


def test_hasattr_never_raises():
    count = 0
    for thing in unbuilt():
        for name in dir(type(thing)):
            if not name.startswith("_"):
                hasattr(thing, name)
                count += 1
    assert count > 1000


@pytest.mark.parametrize("name", ["input", "output", "inputs", "outputs", "input_shape", "output_shape"])
def test_what_an_unbuilt_model_lacks_is_an_attribute_error_and_a_value_error(name):
    model = k.Sequential([k.layers.Dense(2)], name="m")
    assert not hasattr(model, name) and getattr(model, name, None) is None
    with pytest.raises(ArgumentError, match="m: .* is known of a model with Input only") as caught:
        getattr(model, name)
    assert isinstance(caught.value, AttributeError) and isinstance(caught.value, ValueError)
    model = k.Sequential([k.Input((3,)), k.layers.Dense(2)])
    assert hasattr(model, name)


def test_a_vector_has_no_matrix_transpose():
    assert not hasattr(k.as_tensor([1.0]), "mT") and k.as_tensor(np.ones((2, 3))).mT.shape == (3, 2)


def test_an_attribute_error_inside_a_property_keeps_its_text():
    class Mine(k.layers.Layer):
        @property
        def half(self):
            return self.whole_thing / 2

    with pytest.raises(AttributeError, match="'Mine' object has no attribute 'whole_thing'"):
        Mine().half  # noqa: B018
