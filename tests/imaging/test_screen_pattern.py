"""The page that tells what a screen can show: every grey on it is the one that its name says."""

from __future__ import annotations

import numpy as np
import pytest

from medviewer.imaging.screen_pattern import (
    CONTRASTS,
    GAMMAS,
    LINES_PX,
    STEPS,
    WORD,
    Pattern,
    grey_for,
    screen_pattern,
)

SIZES = [(676, 724), (960, 1260), (2000, 3200), (300, 400)]


@pytest.fixture(scope="module", params=SIZES)
def pattern(request: pytest.FixtureRequest) -> Pattern:
    return screen_pattern(request.param)


@pytest.mark.rule("P-55")
def test_eighteen_steps_are_equally_far_apart_and_nothing_else(pattern: Pattern) -> None:
    assert STEPS[0] == 0
    assert STEPS[-1] == 255
    assert set(np.diff(STEPS)) == {15}
    for grey in STEPS:
        assert (pattern[f"step {grey}"] == grey).all()


@pytest.mark.rule("P-55")
def test_five_percent_lies_in_black_and_ninety_five_in_white(pattern: Pattern) -> None:
    for outer, inner, grey, within in (("0 %", "5 %", 0, 13), ("100 %", "95 %", 255, 242)):
        assert abs(within / 255 - float(inner[:-2]) / 100) < 0.5 / 255
        assert set(np.unique(pattern[outer])) == {grey, within}
        assert (pattern[inner] == within).all()
        assert (pattern[outer] == within).sum() == pattern[inner].size


@pytest.mark.rule("P-55")
def test_each_letter_is_fainter_than_the_one_before(pattern: Pattern) -> None:
    assert len(WORD) == len(CONTRASTS)
    for name, ground, way in (("dark", 0, 1), ("middle", 128, 1), ("bright", 255, -1)):
        found = pattern[name].astype(int)
        assert set(np.unique(found)) == {ground, *(ground + way * one for one in CONTRASTS)}
        first = [np.nonzero((found == ground + way * one).any(axis=0))[0].min() for one in CONTRASTS]
        assert first == sorted(first)


@pytest.mark.rule("P-55")
@pytest.mark.parametrize("gamma", GAMMAS)
def test_on_a_screen_of_its_gamma_a_square_is_as_bright_as_the_lines(pattern: Pattern, gamma: float) -> None:
    lines = pattern["gamma lines"]
    seen = ((lines[:2, 0] / 255.0) ** gamma).mean()
    square = pattern[f"gamma {gamma:g}"]
    assert len(np.unique(square)) == 1
    # one digital step is all that rounding may cost
    assert (square[0, 0] - 1) / 255 < seen ** (1 / gamma) < (square[0, 0] + 1) / 255
    assert square[0, 0] == grey_for(gamma)


def test_lines_are_as_wide_as_they_say(pattern: Pattern) -> None:
    for wide in LINES_PX:
        for greys in (pattern[f"lines {wide} down"], pattern[f"lines {wide} across"].T):
            assert (greys == greys[0]).all()
            changes = np.nonzero(np.diff(greys[0].astype(int)))[0] + 1
            assert set(np.diff(changes)) == {wide}
            assert set(np.unique(greys)) == {0, 255}


def test_parts_lie_inside_and_only_those_lie_on_others_that_belong_there(pattern: Pattern) -> None:
    rows, columns = pattern.pixels.shape
    inner = {"5 %", "95 %", *(f"gamma {one:g}" for one in GAMMAS)}
    covered = np.zeros((rows, columns), int)
    for patch in pattern.patches:
        assert patch.top >= 0
        assert patch.left >= 0
        assert patch.top + patch.height <= rows
        assert patch.left + patch.width <= columns
        assert patch.height > 4
        assert patch.width > 4
        if patch.name not in inner:
            covered[patch.part] += 1
    assert covered.max() == 1


def test_a_tiny_window_still_has_all_of_it() -> None:
    assert screen_pattern((1, 1)).pixels.shape == (300, 400)
