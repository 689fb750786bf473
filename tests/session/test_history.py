"""Undo gives back the very document that was there; nothing is computed, so nothing can be wrong."""

from __future__ import annotations

import time
from dataclasses import replace

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from medviewer.core.annotation import Annotation, Shape
from medviewer.core.labels import LabelMap
from medviewer.session.history import History
from medviewer.session.state import Document, Reading


def edited(document: Document, word: str) -> Document:
    """The document with one more note."""
    reading = document.reading("series")
    note = Annotation(Shape.TEXT, ((0.0, 0.0, 0.0),), "1.2", word)
    return document.with_reading(replace(reading, annotations=(*reading.annotations, note)))


def words(document: Document) -> list[str]:
    return [one.text for one in document.reading("series").annotations]


@settings(max_examples=100, deadline=None)
@given(st.integers(0, 12), st.integers(0, 15), st.integers(0, 15))
def test_undo_gives_the_very_earlier_document_and_redo_the_very_later_one(edits, undos, redos):
    history, documents = History(), [Document()]
    for number in range(edits):
        history.remember(f"edit {number}", documents[-1])
        documents.append(edited(documents[-1], str(number)))
    now, at = documents[-1], edits
    for _ in range(undos):
        now, at = history.undo(now), max(0, at - 1)
        assert now is documents[at]
    for _ in range(redos):
        now, at = history.redo(now), min(edits, at + 1)
        assert now is documents[at] or undos == 0
    assert history.undo_label == (f"edit {at - 1}" if at else "")


class AnyEditing(RuleBasedStateMachine):
    """The history beside the plainest possible one: a list of all documents and a finger in it."""

    def __init__(self) -> None:
        super().__init__()
        self.history = History()
        self.now = Document()
        self.documents: list[tuple[str, Document]] = [("", self.now)]
        self.at = 0
        self.merge: str | None = None
        self.count = 0

    @rule(merge=st.sampled_from([None, None, "drag 1", "drag 2"]))
    def edit(self, merge: str | None) -> None:
        self.count += 1
        word = f"edit {self.count}"
        joins = merge is not None and merge == self.merge and self.at > 0
        self.history.remember(word, self.now, merge)
        self.now = edited(self.now, word)
        del self.documents[self.at + 1 :]
        if joins:
            self.documents[self.at] = (self.documents[self.at][0], self.now)
        else:
            self.documents.append((word, self.now))
            self.at += 1
        self.merge = merge

    @precondition(lambda self: self.at > 0)
    @rule()
    def undo(self) -> None:
        self.now = self.history.undo(self.now)
        self.at -= 1
        self.merge = "none of those: an undo stands between"

    @precondition(lambda self: self.at + 1 < len(self.documents))
    @rule()
    def redo(self) -> None:
        self.now = self.history.redo(self.now)
        self.at += 1
        self.merge = "none of those: a redo stands between"

    @invariant()
    def everything_is_where_the_finger_is(self) -> None:
        assert self.now is self.documents[self.at][1]
        assert self.history.undo_label == self.documents[self.at][0]
        later = self.documents[self.at + 1 :]
        assert self.history.redo_label == (later[0][0] if later else "")


TestAnyEditing = AnyEditing.TestCase
TestAnyEditing.settings = settings(max_examples=60, stateful_step_count=30, deadline=None)


def test_a_drag_is_one_undo():
    history, document = History(), Document()
    first = document
    for step in range(30):
        history.remember("Move length", document, ("annotate", "id", "drag 1"))
        document = edited(document, str(step))
    assert history.undo(document) is first
    assert history.undo_label == ""


def test_two_drags_are_two_undos():
    history, document = History(), Document()
    for drag in (1, 2):
        for step in range(5):
            history.remember("Move", document, ("annotate", "id", drag))
            document = edited(document, f"{drag}.{step}")
    document = history.undo(document)
    assert words(document)[-1] == "1.4"
    assert words(history.undo(document)) == []


def test_an_edit_in_between_ends_a_drag():
    history, document = History(), Document()
    for key in ("drag", None, "drag"):
        history.remember("Edit", document, key)
        document = edited(document, str(key))
    assert [len(words(document := history.undo(document))) for _ in range(3)] == [2, 1, 0]


def test_a_drag_goes_on_after_an_undo_as_a_step_of_its_own():
    history, document = History(), Document()
    history.remember("Move", document, "drag")
    moved = edited(document, "a")
    assert history.undo(moved) is document
    history.remember("Move", document, "drag")
    assert history.undo(edited(document, "b")) is document


def test_an_edit_after_undo_forgets_what_could_be_done_again():
    history, document = History(), Document()
    history.remember("first", document)
    history.undo(edited(document, "a"))
    assert history.redo_label == "first"
    history.remember("second", document)
    assert history.redo_label == ""
    now = edited(document, "b")
    assert history.redo(now) is now


def test_a_merged_edit_after_undo_forgets_it_too():
    history, document = History(), Document()
    history.remember("drag", document, "key")
    document = edited(document, "a")
    history.remember("other", document)
    document = history.undo(edited(document, "b"))
    history.remember("drag", document, "key")
    assert history.redo_label == ""


def test_nothing_to_undo_leaves_everything_as_it_is():
    history, document = History(), Document()
    assert history.undo(document) is document
    assert history.redo(document) is document


def test_there_is_no_limit_to_the_number_of_steps():
    history, document = History(), Document()
    for number in range(5000):
        history.remember(str(number), document)
        document = Document().with_reading(Reading("series", stack_chosen=number % 2 == 0))
    for number in reversed(range(5000)):
        assert history.undo_label == str(number)
        document = history.undo(document)
    assert document == Document()
    for _ in range(5000):
        document = history.redo(document)
    assert (history.undo_label, history.redo_label) == ("4999", "")


def map_of(count: int, changed: dict[int, int], base: LabelMap | None = None) -> LabelMap:
    slices = {at: np.full((10, 10), value, np.uint8) for at, value in changed.items()}
    return (base or LabelMap.empty(count)).with_slices(slices)


def labelled(labels: LabelMap) -> Document:
    return Document().with_reading(Reading("a", groups=(labels,)))


def test_shared_slices_are_counted_once_so_many_strokes_fit():
    history = History()
    labels = map_of(20, dict.fromkeys(range(20), 1))
    for stroke in range(30):
        history.remember(f"stroke {stroke}", labelled(labels))
        labels = map_of(20, {stroke % 20: stroke}, labels)
    # 20 slices of 100 bytes in the first document, one more in each that follows, and little around them
    assert 100 * 49 < history.bytes < 100 * 49 + 30 * 1500


@settings(max_examples=60, deadline=None)
@given(st.lists(st.sampled_from(["edit", "undo", "undo", "redo", "level"]), max_size=40))
def test_what_is_counted_is_what_a_count_from_the_beginning_finds(acts):
    history, labels = History(), map_of(4, {0: 1, 1: 2})
    now = labelled(labels)
    for number, act in enumerate(acts):
        if act == "edit":
            history.remember(act, now, "drag" if number % 3 else None)
            labels = map_of(4, {number % 4: number}, labels)
            now = edited(labelled(labels), act)
        elif act == "level":
            history.everywhere(lambda document: edited(document, "from disk"))
        else:
            now = getattr(history, act)(now)
    afresh = type(history._held)()
    for entry in (*history._undo, *history._redo):
        afresh.add(entry.document)
    assert history.bytes == afresh.bytes
    history.clear()
    assert history.bytes == 0


def test_memory_is_bounded_and_the_last_step_is_always_kept():
    history = History(most_bytes=20_000)
    for stroke in range(100):
        labels = map_of(4, dict.fromkeys(range(4), stroke))
        history.remember(f"stroke {stroke}", labelled(labels))
    assert 10_000 < history.bytes <= 20_000
    assert history.undo_label == "stroke 99"
    huge = map_of(400, dict.fromkeys(range(400), 1))
    history.remember("huge", labelled(huge))
    assert history.undo_label == "huge"


def test_what_can_be_done_again_is_counted_too_and_the_nearest_step_both_ways_is_kept():
    history, document = History(most_bytes=30_000), labelled(map_of(4, {0: 1}))
    for stroke in range(8):
        history.remember(f"stroke {stroke}", document)
        document = labelled(map_of(4, dict.fromkeys(range(4), stroke)))
    for _ in range(5):
        document = history.undo(document)
        before, history_bytes = document, history.bytes
        assert 0 < history_bytes <= 30_000
    large = History(most_bytes=3_000)
    large.remember("small", Document())
    back = large.undo(labelled(map_of(100, dict.fromkeys(range(100), 1))))
    assert (back, large.redo_label) == (Document(), "small")
    assert large.bytes > 100 * 100
    assert history.undo_label == "stroke 2"
    assert history.redo_label == "stroke 3"
    assert history.redo(before) is not before


def test_a_point_that_is_dragged_among_many_annotations_costs_little_memory():
    history, document = History(), Document()
    for number in range(300):
        document = edited(document, str(number))
    for _ in range(300):
        history.remember("Move", document)
        reading = document.reading("series")
        moved = replace(reading.annotations[7], points=((1.0, 2.0, 3.0),))
        after = (*reading.annotations[:7], moved, *reading.annotations[8:])
        document = document.with_reading(replace(reading, annotations=after))
    assert history.bytes < 300 * 300 + 300 * (300 * 8 + 1500)


def test_an_edit_in_a_long_history_of_a_labelled_series_does_not_stop_the_window():
    history = History()
    labels = map_of(2000, dict.fromkeys(range(2000), 1))
    document = Document().with_reading(Reading("a", groups=(labels,)))
    for number in range(499):
        history.remember(f"step {number}", document)
    began = time.perf_counter()
    history.remember("x", document)
    assert time.perf_counter() - began < 0.02
