"""A step as JSON, for a program to read: the lanes of the table, and single operations with their values."""

from __future__ import annotations

from typing import Any

import numpy as np

from gradtape.display import number_text
from gradtape.rerun.lanes import Pair, lanes_of
from gradtape.rerun.op_record import OpRecord
from gradtape.views.step.page_data import finite, line_of
from gradtape.views.step.text import rule_text, terms

MOST_VALUES = 1000  # of one array


def step_data(step: Any) -> dict[str, Any]:
    """Return a step as JSON data, without the values of arrays."""
    lanes = lanes_of(step.records, list(step.gradients))
    return {
        "step": step.number,
        "epoch": step.epoch,
        "batch": step.batch,
        "sample_ids": None if step.sample_ids is None else [int(i) for i in step.sample_ids],
        "loss": finite(step.loss),
        "same_bits": step.verdict.is_same,
        "verdict": str(step.verdict),
        "operations": [record_data(record) for record in step.records],
        "lanes": [_pair(pair) for pair in lanes.pairs],
        "updates": {path: _update(step, path, records) for path, records in lanes.updates.items()},
    }


def record_data(record: OpRecord) -> dict[str, Any]:
    """Return what is known of one operation besides the values."""
    return {
        "index": record.index,
        "phase": record.phase,
        "name": record.name,
        "inputs": list(record.labels),
        "input_shapes": [list(shape) for shape in record.input_shapes],
        "input_dtypes": [str(dtype) for dtype in record.input_dtypes],
        "shape": list(record.output_shape),
        "dtype": str(record.output_dtype),
        "formula": record.formula,
        "attributes": {name: str(value) for name, value in record.attributes.items()},
        "norm": finite(record.norm),
        "is_finite": record.is_finite,
        "flops": record.flops,
        "size_bytes": record.size_bytes,
        "seconds": record.seconds,
        "layer": record.layer,
        "source": line_of(record.line),
        "user_source": line_of(record.user_line),
        "forward": record.forward,
        "argument": record.argument,
        "variable": record.variable,
    }


def _pair(pair: Pair) -> dict[str, Any]:
    return {
        "forward": pair.record.index,
        "sums": [{"operation": r.index, "adds": terms(r)} for r in (*pair.sums, *pair.given_sums)],
        "gradients": [
            {
                "of": flow.target,
                "argument": flow.argument,
                "rule": rule_text(flow),
                "operations": [record.index for record in flow.records],
            }
            for flow in pair.flows
        ],
    }


def _update(step: Any, path: str, records: list[OpRecord]) -> dict[str, Any]:
    found: dict[str, Any] = {"operations": [record.index for record in records]}
    if path in step.gradients and path in step.variables_before:
        before, after = (
            np.asarray(a, "float64") for a in (step.variables_before[path], step.variables_after[path])
        )
        parts = {"before": before, "gradient": step.gradients[path], "change": after - before, "after": after}
        found |= {f"{name}_norm": finite(number_text.norm(array)) for name, array in parts.items()}
    return found


def op_data(step: Any, index: int) -> dict[str, Any]:
    """Return one operation of a step with the values of its inputs and its output, the first 1000 of each."""
    record = step.records[index]
    return record_data(record) | {
        "input_values": [values_data(array) for array in record.input_values],
        "values": values_data(record.output_value),
    }


def values_data(array: Any) -> dict[str, Any]:
    """Return the first elements of an array, row by row, and how many it has."""
    flat = np.asarray(array).ravel()
    return {"size": int(flat.size), "first": [_element(v) for v in flat[:MOST_VALUES]]}


def _element(value: Any) -> Any:
    return finite(value) if np.asarray(value).dtype.kind == "f" else value.item()
