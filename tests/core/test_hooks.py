"""Hooks: each event of a step reaches who wants it, in order, with its place, and nobody else."""

import numpy as np
import pytest

import gradtape
from gradtape import GradientTape, Variable, as_tensor, engine, layers, losses, metrics, ops, optimizers
from gradtape.core import hooks
from gradtape.core.hooks import EVENTS, Hook, listening, local
from gradtape.errors import ArgumentTypeError


class Everything(Hook):
    """Keeps (event, phase, owner, ...) of all that it is told."""

    def __init__(self):
        self.events, self.place, self.rule, self.layer = [], ("", None, ""), (None, None, ""), None

    def on_operation(self, operation, inputs, attributes, output):
        self.events.append(("operation", operation.name, self.place, self.rule, self.layer))

    def on_read(self, variable, tensor):
        self.events.append(("read", variable.name))

    def on_assign(self, variable, value, before, method):
        self.events.append(("assign", variable.name, method, self.place))

    def on_phase(self, phase, owner, part):
        self.place = (phase, owner, part)
        self.events.append(("phase", phase, owner, part))

    def on_layer(self, layer):
        self.layer = layer

    def on_outputs(self, layer, outputs):
        self.events.append(("outputs", layer))

    def on_rule(self, record, position, part):
        self.rule = (record and record.name, position, part)

    def on_update(self, variable, update):
        self.events.append(("update", variable.name, update))

    def on_gradients(self, optimizer, gradients, variables):
        self.events.append(("gradients", optimizer, len(gradients)))

    def operations(self, phase):
        return [e[1] for e in self.events if e[0] == "operation" and e[2][0] == phase]


@pytest.fixture
def step():
    """Return the parts of a small training, and the step of a user who writes it out."""
    layer = layers.Dense(2, name="one")
    layer.build((None, 3))
    loss, optimizer, metric = losses.MeanSquaredError(), optimizers.SGD(0.1, weight_decay=0.1), metrics.Mean()
    x, y = np.ones((4, 3), "float32"), np.zeros((4, 2), "float32")

    def run():
        with GradientTape() as tape:
            value = loss(y, layer(x))
        gradients = tape.gradient(value, layer.trainable_weights)
        optimizer.apply(gradients, layer.trainable_weights)
        metric.update_state(value)
        return tape

    return layer, loss, optimizer, metric, run


def test_a_hook_is_told_of_a_whole_step_in_order_with_phases_and_owners(step):
    layer, loss, optimizer, metric, run = step
    hook = Everything()
    with listening(hook), engine.hosted():
        tape = run()
    entered = [e[1:3] for e in hook.events if e[0] == "phase" and not e[3]]
    nothing = ("", None)
    assert entered == [
        ("forward", layer), nothing, ("loss", loss), nothing, ("backward", tape), nothing,
        ("update", optimizer), nothing, ("metrics", metric), nothing,
    ]  # fmt: skip
    assert hook.operations("forward") == ["matmul", "add"]
    assert hook.operations("loss")[-1] == "mean"
    assert "matmul_transpose_a" in hook.operations("backward") and "sum_of_rows" in hook.operations(
        "backward"
    )
    assert hook.operations("") == []
    parts = [e[3] for e in hook.events if e[0] == "phase" and e[1] == "update"]
    assert parts == ["", "learning rate", "begin_step", "clipping", *["weight decay", "update_step"] * 2,
                     "constraint", "iterations"]  # fmt: skip
    assert [e[:3] for e in hook.events if e[0] == "assign" and e[1] == "kernel"] == [
        ("assign", "kernel", "assign_sub")
    ] * 2
    assert [e for e in hook.events if e[0] == "gradients"] == [("gradients", optimizer, 2)]
    assert [e for e in hook.events if e[0] == "outputs"] == [("outputs", layer)]
    assert {e[4] for e in hook.events if e[0] == "operation" and e[2][0] == "forward"} == {layer}
    assert {e[4] for e in hook.events if e[0] == "operation" and e[2][0] != "forward"} == {None}


def test_a_rule_is_told_with_record_input_and_part():
    hook = Everything()
    x, b = Variable(np.ones((2, 3), "float32")), Variable(np.ones(3, "float32"))
    with engine.hosted(), listening(hook):
        with GradientTape() as tape:
            y = ops.sum(x * x + b)
        tape.gradient(y, [x, b])
    told = [(e[1], e[3]) for e in hook.events if e[0] == "operation" and e[2][0] == "backward"]
    assert ("sum_of_rows", ("add", 1, "fit")) in told
    assert ("multiply", ("multiply", 0, "rule")) in told and ("multiply", ("multiply", 1, "rule")) in told
    assert ("add", ("multiply", 1, "sum")) in told
    assert hook.rule == (None, None, ""), "after the walk there is no rule"


def test_an_inner_phase_gives_the_outer_one_back_after_an_exception_too():
    class Odd(losses.Loss):
        def call(self, y_true, y_pred):
            metrics.Mean().update_state(y_pred)
            with pytest.raises(RuntimeError):
                Bad().update_state(y_pred)
            return y_pred - y_true

    class Bad(metrics.Metric):
        def update_state(self, values):
            raise RuntimeError

    hook = Everything()
    with listening(hook):
        Odd()([0.0], [1.0])
    phases = [e[1] for e in hook.events if e[0] == "phase"]
    assert phases == ["loss", "metrics", "loss", "metrics", "loss", ""]
    assert local.place == ("", None, "")


def test_an_exception_in_a_rule_ends_the_walk_for_hooks_too():
    @ops.custom_gradient
    def bad(x):
        def back(g):
            raise RuntimeError

        return x * 1.0, back

    hook = Everything()
    x = Variable(1.0)
    with listening(hook):
        with GradientTape() as tape:
            y = bad(x)
        with pytest.raises(RuntimeError):
            tape.gradient(y, x)
    assert (hook.rule, hook.place) == ((None, None, ""), ("", None, ""))


def test_a_layer_inside_a_layer_is_told_and_the_outer_one_comes_back():
    inner = layers.Dense(1)

    class Outer(layers.Layer):
        def call(self, inputs):
            return inner(inputs * 2.0) + 1.0

    outer = Outer()
    outer(np.ones((1, 2), "float32"))
    hook = Everything()
    with listening(hook):
        outer(np.ones((1, 2), "float32"))
    told = [(e[1], e[2][1], e[4]) for e in hook.events if e[0] == "operation"]
    assert told == [
        ("multiply", outer, outer),
        ("matmul", outer, inner),
        ("add", outer, inner),
        ("add", outer, outer),
    ]


def test_what_a_user_overrides_is_still_a_phase(step):
    layer = step[0]

    class Mine(losses.Loss):
        def __call__(self, y_true, y_pred, sample_weight=None):
            return ops.sum(y_pred * 3.0)

    class Careful(optimizers.SGD):
        def apply_gradients(self, grads_and_vars):
            return super().apply_gradients([(g * 0.5, v) for g, v in grads_and_vars])

    class Most(metrics.Metric):
        def update_state(self, values):
            ops.max(values)

        def result(self):
            return ops.exp(0.0)

    hook = Everything()
    with listening(hook):
        Mine()(0.0, as_tensor([1.0]))
        Careful().apply_gradients([(w * 0.0, w) for w in layer.weights])
        Most()(as_tensor([1.0]))
    assert hook.operations("loss") == ["multiply", "sum"]
    assert hook.operations("update")[0] == "multiply"
    assert hook.operations("metrics") == ["max", "exp"]


def test_nothing_is_sent_that_nobody_wants(step):
    class Silent(Hook):
        pass

    class Reads(Hook):
        def on_read(self, variable, tensor):
            pass

    assert Silent._lists == ("hooks",) and Reads._lists == ("hooks", "read")
    with listening(Silent()):
        assert all(getattr(local, event) == [] for event in EVENTS)
    reads = Reads()
    with listening(reads):
        assert [event for event in EVENTS if getattr(local, event)] == ["read"]
        assert local.read == [reads]
        step[-1]()
        assert local.place == ("", None, ""), "nobody wanted phases, so none was kept"
    assert all(getattr(local, event) == [] for event in EVENTS) and local.hooks == []


def test_every_event_has_an_empty_method_that_names_its_arguments():
    assert [name for name in vars(Hook) if name.startswith("on_")] == [f"on_{event}" for event in EVENTS]
    assert gradtape.GradientTape._lists == ("hooks", "operation", "body", "read", "assign")


def test_hooks_end_in_any_order_and_silence_keeps_all_of_them_from_hearing():
    first, second = Everything(), Everything()
    hooks.add(first)
    hooks.add(second)
    with hooks.silence():
        as_tensor(1.0) + 1.0
        third = Everything()
        with listening(third):
            as_tensor(1.0) * 1.0
    hooks.remove(first)
    as_tensor(1.0) - 1.0
    hooks.remove(second)
    hooks.remove(second)
    assert first.events == [] and len(second.events) == len(third.events) == 1
    assert local.hooks == []


def test_what_is_no_hook_is_refused():
    with pytest.raises(ArgumentTypeError, match="hooks.add: hook must be a Hook, got 3"):
        hooks.add(3)
