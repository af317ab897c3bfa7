"""Facts of operations: each has a kind and a cost, and what it says of the rows of a batch is true."""

import itertools
from types import SimpleNamespace

import numpy as np
import pytest

from gradtape import as_tensor, engine
from gradtape.core import hooks
from gradtape.core.op_facts import KINDS, per_input
from gradtape.core.operation import operation
from gradtape.core.tensor import Array
from gradtape.errors import ArgumentError
from gradtape.views.step.symbol_tree import tree_of
from gradtape.views.step.text import flops_text
from tests.ops.referees import tried
from tests.ops.test_every_rule import CUBE, FLAGS, MIXED, OURS

UNKNOWN = {"custom_gradient"}  # what it does is the user's function
# Their last tensor is not computed with (on one engine at least), but their gradient needs its rows.
ONLY_FOR_THE_GRADIENT = {
    "sigmoid_crossentropy", "soft_crossentropy", "softmax_crossentropy", "softmax_minus_one_hot",
}  # fmt: skip
_rng = np.random.default_rng(11)
ROWS, WIDE = _rng.normal(size=(4, 3)), _rng.normal(size=(4, 3, 5))
NUMBERS = _rng.integers(0, 3, size=(4, 2))

# Calls with more rows than the samples of the rules have, and with the batch at other axes.
CALLS = {
    "broadcast_to": [((ROWS,), {"shape": (2, 4, 3)}), ((ROWS[:, :1],), {"shape": (4, 6)})],
    "concatenate": [((ROWS, ROWS + 1), {"axis": -1}), ((WIDE, WIDE), {"axis": 0})],
    "einsum": [
        ((WIDE, _rng.normal(size=(5, 2))), {"subscripts": "bij,jk->kbi"}),
        ((ROWS, _rng.normal(size=(4, 5))), {"subscripts": "bi,bj->bij"}),
        ((ROWS, _rng.normal(size=(4, 5))), {"subscripts": "bi,bj->ij"}),
    ],
    "gather": [((WIDE, np.array([[0, 1], [3, 2], [1, 1]])), {})],
    "getitem": [
        ((WIDE,), {"template": (slice(None), 1)}),
        ((WIDE,), {"template": (None, ..., slice(1, 3))}),
        ((WIDE,), {"template": (slice(None, None, -1),)}),
        ((WIDE, NUMBERS), {"template": (slice(None), "array")}),
        ((WIDE, NUMBERS), {"template": ("array", slice(None), 0)}),
        ((WIDE, NUMBERS), {"template": (0, slice(None), "array")}),
    ],
    "index_add": [
        ((WIDE,), {"shape": (4, 6, 5), "template": (slice(None), slice(1, 4))}),
        ((_rng.normal(size=(4, 2, 5)), NUMBERS[0]), {"shape": (4, 3, 5), "template": (slice(None), "array")}),
    ],
    "lookup": [((_rng.normal(size=(3, 4)), NUMBERS), {"who": "lookup"})],
    "matmul": [
        ((ROWS, _rng.normal(size=(3, 5))), {}),
        ((WIDE, _rng.normal(size=(4, 5, 2))), {}),
        ((WIDE, _rng.normal(size=(5, 2))), {}),
        ((WIDE, _rng.normal(size=(5,))), {}),
        ((ROWS[0], _rng.normal(size=(4, 3, 2))), {}),
    ],
    "matmul_transpose_a": [((ROWS, _rng.normal(size=(4, 5))), {})],
    "matmul_transpose_b": [((ROWS, _rng.normal(size=(5, 3))), {})],
    "mean": [((WIDE,), {"axis": axis, "keepdims": keep}) for axis in (0, -1, (1, 2)) for keep in (True, False)],
    "pad": [((ROWS,), {"widths": ((0, 0), (1, 2)), "value": 0.0}), ((ROWS,), {"widths": ((1, 0), (0, 0)), "value": 0.0})],
    **dict.fromkeys(["random_normal", "random_uniform"], [((np.array([7, 0]),), {"shape": (2, 3)})]),
    "dropout_mask": [((np.array([7, 0]),), {"shape": (2, 3), "rate": 0.5})],
    "reshape": [
        ((WIDE,), {"newshape": newshape})
        for newshape in [(4, 15), (4, -1), (1, 4, 3, 5), (12, 5), (2, 2, 3, 5), (60,), (4, 5, 3), (-1,)]
    ],
    "scatter": [((WIDE, NUMBERS), {"shape": (3, 3, 3, 5)}), ((ROWS, NUMBERS[:, :1]), {"shape": (3, 3)})],
    "scatter_update": [((WIDE, np.array([[1], [0]]), WIDE[:2]), {})],
    "slice_update": [((ROWS, ROWS[:, :2]), {"block": ((0, 4), (1, 3))})],
    "softmax": [((WIDE,), {"axis": 0}), ((WIDE,), {"axis": (1, 2)})],
    "stack": [((ROWS, ROWS + 1), {"axis": axis}) for axis in (0, 1, -1)],
    "sum_to_shape": [((WIDE,), {"shape": (3, 1)}), ((WIDE,), {"shape": (4, 3, 1)})],
    "take": [((WIDE, NUMBERS), {"axis": 1}), ((WIDE, np.array(1)), {"axis": 1})],
    "take_along_axis": [((WIDE, np.argsort(WIDE, 1)), {"axis": 1}), ((ROWS, np.argsort(ROWS, 1)[:1]), {"axis": 1})],
    "transpose": [((WIDE,), {"axes": None}), ((WIDE,), {"axes": (1, 2, 0)})],
    "tril": [((WIDE,), {"k": 0})],
    "where": [((FLAGS, MIXED, MIXED[:1]), {})],
}  # fmt: skip


class Calls(hooks.Hook):
    """A hook that keeps the calls of one operation."""

    def __init__(self, name):
        self.name, self.found = name, []

    def on_operation(self, operation, inputs, attributes, output):
        if operation.name == self.name:
            self.found.append((tuple(inputs), attributes))


def calls_of(name):
    """Return (tensors, attributes) of calls of an operation: its samples, and those above."""
    made, heard = OURS[name], Calls(name)
    hooks.add(heard)
    try:
        usual = [] if name in CALLS else [((MIXED,) * len(made.tensors), {})]
        for tensors, how in tried(name) or usual:
            inputs = tuple([as_tensor(x) for x in tensors])
            how(*inputs) if callable(how) else made.apply(inputs, {**made.defaults, **how})
    finally:
        hooks.remove(heard)
    more = [(tuple([as_tensor(x) for x in tensors]), how) for tensors, how in CALLS.get(name, [])]
    return heard.found + [(inputs, {**made.defaults, **how}) for inputs, how in more]


# Kinds, costs.


@pytest.mark.parametrize("name", OURS)
def test_every_operation_has_a_kind_and_a_cost(name):
    facts = OURS[name].facts
    if name in UNKNOWN:
        assert facts.kind == "" and facts.cost is None
        return
    assert facts.kind in KINDS
    assert facts.rows is not None
    for inputs, attributes in calls_of(name):
        shapes = [y.shape for y in outputs_of(OURS[name], inputs, attributes)]
        shape = tuple(shapes) if OURS[name].has_several else shapes[0]
        flops = facts.flops([t.shape for t in inputs], shape, attributes)
        assert isinstance(flops, int) and flops >= 0
        assert flops > 0 or facts.kind in ("move", "selection", "lookup", "scatter") or len(inputs) == 1


@pytest.mark.parametrize(
    ("name", "shapes", "output", "attributes", "flops"),
    [
        ("add", [(32, 10), (10,)], (32, 10), {}, 320),
        ("exp", [(3, 4)], (3, 4), {}, 12),
        ("matmul", [(128, 784), (784, 512)], (128, 512), {}, 2 * 128 * 784 * 512),
        ("matmul", [(5, 2, 3), (3, 7)], (5, 2, 7), {}, 2 * 5 * 2 * 3 * 7),
        ("matmul", [(6,), (6,)], (), {}, 12),
        ("matmul", [(6,), (4, 6, 5)], (4, 5), {}, 240),
        ("matmul_transpose_a", [(128, 784), (128, 512)], (784, 512), {}, 2 * 784 * 128 * 512),
        ("matmul_transpose_b", [(128, 512), (784, 512)], (128, 784), {}, 2 * 128 * 512 * 784),
        ("einsum", [(2, 3, 4), (2, 4, 5)], (2, 3, 5), {"subscripts": "bij,bjk->bik"}, 2 * 2 * 3 * 4 * 5),
        ("einsum", [(3,), (4,)], (3, 4), {"subscripts": "i,j->ij"}, 12),
        ("einsum", [(3, 4), (4, 5), (5,)], (3,), {"subscripts": "ij,jk,k->i"}, 3 * 3 * 4 * 5),
        ("sum", [(32, 10)], (32,), {"axis": 1, "keepdims": False}, 320),
        ("mean", [(32, 10)], (), {"axis": None, "keepdims": False}, 320),
        ("var", [(32, 10)], (10,), {"axis": 0, "keepdims": False}, 1280),
        ("softmax", [(32, 10)], (32, 10), {"axis": -1}, 5 * 320),
        ("softmax_crossentropy", [(32, 10), (32,), (32, 10)], (32,), {}, 4 * 320),
        ("sort", [(3, 8)], (3, 8), {"axis": -1}, 24 * 3),
        ("sort", [(2, 4)], (8,), {"axis": None}, 8 * 3),
        ("spread", [(32, 1)], (32, 10), {"shape": (32, 10), "share": 0.1}, 32),
        ("add_at", [(32, 8), (32,)], (1000, 8), {"shape": (1000, 8), "axis": 0}, 256),
        ("index_add", [(3,), (3,)], (10,), {"shape": (10,), "template": ("array",)}, 3),
        ("reshape", [(4, 3)], (12,), {"newshape": (12,)}, 0),
        ("transpose", [(6, 4)], (4, 6), {"axes": None}, 0),
        ("cast", [(6, 4)], (6, 4), {"dtype": "float64"}, 0),
        ("concatenate", [(6, 4), (6, 4)], (12, 4), {"axis": 0}, 0),
        ("take", [(6, 4), (2,)], (2, 4), {"axis": 0}, 0),
        ("matmul_transpose_a", [(3, 2), (3, 5)], (2, 5), {}, 2 * 2 * 3 * 5),
        ("getitem", [(4, 3)], (3,), {"template": (0,)}, 0),
        ("lookup", [(1000, 8), (32,)], (32, 8), {}, 0),
        ("confusion", [(32, 10), (32, 10), (1, 1)], (4, 5), {"thresholds": (0.1,) * 5, "by_label": False}, 2 * 5 * 320),
    ],
)  # fmt: skip
def test_costs_by_hand(name, shapes, output, attributes, flops):
    assert OURS[name].facts.flops(shapes, output, attributes) == flops


def test_an_operation_of_ones_own_declares_its_facts():
    @operation(kind="along_axis", symbol="x - max(x)", cost=per_input(20), name="below_the_top")
    def below_the_top(x: Array) -> Array:
        return x - engine.xp.max(x, axis=-1, keepdims=True)

    facts = below_the_top.operation.facts
    assert facts.flops([(32, 12)], (32, 12), {}) == 7680
    assert facts.symbol == "x - max(x)"
    assert facts.output_axis([0], [(32, 12)], {}) is None


def test_without_a_declared_cost_nothing_is_guessed():
    @operation(name="somehow")
    def somehow(x: Array) -> Array:
        return x @ x

    @operation(name="doubled", kind="elementwise")
    def doubled(x: Array) -> Array:
        return x + x

    assert somehow.operation.facts.flops([(8, 8)], (8, 8), {}) is None
    assert doubled.operation.facts.flops([(8, 8)], (8, 8), {}) == 64
    assert doubled.operation.facts.output_axis([1], [(8, 8)], {}) == 1


def test_a_kind_that_does_not_exist_is_refused():
    with pytest.raises(ArgumentError, match="^strange: kind must be one of elementwise, .*, got 'stranger'$"):
        operation(name="strange", kind="stranger")(lambda x: x)


def test_what_costs_an_unknown_number_is_shown_as_such():
    step = SimpleNamespace(flops=None)
    assert flops_text([SimpleNamespace(flops=1500), SimpleNamespace(flops=500)]) == "2.00k"
    assert flops_text([SimpleNamespace(flops=1500), step]) == "?"


# Symbols.

FUNCTIONS = {
    **{"+": np.add, "*": np.multiply, "/": np.divide, "**": np.power, "-": lambda *xs: np.subtract(*xs) if xs[1:] else -xs[0]},
    **{"max": np.maximum, "min": np.minimum, "abs": np.abs},
    **{name: getattr(np, name) for name in ("exp", "log", "sqrt", "sign", "sin", "cos", "tan", "sinh", "cosh", "tanh")},
}  # fmt: skip


def evaluated(tree, numbers):
    if isinstance(tree, str):
        return numbers[tree]
    return (
        FUNCTIONS[tree[0]](*[evaluated(part, numbers) for part in tree[1:]])
        if isinstance(tree, list)
        else tree
    )


SYMBOLS = [n for n, made in OURS.items() if made.facts.kind == "elementwise" and tree_of(made.facts.symbol)]


@pytest.mark.parametrize("name", sorted(set(SYMBOLS) - {"softmax_minus_one_hot"}))
def test_an_elementwise_symbol_gives_what_the_operation_gives(name):
    made = OURS[name]
    for inputs, attributes in calls_of(name):
        numbers = attributes | dict(zip(made.tensors, map(np.asarray, inputs), strict=True))
        found = evaluated(tree_of(made.facts.symbol), numbers)
        np.testing.assert_allclose(
            np.broadcast_to(found, made.apply(inputs, attributes).shape),
            np.asarray(made.apply(inputs, attributes)),
        )


# Kinks.


def test_kinks_tell_the_sides_apart():
    x = np.array([-4.0, 0.0, 2.0, 7.0])
    assert OURS["relu"].facts.kinks([x], {}).tolist() == [0, 1, 2, 2]
    assert OURS["relu6"].facts.kinks([x], {}).tolist() == [0, 1, 2, 8]
    assert OURS["soft_shrink"].facts.kinks([x], {"threshold": 2.0}).tolist() == [0, 2, 5, 8]
    assert OURS["maximum"].facts.kinks([x, np.float64(2.0)], {}).tolist() == [0, 0, 1, 2]
    assert OURS["max"].facts.kinks([x], {"axis": None}).tolist() == [0, 0, 0, 1]
    assert OURS["min"].facts.kinks([x], {"axis": [0]}).tolist() == [1, 0, 0, 0]
    assert OURS["mod"].facts.kinks([x, np.float64(3.0)], {}).tolist() == [-2, 0, 0, 2]
    assert OURS["sort"].facts.kinks([-x], {"axis": -1}).tolist() == [3, 2, 1, 0]
    assert OURS["exp"].facts.kinks is None


# Rows.


@pytest.mark.parametrize("name", sorted(set(OURS) - UNKNOWN))
def test_what_an_operation_says_of_rows_is_true(name):
    made = OURS[name]
    for inputs, attributes in calls_of(name):
        arrays, shapes = made.arrays(inputs), [t.shape for t in inputs]
        whole = outputs_of(made, inputs, attributes)
        for axes in itertools.product(*[(None, *range(len(shape))) for shape in shapes]):
            lengths = {shape[a] for shape, a in zip(shapes, axes, strict=True) if a is not None}
            if len(lengths) != 1 or (count := lengths.pop()) < 2:
                continue
            if name in ONLY_FOR_THE_GRADIENT and axes[-1] is None:
                continue
            said = made.facts.output_axis(axes, shapes, attributes)
            found = [
                place
                for place in range(min([y.ndim for y in whole]))
                if all(y.shape[place] == count for y in whole)
                and keeps_rows(made, arrays, attributes, axes, whole, place)
            ]
            case = f"{name}: rows at {axes} of {shapes}, {attributes}"
            assert found == ([] if said is None else [said]), f"{case}: says {said}, does {found}"


def keeps_rows(made, arrays, attributes, axes, whole, place):
    """Tell whether rows at `axes` come out at `place`, whatever their order and however they are cut."""
    count = whole[0].shape[place]
    order = np.roll(np.arange(count), 1)
    moved = computed(made, rows(arrays, axes, order), attributes)
    if not same(moved, [np.take(y, order, place) for y in whole]):
        return False
    parts = [
        computed(made, rows(arrays, axes, part), resized(attributes, axes, place, len(part)))
        for part in (np.arange(1), np.arange(1, count))
    ]
    if any(part is None or [y.ndim for y in part] != [y.ndim for y in whole] for part in parts):
        return False
    try:
        return same([np.concatenate(both, place) for both in zip(*parts, strict=True)], whole)
    except ValueError:
        return False


def rows(arrays, axes, order):
    return [a if axis is None else np.take(a, order, axis) for a, axis in zip(map(np.asarray, arrays), axes, strict=True)]  # fmt: skip


def resized(attributes, axes, place, count):
    """Return the attributes as a caller with so many rows would give them: shapes have another length."""
    changed = dict(attributes)
    for name in {"shape", "newshape"} & set(changed):
        changed[name] = tuple([count if i == place and n >= 0 else n for i, n in enumerate(changed[name])])
    if "block" in changed:
        changed["block"] = tuple([(0, count) if i == place else b for i, b in enumerate(changed["block"])])
    return changed


def computed(made, arrays, attributes):
    try:
        return outputs_of(made, tuple([as_tensor(a) for a in arrays]), attributes)
    except (ValueError, TypeError, IndexError):
        return None


def same(one, other):
    return one is not None and all(
        a.shape == b.shape and np.allclose(a, b, equal_nan=True) for a, b in zip(one, other, strict=True)
    )


def outputs_of(made, inputs, attributes):
    """Return the outputs as a list of NumPy arrays, most often of one."""
    found = made.apply(inputs, attributes)
    return [np.asarray(y) for y in (found if isinstance(found, tuple) else [found])]


def test_a_false_promise_is_found():
    """The test above tells an operation that mixes rows from one that keeps them."""

    @operation(kind="elementwise", name="centred_by_mistake")
    def centred_by_mistake(x: Array) -> Array:
        return x - engine.xp.mean(x, axis=0)

    made = centred_by_mistake.operation
    assert made.facts.output_axis([0], [(2, 3)], {}) == 0
    assert not keeps_rows(made, [CUBE], {}, (0,), outputs_of(made, (as_tensor(CUBE),), {}), 0)
    assert keeps_rows(OURS["exp"], [CUBE], {}, (0,), [np.exp(CUBE)], 0)


def test_the_rows_of_a_step_are_followed():
    """From a batch to its losses: dense, relu, dense, cross-entropy; the gradient of a kernel mixes the rows."""
    facts = {name: OURS[name].facts for name in ("matmul", "add", "relu", "softmax_crossentropy", "mean")}
    axis = facts["matmul"].output_axis([0, None], [(32, 8), (8, 4)], {})
    axis = facts["add"].output_axis([axis, None], [(32, 4), (4,)], {})
    axis = facts["relu"].output_axis([axis], [(32, 4)], {})
    losses = facts["softmax_crossentropy"].output_axis([axis, 0, 0], [(32, 4), (32,), (32, 4)], {})
    assert losses == 0
    assert facts["mean"].output_axis([losses], [(32,)], {"axis": None}) is None
    assert OURS["matmul_transpose_a"].facts.output_axis([0, 0], [(32, 8), (32, 4)], {}) is None
