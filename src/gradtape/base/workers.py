"""Workers: threads that run each job in a copy of the context in which it was given to them."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from contextvars import copy_context
from typing import ParamSpec, TypeVar

P = ParamSpec("P")
T = TypeVar("T")


class Workers(ThreadPoolExecutor):
    """A pool of threads; a job computes on the engine, and with the NumPy warnings, of whoever gave it.

    A plain pool's thread has a context of its own, in which no block of the caller's is open.

    >>> with Workers(1) as workers:
    ...     workers.submit(max, 2, 3).result()
    3
    """

    def submit(self, job: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> Future[T]:
        """Return the future of job(*args, **kwargs)."""
        context = copy_context()
        return super().submit(lambda: context.run(job, *args, **kwargs))
