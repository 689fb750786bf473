"""A recipe is named in full, on as many lines as it needs."""

from __future__ import annotations

import re

import pytest

from medviewer.imaging.corners import CornerFacts, corner_words
from medviewer.imaging.shapes import shortened, width_of, wrapped

LONG = "Local contrast (CLAHE) + Unsharp mask + Median · display only"


def test_words_are_kept_and_lines_fit() -> None:
    lines = wrapped(LONG, 16, 200, 9)
    assert " ".join(lines) == LONG
    assert all(width_of(line, 16) <= 200 for line in lines)


def test_what_does_not_fit_on_the_last_line_is_cut_there() -> None:
    lines = wrapped(LONG, 16, 200, 2)
    assert len(lines) == 2
    assert lines[-1].endswith("…")
    assert wrapped("", 16, 200, 2) == ()


def test_a_recipe_of_several_steps_is_named_in_full_beside_the_number_of_the_picture() -> None:
    facts = CornerFacts(picture=("41 / 104", "C 40  W 400"), recipe=LONG)
    words = [one.text for one in corner_words(facts, "full", (768, 768))]
    assert LONG in " ".join(words)
    assert "41 / 104" in words


@pytest.mark.parametrize("text", ["C -600  W 1500  Lung", "z -529.8 mm", "TR 300  TE 2.46", "12345678"])
def test_a_shortened_line_never_shows_a_part_of_a_number(text: str) -> None:
    whole = set(re.findall(r"[\d.]+", text))
    for room in range(10, 300):
        shown = shortened(text, 16, room)
        assert set(re.findall(r"[\d.]+", shown)) <= whole
        assert width_of(shown, 16) <= room


def test_what_parts_two_statements_ends_a_line_and_begins_none() -> None:
    for room in range(60, 400, 7):
        lines = wrapped("3-D, not for measuring · Bone · clipped · table left out", 16, room, 9)
        assert not any(line.startswith("·") for line in lines)
