"""The cache counts what it holds, whatever is done to it."""

from __future__ import annotations

import threading

from hypothesis import given, settings
from hypothesis import strategies as st

from medviewer.kit.cache import ByteCache

KEYS = st.integers(0, 5)
SIZES = st.integers(0, 40)
ACTIONS = st.one_of(
    st.tuples(st.just("put"), KEYS, SIZES),
    st.tuples(st.just("get"), KEYS),
    st.tuples(st.just("discard"), KEYS),
    st.tuples(st.just("resize"), st.integers(0, 100)),
    st.tuples(st.just("clear")),
)


class PlainCache:
    """The same promises in the plainest way: a list of (key, item, size), oldest first."""

    def __init__(self, capacity: int) -> None:
        self.capacity = capacity
        self.items: list[tuple[int, str, int]] = []

    def put(self, key: int, item: str, size: int) -> None:
        self.discard(key)
        if size <= self.capacity:
            self.items.append((key, item, size))
        self.shrink()

    def get(self, key: int) -> str | None:
        found = next((entry for entry in self.items if entry[0] == key), None)
        if found is None:
            return None
        self.items.remove(found)
        self.items.append(found)
        return found[1]

    def discard(self, key: int) -> None:
        self.items = [entry for entry in self.items if entry[0] != key]

    def resize(self, capacity: int) -> None:
        self.capacity = capacity
        self.shrink()

    def clear(self) -> None:
        self.items = []

    def shrink(self) -> None:
        while sum(entry[2] for entry in self.items) > self.capacity:
            self.items.pop(0)


@settings(max_examples=120, deadline=None)
@given(st.integers(0, 100), st.lists(ACTIONS, max_size=40))
def test_bytes_counted_are_bytes_held_after_anything(capacity, actions):
    cache: ByteCache[int, str] = ByteCache(capacity)
    plain = PlainCache(capacity)
    for number, (action, *values) in enumerate(actions):
        if action == "put":
            values.insert(1, f"item {number}")
        assert getattr(cache, action)(*values) == getattr(plain, action)(*values)
        assert cache.held == sum(entry[2] for entry in plain.items) <= cache.capacity
        assert len(cache) == len(plain.items)
    assert {key for key in range(6) if key in cache} == {entry[0] for entry in plain.items}
    assert all(cache.get(key) == plain.get(key) for key in range(6))


def test_what_was_used_last_stays():
    cache: ByteCache[str, int] = ByteCache(30)
    for key in ("a", "b", "c"):
        cache.put(key, 1, 10)
    cache.get("a")
    cache.put("d", 1, 10)
    assert [key for key in "abcd" if key in cache] == ["a", "c", "d"]


def test_room_is_made_for_what_comes_by_forgetting_the_oldest():
    cache = ByteCache(100)
    for key in range(4):
        cache.put(key, str(key), 25)
    assert cache.make_room(0) == []
    assert cache.make_room(30) == ["0", "1"]
    assert cache.held == 50
    assert cache.make_room(1000) == ["2", "3"]
    assert cache.held == 0


def test_an_item_larger_than_the_cache_is_not_kept_and_evicts_nothing():
    cache: ByteCache[str, str] = ByteCache(30)
    cache.put("small", "x", 10)
    cache.put("large", "x", 31)
    assert "large" not in cache
    assert cache.get("small") == "x"


def test_an_item_that_has_become_too_large_does_not_leave_its_old_self_behind():
    cache: ByteCache[str, str] = ByteCache(30)
    cache.put("a", "old", 10)
    cache.put("a", "new", 31)
    assert cache.get("a") is None
    assert cache.held == 0


def test_threads_that_use_one_cache_do_not_make_it_miscount():
    cache: ByteCache[int, int] = ByteCache(500)

    def work(seed: int) -> None:
        for step in range(2000):
            key = (step * 7 + seed) % 60
            cache.put(key, key, key)
            cache.get((key * 3) % 60)
            if step % 11 == 0:
                cache.discard((key * 5) % 60)

    threads = [threading.Thread(target=work, args=(seed,)) for seed in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert cache.held == sum(key for key in range(60) if key in cache) <= 500


def test_shelves_share_the_room_and_the_order_of_use() -> None:
    cache: ByteCache[object, str] = ByteCache(30)
    fine, coarse = cache.shelf("fine"), cache.shelf("coarse")
    cache.put("one", "plain", 10)
    fine.put("one", "fine", 10)
    coarse.put("one", "coarse", 10)
    assert (cache.get("one"), fine.get("one"), coarse.get("one")) == ("plain", "fine", "coarse")
    coarse.put("two", "coarse", 10)
    assert cache.held == 30
    assert "one" not in cache
    assert "one" in fine
    coarse.clear()
    assert (cache.held, fine.get("one"), coarse.get("one")) == (10, "fine", None)
