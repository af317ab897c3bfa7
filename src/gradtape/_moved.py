"""Modules under their names of version 0.1, which still import for one version, with a DeprecationWarning.

The names in `_MOVED` are relative to the package, and so are their new ones.  `gradtape.naive` is a public
name of `gradtape.article.naive` and stays.
"""

from __future__ import annotations

import importlib
import sys
import warnings
from collections.abc import Sequence
from importlib.machinery import ModuleSpec
from types import ModuleType
from typing import TYPE_CHECKING, Any, cast

from gradtape.base import absent

if TYPE_CHECKING:
    from importlib.abc import Loader

_STAYS = {"naive": "article.naive"}
_MOVED = {
    "replay.views": "views.step",
    "replay.programs": "export",
    "replay.gradients": "explain",
    "replay.failures": "explain",
    "layers.arguments": "base.checks",
    "backward": "tape.backward",
    "callbacks.names": "callbacks.metric_names",
    "callbacks.records": "callbacks.step_record",
    "callbacks.terminal": "display.terminal",
    "checks": "base.checks",
    "cli.by_hand": "cli.article",
    "cli.folders": "cli.run_folders",
    "cli.recorded": "cli.recorded_training",
    "cli.tables": "display.tables",
    "cli.trained": "cli.trained_model",
    "cli.weights": "cli.weights_file",
    "cli.words": "cli.outcome",
    "compiling": "program.compiled",
    "configs": "base.config",
    "data.adapting": "data.adapt",
    "data.checking": "data.checks",
    "data.feeding": "training.feed",
    "data.images": "datasets.images",
    "data.reading": "data.batch_reader",
    "data.splitting": "data.validation_split",
    "data.weighting": "data.sample_weights",
    "datasets.named": "datasets.by_name",
    "deferring": "core.placeholder",
    "diagnosis": "tape.why_none",
    "dtypes": "core.dtypes",
    "engine.error_function": "engine.numpy.erf",
    "engine.jax_rows": "engine.jax.rows",
    "engine.numpy_checks": "engine.numpy.checks",
    "engine.numpy_classes": "engine.numpy.classes",
    "engine.numpy_quiet": "engine.numpy.no_warnings",
    "initializers.scaling": "initializers.variance_scaling",
    "jacobians": "tape.jacobian",
    "layers.building": "layers.base.call_arguments",
    "layers.context": "layers.base.call_context",
    "layers.expecting": "layers.base.input_checks",
    "layers.layer": "layers.base.layer",
    "layers.merging": "layers.merge",
    "layers.noise": "layers.dropout",
    "layers.normalizing": "layers.normalization",
    "layers.operator": "layers.base.operation_layer",
    "layers.scaling": "layers.base.gamma_beta",
    "layers.symbolic": "layers.base.placeholders",
    "layers.walking": "layers.base.attributes",
    "layers.wrapping": "layers.simple",
    "listeners": "core.hooks",
    "losses.function_loss": "losses.base.function_loss",
    "losses.given": "losses.base.inputs",
    "losses.loss": "losses.base.loss",
    "losses.reducing": "losses.base.reduction",
    "metrics.metric": "metrics.base.metric",
    "metrics.positives": "metrics.precision_recall",
    "metrics.resolving": "metrics.by_name",
    "metrics.summing": "metrics.base.sums",
    "models.compiled": "training.training_state",
    "models.graph": "layers.graph",
    "models.notebook": "views.model",
    "models.saving": "formats.model_file",
    "models.summary": "views.model_summary",
    "operation": "core.operation",
    "ops.activations": "ops.nn.activations",
    "ops.arithmetic": "ops.numpy.arithmetic",
    "ops.axes": "ops.base.axes",
    "ops.binary_crossentropy": "ops.nn.binary_crossentropy",
    "ops.bitwise": "ops.numpy.bitwise",
    "ops.comparison": "ops.numpy.comparison",
    "ops.contractions": "ops.linalg.contractions",
    "ops.cotangents": "ops.base.rules",
    "ops.creating": "ops.numpy.creation",
    "ops.crossentropy": "ops.nn.crossentropy",
    "ops.cumulative": "ops.numpy.cumulative",
    "ops.diagonals": "ops.numpy.diagonals",
    "ops.exponential": "ops.numpy.exponential",
    "ops.floating": "ops.base.floats",
    "ops.gradients": "ops.custom_gradient",
    "ops.indexing": "ops.numpy.index",
    "ops.joining": "ops.numpy.concatenation",
    "ops.linear_algebra": "ops.linalg.linear_algebra",
    "ops.lookup": "ops.nn.lookup",
    "ops.normalizing": "ops.linalg.normalization",
    "ops.ordering": "ops.numpy.order",
    "ops.padding": "ops.numpy.padding",
    "ops.piecewise": "ops.nn.piecewise",
    "ops.random_bits": "ops.random.in_step",
    "ops.ranges": "ops.numpy.ranges",
    "ops.reductions": "ops.numpy.reductions",
    "ops.reordering": "ops.numpy.axis_order",
    "ops.rounding": "ops.numpy.integer_parts",
    "ops.scattering": "ops.numpy.scatter_slice",
    "ops.seeds": "ops.random.seeds",
    "ops.selecting": "ops.numpy.selection",
    "ops.shapes": "ops.numpy.shapes",
    "ops.softmax": "ops.nn.softmax",
    "ops.sparsemax": "ops.nn.sparsemax",
    "ops.special": "ops.numpy.special",
    "ops.splitting": "ops.numpy.concatenation",
    "ops.statistics": "ops.numpy.statistics",
    "ops.subscripts": "ops.linalg.subscripts",
    "ops.taking": "ops.numpy.gather",
    "ops.trigonometry": "ops.numpy.trigonometry",
    "optimizers.clipping": "optimizers.base.clip",
    "optimizers.optimizer": "optimizers.base.optimizer",
    "optimizers.options": "optimizers.base.options",
    "optimizers.phases": "optimizers.base.phases",
    "optimizers.rate": "optimizers.base.learning_rate",
    "optimizers.settings": "base.checks",
    "optimizers.state": "optimizers.base.slots",
    "random.drawing": "random.distributions",
    "random.generator": "random.seed_generator",
    "recipes": "cli.recipes",
    "record": "tape.record",
    "release": "base.version",
    "replay.bits": "rerun.same_bits",
    "replay.costs": "core.op_facts",
    "replay.failures.explaining": "replay.fit_error",
    "replay.failures.growth": "explain.growth",
    "replay.failures.nonfinite": "explain.first_nan",
    "replay.failures.what_if": "explain.what_if",
    "replay.forking": "replay.fork",
    "replay.gradients.elements": "explain.element",
    "replay.gradients.gradient_check": "explain.gradient_check",
    "replay.gradients.kinks": "core.kinks",
    "replay.gradients.nudged": "explain.float64_loss",
    "replay.gradients.shares": "explain.sample_shares",
    "replay.gradients.splits": "optimizers.base.update_terms",
    "replay.gradients.taped": "explain.rebuilt_tape",
    "replay.gradients.updates": "explain.optimizer_use",
    "replay.gradients.why": "explain.weight_change",
    "replay.material": "rerun.model_from_run",
    "replay.opening": "rerun.open_step",
    "replay.outside": "rerun.changed_outside",
    "replay.parting": "explain.run_diff",
    "replay.programs.ejected": "export.eject",
    "replay.programs.parameters": "export.loop_facts",
    "replay.programs.written": "export.python_source",
    "replay.programs.written_data": "export.source_data",
    "replay.programs.written_loop": "export.source_loop",
    "replay.programs.written_model": "export.source_model",
    "replay.recorder": "rerun.step_recorder",
    "replay.records": "rerun.op_record",
    "replay.stack": "rerun.source_lines",
    "replay.stage": "rerun.session",
    "replay.verdict": "rerun.verdict",
    "replay.views.content": "views.step.step_view",
    "replay.views.formulas": "rerun.op_record",
    "replay.views.lanes": "rerun.lanes",
    "replay.views.notebook": "views.step.notebook",
    "replay.views.paging": "views.step.html",
    "replay.views.pool": "views.step.array_pool",
    "replay.views.tables": "views.step.text",
    "replay.views.telling": "views.step.json_data",
    "runs.arrays": "runs.disk.arrays",
    "runs.beginning": "runs.start",
    "runs.by_hand": "article.recorded",
    "runs.checkpoints": "runs.disk.checkpoints",
    "runs.comparing": "runs.run_config",
    "runs.faults": "runs.disk.faults",
    "runs.journal": "runs.disk.journal",
    "runs.keeping": "runs.retention",
    "runs.lock": "runs.disk.lock",
    "runs.manifest": "runs.disk.manifest",
    "runs.processes": "runs.disk.processes",
    "runs.recorder": "runs.writer",
    "runs.recording": "runs.fit_recorded",
    "runs.run": "runs.reader",
    "runs.samples": "runs.data",
    "runs.starting": "runs.start",
    "saving.files": "formats.arrays_file",
    "seeding": "tape.output_gradients",
    "showing": "views",
    "showing.curves": "display.curves",
    "showing.figures": "display.number_text",
    "showing.formulas": "display.mathml",
    "showing.layered": "views.model_rows",
    "showing.parts": "display.html",
    "showing.picture": "display.heat_map",
    "showing.tapes": "views.tape",
    "showing.values": "views.tensor",
    "source": "core.source_line",
    "tensor": "core.tensor",
    "tf.spelling": "tf.names",
    "tracing": "program.tracing",
    "training.fitting": "training.loop",
    "training.lookups": "training.checks.lookups",
    "training.planning": "training.prepare",
    "training.predicting": "training.predict",
    "training.reading": "training.loop",
    "training.running": "training.stepper",
    "training.sanity": "training.checks.targets",
    "training.scores": "training.compiled_metrics",
    "training.seeing": "training.observe",
    "training.stopping": "training.signals",
    "training.trials": "training.checks.shapes",
    "trees": "base.trees",
    "variable": "core.variable",
}

# Names that have moved from one module to another.
_MOVED_NAMES = {
    "replay.Parting": "replay.RunDiff",
    "runs.Run": "replay.Run",
    "runs.open_run": "replay.open_run",
}


def new_name(name: str) -> str | None:
    """Return the full name that the module `name` of the package has now; None if it did not move.

    >>> new_name("gradtape.operation")
    'gradtape.core.operation'
    """
    package, _, rest = name.partition(".")
    found = _STAYS.get(rest) or _MOVED.get(rest)
    return f"gradtape.{found}" if package == "gradtape" and found else None


class _SameModule:
    """Gives the module that stands under its new name, and leaves it as it is."""

    def __init__(self, target: str) -> None:
        self._target = target

    def create_module(self, spec: ModuleSpec) -> ModuleType:
        module = importlib.import_module(self._target)
        self._spec = module.__spec__
        return module

    def exec_module(self, module: ModuleType) -> None:
        module.__spec__ = self._spec  # the import system has just put the old name's there


class _OldName:
    """Finds modules by their old names."""

    def find_spec(
        self, fullname: str, path: Sequence[str] | None = None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        found = new_name(fullname)
        if found is None:
            return None
        if fullname.partition(".")[2] in _MOVED:
            message = f"{fullname} is now {found}; the old name goes with the next version"
            warnings.warn(message, DeprecationWarning, stacklevel=2)
        return ModuleSpec(fullname, cast("Loader", _SameModule(found)))


class _AbsentRoom:
    """Says of a room that Keras has, and nobody found, that it is absent."""

    def find_spec(
        self, fullname: str, path: Sequence[str] | None = None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        if (why := absent.room_is_absent(fullname)) is not None:
            raise ModuleNotFoundError(why, name=fullname)
        return None


def moved_name(module_name: str, name: str) -> Any:
    """Return what a module had under this name, with a DeprecationWarning; None if it never had it."""
    found = _MOVED_NAMES.get(f"{module_name.removeprefix('gradtape.')}.{name}")
    if found is None:
        return None
    message = f"{module_name}.{name} is now gradtape.{found}; the old name goes with the next version"
    warnings.warn(message, DeprecationWarning, stacklevel=3)
    room, _, name = found.rpartition(".")
    return getattr(module(room), name)


def module(name: str) -> ModuleType:
    """Import the module that had this name, or has it for good, and return it."""
    return importlib.import_module(f"gradtape.{name}")


def install() -> None:
    """Let `import` find the old names of modules, and rooms those of what they held."""
    if not any(isinstance(finder, _OldName) for finder in sys.meta_path):
        # First: an old package is its new one under another name, and Python would load its files once more.
        sys.meta_path.insert(0, _OldName())
        sys.meta_path.append(_AbsentRoom())
    absent.moved_name = moved_name
