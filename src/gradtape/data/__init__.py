"""Data: whatever users pass as data becomes batches, in the order of each epoch."""

from __future__ import annotations

from gradtape.base.absent import answer_for as _answer_for
from gradtape.data.adapt import adapt
from gradtape.data.array_source import ArraySource
from gradtape.data.iterator_source import IteratorSource
from gradtape.data.sample_weights import class_weights_to_sample_weights
from gradtape.data.sequence_source import SequenceSource
from gradtape.data.source import Source
from gradtape.data.validation_split import split_validation

__all__ = [
    "ArraySource",
    "IteratorSource",
    "SequenceSource",
    "Source",
    "adapt",
    "class_weights_to_sample_weights",
    "split_validation",
]

_answer_for(__name__)
