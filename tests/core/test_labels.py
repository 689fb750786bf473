"""Label maps share what was not changed."""

from __future__ import annotations

import numpy as np
import pytest

from medviewer.core.labels import SAFE_COLORS, Label, LabelMap


def slice_of(value: int) -> np.ndarray:
    return np.full((4, 5), value, np.uint8)


def test_an_empty_map_costs_nothing():
    labels = LabelMap.empty(300)
    assert len(labels.slices) == 300
    assert labels.bytes == 0


def test_changing_one_slice_shares_all_the_others():
    before = LabelMap.empty(3).with_slices({0: slice_of(1), 1: slice_of(2)})
    after = before.with_slices({1: slice_of(3)})
    assert after.slices[0] is before.slices[0]
    assert after.slices[2] is None
    assert (before.slices[1] == 2).all()
    assert (after.slices[1] == 3).all()
    assert after.bytes == 40


def test_slices_cannot_be_written_to():
    labels = LabelMap.empty(1).with_slices({0: slice_of(1)})
    with pytest.raises(ValueError, match="read-only"):
        labels.slices[0][0, 0] = 5


def test_a_label_is_hidden_without_touching_slices_or_other_labels():
    names = (Label(1, "Lung", SAFE_COLORS[0]), Label(2, "Heart", SAFE_COLORS[1]))
    before = LabelMap.empty(2, names).with_slices({0: slice_of(1)})
    after = before.with_visible(2, False)
    assert [label.visible for label in after.labels] == [True, False]
    assert [label.visible for label in before.labels] == [True, True]
    assert after.slices is before.slices or all(
        a is b for a, b in zip(after.slices, before.slices, strict=True)
    )


def test_the_colours_are_different_and_written_as_the_screen_reads_them():
    assert len(set(SAFE_COLORS)) == len(SAFE_COLORS)
    assert all(len(color) == 7 and int(color[1:], 16) >= 0 for color in SAFE_COLORS)
