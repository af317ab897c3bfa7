"""Lanes: the records of a step in two lanes: each forward operation beside the gradients computed for it.

A gradient that passes through an operation unchanged leaves no record, and what adds gradients where paths
meet belongs to a tensor, not to one operation. Here both get their place, for every view of a step.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from gradtape.core.hooks import BACKWARD, FORWARD, LOSS, METRICS, UPDATE
from gradtape.rerun.op_record import OpRecord

SHARED, REST = "shared by all weights", "the rest"
# A tensor: the record that made it, that and which of several outputs, or its label.
Key = int | tuple[int, str] | str


@dataclass
class Flow:
    """A gradient that goes back through one operation to one of its inputs.

    Attributes:
        position: which input; None for the gradients of all inputs at once.
        argument: the operation's name for it.
        target: the input's name in the step: ``#3``, ``layers.0.kernel``.
        formula: the gradient rule.
        records: the operations that computed it; none if it passes unchanged.
        gradient: the record that holds it; None where it is the loss's own gradient, 1, or where it came with
            others at once.
    """

    position: int | None
    argument: str
    target: str
    formula: str
    records: list[OpRecord] = field(default_factory=list)
    gradient: OpRecord | None = None

    @property
    def is_unchanged(self) -> bool:
        """Whether the gradient passes unchanged."""
        return not self.records


@dataclass
class Pair:
    """A forward operation and the backward operations that belong to it.

    Attributes:
        record: the operation.
        sums: the additions in which its output's gradient comes together from several users.
        flows: the gradients of its inputs.
        given_sums: the additions for inputs that no operation made, such as a weight that is used twice.
        gradient: the record that holds the gradient of its output, of the first one that has any; None if
            there is none, or it is 1, or one of several that come at once.
        is_reached: whether the loss's gradient reaches it.
    """

    record: OpRecord
    sums: list[OpRecord] = field(default_factory=list)
    flows: list[Flow] = field(default_factory=list)
    given_sums: list[OpRecord] = field(default_factory=list)
    gradient: OpRecord | None = None
    is_reached: bool = False


@dataclass
class Lanes:
    """The records of a step, arranged.

    Attributes:
        pairs: forward and loss, in order, each with its backward.
        unpaired: backward operations that belong to no forward operation of the step.
        updates: the records of the update, by the path of the weight that they change.
        metrics: the records of the metrics.
    """

    pairs: list[Pair]
    unpaired: list[OpRecord]
    updates: dict[str, list[OpRecord]]
    metrics: list[OpRecord]


def lanes_of(records: Sequence[OpRecord], weights: Sequence[str]) -> Lanes:
    """Return the records in two lanes.

    Args:
        records: all of a step.
        weights: the paths of the Variables that got a gradient.
    """
    pairs = [Pair(r) for r in records if r.phase in (FORWARD, LOSS)]
    backward = [r for r in records if r.phase == BACKWARD]
    _Matcher(pairs, backward, set(weights)).match()
    known = {p.record.index for p in pairs}
    update = [r for r in records if r.phase == UPDATE]
    return Lanes(
        pairs,
        [r for r in backward if r.forward not in known],
        _by_weight(update, weights),
        [r for r in records if r.phase == METRICS],
    )


class _Matcher:
    """Finds the backward records of each pair, starting at the loss."""

    def __init__(self, pairs: list[Pair], backward: list[OpRecord], weights: set[str]) -> None:
        self.pairs = {p.record.index: p for p in pairs}
        self.rules: dict[tuple[int, int | None], list[OpRecord]] = {}
        self.sums: dict[Key, list[OpRecord]] = {}
        for record in backward:
            pair = self.pairs.get(-1 if record.forward is None else record.forward)
            if pair is None:
                continue
            if record.part == "sum" and record.position is not None:
                self.sums.setdefault(self.key(pair.record, record.position), []).append(record)
            else:
                self.rules.setdefault((pair.record.index, record.position), []).append(record)
        self.live = self._live(pairs, weights)
        self.arrived: dict[Key, OpRecord | None] = {}

    @staticmethod
    def key(record: OpRecord, position: int) -> Key:
        """Return which tensor an input of a record is."""
        maker, label = record.made_by[position], record.labels[position]
        if maker is None:
            return label
        return (maker, label) if label.startswith(f"#{maker}[") else maker

    @staticmethod
    def keys(record: OpRecord) -> list[Key]:
        """Return which tensors the outputs of a record are."""
        if len(record.outputs) == 1:
            return [record.index]
        return [(record.index, f"#{record.index}[{i}]") for i in range(len(record.outputs))]

    @staticmethod
    def _live(pairs: list[Pair], weights: set[str]) -> set[Key]:
        """Return the tensors that depend on a weight, and the weights."""
        live: set[Key] = set(weights)
        for pair in pairs:
            record = pair.record
            passes = record.operation is not None and record.operation.differentiable
            if passes and any(_Matcher.key(record, i) in live for i in range(len(record.inputs))):
                live.update(_Matcher.keys(record))
        return live

    def match(self) -> None:
        """Fill the pairs, from the last to the first, so that an output's users come before it."""
        starts = {index for index, _ in self.rules}
        # the order of the backward pass itself
        for index in sorted(self.pairs, reverse=True):
            pair = self.pairs[index]
            keys = self.keys(pair.record)
            if index in starts or any(key in self.arrived for key in keys):
                pair.is_reached = True
                pair.sums = [r for key in keys for r in self.sums.get(key, [])]
                # the last addition of a tensor has the whole gradient
                holders = [self.sums[key][-1] if key in self.sums else self.arrived.get(key) for key in keys]
                pair.gradient = next((r for r in holders if r is not None), None)
                pair.flows = [*self._joint_flow(pair), *self._flows(pair)]

    def _joint_flow(self, pair: Pair) -> Iterator[Flow]:
        """Give the flow to all inputs at once, of a joint rule or of a body, if there is one."""
        record = pair.record
        found = self.rules.get((record.index, None), [])
        places = [i for i in range(len(record.inputs)) if self.key(record, i) in self.live]
        if not found or not places:
            return
        arguments, targets = ([text(record, i) for i in places] for text in (_argument, _label))
        yield Flow(None, ", ".join(arguments), ", ".join(targets), _formula(record, places[0]), found)
        # no record holds one of them alone
        self.arrived.update({self.key(record, i): None for i in places})

    def _flows(self, pair: Pair) -> Iterator[Flow]:
        record = pair.record
        for position in range(len(record.inputs)):
            found = self.rules.get((record.index, position), [])
            if not found and not self._is_unchanged(record, position):
                continue
            key = self.key(record, position)
            flow = Flow(
                position,
                _argument(record, position),
                record.labels[position],
                _formula(record, position),
                found,
            )
            flow.gradient = found[-1] if found else pair.gradient
            # a weight has no pair of its own, so its additions stand with its last user
            if isinstance(key, str) and key not in self.arrived:
                pair.given_sums += self.sums.get(key, [])
            self.arrived[key] = flow.gradient
            yield flow

    def _is_unchanged(self, record: OpRecord, position: int) -> bool:
        """Tell whether a gradient passes to this input without an operation."""
        operation = record.operation
        if (
            operation is None
            or operation.rule(position) is None
            or self.key(record, position) not in self.live
        ):
            return False
        if operation.shortcut is not None and position in operation.shortcut:
            return False  # the gradient went directly to the logits
        # integers and booleans, such as labels, have no gradient that could pass
        return record.inputs[position].dtype.kind not in "iub"


def _argument(record: OpRecord, position: int) -> str:
    tensors = record.operation.tensors if record.operation is not None else ()
    if record.operation is not None and record.operation.variadic:
        return f"{tensors[0]}[{position}]"
    return tensors[position] if position < len(tensors) else str(position)


def _label(record: OpRecord, position: int) -> str:
    return record.labels[position]


def _formula(record: OpRecord, position: int) -> str:
    operation = record.operation
    rule = None if operation is None else operation.joint or operation.rule(position)
    return " ".join((getattr(rule, "__doc__", None) or "").split())


def _by_weight(records: Sequence[OpRecord], weights: Sequence[str]) -> dict[str, list[OpRecord]]:
    """Return the records of the update by the weight that depends on them; those of several stand apart."""
    serves: dict[int, set[str]] = {}
    # backwards from the assignments: a record serves the weights that its users serve
    for record in reversed(records):
        mine = serves.setdefault(record.index, set())
        if record.variable:
            mine.add(_owner(record.variable, weights))
        for maker in record.made_by:
            if maker is not None:
                serves.setdefault(maker, set()).update(mine)
    groups: dict[str, list[OpRecord]] = {name: [] for name in (SHARED, *weights, REST)}
    for record in records:
        mine = serves[record.index]
        groups[next(iter(mine)) if len(mine) == 1 else SHARED if mine else REST].append(record)
    return {name: group for name, group in groups.items() if group}


def _owner(variable: str, weights: Sequence[str]) -> str:
    """Return the weight that a Variable is or is a slot of, as momentum is; the rest if there is none."""
    fitting = [w for w in weights if variable == w or variable.endswith("." + w)]
    # the longest: a weight called "kernel" is also the end of "momentum.layers.0.kernel"
    return max(fitting, key=len) if fitting else REST
