"""The schema of a step as data: what its page, `gradtape at --json` and the notebook are made of.

Everything here is text, numbers, lists and objects, so that `as_json` gives it to any program.  A float that
is not finite is the text "inf", "-inf" or "nan".  Arrays are known by their number in `StepView.arrays`,
records by their index in `StepView.records`.  `SCHEMA` grows by one when a field changes its meaning or goes
away; a new field alone does not change it.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import Any

SCHEMA = 1

Number = float | str | None


@dataclass
class LineView:
    """A line of source.

    Attributes:
        at: its file, without folders, and its number: ``dense.py:31``.
        function: the function that it stands in.
        text: the line itself.
    """

    at: str
    function: str
    text: str


@dataclass
class ArrayView:
    """An array: its shape, and numbers that describe its elements.

    Attributes:
        shape: its lengths.
        dtype: of its elements.
        level: how the page holds its values: exact, blocks (means and extremes) or summary (not at all).
        norm: the root of the sum of the squares.
        min: the least finite element; None if there is none.
        max: the largest.
        mean: the mean of the finite elements.
        rms: the root of the mean of their squares.
        nan: how many elements are NaN.
        inf: how many are infinite.
        zeros: how many are 0.
        block: with blocks, how many rows and columns one has.
    """

    shape: list[int]
    dtype: str
    level: str
    norm: float | None
    min: float | None
    max: float | None
    mean: float | None
    rms: float | None
    nan: int
    inf: int
    zeros: int
    block: list[int] | None = None


@dataclass
class OperationView:
    """What is known of an operation, whatever it is given.

    Attributes:
        kind: such as product, elementwise or reduction; see `gradtape.core.op_facts`.
        symbol: its formula, in the names of its arguments; "" if it has none.
        tree: the formula taken apart, for a program that puts numbers in.
        arguments: the names of its arguments that are tensors.
    """

    kind: str
    symbol: str
    tree: Any
    arguments: list[str]


@dataclass
class RecordView:
    """One operation of the step, or one assignment to a Variable.

    Attributes:
        index: its place in the step, or in the body that it belongs to.
        phase: forward, loss, backward, update or metrics.
        name: the operation's name; see `StepView.operations`.
        kind: what kind of operation it is; assign for an assignment.
        called: it and its inputs, as a call.
        formula: what it computes; in backward the gradient rule that it is part of.
        labels: what each input is called.
        inputs: the arrays it was given.
        outputs: the arrays it gave; most operations give one.
        made_by: for each input, the record that made it, or None.
        made_by_output: for each input, which of the outputs of that record it is.
        attributes: its other arguments, as text.
        layer: the path of the layer that asked for it; "" if none did.
        line: the line of source that asked for it.
        user_line: the nearest line outside the library.
        flops: how many floating-point operations it does; None if it does not say.
        bytes: how many bytes it reads and writes.
        seconds: wall time since the record before.
        forward: in backward, the forward record it belongs to.
        argument: in backward, for which argument of that the gradient is.
        part: in backward, rule, sum or fit; see `gradtape.replay.OpRecord`.
        variable: for an assignment, the path of the Variable.
        update_part: in the update, which part of it.
        body: for an operation that runs others, such as a loop, the records of those.
    """

    index: int
    phase: str
    name: str
    kind: str
    called: str
    formula: str
    labels: list[str]
    inputs: list[int]
    outputs: list[int]
    made_by: list[int | None]
    made_by_output: list[int]
    attributes: dict[str, str]
    layer: str
    line: LineView | None
    user_line: LineView | None
    flops: int | None
    bytes: int
    seconds: float
    forward: int | None = None
    argument: str = ""
    part: str = ""
    variable: str = ""
    update_part: str = ""
    body: list[RecordView] = field(default_factory=list)


@dataclass
class SumView:
    """A record that adds two gradients of one tensor.

    Attributes:
        record: its index.
        terms: which gradients it adds.
    """

    record: int
    terms: str


@dataclass
class FlowView:
    """The gradient of one input of a forward record.

    Attributes:
        argument: the argument of the operation.
        target: what the input is called.
        formula: the gradient rule.
        text: the rule with the names of this step.
        records: the backward records that compute it.
        gradient: the record whose output the gradient is; None if it is that of another tensor unchanged.
    """

    argument: str
    target: str
    formula: str
    text: str
    records: list[int]
    gradient: int | None


@dataclass
class PairView:
    """A forward record, and the backward records that belong to it.

    Attributes:
        record: the forward record.
        gradient: the record whose output is the gradient of its output, if there is one.
        reached: whether the gradient reaches it.
        sums: the records that add the gradients of its output.
        flows: the gradients of its inputs.
    """

    record: int
    gradient: int | None
    reached: bool
    sums: list[SumView]
    flows: list[FlowView]


@dataclass
class WeightArrays:
    """The values of a weight around its update.

    Attributes:
        before: before it.
        gradient: the gradient that the optimizer got.
        change: after less before.
        after: after it.
    """

    before: int
    gradient: int
    change: int
    after: int


@dataclass
class UpdateView:
    """The update of one Variable.

    Attributes:
        path: which one.
        records: the records that compute it.
        arrays: its values, for a weight.
    """

    path: str
    records: list[int]
    arrays: WeightArrays | None


@dataclass
class MetricView:
    """A record of the metrics.

    Attributes:
        record: its index.
        name: the operation's name.
        variable: the path of the Variable that it assigns to; "" if it does not.
        value: its output, if that is one number.
    """

    record: int
    name: str
    variable: str
    value: Number


@dataclass
class SamplesView:
    """The samples of the batch, the first ones of a large batch.

    Attributes:
        count: how many there are in all.
        ids: their numbers in the data.
        losses: the loss of each.
        targets: for each, its number, or the place of the largest of its numbers and that number.
        predictions: likewise.
        image: height and width, if samples are pictures.
        inputs: the array of all of them.
    """

    count: int
    ids: list[int]
    losses: list[Number] | None
    targets: list[Any] | None
    predictions: list[Any] | None
    image: list[int] | None
    inputs: int


@dataclass
class DifferenceView:
    """The first difference between what was recorded and what was computed again.

    Attributes:
        what: in what, with the place of the element.
        step: after which step.
        recorded: the number there then.
        replayed: the number there now.
        size: how far they are apart.
        record: the record that computes it; None if that is not known.
    """

    what: str
    step: int
    recorded: Number
    replayed: Number
    size: Number
    record: int | None


@dataclass
class VerdictView:
    """Whether the step is the one that was trained.

    Attributes:
        same: True if it is, bit by bit; False if it is not; None if nothing could be compared.
        text: the same in words.
        steps: how many steps were done again to get there.
        start: the step of the checkpoint they began with.
        losses: how many losses were compared.
        states: how many states were compared.
        difference: the first difference, if there is one.
        compiled: how far the compiled step is from the one that is shown, and in what; None on NumPy.
        notes: what else is to be said.
    """

    same: bool | None
    text: str
    steps: int
    start: int
    losses: int
    states: int
    difference: DifferenceView | None
    compiled: list[Any] | None
    notes: list[str]


@dataclass
class StepFacts:
    """Which step it is.

    Attributes:
        number: updates before it, from 0.
        epoch: its epoch, from 0.
        batch: its place in the epoch, from 0.
        samples: how many samples it saw; None where batches have no numbers.
        sample_ids: their numbers in the data.
        loss: what was minimised.
        verdict: whether it is the step that was trained.
        optimizer: the class of the optimizer.
        run: the name of the run's folder.
    """

    number: int
    epoch: int
    batch: int
    samples: int | None
    sample_ids: list[int] | None
    loss: Number
    verdict: VerdictView
    optimizer: str
    run: str


@dataclass
class StepView:
    """A step as data.

    Attributes:
        step: which step it is.
        layers: the class of each layer, by path.
        operations: what is known of each operation that occurs, by name.
        records: every operation, in order.
        pairs: the forward records with their gradients, in order.
        unpaired: backward records that belong to no forward record.
        updates: the updates of the Variables.
        metrics: the records of the metrics.
        samples: the samples of the batch; None where the inputs are not one array.
        arrays: all arrays, each once.
        schema: the version of the schema.
    """

    step: StepFacts
    layers: dict[str, str]
    operations: dict[str, OperationView]
    records: list[RecordView]
    pairs: list[PairView]
    unpaired: list[int]
    updates: list[UpdateView]
    metrics: list[MetricView]
    samples: SamplesView | None
    arrays: list[ArrayView]
    schema: int = SCHEMA


def as_json(view: Any) -> dict[str, Any]:
    """Return one of these views as JSON values.

    >>> as_json(SumView(record=3, terms="#1 + #2"))
    {'record': 3, 'terms': '#1 + #2'}
    """
    return asdict(view)
