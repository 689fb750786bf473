"""Answers that are remembered by which objects were given."""

from __future__ import annotations

from medviewer.kit.remembered import remembered


def test_the_same_object_is_answered_once_and_an_equal_one_anew() -> None:
    asked = []

    @remembered(4)
    def length(words: list[str], extra: int) -> int:
        asked.append(words)
        return len(words) + extra

    one, other = ["a", "b"], ["a", "b"]
    assert [length(one, 1), length(one, 1), length(other, 1), length(one, 2)] == [3, 3, 3, 4]
    assert len(asked) == 3


def test_no_more_is_remembered_than_was_asked_for_and_answers_stay_right() -> None:
    asked = []

    @remembered(3)
    def first(words: list[int]) -> int:
        asked.append(words)
        return words[0]

    # each list is gone before the next one is made, so that ids would come again
    assert [first([number]) for number in range(50)] == list(range(50))
    assert len(asked) == 50
