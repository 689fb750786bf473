"""One value for each key, made when somebody first asks for it."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from threading import Lock
from typing import Generic, TypeVar

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")


class OneEach(Generic[K, V]):
    """Values that are made once, whichever thread asks first; the others wait for it and get the same."""

    def __init__(self, make: Callable[[K], V]) -> None:
        self._make = make
        self._made: dict[K, V] = {}
        self._lock = Lock()

    def __getitem__(self, key: K) -> V:
        found = self._made.get(key)
        if found is not None:
            return found
        with self._lock:
            if key not in self._made:
                self._made[key] = self._make(key)
            return self._made[key]

    @property
    def made(self) -> tuple[V, ...]:
        """Those that there are."""
        return tuple(self._made.values())
