"""How many threads a library of linear algebra may use."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from threadpoolctl import threadpool_limits  # type: ignore[import-untyped]  # it comes untyped

TRAINING: Final = 2
"""Threads that training uses on every machine: sums are rounded otherwise by another number, and what learns step by
step from rounded sums ends elsewhere. Alone a large catalogue's inverse would gain from more."""


@contextmanager
def blas_threads(count: int) -> Iterator[None]:
    """So many while it lasts, also as a decorator. One where products are so small that sharing them out costs more."""
    with threadpool_limits(count, user_api="blas"):
        yield
