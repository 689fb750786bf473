"""State changes in one place, and whoever watches is told once, with the last value."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from medviewer.session.state import State
from medviewer.session.store import Store


class Loop:
    """An event loop: what is asked for is done in the next turn."""

    def __init__(self) -> None:
        self.calls: list[Callable[[], None]] = []

    def later(self, call: Callable[[], None]) -> None:
        self.calls.append(call)

    def turn(self) -> None:
        calls, self.calls = self.calls, []
        for call in calls:
            call()


@pytest.fixture
def loop() -> Loop:
    return Loop()


@pytest.fixture
def store(loop: Loop) -> Store:
    return Store(State(), loop.later)


def labelled(store: Store, word: str) -> None:
    store.set(replace(store.state, undo_label=word))


def label(state: State) -> str:
    return state.undo_label


def test_fifty_changes_in_one_turn_tell_once_with_the_last_value(store, loop):
    told = []
    store.watch(label, told.append)
    for number in range(50):
        labelled(store, str(number))
    assert told == []
    assert len(loop.calls) == 1, "the event loop is asked once"
    loop.turn()
    assert told == ["49"]


def test_a_value_that_is_equal_again_is_not_told(store, loop):
    told = []
    store.watch(label, told.append)
    labelled(store, "a")
    labelled(store, "")
    loop.turn()
    assert told == []


def test_a_change_elsewhere_is_not_told(store, loop):
    told = []
    store.watch(lambda state: state.redo_label, told.append)
    labelled(store, "a")
    loop.turn()
    assert told == []


def test_the_same_state_again_costs_no_turn(store, loop):
    store.set(store.state)
    assert loop.calls == []


def test_the_state_is_new_at_once_even_before_anybody_is_told(store):
    labelled(store, "a")
    assert store.state.undo_label == "a"


def test_a_slider_that_writes_back_what_it_was_shown_causes_no_loop(store, loop):
    told = []

    def slider(value):
        told.append(value)
        labelled(store, value)

    store.watch(label, slider)
    labelled(store, "a")
    loop.turn()
    loop.turn()
    assert told == ["a"]
    assert loop.calls == []


@pytest.mark.parametrize("at_once", [True, False])
def test_a_watcher_may_change_the_state_and_everybody_ends_with_the_last(loop, at_once):
    store = Store(State()) if at_once else Store(State(), loop.later)
    before, after = [], []
    store.watch(label, before.append)
    store.watch(label, lambda value: labelled(store, "corrected") if value == "wrong" else None)
    store.watch(label, after.append)
    labelled(store, "wrong")
    while loop.calls:
        loop.turn()
    assert before[-1] == after[-1] == store.state.undo_label == "corrected"


def test_two_watchers_that_feed_each_other_come_to_an_end(store, loop):
    store.watch(label, lambda value: store.set(replace(store.state, redo_label=value[:5])))
    store.watch(lambda state: state.redo_label, lambda value: labelled(store, value[:5]))
    labelled(store, "abcdefgh")
    loop.turn()
    assert store.state.undo_label == store.state.redo_label == "abcde"


def test_all_watchers_of_a_round_see_the_same_state(store, loop):
    seen = []
    store.watch(label, lambda _: seen.append(("first", label(store.state))))
    store.watch(lambda state: (label(state), 1), lambda value: seen.append(("second", value[0])))
    labelled(store, "a")
    loop.turn()
    assert seen == [("first", "a"), ("second", "a")]


def test_who_stopped_watching_is_told_nothing_more(store, loop):
    told = []
    end = store.watch(label, told.append)
    labelled(store, "a")
    end()
    end()
    loop.turn()
    assert told == []


def test_a_watcher_that_another_one_ends_in_the_same_turn_is_not_told(store, loop):
    told, ends = [], []
    store.watch(label, lambda _: ends[0]())
    ends.append(store.watch(label, told.append))
    labelled(store, "the panel of the second one was just closed")
    loop.turn()
    assert told == []


def test_a_watcher_that_begins_during_a_round_starts_from_the_new_state(store, loop):
    told = []
    store.watch(label, lambda _: store.watch(label, told.append))
    labelled(store, "a")
    loop.turn()
    assert told == []


def test_after_a_watcher_has_failed_the_store_still_works(store, loop):
    told = []

    def fail(_):
        raise RuntimeError("a widget is gone")

    store.watch(label, fail)
    store.watch(label, told.append)
    labelled(store, "a")
    with pytest.raises(RuntimeError):
        loop.turn()
    labelled(store, "b")
    with pytest.raises(RuntimeError):
        loop.turn()
    assert store.state.undo_label == "b"


def test_a_watcher_that_fails_does_not_blind_the_others(store, loop):
    told = []

    def fail(_):
        raise RuntimeError("a widget is gone")

    store.watch(label, fail)
    store.watch(label, told.append)
    labelled(store, "a")
    with pytest.raises(RuntimeError):
        loop.turn()
    assert told == ["a"]


@settings(max_examples=100, deadline=None)
@given(st.lists(st.one_of(st.sampled_from("abc"), st.just("turn")), max_size=30))
def test_a_watcher_always_ends_with_what_is_true_and_never_hears_the_same_twice(steps):
    loop = Loop()
    store, told = Store(State(), loop.later), [""]
    store.watch(label, told.append)
    for step in steps:
        if step == "turn":
            loop.turn()
            assert told[-1] == label(store.state)
        else:
            labelled(store, step)
    loop.turn()
    assert told[-1] == label(store.state)
    assert all(a != b for a, b in zip(told, told[1:], strict=False))
