"""Threads that work for us know the context of whoever gave them the job."""

from __future__ import annotations

import ast
from contextvars import ContextVar
from pathlib import Path

import pytest

import gradtape
from gradtape.base.workers import Workers

asked: ContextVar[str] = ContextVar("asked", default="nobody")


def test_a_job_sees_the_context_in_which_it_was_given() -> None:
    with Workers(1) as workers:
        before = workers.submit(asked.get)
        token = asked.set("me")
        inside = workers.submit(asked.get)
        asked.reset(token)
        after = workers.submit(asked.get)
    assert [job.result() for job in (before, inside, after)] == ["nobody", "me", "nobody"]


def test_what_a_job_sets_stays_in_its_copy_and_its_error_comes_out() -> None:
    with Workers(1) as workers:
        workers.submit(asked.set, "the job").result()
        assert workers.submit(asked.get).result() == "nobody"
        with pytest.raises(ZeroDivisionError):
            workers.submit(lambda: 1 / 0).result()


def threads(source: str) -> list[str]:
    """Return what of Python's own threads and pools a source names."""
    plain = {"ThreadPoolExecutor", "Thread", "Timer", "start_new_thread"}
    found = [getattr(node, "attr", getattr(node, "id", "")) for node in ast.walk(ast.parse(source))]
    return [name for name in found if name in plain]


def test_all_threads_of_the_package_are_workers() -> None:
    house = Path(gradtape.__file__).parent
    for path in house.rglob("*.py"):
        if path.name != "workers.py":
            assert threads(path.read_text(encoding="utf-8")) == [], path
    assert threads("threading.Thread(target=f)\nThreadPoolExecutor(1)") == ["Thread", "ThreadPoolExecutor"]
