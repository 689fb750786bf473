"""A cache bounded by bytes."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Hashable
from threading import Lock
from typing import Any, Generic, NamedTuple, TypeVar

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")


class ByteCache(Generic[K, V]):
    """Keeps what was used last, within *capacity* bytes. Safe to use from several threads.

    An item larger than the whole cache is not kept, which is not an error.
    """

    def __init__(self, capacity: int) -> None:
        self._capacity = capacity
        self._held = 0
        self._items: OrderedDict[K, tuple[V, int]] = OrderedDict()
        self._lock = Lock()

    @property
    def held(self) -> int:
        """The bytes in the cache."""
        return self._held

    @property
    def capacity(self) -> int:
        """The bytes that may be in the cache."""
        return self._capacity

    def get(self, key: K) -> V | None:
        """The item under *key*, or None."""
        with self._lock:
            entry = self._items.get(key)
            if entry is None:
                return None
            self._items.move_to_end(key)
            return entry[0]

    def put(self, key: K, item: V, size: int) -> None:
        """Keep *item* of *size* bytes, in place of what stood under *key*."""
        with self._lock:
            self._drop(key)
            if size > self._capacity:
                return
            self._items[key] = (item, size)
            self._held += size
            self._shrink()

    def discard(self, key: K) -> None:
        """Forget what stands under *key*, if anything does."""
        with self._lock:
            self._drop(key)

    def resize(self, capacity: int) -> None:
        """Change how many bytes may be held, and forget what no longer fits."""
        with self._lock:
            self._capacity = capacity
            self._shrink()

    def make_room(self, size: int) -> list[V]:
        """Forget what was used longest ago until *size* bytes are free; what was forgotten."""
        with self._lock:
            return self._shrink(size)

    def clear(self) -> None:
        """Forget everything."""
        with self._lock:
            self._items.clear()
            self._held = 0

    def discard_all(self, wanted: Callable[[K], bool]) -> None:
        """Forget what stands under *wanted* keys."""
        with self._lock:
            for key in [key for key in self._items if wanted(key)]:
                self._drop(key)

    def shelf(self, name: Hashable) -> Shelf[Any]:
        """A part of the cache for items of one kind; it shares the room and the order of use."""
        return Shelf(self, name)

    def __contains__(self, key: object) -> bool:
        return key in self._items

    def __len__(self) -> int:
        return len(self._items)

    def _drop(self, key: K) -> None:
        entry = self._items.pop(key, None)
        if entry is not None:
            self._held -= entry[1]

    def _shrink(self, room: int = 0) -> list[V]:
        forgotten = []
        while self._items and self._held + room > self._capacity:
            _, (item, size) = self._items.popitem(last=False)
            self._held -= size
            forgotten.append(item)
        return forgotten


class Shelf(Generic[V]):
    """Items of one kind in a cache of several; keys of different shelves never meet."""

    def __init__(self, cache: ByteCache[Any, Any], name: Hashable) -> None:
        self._cache = cache
        self._name = name
        self._is_used = False

    def get(self, key: Hashable) -> V | None:
        """The item under *key*, or None."""
        found: V | None = self._cache.get(_Key(self._name, key))
        return found

    def put(self, key: Hashable, item: V, size: int) -> None:
        """Keep *item* of *size* bytes, in place of what stood under *key*."""
        self._is_used = True
        self._cache.put(_Key(self._name, key), item, size)

    def clear(self) -> None:
        """Forget what stands on this shelf."""
        if not self._is_used:  # a cache of thousands need not be looked through
            return
        self._is_used = False
        self._cache.discard_all(lambda key: isinstance(key, _Key) and key.shelf == self._name)

    def __contains__(self, key: Hashable) -> bool:
        return _Key(self._name, key) in self._cache


class _Key(NamedTuple):
    shelf: Hashable
    key: Hashable
