"""The terms that an optimizer gives of its update add up to the change, for every optimizer and option."""

import numpy as np
import pytest

from gradtape import Variable, as_tensor
from gradtape.core.hooks import Hook, listening
from gradtape.optimizers import SGD, Adadelta, Adagrad, Adam, Adamax, AdamW, Lion, Nadam, Optimizer, RMSprop
from gradtape.optimizers.base.update_terms import UpdateTerms
from tests.optimizers.spoiling import spoiled

OWN = {
    "sgd": (SGD, {}),
    "momentum": (SGD, {"momentum": 0.9}),
    "nesterov": (SGD, {"momentum": 0.9, "nesterov": True}),
    "rmsprop": (RMSprop, {}),
    "rmsprop momentum": (RMSprop, {"momentum": 0.5}),
    "rmsprop all": (RMSprop, {"momentum": 0.5, "centered": True}),
    "adam": (Adam, {}),
    "amsgrad": (Adam, {"amsgrad": True, "epsilon": 1e-3}),
    "adamw": (AdamW, {"amsgrad": True}),
    "nadam": (Nadam, {}),
    "adamax": (Adamax, {}),
    "adagrad": (Adagrad, {}),
    "adadelta": (Adadelta, {"rho": 0.5, "epsilon": 1e-3}),
    "lion": (Lion, {}),
}
SHARED = {
    "no option": {},
    "all, clipnorm": {"clipnorm": 0.5},
    "all, clipvalue": {"clipvalue": 0.1},
    "all, global_clipnorm": {"global_clipnorm": 0.5},
}
ALL = {
    "use_ema": True,
    "ema_overwrite_frequency": 2,
    "loss_scale_factor": 4.0,
    "gradient_accumulation_steps": 2,
    "weight_decay": 0.1,
}


class Updates(Hook):
    """Keeps each update with what it changed."""

    def __init__(self):
        self.updates, self.changes, self.part = [], {}, ""

    def on_phase(self, phase, owner, part):
        self.part = part

    def on_assign(self, variable, value, before, method):
        if self.part == "update_step":
            change = variable.numpy() - before.numpy()
            self.changes[id(variable)] = self.changes.get(id(variable), 0.0) + change

    def on_update(self, variable, update):
        self.updates.append((update, self.changes.pop(id(variable)), variable.numpy()))


def updates_of(optimizer, dtype, steps=6):
    """Return the updates of two weights by random gradients, some of their elements 0."""
    rng = np.random.default_rng(1)
    weights = [Variable(rng.normal(size=s).astype(dtype)) for s in ((3, 2), (4,))]
    hook = Updates()
    for _ in range(steps):
        gradients = [rng.normal(size=w.shape).astype(dtype) for w in weights]
        gradients[1][0] = 0.0
        with listening(hook):
            optimizer.apply(gradients, weights)
    return hook.updates


@pytest.mark.parametrize("shared", SHARED)
@pytest.mark.parametrize("own", OWN)
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_the_terms_add_up_to_the_change(own, shared, dtype):
    kind, options = OWN[own]
    everything = ALL | SHARED[shared] if shared != "no option" else {}
    optimizer = kind(0.05, **options, **everything)
    for update in check(optimizer, dtype):
        has_past = options.get("momentum") or kind in (Adam, AdamW, Nadam, Adamax, Lion)
        assert set(update.terms.others) == ({"momentum"} if has_past else set())


def check(optimizer, dtype):
    """Assert that the terms of some updates add up to the changes, and return the updates."""
    updates = updates_of(optimizer, dtype)
    assert len(updates) == 12
    for update, change, after in updates:
        terms = update.terms
        parts = [(terms.coefficient * update.gradient).numpy(), *[t.numpy() for t in terms.others.values()]]
        size = np.sum(np.abs(parts), axis=0) + np.abs(after)
        # Lion's step has one size, but near d = 0 its parts are rounded as d is.
        assert (np.abs(np.sum(parts, axis=0) - change) <= 32 * np.finfo(dtype).eps * size).all(), update
        assert (np.asarray(terms.coefficient) <= 0).all()
    return [update for update, _, _ in updates]


@pytest.mark.parametrize("kind", [SGD, RMSprop, Adam, Nadam, Adamax, Adagrad, Adadelta, Lion])
def test_a_wrong_term_is_seen(kind, monkeypatch):
    for what, wrong in spoiled(kind.update_terms):
        with monkeypatch.context() as patched, np.errstate(all="ignore"):
            patched.setattr(kind, "update_terms", wrong)
            options = [options for made, options in OWN.values() if made is kind]
            assert any(fails(kind(0.05, **each)) for each in options), f"not seen: {what}"


def fails(optimizer):
    try:
        check(optimizer, "float64")
    except (AssertionError, AttributeError, ValueError):
        return True
    return False


def test_clipping_and_what_came_before_it_are_kept_apart():
    updates = updates_of(SGD(0.1, clipvalue=0.25, loss_scale_factor=2.0), "float32", steps=1)
    rng = np.random.default_rng(1)
    [rng.normal(size=s) for s in ((3, 2), (4,))]
    given = rng.normal(size=(3, 2)).astype("float32")
    update = updates[0][0]
    np.testing.assert_allclose(update.incoming, given / 2, rtol=1e-6)
    np.testing.assert_allclose(update.gradient, np.clip(given / 2, -0.25, 0.25), rtol=1e-6)
    assert (update.optimizer.gradient_scale, update.optimizer.clipping) == (0.5, "clipvalue=0.25")
    assert update.learning_rate.item() == np.float32(0.1)


class Half(Optimizer):
    """An optimizer of a user's, which gives its terms."""

    def update_step(self, gradient, variable, learning_rate):
        variable.assign_sub(learning_rate * gradient / 2)

    def update_terms(self, gradient, variable, learning_rate, before):
        return UpdateTerms(-learning_rate / 2, "-learning_rate * g / 2")


class Silent(Optimizer):
    """One that gives none."""

    def update_step(self, gradient, variable, learning_rate):
        variable.assign_sub(learning_rate * gradient / 2)


class Doubled(SGD):
    """One with an update of its own, for which the inherited terms would be wrong."""

    def update_step(self, gradient, variable, learning_rate):
        variable.assign_sub(learning_rate * gradient * 2)


class Renamed(Adam):
    """One that is Adam by another name."""


@pytest.mark.parametrize(
    ("kind", "gives"), [(Half, True), (Silent, False), (Doubled, False), (Renamed, True)]
)
def test_only_terms_of_the_update_itself_are_believed(kind, gives):
    for update, change, _ in updates_of(kind(0.1), "float64"):
        assert (update.terms is not None) == gives
        if kind is Half:
            np.testing.assert_allclose(update.terms.coefficient * update.gradient, change, rtol=1e-12)


def test_nothing_is_computed_for_terms_where_nobody_asks():
    class Costly(Half):
        def update_terms(self, gradient, variable, learning_rate, before):
            raise AssertionError("asked")

    class Other(Hook):
        def on_assign(self, variable, value, before, method):
            pass

    weight = Variable([1.0])
    with listening(Other()):
        Costly(0.1).apply([as_tensor([1.0])], [weight])
    assert weight.tolist() == [np.float32(0.95)]


def test_what_is_computed_for_terms_is_no_operation_of_the_step():
    class Names(Hook):
        def __init__(self):
            self.names = []

        def on_operation(self, operation, inputs, attributes, output):
            self.names.append(operation.name)

    class Both(Names):
        def on_update(self, variable, update):
            pass

    plain, both = Names(), Both()
    for hook in (plain, both):
        with listening(hook):
            Nadam(0.1).apply([as_tensor([1.0])], [Variable([1.0])])
    assert plain.names == both.names
