"""Every gradient rule there is: right on a sample, and found out by the checker when it is made wrong."""

import importlib
from pathlib import Path

import numpy as np
import pytest

import gradtape
from gradtape import GradientTape, Tensor, as_tensor, ops
from gradtape.core.operation import registry
from gradtape.ops.nn import crossentropy
from gradtape.ops.nn.binary_crossentropy import sigmoid_crossentropy_of
from gradtape.testing import GradientCheckError, check_gradients

HOUSE = Path(gradtape.__file__).parent
for _path in sorted(HOUSE.rglob("*.py")):
    if "from gradtape.core.operation import" in _path.read_text(encoding="utf-8"):
        importlib.import_module(".".join(_path.relative_to(HOUSE.parent).with_suffix("").parts))

OURS = {
    name: made
    for name, made in sorted(registry.items())
    if made.forward.__code__.co_filename.startswith(str(HOUSE))  # not those of tests and examples
}

_rng = np.random.default_rng(7)
MIXED = np.array([[0.31, -1.27, 2.6], [-0.44, 0.83, -3.1]])  # both signs, away from kinks
POSITIVE = np.array([[0.31, 1.27, 2.6], [0.44, 0.83, 3.1]])
INSIDE = np.array([[0.31, -0.27, 0.6], [-0.44, 0.83, -0.1]])  # inside (-1, 1)
OTHER = np.array([[1.4], [-0.7]])  # broadcasts against the others
FLAGS = np.array([[True, False, True], [False, True, True]])
PLACES = np.array([[1, 0], [1, 1]])
CHOICES = np.array([[2, 0, 2], [1, 1, 0]])
CUBE = _rng.uniform(0.5, 1.5, size=(2, 3, 2))
SQUARE = _rng.standard_normal((2, 3, 3))
GAPS = np.array([[0.0, 1.5, 0.0], [2.0, 0.0, -1.0]])

REDUCED = [((MIXED,), {}), ((MIXED,), {"axis": 1}), ((CUBE,), {"axis": (0, -1), "keepdims": True})]
ALONG = [((MIXED,), {"axis": None}), ((MIXED,), {"axis": 0}), ((CUBE,), {"axis": 1})]


def _custom_gradient(x):
    """Square by a custom gradient."""
    return ops.custom_gradient(lambda t: (t * t, lambda g: g * t * 2.0))(x)


def _minus_one_hot(g, logits):
    """Call the rule's operation as the rule does: with probabilities that no tape knows."""
    probabilities = Tensor(ops.softmax(logits)._array)
    return OURS["softmax_minus_one_hot"].apply((g, as_tensor([2, 0]), probabilities, logits), {})


def _crossentropy(logits):
    return crossentropy.softmax_crossentropy(logits, as_tensor([2, 0]))


def _soft_crossentropy(logits, targets):
    return crossentropy.soft_crossentropy_of(logits, targets, ops.softmax(logits))


def _parts(x, places):
    """Split, and put the parts together in another order and size, so that each cotangent differs."""
    parts = ops.split(x, places, axis=1)
    return ops.concatenate([part * (i + 1.0) for i, part in enumerate(parts[::-1])], axis=1)


# What each operation is tried on: its tensors, and its attributes where they are not the defaults;
# or its differentiable tensors, and a function of them that calls the operation as its callers do.
# An operation that is missing here is tried on MIXED alone.
SAMPLES = {
    **dict.fromkeys(["max", "mean", "min", "norm", "prod", "std", "sum", "var", "logsumexp"], REDUCED),
    **dict.fromkeys(["cumprod", "cumsum", "sort"], ALONG),
    **dict.fromkeys(["softmax", "log_softmax"], [((MIXED,), {}), ((CUBE,), {"axis": (0, 2)})]),
    **dict.fromkeys(["hard_shrink", "soft_shrink"], [((MIXED,), {}), ((MIXED,), {"threshold": 0.4})]),
    **dict.fromkeys(["celu", "elu"], [((MIXED,), {}), ((MIXED,), {"alpha": 0.7})]),
    "add": [((MIXED, OTHER), {})],
    "add_along_axis": [((MIXED, CHOICES), {"shape": (2, 5), "axis": 1})],
    "add_at": [((CUBE, np.array([3, 1, 1])), {"shape": (2, 4, 2), "axis": 1})],
    "arccos": [((INSIDE,), {})],
    "arccosh": [((POSITIVE + 1,), {})],
    "arcsin": [((INSIDE,), {})],
    "arctan2": [((MIXED, OTHER), {})],
    "arctanh": [((INSIDE,), {})],
    "broadcast_to": [((OTHER,), {"shape": (3, 2, 2)})],
    "cast": [((MIXED,), {"dtype": "float64"})],
    "centred": [((MIXED,), {"axis": 1})],
    "clip": [((MIXED, np.array(-1.0), np.array([[1.0], [0.5]])), {})],
    "concatenate": [((MIXED, OTHER, POSITIVE), {"axis": 1}), ((CUBE, CUBE), {"axis": -1})],
    "custom_gradient": [((MIXED,), _custom_gradient)],
    "diag": [((MIXED[0],), {"k": 1})],
    "divide": [((MIXED, OTHER), {})],
    "divide_no_nan": [((MIXED, OTHER), {})],
    "einsum": [
        ((SQUARE, MIXED), {"subscripts": "bij,kj->bik"}),
        ((SQUARE, CUBE), {"subscripts": "bij,bjk->bik"}),
        ((MIXED,), {"subscripts": "ij->ji"}),
    ],
    "flip": [((MIXED,), {}), ((CUBE,), {"axis": (0, 2)})],
    "floor_divide": [((MIXED, OTHER), {})],
    "gather": [((MIXED, PLACES), {})],
    "gate": [((MIXED, FLAGS, POSITIVE), {})],
    "gelu": [((MIXED,), {}), ((MIXED,), {"approximate": False})],
    "getitem": [
        ((MIXED, PLACES), {"template": ("array",)}),
        ((CUBE,), {"template": (slice(None, None, -1), None, 1)}),
        ((CUBE, np.array([2, 0, 2]), np.array([[1], [0]])), {"template": (0, "array", "array")}),
    ],
    "hypot": [((MIXED, OTHER), {})],
    "index_add": [((CUBE, np.array([[3, 0, 0], [1, 1, 1]])), {"shape": (4, 2), "template": ("array",)})],
    "leaky_relu": [((MIXED,), {}), ((MIXED,), {"negative_slope": 0.1})],
    "log": [((POSITIVE,), {})],
    "log10": [((POSITIVE,), {})],
    "log1p": [((POSITIVE,), {})],
    "log2": [((POSITIVE,), {})],
    "logaddexp": [((MIXED, OTHER), {})],
    "lookup": [((MIXED, PLACES), {})],
    "matmul": [
        *[((SQUARE, MIXED.T), {}), ((MIXED, MIXED.T), {}), ((MIXED[0], MIXED[1]), {})],
        *[((SQUARE, MIXED[0]), {}), ((MIXED[0], SQUARE), {})],
    ],
    "matmul_transpose_a": [((MIXED, MIXED[:, :2]), {})],
    "matmul_transpose_b": [((MIXED, POSITIVE[:1]), {})],
    "maximum": [((MIXED, OTHER), {})],
    "minimum": [((MIXED, OTHER), {})],
    "mod": [((MIXED, OTHER), {})],
    "multiply": [((MIXED, OTHER), {})],
    "multiply_no_nan": [((MIXED, OTHER), {})],
    "nan_to_num": [((MIXED,), {}), ((GAPS,), {"nan": 1.0})],
    "pad": [((MIXED,), {"widths": ((1, 0), (2, 1)), "value": 0.5})],
    "power": [((POSITIVE, OTHER), {})],
    "ratio": [((MIXED, OTHER), {})],
    "recurrence": [((MIXED, POSITIVE), {"axis": 1})],
    "reorder": [((MIXED, np.array([[2, 0, 1], [1, 2, 0]])), {"axis": 1})],
    "relu_gate": [((MIXED, POSITIVE), {})],
    "relu6": [((2.5 * MIXED,), {})],
    "reshape": [((MIXED,), {"newshape": (3, -1)})],
    "roll": [((MIXED,), {"shift": 2, "axis": 1}), ((MIXED,), {"shift": (1, -1), "axis": (0, 1)})],
    "rsqrt": [((POSITIVE,), {})],
    "scatter": [((POSITIVE[:, 0], PLACES), {"shape": (2, 3)})],
    "scatter_update": [((MIXED, PLACES, POSITIVE[:, 0]), {}), ((MIXED, PLACES[:, :1], POSITIVE), {})],
    "shares": [((MIXED,), {"axis": 1})],
    "sigmoid_crossentropy": [((MIXED, POSITIVE), lambda x, t: sigmoid_crossentropy_of(x, t, ops.sigmoid(x)))],
    "slice_update": [((MIXED, POSITIVE[:1, :2]), {"block": ((1, 2), (0, 2))})],
    "softmax_crossentropy": [((MIXED,), _crossentropy)],
    "softmax_minus_one_hot": [((MIXED[:, 0], MIXED), _minus_one_hot)],
    "sparse_plus": [((MIXED,), {}), ((INSIDE,), {})],
    "sparse_sigmoid": [((INSIDE,), {}), ((MIXED,), {})],
    "sparsemax": [((INSIDE,), {})],
    "spread": [((OTHER,), {"shape": (2, 2, 3), "share": 0.25})],
    "split": [((MIXED,), lambda x: _parts(x, (1,)))],
    "sqrt": [((POSITIVE,), {})],
    "squareplus": [((MIXED,), {}), ((MIXED,), {"b": 2.0})],
    "stack": [((MIXED, POSITIVE), {"axis": 1}), ((MIXED, POSITIVE), {"axis": -1})],
    "subtract": [((MIXED, OTHER), {})],
    "sum_to_shape": [((CUBE,), {"shape": (3, 1)})],
    "soft_crossentropy": [((MIXED, POSITIVE), lambda x, t: _soft_crossentropy(x, t))],
    "take": [((MIXED, CHOICES), {"axis": 1})],
    "take_along_axis": [((MIXED, CHOICES), {"axis": 1})],
    "threshold": [((MIXED,), {"threshold": 0.1, "default_value": 0.5})],
    "transpose": [((MIXED,), {}), ((CUBE,), {"axes": (1, 2, 0)})],
    "tril": [((MIXED,), {"k": 0})],
    "triu": [((MIXED,), {"k": 0})],
    "where": [((FLAGS, MIXED, OTHER), {})],
}

# Rules that are zero everywhere: to flip their sign changes nothing, so they are made wrong otherwise.
ZERO = {("sign", "x"), ("gate", "y"), ("relu_gate", "y")}

# Rules of arguments that are no floating numbers: no gradient comes through them.
# The probabilities of a cross-entropy are not free of its logits, so no difference can be taken: their
# gradient has its test, by its exact value, in tests/losses.
NEVER_ASKED = {
    ("where", "condition"),
    *[
        (name, "probabilities")
        for name in ("softmax_crossentropy", "soft_crossentropy", "sigmoid_crossentropy")
    ],
}

RULES = [(name, argument) for name, made in OURS.items() for argument in made.rules]
CHECKED = [rule for rule in RULES if rule not in NEVER_ASKED]


def samples(name):
    """Return the (function, tensors) on which an operation is tried."""
    made = OURS[name]
    found = SAMPLES.get(name) or [((MIXED,) * len(made.tensors), {})]
    return [(how if callable(how) else _call(made, how), tensors) for tensors, how in found]


def _call(made, attributes):
    def function(*tensors):
        return made.apply(tensors, {**made.defaults, **attributes})

    function.__name__ = made.name
    return function


def test_every_operation_with_rules_has_a_sample():
    needs_more = {
        name
        for name, made in OURS.items()
        if made.rules
        and name not in SAMPLES
        and (made.variadic or len(made.tensors) > 1 or set(made.attributes) - set(made.defaults))
    }
    assert not needs_more, f"add to SAMPLES: {sorted(needs_more)}"
    assert not set(SAMPLES) - set(OURS), f"no such operations: {sorted(set(SAMPLES) - set(OURS))}"
    assert ZERO | NEVER_ASKED <= set(RULES)


def test_every_differentiable_operation_has_a_rule_for_each_floating_tensor():
    without = {n for n, made in OURS.items() if made.differentiable and not made.rules and not made.joint}
    assert not without, f"no rules at all: {sorted(without)}; define them or make it differentiable=False"


@pytest.mark.parametrize("name", [name for name, made in OURS.items() if made.rules or made.joint])
def test_the_rules_are_right_twice_over(name):
    for function, tensors in samples(name):
        check_gradients(function, *tensors, order=2)


def _with_wrong_rule(name, argument, request):
    """Put a wrong rule in the place of the right one: its sign flipped, or 1 added to zero."""
    rule = OURS[name].rules[argument]

    def wrong(*args, **kwargs):
        right = rule(*args, **kwargs)
        return right + 1.0 if (name, argument) in ZERO else right * -1.0

    OURS[name].add_rule(argument, wrong)
    request.addfinalizer(lambda: OURS[name].add_rule(argument, rule))


@pytest.mark.parametrize(("name", "argument"), CHECKED)
def test_a_wrong_sign_in_a_rule_is_found(name, argument, request):
    _with_wrong_rule(name, argument, request)
    with pytest.raises(GradientCheckError, match="^check_gradients: the gradient of "):
        for function, tensors in samples(name):
            check_gradients(function, *tensors, order=1)


@pytest.mark.parametrize("name", [name for name, made in OURS.items() if made.joint])
def test_a_wrong_joint_rule_is_found(name, monkeypatch):
    rule = OURS[name].joint
    assert (rule.__doc__ or "").strip()
    monkeypatch.setattr(OURS[name], "joint", lambda *a, **k: [g * -1.0 for g in rule(*a, **k)])
    with pytest.raises(GradientCheckError, match="^check_gradients: the gradient of "):
        for function, tensors in samples(name):
            check_gradients(function, *tensors, order=1)


@pytest.mark.parametrize(("name", "argument"), RULES)
def test_a_rule_states_its_formula_in_one_line(name, argument):
    formula = (OURS[name].rules[argument].__doc__ or "").strip()
    assert formula, f"the rule of {name} for {argument} has no formula as docstring"
    assert len(formula.splitlines()[0]) <= 110


@pytest.mark.parametrize("name", [name for name, made in OURS.items() if not made.differentiable])
def test_what_is_not_differentiable_has_no_rules_and_passes_nothing(name):
    assert OURS[name].rules == {} and OURS[name].joint is None


def test_stop_gradient_is_a_wall():
    x = as_tensor(2.0)
    with GradientTape() as tape:
        tape.watch(x)
        y = ops.stop_gradient(x) * x
    assert tape.gradient(y, x).item() == 2
