"""tape.why: one true sentence for every way in which a gradient can be None."""

import numpy as np
import pytest

from gradtape import GradientTape, Variable, as_tensor, ops
from gradtape.errors import ArgumentTypeError


def line_of(mark):
    """Return ``file.py:line`` of the line of this file that ends with the mark."""
    with open(__file__, encoding="utf-8") as lines:
        number = next(i for i, line in enumerate(lines, 1) if line.rstrip().endswith("# " + mark))
    return f"test_why_none.py:{number}"


@pytest.fixture(params=[False, True], ids=["used once", "persistent"])
def persistent(request):
    return request.param


def why(tape, target, source):
    """Ask for the gradient, which must be None, and then why; the answer must be the same in both ways."""
    assert tape.gradient(target, source) is None
    said = tape.why(source)
    assert tape.why(source, target) == said
    assert said.endswith(".")
    assert "\n" not in said
    return said


def test_a_tensor_not_watched(persistent):
    x = as_tensor([1.0, 2.0])
    with GradientTape(persistent) as tape:
        y = x * x
    assert why(tape, y, x) == (
        "The tape did not watch the tensor of shape (2,): call tape.watch(tensor) before it is used."
    )


def test_a_variable_that_is_not_trainable(persistent):
    x = Variable(1.0, trainable=False, name="mean")
    with GradientTape(persistent) as tape:
        y = x * x
    assert why(tape, y, x) == (
        "The tape did not watch Variable 'mean' because it is not trainable: call tape.watch(variable)."
    )


def test_a_tape_that_watches_nothing_by_itself(persistent):
    x = Variable(1.0, name="w")
    with GradientTape(persistent, watch_accessed_variables=False) as tape:
        y = x * x
    assert why(tape, y, x) == (
        "The tape did not watch Variable 'w': it was made with watch_accessed_variables=False."
    )


@pytest.mark.parametrize("make", [as_tensor, Variable])
def test_integers(make, persistent):
    n = make(np.array([1, 2]))
    with GradientTape(persistent) as tape:
        tape.watch(n)
        y = ops.cast(n, "float32") * 2.0
    assert why(tape, y, n).endswith(" has dtype int64: only floating values have a gradient; cast it first.")


def test_stop_gradient(persistent):
    x = Variable(1.0, name="w")
    with GradientTape(persistent) as tape:
        h = x * 2.0
        stopped = ops.stop_gradient(h)  # stopped here
        y = stopped * 3.0
    assert (
        why(tape, y, x) == f"The path from Variable 'w' ends at stop_gradient, at {line_of('stopped here')}."
    )
    assert tape.gradient(y, h) is None if persistent else True


def test_an_operation_without_gradient(persistent):
    x = Variable([1.0, 2.0], name="w")
    with GradientTape(persistent) as tape:
        place = ops.argmax(x)  # the largest
        y = ops.cast(place, "float32") * 3.0
    assert why(tape, y, x) == (
        f"The path from Variable 'w' ends at argmax, which has no gradient, at {line_of('the largest')}."
    )


def test_a_comparison(persistent):
    x = Variable([1.0, 2.0], name="w")
    with GradientTape(persistent) as tape:
        right = ops.greater(x, 1.5)  # compared
        y = ops.sum(ops.cast(right, "float32"))
    said = why(tape, y, x)
    assert (
        said
        == f"The path from Variable 'w' ends at greater, which has no gradient, at {line_of('compared')}."
    )


def test_a_cast_to_integers(persistent):
    x = Variable([1.5], name="w")
    with GradientTape(persistent) as tape:
        whole = ops.cast(x, "int32")  # cast here
        y = whole * as_tensor([2.0])
    assert why(tape, y, x) == (
        "The path from Variable 'w' ends at cast to int32, through which no gradient passes, "
        f"at {line_of('cast here')}."
    )


def test_an_integer_target(persistent):
    x = Variable([1.5, 2.5], name="w")
    with GradientTape(persistent) as tape:
        y = ops.argmax(x * 2.0)  # the target
    assert f"ends at argmax, which has no gradient, at {line_of('the target')}" in why(tape, y, x)


def test_the_last_break_on_the_way_to_the_target_is_named(persistent):
    x = Variable([1.0], name="w")
    with GradientTape(persistent) as tape:
        ops.stop_gradient(x)
        stopped = ops.stop_gradient(x * 2.0)  # on the way
        y = stopped * 3.0
        ops.argmax(x)
    assert why(tape, y, x).endswith(f"ends at stop_gradient, at {line_of('on the way')}.")


def test_an_assignment_to_another_variable(persistent):
    x, mean = Variable(2.0, name="w"), Variable(0.0, name="mean")
    with GradientTape(persistent) as tape:
        mean.assign_add(x * 3.0)  # assigned
        y = mean * mean
    assert why(tape, y, x) == (
        f"The path from Variable 'w' ends at an assignment to Variable 'mean' at {line_of('assigned')}: "
        "a Variable's new value does not remember where it came from."
    )


def test_the_variable_itself_assigned_over(persistent):
    x, other = Variable(2.0, name="w"), Variable(5.0, name="other")
    with GradientTape(persistent) as tape:
        x * 1.0
        x.assign(7.0)
        y = other * 2.0
    assert (
        why(tape, y, x)
        == "The target does not depend on Variable 'w', which was assigned over after it was read."
    )


def test_a_target_computed_outside_the_block(persistent):
    x = Variable(2.0, name="w")
    with GradientTape(persistent) as tape:
        x * 1.0
    y = x * x
    assert why(tape, y, x) == (
        "The target was not computed from watched values while this tape was recording: "
        "compute it inside the tape's block, outside stop_recording() and not with NumPy."
    )


def test_a_target_computed_while_recording_was_stopped(persistent):
    x = Variable(2.0, name="w")
    with GradientTape(persistent) as tape:
        x * 1.0
        with tape.stop_recording():
            y = x * x
    assert "outside stop_recording()" in why(tape, y, x)


def test_a_hidden_value_computed_outside_the_block(persistent):
    x = Variable(2.0, name="w")
    h = x * x
    with GradientTape(persistent) as tape:
        y = h * 2.0
    assert why(tape, y, x) == (
        "Variable 'w' was never read while the tape was recording: "
        "compute the target inside the tape's block, not with NumPy, which leaves the tape."
    )


def test_a_target_that_has_nothing_to_do_with_the_source(persistent):
    x, other = Variable(2.0, name="w"), Variable(3.0)
    with GradientTape(persistent) as tape:
        x * 1.0
        y = other * 2.0
    assert why(tape, y, x) == (
        "The target does not depend on Variable 'w': no recorded operation leads from one to the other."
    )


def test_a_tensor_that_replaced_a_variable(persistent):
    x = Variable(2.0)
    x = x + 1
    with GradientTape(persistent) as tape:
        y = x * x
    assert "call tape.watch(tensor)" in why(tape, y, x)


def test_a_round_trip_through_numpy(persistent):
    x = Variable([2.0], name="w")
    with GradientTape(persistent) as tape:
        h = x * 2.0
        y = as_tensor(h.numpy()) * 3.0
    assert why(tape, y, x) == (
        "The target was not computed from watched values while this tape was recording: "
        "compute it inside the tape's block, outside stop_recording() and not with NumPy."
    )


# When there is nothing to explain.


def test_a_gradient_that_is_there(persistent):
    x = Variable(2.0, name="w")
    with GradientTape(persistent) as tape:
        y = x * x
    tape.gradient(y, x)
    assert tape.why(x) == "The gradient for Variable 'w' is not None: the target depends on it."
    assert tape.why(x, y) == tape.why(x)


def test_a_used_tape_says_what_it_was_not_asked():
    x, other = Variable(2.0, name="w"), Variable(3.0, name="b")
    with GradientTape() as tape:
        y = x * other
        z = x * 2.0
    tape.gradient(y, x)
    freed = (
        "gradient() was not asked for Variable '{}' and this target, and it freed the records: "
        "GradientTape(persistent=True) keeps them."
    )
    assert tape.why(other) == freed.format("b")
    assert tape.why(x, z) == freed.format("w")


def test_asking_before_any_gradient():
    x, other = Variable(2.0, name="w"), Variable(3.0)
    with GradientTape() as tape:
        assert tape.why(x).startswith("Variable 'w' was never read")
        y = ops.stop_gradient(x * other) * 2.0  # before
        assert "ends at stop_gradient" in tape.why(x, y)
        assert "ends at stop_gradient" in tape.why(x)
        z = x * 2.0
    assert tape.why(x) == "The gradient for Variable 'w' is not None: the target depends on it."
    assert tape.why(other, [y, z]).endswith(f"ends at stop_gradient, at {line_of('before')}.")


def test_a_persistent_tape_answers_for_any_target():
    x, other = Variable(2.0, name="w"), Variable(3.0)
    with GradientTape(persistent=True) as tape:
        y = x * 2.0
        z = other * 2.0
    tape.gradient(y, x)
    assert "is not None" in tape.why(x)
    assert "does not depend" in tape.why(x, z)
    assert "does not depend" in tape.why(other)
    assert "is not None" in tape.why(x, {"both": [y, z]})


def test_what_went_through_numpy():
    x, w = as_tensor([1.0, 2.0]), Variable(3.0, name="w")
    with GradientTape(persistent=True) as tape:
        tape.watch(x)
        y, z = as_tensor(np.square(np.asarray(x))), as_tensor(float(w) * 2)
    assert tape.gradient(y, x) is None and tape.why(x).endswith(
        "outside stop_recording() and not with NumPy."
    )
    assert tape.gradient(z, w) is None and tape.why(w).endswith("not with NumPy, which leaves the tape.")


def test_asking_with_zeros_for_a_jacobian():
    x, w = Variable(np.ones((2, 3)), name="x"), Variable(np.ones((2, 3)), name="w")
    with GradientTape(persistent=True) as tape:
        y = x * x
    for ask in (tape.jacobian, tape.batch_jacobian, tape.gradient):
        assert not ask(y, w, unconnected_gradients="zero").numpy().any()
        assert tape.why(w).startswith("Variable 'w' was never read while the tape was recording")


def test_asking_with_zeros_for_none():
    x, other = Variable(2.0, name="w"), Variable(3.0)
    with GradientTape() as tape:
        x * 1.0
        y = other * 2.0
    assert tape.gradient(y, x, unconnected_gradients="zero").item() == 0
    assert "no recorded operation leads" in tape.why(x)


def test_jacobians_are_explained_too(persistent):
    x = Variable([2.0], name="w")
    with GradientTape(persistent) as tape:
        y = ops.stop_gradient(x) * 1.0
    assert tape.jacobian(y, x) is None
    assert "ends at stop_gradient" in tape.why(x)


def test_a_variable_as_target(persistent):
    x, v = Variable(2.0, name="w"), Variable(1.0, name="v")
    with GradientTape(persistent) as tape:
        v.assign(x * 2.0)  # went into v
        v * 1.0
    assert f"ends at an assignment to Variable 'v' at {line_of('went into v')}" in why(tape, v, x)


@pytest.mark.parametrize("wrong", [3.0, None, [as_tensor(1.0)]])
def test_a_source_must_be_one_tensor(wrong):
    with pytest.raises(ArgumentTypeError, match="^why: source must be a Tensor or Variable, got "):
        GradientTape().why(wrong)
