"""Operations with several outputs, one rule for all tensors at once, and a body of nested records."""

import numpy as np
import pytest
from numpy.testing import assert_allclose

from gradtape import GradientTape, Variable, as_tensor, compile, engine, ops
from gradtape.core.hooks import Hook, listening
from gradtape.core.operation import operation, registry, rules_table
from gradtape.core.tensor import Array
from gradtape.errors import ArgumentError, ArgumentTypeError, MissingRuleError, ShapeError
from gradtape.tape.backward import through_body
from gradtape.testing import check_gradients

X = np.array([[0.3, -1.2, 2.0], [0.7, 0.5, -0.4]])


@operation(name="sum_and_difference")
def sum_and_difference(x1: Array, x2: Array) -> tuple[Array, Array]:
    """Return x1 + x2 and x1 - x2."""
    return x1 + x2, x1 - x2


@sum_and_difference.joint_gradient
def sum_and_difference_back(g, y, x1, x2):
    """g[0] + g[1], g[0] - g[1]"""
    return g[0] + g[1], g[0] - g[1]


@operation(name="square_and_sign")
def square_and_sign(x: Array) -> tuple[Array, Array]:
    """Return x * x, and the signs as whole numbers, which have no gradient."""
    return x * x, engine.active.astype(engine.xp.sign(x), np.dtype("int32"))


@square_and_sign.gradient("x")
def square_and_sign_x(g, y, x):
    """2 * x * g[0]"""
    assert g[1] is None
    return 2.0 * x * g[0]


@operation(name="only_first")
def only_first(x1: Array, x2: Array) -> Array:
    """Return x1 * 2, whatever x2 is."""
    return x1 * 2


@only_first.joint_gradient
def only_first_back(g, y, x1, x2):
    """2 * g, None"""
    return 2.0 * g, None


# Several outputs.


def test_a_call_returns_a_tuple_of_tensors():
    total, difference = sum_and_difference([3.0], [1.0])
    assert total.tolist() == [4] and difference.tolist() == [2]
    assert sum_and_difference.operation.has_several
    assert ("sum_and_difference", "x1, x2", "g[0] + g[1], g[0] - g[1]") in rules_table()


def test_the_gradient_of_one_output_takes_zeros_for_the_other():
    x1, x2 = Variable([3.0, 1.0]), Variable([1.0, 5.0])
    with GradientTape(persistent=True) as tape:
        total, difference = sum_and_difference(x1, x2)
        first, both = ops.sum(total * 3.0), ops.sum(total * total) + ops.sum(difference)
    assert [g.tolist() for g in tape.gradient(first, [x1, x2])] == [[3, 3], [3, 3]]
    assert [g.tolist() for g in tape.gradient(both, [x1, x2])] == [[9, 13], [7, 11]]
    assert [g.tolist() for g in tape.gradient([total, difference], [x1, x2])] == [[2, 2], [0, 0]]
    assert tape.gradient(both, total).tolist() == [8, 12]
    assert tape.jacobian(difference, x2).tolist() == [[-1, 0], [0, -1]]


def test_broadcasting_and_dtypes_are_undone_for_each_tensor():
    x1, x2 = Variable(X), Variable(np.ones(3, "float32"))
    with GradientTape() as tape:
        total, difference = sum_and_difference(x1, x2)
        loss = ops.sum(total) + ops.sum(difference * 2.0)
    first, second = tape.gradient(loss, [x1, x2])
    assert first.tolist() == [[3] * 3] * 2 and first.dtype == "float64"
    assert second.tolist() == [-2] * 3 and second.dtype == "float32"


def test_rules_by_argument_and_an_output_of_whole_numbers():
    x = Variable([3.0, -2.0])
    with GradientTape(persistent=True) as tape:
        squares, signs = square_and_sign(x)
        loss = ops.sum(squares * ops.cast(signs, "float32"))
    assert tape.gradient(loss, x).tolist() == [6, 4]
    assert tape.gradient(signs, x) is None
    assert "ends at square_and_sign to int32, through which no gradient passes, at" in tape.why(x, signs)
    check_gradients(lambda x: square_and_sign(x)[0], X, order=2)


def test_second_derivatives_and_both_outputs():
    def mixed(x1, x2):
        total, difference = sum_and_difference(ops.exp(x1), x2)
        return total * difference

    check_gradients(mixed, X, X[:1] + 1.0, order=2)


def test_a_joint_rule_may_say_that_nothing_depends_on_a_tensor():
    x1, x2 = Variable([1.0]), Variable([2.0])
    with GradientTape() as tape:
        y = only_first(x1, x2)
    first, second = tape.gradient(y, [x1, x2])
    assert first.tolist() == [2] and second is None


def test_the_tape_shows_all_outputs():
    x = Variable([3.0, -2.0])
    with GradientTape() as tape:
        square_and_sign(x)
    record = tape.records[0]
    assert [y.shape for y in record.outputs] == [(2,), (2,)]
    assert record.output == record.outputs and record.body == ()
    assert "(2,) (2,)  float32 int32" in str(tape)
    assert "-> (2,) float32, (2,) int32 at test_several_outputs.py" in repr(record)


def test_a_rule_that_is_missing_or_gives_too_little_is_named():
    @operation(name="ruleless_pair")
    def ruleless_pair(x: Array) -> tuple[Array, Array]:
        return x, x

    x = Variable([1.0])
    with (
        GradientTape(),
        pytest.raises(MissingRuleError, match="^ruleless_pair: no gradient rule for x; shapes"),
    ):
        ruleless_pair(x)
    ruleless_pair.joint_gradient(lambda g, y, x: ())
    with GradientTape() as tape:
        y, _ = ruleless_pair(x)
    with pytest.raises(
        ShapeError, match="^ruleless_pair: the joint gradient rule must give 1 cotangents, .* got 0$"
    ):
        tape.gradient(y, x)


def test_compiled_as_eager():
    def step(x):
        with GradientTape() as tape:
            tape.watch(x)
            total, difference = sum_and_difference(x, x * x)
            first, *others = ops.split(ops.concatenate([total, difference]), 3)
            loss = ops.sum(ops.tanh(first)) + ops.sum(others[-1] * 2.0)
        return loss, tape.gradient(loss, x)

    x = as_tensor(np.linspace(0.1, 1.2, 6))
    for eager, compiled in zip(step(x), compile(step)(x), strict=True):
        assert_allclose(np.asarray(compiled), np.asarray(eager), rtol=1e-6)


# split.


@pytest.mark.parametrize("places", [2, [1], [1, 1], [0, 3], [-1], [3, 1], [7]])
def test_split_cuts_as_slices_do_and_has_their_gradient(places):
    x = Variable(np.arange(8.0).reshape(4, 2))
    ends = [2] if places == 2 else places
    with GradientTape(persistent=True) as tape:
        parts = ops.split(x, places)
        slices = [x[slice(a, b)] for a, b in zip([0, *ends], [*ends, None], strict=True)]
        by_parts = sum(ops.sum(part * part) * (i + 1.0) for i, part in enumerate(parts))
        by_slices = sum(ops.sum(part * part) * (i + 1.0) for i, part in enumerate(slices))
    assert isinstance(parts, list) and [p.tolist() for p in parts] == [s.tolist() for s in slices]
    assert tape.gradient(by_parts, x).tolist() == tape.gradient(by_slices, x).tolist()
    assert [r.name for r in tape.records].count("split") == 1


def test_nan_in_a_part_stays_there():
    x = Variable([1.0, np.nan, 3.0, 4.0])
    with GradientTape(persistent=True) as tape:
        first, second = ops.split(x, 2)
        loss = ops.sum(second * second)
        all_of_it = ops.sum(ops.sqrt(first)) + loss
    assert tape.gradient(loss, x).tolist() == [0, 0, 6, 8]
    assert_allclose(np.asarray(tape.gradient(all_of_it, x)), [0.5, np.nan, 6, 8])


def test_split_of_whole_numbers_has_no_gradient():
    x = as_tensor([1, 2, 3, 4])
    with GradientTape() as tape:
        tape.watch(Variable([1.0]))
        first, _ = ops.split(x, 2)
    assert first.dtype == x.dtype and tape.records == []


# A body.


@operation(body=True, name="toy_scan")
def toy_scan(carry: Array, xs: Array, weight: Array) -> tuple[Array, Array]:
    """Return the last of carry = tanh(carry @ weight + x) over the rows of xs, and all of them."""
    states = []
    for i in range(xs.shape[0]):
        carry = ops.tanh(ops.matmul(carry, weight) + xs[i])
        states.append(carry)
    return carry, ops.stack(states)


@toy_scan.joint_gradient
def toy_scan_back(g, y, carry, xs, weight, body):
    """back through the records of the body"""
    return through_body(body, g, y, (carry, xs, weight))


@operation(body=True, name="plain_scan")
def plain_scan(carry: Array, xs: Array, weight: Array) -> tuple[Array, Array]:
    """Return the same; without a joint rule the walk goes through the body by itself."""
    return unrolled(carry, xs, weight)


def unrolled(carry, xs, weight):
    return toy_scan.operation.forward(carry, xs, weight)


CARRY, XS, WEIGHT = np.array([0.1, -0.3]), np.array([[0.5, 0.2], [-0.4, 0.9], [0.3, 0.3]]), np.array([[0.6, -0.2], [0.1, 0.8]])  # fmt: skip


def losses_of(scan):
    def loss(carry, xs, weight):
        last, states = scan(carry, xs, weight)
        return ops.sum(last * last) + ops.sum(states * ops.exp(states))

    return loss


def gradients_of(scan, inputs):
    with GradientTape() as tape:
        tape.watch(inputs)
        loss = losses_of(scan)(*inputs)
    return [np.asarray(g) for g in tape.gradient(loss, inputs)]


@pytest.mark.parametrize("scan", [toy_scan, plain_scan])
def test_a_scan_has_the_gradient_of_the_unrolled_loop(scan):
    inputs = [as_tensor(a) for a in (CARRY, XS, WEIGHT)]
    for found, expected in zip(gradients_of(scan, inputs), gradients_of(unrolled, inputs), strict=True):
        assert_allclose(found, expected, rtol=1e-12)
    check_gradients(losses_of(scan), CARRY, XS, WEIGHT, order=2)


@pytest.mark.parametrize("scan", [toy_scan, plain_scan])
def test_a_scan_compiled(scan):
    inputs = tuple([as_tensor(a) for a in (CARRY, XS, WEIGHT)])

    def gradients(carry, xs, weight):
        with GradientTape() as tape:
            tape.watch([carry, xs, weight])
            loss = losses_of(scan)(carry, xs, weight)
        return tape.gradient(loss, [carry, xs, weight])

    for found, expected in zip(compile(gradients)(*inputs), gradients_of(unrolled, inputs), strict=True):
        assert_allclose(np.asarray(found), expected, rtol=1e-6)


@pytest.mark.parametrize("scan", [toy_scan, plain_scan])
def test_one_output_of_a_scan_alone(scan):
    inputs = [as_tensor(a) for a in (CARRY, XS, WEIGHT)]
    for place in (0, 1):
        found = gradients_of(lambda *a, p=place: (scan(*a)[p],) * 2, inputs)
        expected = gradients_of(lambda *a, p=place: (unrolled(*a)[p],) * 2, inputs)
        for ours, theirs in zip(found, expected, strict=True):
            assert_allclose(ours, theirs, rtol=1e-12)


def test_the_body_is_nested_in_the_record_and_set_in_in_the_table():
    carry, xs, weight = (Variable(a) for a in (CARRY, XS[:1], WEIGHT))
    with GradientTape() as tape:
        last, _ = toy_scan(carry, xs, weight)
        ops.sum(last)
    assert [r.name for r in tape.records] == ["toy_scan", "sum"]
    body = tape.records[0].body
    assert [r.name for r in body] == ["matmul", "getitem", "add", "tanh", "stack"]
    assert body[-2].output is last
    lines = [line.split()[:2] for line in str(tape).splitlines()[1:]]
    assert lines[0] == ["0", "toy_scan"] and lines[1] == ["0.0", "matmul"] and lines[-1] == ["1", "sum"]
    assert "\n0.0    matmul" in str(tape)


def test_a_variable_that_the_body_reads_by_itself_has_its_gradient():
    weight, x = Variable(3.0), Variable(2.0)

    @operation(body=True, name="times_weight")
    def times_weight(x: Array) -> Array:
        return x * weight

    with GradientTape(persistent=True) as tape:
        y = times_weight(x) * times_weight(as_tensor(5.0))
    assert tape.gradient(y, [weight, x])[0].item() == 60
    assert tape.gradient(y, x).item() == 45
    assert [r.name for r in tape.records] == ["times_weight", "multiply", "multiply"]


def test_a_body_that_fails_leaves_the_tape_in_order():
    @operation(body=True, name="failing")
    def failing(x: Array) -> Array:
        return ops.matmul(x * 2.0, [[1.0, 2.0]])

    x = Variable([1.0, 2.0, 3.0])
    with GradientTape() as tape:
        with pytest.raises(ShapeError, match="^matmul: "):
            failing(x)
        y = ops.sum(x * x)
    assert [r.name for r in tape.records] == ["multiply", "sum"]
    assert tape.gradient(y, x).tolist() == [2, 4, 6]


def test_bodies_in_bodies():
    @operation(body=True, name="fourth_power")
    def fourth_power(x: Array) -> Array:
        return squared(squared(x))

    @operation(body=True, name="squared_in_two")
    def squared(x: Array) -> Array:
        return x * x

    x = Variable(2.0)
    with GradientTape() as outer, GradientTape() as tape:
        y = fourth_power(x)
        assert [r.name for r in tape.records[0].body] == ["squared_in_two"] * 2
        assert "0.1.0" in str(tape)
        g = tape.gradient(y, x)
    assert g.item() == 32 and outer.gradient(g, x).item() == 48


def test_why_looks_into_a_body():
    @operation(body=True, name="stopping")
    def stopping(x: Array) -> Array:
        return ops.stop_gradient(x * 2.0)

    x = Variable(2.0)
    with GradientTape() as tape:
        y = stopping(x)
    assert tape.gradient(y, x) is None
    assert "ends at stop_gradient" in tape.why(x)


def test_hooks_are_told_of_the_body_and_then_of_the_operation():
    class Heard(Hook):
        def __init__(self):
            self.events = []

        def on_operation(self, operation, inputs, attributes, output):
            self.events.append(operation.name)

        def on_body(self, operation, event):
            self.events.append(f"{event} {operation.name}")

    heard = Heard()
    with listening(heard):
        toy_scan(CARRY, XS[:1], WEIGHT)
    assert heard.events[0] == "begin toy_scan" and heard.events[-2:] == ["toy_scan", "end toy_scan"]
    assert heard.events[1:-2] == ["matmul", "getitem", "add", "tanh", "stack"]


def test_what_a_body_cannot_be():
    with pytest.raises(ArgumentError, match="^promoting: an operation with a body leaves dtypes"):
        operation(body=True, promotes=True, name="promoting")(lambda x: x)
    with pytest.raises(ArgumentError, match="^toy_scan: a gradient goes back through its body"):
        toy_scan.gradient("xs")
    made = operation(body=True, name="nothing")(_nothing)
    with pytest.raises(
        ArgumentTypeError, match="^nothing: the body must return a Tensor or several, got None$"
    ):
        made([1.0])


def _nothing(x: Array) -> None:
    return None


@pytest.fixture(autouse=True)
def _registry_as_it_was():
    before = dict(registry)
    yield
    registry.clear()
    registry.update(before)
