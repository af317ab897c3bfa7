"""The options that all optimizers share stand where Python and the reader need them: each place has all of them."""

from __future__ import annotations

import inspect
import json
import re
from typing import Any, get_type_hints

import pytest

from gradtape import optimizers
from gradtape.errors import GradtapeError
from gradtape.optimizers import Optimizer
from gradtape.optimizers.base.options import Options
from gradtape.optimizers.base.phases import Phases

SHARED = get_type_hints(Options)
# For each option a value that is not the default.
OTHER: dict[str, Any] = {
    "weight_decay": 0.25,
    "clipnorm": 2.0,
    "clipvalue": 0.5,
    "global_clipnorm": 3.0,
    "use_ema": True,
    "ema_momentum": 0.75,
    "ema_overwrite_frequency": 3,
    "loss_scale_factor": 8.0,
    "gradient_accumulation_steps": 4,
    "name": "mine",
}
CLASSES = {made.__name__: made for made in optimizers.NAMES.values()}


def test_the_constructor_takes_them_in_this_order_and_of_these_types() -> None:
    parameters = inspect.signature(Optimizer.__init__).parameters
    taken = [name for name in parameters if name not in ("self", "learning_rate", "unknown")]
    types = get_type_hints(Optimizer.__init__)
    assert [(name, types[name]) for name in taken] == list(SHARED.items())


def test_they_are_the_attributes_that_an_update_reads() -> None:
    attributes = inspect.get_annotations(Phases, eval_str=True)
    # `name` belongs to all that has state, where it is never None
    assert list(attributes.items()) == [(name, kind) for name, kind in SHARED.items() if name != "name"]


@pytest.mark.parametrize("option", SHARED)
def test_each_has_its_check(option: str) -> None:
    with pytest.raises(GradtapeError, match=f"^SGD: {option} must be "):
        optimizers.SGD(**{option: [1]})


@pytest.mark.parametrize("option", SHARED)
@pytest.mark.parametrize("kind", CLASSES)
def test_each_is_kept_and_written_down_by_every_optimizer(kind: str, option: str) -> None:
    made = CLASSES[kind](**{option: OTHER[option]})
    assert CLASSES[kind]().get_config()[option] != OTHER[option] == getattr(made, option)
    config = json.loads(json.dumps(made.get_config()))
    assert config[option] == OTHER[option]
    assert CLASSES[kind].from_config(config).get_config() == config


@pytest.mark.parametrize("kind", CLASSES)
def test_every_optimizer_takes_them_last_and_in_order(kind: str) -> None:
    parameters = list(inspect.signature(CLASSES[kind]).parameters)
    own = set(_documented(CLASSES[kind]))
    common = [name for name in SHARED if name not in own]
    assert parameters[-len(common) :] == common
    assert set(parameters) == own - {"*common, **options"} | set(common)


@pytest.mark.parametrize("kind", CLASSES)
def test_every_optimizer_tells_which_they_are(kind: str) -> None:
    told = _documented(CLASSES[kind])
    common = [name for name in SHARED if name not in told]
    found = re.search(r"from (\w+) to (\w+), see `Optimizer`", told["*common, **options"])
    assert found is not None and found.groups() == (common[0], common[-1])


def test_the_base_describes_each_of_them() -> None:
    assert list(_documented(Optimizer)) == ["learning_rate", *SHARED, "**unknown"]


def test_every_optimizer_in_the_room_is_held_to_this() -> None:
    made = [c for c in vars(optimizers).values() if inspect.isclass(c) and issubclass(c, Optimizer)]
    assert {c.__name__ for c in made} - {"Optimizer"} == set(CLASSES)


def _documented(made: type) -> dict[str, str]:
    """Return the entries of the section Args, by their names."""
    section = re.search(r"^Args:\n((?:    .*\n)+)", inspect.cleandoc(made.__doc__ or "") + "\n", re.MULTILINE)
    assert section is not None
    return dict(re.findall(r"^    (\S[^:]*): (.*)$", section[1], re.MULTILINE))
