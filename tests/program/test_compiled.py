"""compile(): the same result and the same effect on Variables, as one program."""

from __future__ import annotations

import gc

import numpy as np
import pytest

from gradtape import GradientTape, Tensor, Variable, as_tensor, compile, engine, ops
from gradtape.errors import ArgumentTypeError, AxisError, CompileError, ShapeError

rng = np.random.default_rng(0)
X = rng.normal(size=(20, 3)).astype("float32")
Y = rng.normal(size=(20, 2)).astype("float32")
on_jax = pytest.mark.skipif(engine.get_engine() != "jax", reason="NumPy compiles nothing")


class Line:
    """A line fitted by gradient descent: two Variables and a step."""

    def __init__(self) -> None:
        self.w = Variable(np.full((3, 2), 0.5, "float32"), name="w")
        self.b = Variable(np.zeros(2, "float32"), name="b")

    def step(self, x: Tensor, y: Tensor) -> Tensor:
        with GradientTape() as tape:
            error = x @ self.w + self.b - y
            loss = ops.sum(error * error)
        for g, v in zip(tape.gradient(loss, [self.w, self.b]), [self.w, self.b], strict=True):
            v.assign_sub(g * 0.01)
        return loss


def test_a_compiled_step_gives_the_eager_values_and_weights() -> None:
    eager, other = Line(), Line()
    compiled = compile(other.step)
    for start in (0, 5, 10):
        batch = as_tensor(X[start : start + 5]), as_tensor(Y[start : start + 5])
        np.testing.assert_allclose(compiled(*batch), eager.step(*batch), rtol=1e-5)
    np.testing.assert_allclose(other.w, eager.w, rtol=1e-5)
    np.testing.assert_allclose(other.b, eager.b, rtol=1e-5)


def test_many_steps_in_one_call_are_the_steps_one_by_one() -> None:
    eager, other = Line(), Line()
    rows = np.arange(20).reshape(4, 5)[::-1]
    losses = compile(other.step).over([as_tensor(X), as_tensor(Y)], rows)
    expected = [eager.step(as_tensor(X[r]), as_tensor(Y[r])).item() for r in rows]
    assert losses.shape == (4,)
    np.testing.assert_allclose(losses, expected, rtol=1e-5)
    np.testing.assert_allclose(other.w, eager.w, rtol=1e-5)


def test_count_leaves_the_last_steps_out() -> None:
    eager, other = Line(), Line()
    rows = np.arange(20).reshape(4, 5)
    losses = compile(other.step).over([as_tensor(X), as_tensor(Y)], rows, count=3)
    expected = [eager.step(as_tensor(X[r]), as_tensor(Y[r])).item() for r in rows[:3]]
    np.testing.assert_allclose(losses, expected, rtol=1e-5)
    np.testing.assert_allclose(other.w, eager.w, rtol=1e-5)


@on_jax
def test_a_second_call_with_the_same_shapes_compiles_nothing() -> None:
    compiled = compile(Line().step)
    for _ in range(3):
        compiled(X[:5], Y[:5])
    assert compiled.traces == 1
    compiled(X[:4], Y[:4])
    assert compiled.traces == 2
    data, rows = [as_tensor(X), as_tensor(Y)], np.arange(20).reshape(4, 5)
    for count in (4, 2, 3):
        compiled.over(data, rows, count=count)
    assert compiled.traces == 3


@on_jax
def test_xla_is_asked_once_per_shape() -> None:
    import jax

    line = Line()
    compiled = compile(line.step)
    compiled(X[:5], Y[:5])
    seen: list[str] = []

    def listen(event: str, seconds: float, **_: object) -> None:
        if "backend_compile" in event:
            seen.append(event)

    jax.monitoring.register_event_duration_secs_listener(listen)
    batch = as_tensor(X[:5] + 1), as_tensor(Y[:5])
    seen.clear()
    compiled(*batch)
    assert seen == []
    compiled(as_tensor(X[:7]), as_tensor(Y[:7]))
    assert seen != []


def test_a_tensor_read_before_the_step_keeps_its_value() -> None:
    line = Line()
    before, view = line.w.value, np.asarray(line.w.value)
    shared = Variable(line.w, name="shared")
    shared.assign(line.w)
    compiled = compile(line.step)
    for _ in range(3):
        compiled(X[:5], Y[:5])
    gc.collect()
    assert before.numpy().tolist() == np.full((3, 2), 0.5).tolist()
    assert view.tolist() == np.full((3, 2), 0.5).tolist()
    assert shared.numpy().tolist() == np.full((3, 2), 0.5).tolist()


def test_results_may_be_nested() -> None:
    compiled = compile(lambda x: {"double": x * 2, "parts": [x[0], x[1:]]})
    result = compiled(as_tensor([1.0, 2.0, 3.0]))
    assert result["double"].numpy().tolist() == [2, 4, 6]
    assert result["parts"][0].item() == 1
    assert result["parts"][1].numpy().tolist() == [2, 3]


def test_other_arguments_are_fixed_when_it_is_traced() -> None:
    compiled = compile(lambda x, times, name=None: x * times)
    assert compiled(as_tensor(2.0), 3).item() == 6
    assert compiled(as_tensor(2.0), 4).item() == 8


def test_a_variable_made_in_the_first_call_works() -> None:
    slots: list[Variable] = []

    def step(x: Tensor) -> Tensor:
        if not slots:
            slots.append(Variable(np.zeros(2, "float32"), name="slot"))
        return slots[0].assign_add(x).value

    compiled = compile(step)
    assert compiled(as_tensor([1.0, 2.0])).numpy().tolist() == [1, 2]
    assert compiled(as_tensor([1.0, 2.0])).numpy().tolist() == [2, 4]


def test_a_tape_hears_a_compiled_function() -> None:
    compiled = compile(lambda x: x * x)
    x = Variable(3.0)
    with GradientTape() as tape:
        y = compiled(x)
    assert tape.gradient(y, x).item() == 6


def test_run_eagerly_lets_one_look_inside() -> None:
    seen = []

    def step(x: Tensor) -> Tensor:
        seen.append(float(x))
        return x

    compile(step, run_eagerly=True)(as_tensor(2.0))
    assert seen == [2.0]


def branches(x: Tensor) -> Tensor:
    return x if x[0] > 0 else -x


def prints(x: Tensor) -> Tensor:
    print(x)
    return x


def floats(x: Tensor) -> Tensor:
    return x * float(x[0])


def masks(x: Tensor) -> Tensor:
    return x[x > 0]


def numpys(x: Tensor) -> Tensor:
    return as_tensor(np.sin(x.numpy()))


@on_jax
@pytest.mark.parametrize("function", [branches, prints, floats, masks, numpys])
def test_needing_a_value_names_the_line_and_the_way_out(function) -> None:
    line = function.__code__.co_firstlineno + 1
    with pytest.raises(CompileError, match=rf"^compile: test_compiled.py:{line} .*run_eagerly=True"):
        compile(function)(as_tensor([1.0, -2.0]))


@on_jax
def test_a_failed_trace_leaves_variables_as_they_were() -> None:
    w = Variable(1.0)

    def step(x: Tensor) -> Tensor:
        w.assign_add(x)
        return x * float(x)

    with pytest.raises(CompileError):
        compile(step)(as_tensor(2.0))
    assert w.item() == 1.0


@on_jax
def test_a_variable_made_in_every_call_is_refused() -> None:
    def step(x: Tensor) -> Tensor:
        return Variable(x, name="anew").value

    line = step.__code__.co_firstlineno + 1
    with pytest.raises(
        CompileError, match=rf"^compile: test_compiled.py:{line} uses Variable 'anew'.* once, "
    ):
        compile(step)(as_tensor(2.0))


@on_jax
def test_a_tensor_kept_from_a_step_has_no_value_afterwards() -> None:
    kept: list[Tensor] = []
    compile(lambda x: kept.append(x * 2) or x)(as_tensor(2.0))  # type: ignore[func-returns-value]
    said = "^compile: a tensor that a compiled step kept .*run_eagerly=True$"
    for use in (print, float, str, lambda t: t + 1, compile(lambda x: x + kept[0])):
        with pytest.raises(CompileError, match=said):
            use(kept[0])


@on_jax
def test_another_variable_in_the_second_trace_is_refused() -> None:
    first, second = Variable(1.0, name="first"), Variable(2.0, name="second")
    turn = iter([first, second])
    said = r"^compile: test_compiled.py:\d+ uses Variable 'second', which was not touched when .*run_eagerly=True"
    with pytest.raises(CompileError, match=said):
        compile(lambda x: next(turn).assign_add(x).value)(as_tensor(2.0))
    assert (first.item(), second.item()) == (1.0, 2.0)


def test_rows_must_exist_and_be_two_dimensional() -> None:
    compiled = compile(Line().step)
    data = [as_tensor(X), as_tensor(Y)]
    with pytest.raises(ShapeError, match=r"over: rows must be \(steps, batch\)"):
        compiled.over(data, np.arange(5))
    with pytest.raises(ShapeError, match="count 5"):
        compiled.over(data, np.arange(20).reshape(4, 5), count=5)
    with pytest.raises(AxisError, match=r"over: rows: indices must be in \[-20, 20\), got 16 to 20"):
        compiled.over(data, np.arange(16, 21).reshape(1, 5))


def test_negative_rows_count_from_the_end() -> None:
    compiled = compile(lambda x: ops.sum(x))
    result = compiled.over([as_tensor(X)], np.array([[-1, -2], [0, 1]]))
    np.testing.assert_allclose(result, [X[-2:].sum(), X[:2].sum()], rtol=1e-6)


@on_jax
def test_a_step_reuses_the_memory_of_its_variables() -> None:
    line = Line()
    step = compile(line.step)
    batch = as_tensor(X[:5]), as_tensor(Y[:5])
    step(*batch)
    before = [v._array.unsafe_buffer_pointer() for v in (line.w, line.b)]
    step(*batch)
    assert [v._array.unsafe_buffer_pointer() for v in (line.w, line.b)] == before
    step.over([X, Y], np.arange(20).reshape(4, 5))
    assert [v._array.unsafe_buffer_pointer() for v in (line.w, line.b)] == before


@pytest.mark.parametrize("columns", [1, 3, 4, 8], ids=lambda n: f"{n} of 6 columns")
def test_products_with_narrow_factors_are_the_same_compiled(columns: int) -> None:
    x, y = rng.normal(size=(5, 6)).astype("float32"), rng.normal(size=(5, columns)).astype("float32")
    w = Variable(rng.normal(size=(6, columns)).astype("float32"))

    def gradient(x: Tensor, y: Tensor) -> Tensor:
        with GradientTape() as tape:
            loss = ops.sum((x @ w - y) ** 2)
        return tape.gradient(loss, w)

    wanted = 2 * x.T @ (x @ w.numpy() - y)
    np.testing.assert_allclose(compile(gradient)(as_tensor(x), as_tensor(y)), wanted, rtol=1e-5, atol=1e-5)


RETURNED = {
    "number": lambda x: 2.0,
    "among tensors": lambda x: {"x": x, "n": 3},
    "text": lambda x: (x, "done"),
    "object": lambda x: [x, object()],
}


@pytest.mark.parametrize("function", RETURNED.values(), ids=RETURNED)
def test_what_is_no_tensor_is_not_returned_on_any_engine(function) -> None:
    with pytest.raises(
        CompileError, match="^compile: the function must return tensors, got .*run_eagerly=True"
    ):
        compile(function)(X)
    compile(function, run_eagerly=True)(X)


def test_a_step_may_return_nothing_and_nothing_in_places() -> None:
    total = Variable(0.0)
    add = compile(lambda x: None if total.assign_add(ops.sum(x)) is None else None)
    assert add(X) is None and add(X) is None
    assert total.item() == pytest.approx(2 * X.sum(), rel=1e-5)
    for _ in range(2):
        first, second = compile(lambda x: (x[0], None))(X)
        assert second is None and first.tolist() == X[0].tolist()


def test_arrays_reach_the_function_as_tensors_and_come_back_as_such() -> None:
    seen = []
    compiled = compile(
        lambda d, v: seen.append(type(d["x"])) or {"twice": d["x"] * 2, "ones": np.ones(2), "v": v}
    )  # type: ignore[func-returns-value]
    result = compiled({"x": X > 0}, Variable(3.0))
    assert {type(value) for value in result.values()} == {Tensor} and set(seen) == {Tensor}
    assert result["twice"].dtype == "int32"  # as tensors do, where NumPy would give int64
    frame = pytest.importorskip("pandas").DataFrame(X)
    assert compile(ops.sum)(frame).item() == pytest.approx(X.sum(), rel=1e-5)


def test_a_variable_among_the_arguments_is_the_variable_itself() -> None:
    first, second = Variable(1.0), Variable(10.0)
    grow = compile(lambda variable, x: variable.assign_add(x).value)
    assert [grow(v, 1.0).item() for v in (first, second, first)] == [2, 11, 3]
    assert (first.item(), second.item()) == (3, 11)


def test_an_argument_that_cannot_be_told_from_others_is_refused() -> None:
    class Options:
        __hash__ = None  # type: ignore[assignment]

    with pytest.raises(ArgumentTypeError, match="^compile: arguments must be tensors, .* or be hashable"):
        compile(lambda x, options: x)(X, Options())


def test_arguments_by_name() -> None:
    compiled = compile(lambda x, y=None, times=1: (x if y is None else x + y) * times)
    assert compiled(X[0], times=2).tolist() == (X[0] * 2).tolist()
    assert compiled(X[0], y=X[1]).tolist() == (X[0] + X[1]).tolist()
    assert compiled(x=X[0]).tolist() == X[0].tolist()
    assert compiled.traces == (3 if engine.get_engine() == "jax" else 0)


class GammaBetaLayer:
    """Has a compiled method."""

    def __init__(self, by: float) -> None:
        self.by = Variable(by)

    @compile
    def times(self, x: Tensor) -> Tensor:
        """Return x, scaled."""
        return x * self.by


def test_a_method_is_compiled_for_each_instance() -> None:
    two, three = GammaBetaLayer(2.0), GammaBetaLayer(3.0)
    for _ in range(2):
        assert two.times(X[0]).tolist() == (X[0] * 2).tolist()
        np.testing.assert_allclose(three.times(X[0]), X[0] * 3, rtol=1e-6)
    assert two.times is two.times and two.times.traces <= 1
    assert GammaBetaLayer.times.__doc__ == "Return x, scaled." and GammaBetaLayer.times.__name__ == "times"


@on_jax
def test_a_number_that_python_counts_is_not_frozen_in_silence() -> None:
    turns = iter(range(9))
    said = "^compile: a result changes from call to call, 0 and then 1, .*kept in a Variable"
    with pytest.raises(CompileError, match=said):
        compile(lambda x: (x, as_tensor(next(turns))))(X)
    assert compile(lambda x: (x, as_tensor(float("nan"))))(X)[1].item() != 0
