"""GradientTape: what it records, what it gives back, and what it holds on to."""

import gc
import threading
import weakref
from collections import OrderedDict, namedtuple

import numpy as np
import pytest

from gradtape import (
    GradientTape,
    Variable,
    as_tensor,
    ops,
)
from gradtape.core import hooks
from gradtape.core.operation import operation
from gradtape.core.tensor import Array
from gradtape.errors import ArgumentError, ArgumentTypeError, MissingRuleError, ShapeError, TapeError


@pytest.fixture(autouse=True)
def nobody_listens_afterwards():
    yield
    assert hooks.local.hooks == []


# Values.


def test_a_product():
    x = Variable(3.0)
    with GradientTape() as tape:
        y = x * x
    g = tape.gradient(y, x)
    assert (g.item(), g.dtype, g.shape) == (6, "float32", ())


def test_x_plus_x_and_a_diamond():
    x = as_tensor(np.float64(3))
    with GradientTape(persistent=True) as tape:
        tape.watch(x)
        double = x + x
        left, right = x * 2.0, x * x
        diamond = left * right + left
    assert tape.gradient(double, x).item() == 2
    assert tape.gradient(diamond, x).item() == 6 * 9 + 2
    assert tape.gradient(diamond, [left, right, x])[0].item() == 10


@pytest.mark.parametrize(
    "shapes", [((3,), (2, 3)), ((2, 1), (1, 3)), ((), (2, 2)), ((1,), ()), ((0, 1), (1, 2))]
)
def test_broadcasting_is_undone(shapes):
    a, b = (as_tensor(np.full(s, 2.0)) for s in shapes)
    with GradientTape() as tape:
        tape.watch([a, b])
        y = a * b
    da, db = tape.gradient(y, [a, b])
    assert (da.shape, db.shape) == shapes
    np.testing.assert_array_equal(da.numpy(), np.full(shapes[0], 2.0 * y.size / max(1, a.size)))


@pytest.mark.parametrize("dtypes", [("float32", "float64"), ("float16", "float32"), ("float64", "float16")])
def test_each_source_gets_its_own_dtype(dtypes):
    a, b = (as_tensor(np.ones(2, d)) for d in dtypes)
    with GradientTape() as tape:
        tape.watch([a, b])
        y = a * b
    assert tuple(g.dtype.name for g in tape.gradient(y, [a, b])) == dtypes


def test_the_target_is_summed_and_targets_add_up():
    x = Variable([1.0, 2.0])
    with GradientTape(persistent=True) as tape:
        y = x * x
        z = y * 3.0
    assert tape.gradient(y, x).tolist() == [2, 4]
    assert tape.gradient([y, z], x).tolist() == [8, 16]
    assert tape.gradient([y, y], x).tolist() == [4, 8]
    assert tape.gradient({"a": y, "b": (z,)}, x).tolist() == [8, 16]
    assert tape.gradient([y, z], y).tolist() == [4, 4]


def test_a_source_may_lie_on_the_way_to_another():
    x = Variable(2.0)
    with GradientTape() as tape:
        y = x * x
        z = y * y
    dy, dx = tape.gradient(z, [y, x])
    assert (dy.item(), dx.item()) == (8, 32)


def test_the_target_itself_as_source():
    x = Variable(2.0)
    with GradientTape(persistent=True) as tape:
        y = x * x
    assert tape.gradient(y, y).item() == 1
    assert tape.gradient(x, x).item() == 1
    unknown, number = as_tensor([1.0, 2.0]), as_tensor(1)
    assert tape.gradient(unknown, unknown).tolist() == [1, 1]
    assert tape.gradient([unknown, unknown], unknown, output_gradients=[[1.0, 2.0], [3.0, 4.0]]).tolist() == [
        4,
        6,
    ]
    assert tape.gradient(number, number) is None
    fixed = Variable(1.0, trainable=False)
    assert tape.gradient(fixed, fixed).item() == 1


def test_gradients_are_linear_in_output_gradients():
    x = Variable([1.0, 2.0])
    with GradientTape(persistent=True) as tape:
        y = x * x
        z = x + 1.0
    assert tape.gradient(y, x, output_gradients=[10.0, 0.5]).tolist() == [20, 2]
    assert tape.gradient(y, x, output_gradients=np.array([1, 0])).tolist() == [2, 0]
    assert tape.gradient([y, z], x, output_gradients=[[1.0, 1.0], [5.0, 5.0]]).tolist() == [7, 9]
    assert tape.gradient([y, z], x, output_gradients=[None, [5.0, 5.0]]).tolist() == [7, 9]


def test_output_gradients_of_a_dict_are_matched_by_key():
    x = Variable(1.0)
    with GradientTape() as tape:
        target = {"a": x * 2.0, "b": x * 3.0}
    given = {"b": as_tensor(100.0), "a": as_tensor(1.0)}
    assert tape.gradient(target, x, output_gradients=given).item() == 302


Pair = namedtuple("Pair", "w b")


def test_sources_keep_their_structure():
    w, b, c = Variable(2.0), Variable(3.0), as_tensor(1.0)
    with GradientTape(persistent=True) as tape:
        y = w * b
    nested = {"layer": Pair(w, [b]), "other": (c,)}
    found = tape.gradient(y, nested)
    assert found == {"layer": Pair(found["layer"].w, [found["layer"].b[0]]), "other": (None,)}
    assert (found["layer"].w.item(), found["layer"].b[0].item()) == (3, 2)
    assert isinstance(tape.gradient(y, OrderedDict(w=w)), OrderedDict)
    assert tape.gradient(y, []) == []
    assert [g.item() for g in tape.gradient(y, (w, w))] == [3, 3]


def test_unconnected_gradients():
    x, other = Variable([1.0, 2.0]), Variable(np.ones((2, 1)))
    number = as_tensor([1, 2])
    with GradientTape(persistent=True) as tape:
        y = x * 2.0
        tape.watch(number)
    assert tape.gradient(y, [other, number]) == [None, None]
    zeros = tape.gradient(y, [other, x, number], unconnected_gradients="zero")
    assert [z.shape for z in zeros] == [(2, 1), (2,), (2,)]
    assert [z.dtype.name for z in zeros] == ["float64", "float32", "int32"]
    assert zeros[0].tolist() == [[0], [0]]
    assert zeros[1].tolist() == [2, 2]
    with pytest.raises(
        ArgumentError, match="^gradient: unconnected_gradients must be 'none' or 'zero', got 'nil'$"
    ):
        tape.gradient(y, x, unconnected_gradients="nil")


# Higher derivatives.


def test_second_and_third_derivatives():
    x = Variable(np.float64(2))
    with GradientTape() as outer:
        with GradientTape() as middle:
            with GradientTape() as inner:
                y = x * x * x * x
            first = inner.gradient(y, x)
        second = middle.gradient(first, x)
    third = outer.gradient(second, x)
    assert (first.item(), second.item(), third.item()) == (32, 48, 48)


def test_a_persistent_tape_differentiates_its_own_gradient():
    x = Variable(3.0)
    with GradientTape(persistent=True) as tape:
        y = x * x * x
        first = tape.gradient(y, x)
    assert first.item() == 27
    assert tape.gradient(first, x).item() == 18


def test_mixed_derivatives_through_output_gradients():
    x, c = Variable(2.0), Variable(5.0)
    with GradientTape() as outer:
        with GradientTape() as inner:
            y = x * x
        g = inner.gradient(y, x, output_gradients=c.value)
    assert [d.item() for d in outer.gradient(g, [x, c])] == [10, 4]


def test_gradient_inside_the_block_stops_a_tape_that_is_not_persistent():
    x = Variable(3.0)
    with GradientTape() as tape:
        y = x * x
        g = tape.gradient(y, x)
        g * x
        assert tape.records == []
    assert g.item() == 6


# What is recorded.


def test_only_what_depends_on_something_watched_is_recorded():
    x, fixed = Variable(1.0), Variable(1.0, trainable=False)
    constant = as_tensor(1.0)
    with GradientTape() as tape:
        constant * 2.0
        fixed * 2.0
        y = x * constant
    assert [r.name for r in tape.records] == ["multiply"]
    record = tape.records[0]
    assert record.inputs[0] is x.value
    assert record.inputs[1] is constant
    assert record.output is y
    assert tape.watched_variables() == (x,)


def test_watching_by_hand():
    x, fixed = Variable(2.0), Variable(3.0, trainable=False)
    t = as_tensor(4.0)
    with GradientTape(watch_accessed_variables=False) as tape:
        tape.watch({"a": fixed, "b": [t]})
        y = x * fixed * t
        fixed.assign(10.0)
        z = fixed * t
    dx, df, dt = tape.gradient([y, z], [x, fixed, t])
    assert dx is None
    assert (df.item(), dt.item()) == (12, 16)


def test_a_value_watched_by_hand_and_its_variable_both_get_a_gradient():
    v = Variable(2.0)
    value = v.value
    with GradientTape(persistent=True) as tape:
        tape.watch(value)
        y = v * v
    assert tape.gradient(y, v).item() == 4
    assert tape.gradient(y, value).item() == 4


@pytest.mark.parametrize("wrong", [3.0, np.ones(2), None, "x"])
def test_watch_needs_tensors(wrong):
    with pytest.raises(
        ArgumentTypeError, match="^watch: needs a Tensor or Variable, got .*; make one with as_tensor first$"
    ):
        GradientTape().watch(wrong)


def test_stop_recording():
    x = Variable(3.0)
    with GradientTape() as tape:
        y = x * x
        with tape.stop_recording():
            aside = x * 2.0
        z = y * aside
    assert tape.gradient(z, x).item() == 36
    with (
        pytest.raises(TapeError, match="^stop_recording: this tape is not recording$"),
        GradientTape().stop_recording(),
    ):
        pass


def test_recording_goes_on_after_an_error_inside_stop_recording():
    x = Variable(3.0)
    with GradientTape() as tape:
        with pytest.raises(KeyError), tape.stop_recording():
            raise KeyError
        y = x * x
    assert tape.gradient(y, x).item() == 6


def test_reset_forgets():
    x = Variable(3.0)
    with GradientTape() as tape:
        x * x
        tape.reset()
        assert (tape.records, tape.watched_variables()) == ([], ())
        y = x * 2.0
    assert len(tape.records) == 1
    assert tape.gradient(y, x).item() == 2


def test_only_a_recording_tape_can_be_reset():
    with pytest.raises(TapeError, match="^reset: this tape is not recording$"):
        GradientTape().reset()


def test_a_tape_that_never_recorded_says_so():
    x = Variable(3.0)
    for method in (GradientTape().gradient, GradientTape(persistent=True).jacobian):
        with pytest.raises(
            TapeError, match=f"^{method.__name__}: this tape never recorded; compute the target "
        ):
            method(x * x, x)


def test_watched_variables_are_known_after_use():
    a, b = Variable(1.0), Variable(2.0)
    with GradientTape() as tape:
        y = b * a
    tape.gradient(y, a)
    assert tape.watched_variables() == (b, a)
    with tape:
        a * 1.0
    assert tape.watched_variables() == (a,)


def test_what_stop_gradient_gives_is_a_source_only_if_watched():
    v = Variable(3.0)
    with GradientTape(persistent=True) as tape:
        x = ops.stop_gradient(v)
        y = x * x + v * 2.0
        tape.watch(x)
        z = x * x + v * 2.0
    assert tape.gradient(y, x) is None
    assert [g.item() for g in tape.gradient(z, [x, v])] == [6, 2]
    assert tape.gradient(x, [x, v])[1] is None


def test_a_block_can_be_entered_again_to_record_more():
    x = Variable(3.0)
    tape = GradientTape()
    with tape:
        y = x * x
    with tape:
        z = y * x
    assert tape.gradient(z, x).item() == 27
    with tape:
        y = x * 5.0
    assert tape.gradient(y, x).item() == 5


def test_an_active_tape_cannot_be_entered():
    with (
        GradientTape() as tape,
        pytest.raises(
            TapeError, match="^GradientTape: this tape is already recording; make another one for nesting$"
        ),
        tape,
    ):
        pass


def test_asking_twice():
    x = Variable(3.0)
    with GradientTape() as tape:
        y = x * x
    tape.gradient(y, x)
    for method in (tape.gradient, tape.jacobian):
        with pytest.raises(TapeError) as raised:
            method(y, x)
        assert str(raised.value) == (
            f"{method.__name__}: this tape was already used and its records are freed; "
            "make it with GradientTape(persistent=True) to ask it more than once"
        )
    assert str(tape).startswith("GradientTape: its records were freed by gradient()")
    with GradientTape(persistent=True) as tape:
        y = x * x
    assert tape.gradient(y, x).item() == tape.gradient(y, x).item() == 6
    assert len(tape.records) == 1


def test_records_is_a_list_of_ones_own():
    x = Variable(3.0)
    with GradientTape() as tape:
        y = x * x
    tape.records.clear()
    assert tape.gradient(y, x).item() == 6


# Arguments that cannot be used.


@pytest.mark.parametrize("wrong", [3.0, None, "x", np.ones(2)])
def test_targets_and_sources_must_be_tensors(wrong):
    x = Variable(3.0)
    with GradientTape(persistent=True) as tape:
        y = x * x
    with pytest.raises(ArgumentTypeError, match="^gradient: target must be Tensors or Variables, got "):
        tape.gradient(wrong, x)
    with pytest.raises(ArgumentTypeError, match="^gradient: target must be Tensors or Variables, got "):
        tape.gradient(wrong, x, output_gradients=1.0)
    with pytest.raises(ArgumentTypeError, match="^gradient: sources must be Tensors or Variables, got "):
        tape.gradient(y, wrong)


def test_output_gradients_must_fit():
    x = Variable([1.0, 2.0])
    with GradientTape(persistent=True) as tape:
        y = x * x
    with pytest.raises(ShapeError, match=r"must have the target's shape \(2,\), got \(3,\)$"):
        tape.gradient(y, x, output_gradients=as_tensor([1.0, 2.0, 3.0]))
    with pytest.raises(ArgumentError, match="must have one entry per target, 2, got 1$"):
        tape.gradient([y, y], x, output_gradients=[y])


def test_a_refused_question_leaves_the_tape_usable():
    x = Variable(3.0)
    with GradientTape() as tape:
        y = x * x
    with pytest.raises(ArgumentTypeError):
        tape.gradient(y, "x")
    assert tape.gradient(y, x).item() == 6


# Integers.


def test_integers_have_no_gradient():
    n, x = as_tensor(3), Variable(2.0)
    with GradientTape(persistent=True) as tape:
        tape.watch(n)
        y = x * n
        whole = ops.cast(y, "int32")
    assert tape.gradient(y, n) is None
    assert tape.gradient(whole, x) is None
    assert tape.gradient([whole, y], x).item() == 3
    assert tape.gradient(whole, x, output_gradients=2) is None


def test_no_gradient_leaks_through_a_cast_to_integers():
    x, w = as_tensor(3.7), as_tensor(2.0)
    with GradientTape() as tape:
        tape.watch([x, w])
        y = ops.cast(x, "int32") * w
    dx, dw = tape.gradient(y, [x, w])
    assert dx is None
    assert dw.item() == 3


def test_bool_masks_pass_no_gradient():
    x = as_tensor([1.0, 2.0])
    with GradientTape() as tape:
        tape.watch(x)
        y = ops.cast(ops.cast(x, "bool"), "float32") * x
    assert tape.gradient(y, x).tolist() == [1, 1]


# Errors on the way.


@operation()
def _fragile(x: Array) -> Array:
    return x


@_fragile.gradient("x")
def _fragile_x(g, y, x):
    raise KeyError("broken")


@operation()
def _ruleless(x: Array, n: int = 1) -> Array:
    return x


def test_an_error_in_a_rule_leaves_the_tape_usable():
    x, w = Variable(3.0), Variable(2.0)
    with GradientTape() as tape:
        y = _fragile(x) * w
    with pytest.raises(KeyError, match="broken"):
        tape.gradient(y, [x, w])
    assert tape.gradient(y, w).item() == 3
    with pytest.raises(TapeError, match="already used"):
        tape.gradient(y, w)


def test_an_error_in_the_block_removes_the_tape():
    tape = GradientTape()
    x = Variable(3.0)
    with pytest.raises(KeyError), tape:
        y = x * x
        raise KeyError
    assert not hooks.is_active(tape)
    assert tape.gradient(y, x).item() == 6


def test_an_operation_without_a_rule_says_so_when_recorded():
    x = Variable(np.ones((2, 3)))
    with GradientTape() as tape:
        with pytest.raises(MissingRuleError) as raised:
            _ruleless(x)
        assert _ruleless(as_tensor(1.0)).item() == 1
        y = x * x
    text = str(raised.value)
    assert text.startswith("_ruleless: no gradient rule for x; shapes (2, 3), at test_gradient_tape.py:")
    assert "@_ruleless.gradient('x')" in text
    assert [r.name for r in tape.records] == ["multiply"]
    assert tape.gradient(y, x).shape == (2, 3)


def test_beyond_a_wall_no_rule_is_needed():
    v, w = Variable(3.0), Variable(2.0)
    with GradientTape(persistent=True) as tape:
        x = ops.stop_gradient(v)
        y = _ruleless(x * 2.0) * w
        tape.watch(x)
        with pytest.raises(MissingRuleError):
            _ruleless(x)
    assert tape.gradient(y, [v, w])[0] is None
    assert tape.gradient(y, w).item() == 6


def test_a_variable_assigned_on_the_tape_still_needs_rules():
    v, w = Variable(3.0), Variable(2.0)
    with GradientTape() as tape:
        v.assign(w * 2.0)
        with pytest.raises(MissingRuleError):
            _ruleless(v)
        y = v * v
    assert tape.gradient(y, [v, w])[0].item() == 8


def test_a_watched_integer_needs_no_rule():
    with GradientTape() as tape:
        tape.watch(as_tensor(1))
        _ruleless(as_tensor(1))
    assert tape.records == []


@pytest.mark.parametrize(
    ("given", "text"),
    [
        (None, "a NoneType, not a Tensor"),
        (np.ones(3), "a ndarray, not a Tensor"),
        (as_tensor(np.ones((3, 2))), r"shape \(3, 2\)"),
        (as_tensor(1.0), r"shape \(\)"),
        (as_tensor(np.ones((2, 2, 2))), r"shape \(2, 2, 2\)"),
    ],
)
def test_a_rule_that_gives_no_cotangent_is_named(given, text):
    @operation(name="odd")
    def odd(x: Array) -> Array:
        return x

    odd.gradient("x")(lambda g, y, x: given)
    x = Variable(np.ones((2, 3)))
    with GradientTape() as tape:
        y = odd(x)
    with pytest.raises(
        ShapeError, match=r"^odd: the gradient rule for x must give .* \(2, 3\), got " + text + "$"
    ):
        tape.gradient(y, x)


# Size, memory, order, threads.


def test_a_chain_of_100000_operations():
    x = as_tensor(np.float64(1))
    with GradientTape() as tape:
        tape.watch(x)
        y = x
        for _ in range(100_000):
            y = y + x
    assert tape.gradient(y, x).item() == 100_001


def _big_step(persistent=False):
    x = Variable(np.ones(1000), name="x")
    with GradientTape(persistent=persistent) as tape:
        hidden = x * x
        y = hidden * 2.0
    return tape, x, y, weakref.ref(hidden)


@pytest.fixture
def no_garbage_collector():
    gc.collect()
    gc.disable()
    yield
    gc.enable()


def test_records_are_freed_by_gradient_without_the_garbage_collector(no_garbage_collector):
    tape, x, y, hidden = _big_step()
    assert hidden() is not None
    g = tape.gradient(y, x)
    assert hidden() is None
    alive = weakref.ref(y)
    del y
    assert alive() is None
    assert g.shape == (1000,)


def test_a_used_tape_holds_neither_sources_nor_targets(no_garbage_collector):
    source, other = as_tensor(np.ones(1000)), as_tensor(np.ones(1000))
    with GradientTape() as tape:
        tape.watch(source)
        y = source * 2.0
    g = tape.gradient(y, [source, other])
    assert g[1] is None
    gone = [weakref.ref(t) for t in (source, other, y, g[0])]
    del source, other, y, g
    assert [r() for r in gone] == [None] * 4


def test_a_persistent_tape_is_freed_with_its_last_reference(no_garbage_collector):
    tape, x, y, hidden = _big_step(persistent=True)
    tape.gradient(y, x)
    assert hidden() is not None
    del tape
    assert hidden() is None


def test_a_tape_never_asked_and_a_failed_one_are_freed(no_garbage_collector):
    tape, x, y, hidden = _big_step()
    with pytest.raises(ArgumentTypeError):
        tape.gradient(y, None)
    del tape, x, y
    gc.collect()  # the traceback that pytest holds
    assert hidden() is None


def test_jacobians_free_the_records_too(no_garbage_collector):
    x = Variable(np.ones(3))
    with GradientTape() as tape:
        hidden = x * x
        y = hidden * 2.0
    alive = weakref.ref(hidden)
    del hidden
    tape.jacobian(y, x)
    assert alive() is None


def test_each_record_is_visited_once():
    calls = []

    @operation(name="counted")
    def counted(x: Array) -> Array:
        return x

    @counted.gradient("x")
    def counted_x(g, y, x):
        calls.append(1)
        return g

    x = Variable(1.0)
    with GradientTape() as tape:
        y = x
        for _ in range(30):
            y = counted(y)
            y = y + y
    assert tape.gradient(y, x).item() == 2.0**30
    assert len(calls) == 30


def test_what_no_source_needs_is_not_computed():
    x, w = Variable(3.0), Variable(2.0)
    with GradientTape() as tape:
        y = _fragile(w) * 0.0 + x * x
        _fragile(x)
    assert tape.gradient(y, x).item() == 6


def test_the_backward_walk_gives_the_same_bits_twice():
    rng = np.random.default_rng(0)
    x, w = (Variable(rng.standard_normal((7, 7)).astype("float32")) for _ in range(2))

    def gradients():
        with GradientTape() as tape:
            h = x
            for _ in range(5):
                h = h @ w + h * x - x / (h * h + 2.0)
        return [g.numpy().tobytes() for g in tape.gradient(h, [x, w])]

    assert gradients() == gradients()


def test_a_tape_hears_only_its_own_thread():
    x = Variable(3.0)
    heard, started, done = [], threading.Event(), threading.Event()

    def other():
        started.wait(10)
        with GradientTape() as tape:
            y = x * x * x
        heard.append((len(tape.records), tape.gradient(y, x).item()))
        done.set()

    thread = threading.Thread(target=other)
    thread.start()
    with GradientTape() as tape:
        y = x * x
        started.set()
        assert done.wait(10)
        z = y + x
    thread.join()
    assert heard == [(2, 27)]
    assert [r.name for r in tape.records] == ["multiply", "add"]
    assert tape.gradient(z, x).item() == 7


def test_gradients_that_are_infinite_or_nan_raise_no_warning():
    x = Variable([0.0, 1e30])
    with GradientTape() as tape:
        y = 1.0 / x
    with np.errstate(all="warn"):
        g = tape.gradient(y, x)
    assert g.tolist()[0] == -np.inf


def test_one_array_may_be_the_gradient_of_two_sources():
    a, b = Variable([1.0]), Variable([2.0])
    with GradientTape() as tape:
        y = a + b
    da, db = tape.gradient(y, [a, b])
    a.assign_sub(da)
    b.assign_sub(db)
    assert (a.tolist(), b.tolist(), da.tolist(), db.tolist()) == ([0], [1], [1], [1])


# How it prints.


def _line_of(text):
    with open(__file__, encoding="utf-8") as lines:
        return next(i for i, line in enumerate(lines, 1) if line.rstrip().endswith(text))


def test_a_record_knows_the_users_own_line():
    x = Variable([[1.0, 2.0]])
    with GradientTape() as tape:
        y = x @ [[1.0], [2.0]]  # the matmul's line
        y[0] * 2  # the index' line
    assert [r.source for r in tape.records] == [
        f"test_gradient_tape.py:{_line_of('# the matmul' + chr(39) + 's line')}",
        *[f"test_gradient_tape.py:{_line_of('# the index' + chr(39) + ' line')}"] * 2,
    ]
    assert repr(tape.records[0]).startswith(
        "<matmul (1, 2), (2, 1) -> (1, 1) float32 at test_gradient_tape.py:"
    )


def test_a_record_of_a_backward_walk_knows_who_asked_for_the_gradient():
    x = Variable([[1.0, 2.0]])
    with GradientTape() as outer:
        with GradientTape() as inner:
            y = ops.tanh(x) * x
        inner.gradient(y, x)  # who asked
    here = f"test_gradient_tape.py:{_line_of('# who asked')}"
    backward = outer.records[2:]
    assert len(backward) >= 4
    assert {r.source for r in backward} == {here}


def test_the_table_is_aligned():
    x = Variable(np.ones((2, 3)), name="x")
    with GradientTape() as tape:
        y = x @ np.ones((3, 1))
        ops.reshape(y * 1.5, (2,))
    lines = str(tape).splitlines()
    assert lines[0].split() == ["#", "operation", "inputs", "output", "dtype", "source"]
    assert [line.split()[1] for line in lines[1:]] == ["matmul", "multiply", "reshape"]
    for column in ("operation", "inputs", "output", "dtype", "source"):
        start = lines[0].index(column)
        assert all(line[start - 1] == " " and line[start] != " " for line in lines)
    first = lines[1]
    assert first[lines[0].index("inputs") : lines[0].index("output")].strip() == "(2, 3) (3, 1)"
    assert first[lines[0].index("output") : lines[0].index("dtype")].strip() == "(2, 1)"
    assert first[lines[0].index("dtype") : lines[0].index("source")].strip() == "float64"
    assert str(GradientTape()) == "GradientTape: nothing recorded"
