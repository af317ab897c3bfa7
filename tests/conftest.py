"""What all tests share: which engine they run on (GRADTAPE_ENGINE), and a way to look at both."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager

import pytest

from gradtape import engine


def pytest_report_header() -> str:
    """Say which engine the suite runs on."""
    return f"gradtape engine: {engine.get_engine()}"


@contextmanager
def _on_engine(name: str) -> Iterator[None]:
    """Compute on the engine `name` inside the block, whatever Variables live outside."""
    kept = engine.active, engine.xp
    engine.active = engine._find(name)
    engine.xp = engine.active.xp
    try:
        yield
    finally:
        engine.active, engine.xp = kept


@pytest.fixture
def on_engine() -> Callable[[str], AbstractContextManager[None]]:
    """Give the scope in which tests compute on another engine."""
    return _on_engine
