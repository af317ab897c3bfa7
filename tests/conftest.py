"""What all tests share: which engine they run on (GRADTAPE_ENGINE), and a way to look at both."""

from __future__ import annotations

import signal
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager

import pytest
from hypothesis import settings

from gradtape import engine

# The same cases in every run, and no limit of time for one, which a busy machine would miss.
settings.register_profile("steady", deadline=None, derandomize=True)
settings.load_profile("steady")


def pytest_report_header() -> str:
    """Say which engine the suite runs on."""
    return f"gradtape engine: {engine.get_engine()}"


def pytest_configure() -> None:
    """Hear Ctrl-C even where it was ignored for us (nohup, a shell's &): tests press it, and children too."""
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)


@contextmanager
def _on_engine(name: str) -> Iterator[None]:
    """Compute on the engine `name` inside the block, whatever Variables live outside."""
    kept = engine._find(engine.get_engine())
    engine._use(engine._find(name))
    try:
        yield
    finally:
        engine._use(kept)


@pytest.fixture
def on_engine() -> Callable[[str], AbstractContextManager[None]]:
    """Give the scope in which tests compute on another engine."""
    return _on_engine
