"""What an engine owes: both have it under the same parameters, and the sources ask for nothing else."""

from __future__ import annotations

import ast
import inspect
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import gradtape
from gradtape import engine
from gradtape.engine.namespace import Namespace
from gradtape.engine.protocol import CompilingEngine, Engine

HOUSE = Path(gradtape.__file__).parent


def members(*protocols: type) -> set[str]:
    """Return the names that protocols define themselves."""
    return {name for protocol in protocols for name in vars(protocol) if not name.startswith("_")}


OWED = {
    "active": members(Engine) - {"xp"},
    "compiler()": members(CompilingEngine, Engine),
    "xp": members(Namespace),
}


def asked(source: str) -> Iterator[tuple[str, str]]:
    """Yield (of what, which name) for all that a source asks of the engine, local names for it included."""
    tree = ast.parse(source)
    called: dict[str, str] = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.Assign):
            for target in node.targets:
                pairs = [(target, node.value)]
                if isinstance(target, ast.Tuple) and isinstance(node.value, ast.Tuple):
                    pairs = list(
                        zip(target.elts, node.value.elts, strict=False)
                    )  # of starred ones, no engine
                for name, value in pairs:
                    if ast.unparse(value) in {f"engine.{part}" for part in OWED}:
                        called[ast.unparse(name)] = ast.unparse(value).removeprefix("engine.")
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute):
            of = ast.unparse(node.value)
            if of.startswith("engine.") and of.removeprefix("engine.") in OWED:
                yield of.removeprefix("engine."), node.attr
            elif of in called:
                yield called[of], node.attr


def test_the_sources_ask_for_nothing_but_what_is_owed() -> None:
    found = set()
    for path in sorted(HOUSE.rglob("*.py")):
        if "engine" not in path.relative_to(HOUSE).parts:
            found |= set(asked(path.read_text(encoding="utf-8")))
    assert {(of, name) for of, name in found if name not in OWED[of]} == set()
    assert {name for of, name in found if of == "xp"} == OWED["xp"], "the namespace lists what is used"
    used = {name for of, name in found if of != "xp"} | {"name", "info", "xp"}  # of those, in engine/ itself
    assert members(Engine, CompilingEngine) == used, "the protocol lists what is used"


def test_a_planted_name_is_found() -> None:
    source = "a = engine.active\nxp, x = engine.xp, 1\na.warp(xp.fold(x))\nengine.active.bend()"
    assert set(asked(source)) == {("active", "warp"), ("xp", "fold"), ("active", "bend")}


@pytest.mark.parametrize("name", sorted(members(Engine, CompilingEngine)))
def test_every_member_is_said_in_one_sentence(name: str) -> None:
    text = inspect.getdoc(getattr(CompilingEngine, name)) or ""
    assert text.endswith(".") and "\n" not in text


@pytest.mark.parametrize("name", sorted(members(Namespace)))
def test_both_namespaces_have_the_function(name: str) -> None:
    for engine_name in ("numpy", "jax"):
        assert callable(getattr(engine._find(engine_name).xp, name))
    assert (inspect.getdoc(getattr(Namespace, name)) or "").startswith("Return ")


@pytest.mark.parametrize("engine_name", ["numpy", "jax"])
def test_an_engine_has_the_members_under_the_same_parameters(engine_name: str) -> None:
    found: Any = engine._find(engine_name)
    for name in members(Engine, *([CompilingEngine] if found.compiles else [])):
        member = inspect.getattr_static(CompilingEngine, name)
        if isinstance(member, property):
            assert hasattr(found, name), name
        else:
            wanted = list(inspect.signature(member).parameters)[1:]
            assert list(inspect.signature(getattr(found, name)).parameters) == wanted, name


def test_only_an_engine_that_compiles_is_a_compiler(on_engine: Any) -> None:
    with on_engine("numpy"), pytest.raises(gradtape.errors.EngineError, match="numpy compiles nothing here"):
        engine.compiler()
    with on_engine("jax"):
        assert callable(engine.compiler().compiled)
