"""pydicom without its warnings: what is odd in a file is told in words of ours, and not on a terminal."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Lock
from typing import Any


class _Calls:
    """How many calls are under way in all threads, which share what Python warns of.

    The first switches warnings off and the last on again. Were each to put back what it has found, one that
    began within another would leave them off for good, or let those of the other through.
    """

    def __init__(self) -> None:
        self._lock = Lock()
        self._count = 0
        self._caught: warnings.catch_warnings[Any] | None = None

    def begin(self) -> None:
        with self._lock:
            if not self._count:
                self._caught = warnings.catch_warnings()
                self._caught.__enter__()
                warnings.simplefilter("ignore")
            self._count += 1

    def end(self) -> None:
        with self._lock:
            self._count -= 1
            if not self._count and self._caught is not None:
                self._caught.__exit__(None, None, None)
                self._caught = None


_calls = _Calls()


@contextmanager
def quietly() -> Iterator[None]:
    """Nothing is warned of inside; any thread may use it, also within itself."""
    _calls.begin()
    try:
        yield
    finally:
        _calls.end()
