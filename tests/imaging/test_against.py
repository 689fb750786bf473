"""Two finished pictures as one, and one subtracted from the other, against slow and plain versions."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from medviewer.core.against import Way
from medviewer.core.geometry import Plane
from medviewer.core.pipeline import Pipeline, Step
from medviewer.core.voi import VOI
from medviewer.core.volume import Frame, Rescale, read_only
from medviewer.imaging.against import (
    LUMINANCE,
    SHARE,
    VALUES,
    Side,
    composed,
    difference,
    difference_key,
    difference_picture,
)
from medviewer.imaging.colormaps import DIVERGING, color_map
from medviewer.imaging.enhance.apply import enhance
from medviewer.imaging.render import Picture, RenderRequest
from medviewer.imaging.request import Comparison
from medviewer.kit.errors import BadValue

PLAIN = RenderRequest("s", 0, VOI.from_range(0, 100))
WIPE = Comparison(PLAIN, Way.WIPE)


def picture(seed: int, shape: tuple[int, ...]) -> Picture:
    return Picture(read_only(np.random.default_rng(seed).integers(0, 256, shape, np.uint8)))


def side(
    values: object, unit: str = "HU", series: str = "s", steps: tuple[Step, ...] = (), **more: object
) -> Side:
    pixels = read_only(np.atleast_2d(np.asarray(values, np.int16)))
    frame = Frame(pixels, Plane(pixels.shape), Rescale(unit=unit), **more)  # type: ignore[arg-type]
    request = replace(PLAIN, series=series, pipeline=Pipeline(steps))
    made = enhance(frame, request.voi, request.pipeline) if steps else None
    return Side(frame, request, made)


class TestTwoAsOne:
    @given(edge=st.integers(0, 12), vertical=st.booleans(), colors=st.tuples(st.booleans(), st.booleans()))
    def test_a_wipe_is_the_other_before_the_divider_and_the_own_behind(
        self, edge: int, vertical: bool, colors: tuple[bool, bool]
    ) -> None:
        own, other = (picture(at, (12, 12, 3) if one else (12, 12)) for at, one in enumerate(colors))
        found = composed(own, other, replace(WIPE, edge=edge, vertical=vertical)).rgb()
        for row in range(12):
            for column in range(12):
                is_other = (column if vertical else row) < edge
                assert (found[row, column] == (other if is_other else own).rgb()[row, column]).all()

    @given(row=st.integers(-8, 20), column=st.integers(-8, 20), radius=st.integers(0, 9), color=st.booleans())
    def test_a_lens_is_round_and_may_lie_beside_the_picture(
        self, row: int, column: int, radius: int, color: bool
    ) -> None:
        own, other = picture(1, (10, 14)), picture(2, (10, 14, 3) if color else (10, 14))
        how = Comparison(PLAIN, Way.LENS, center=(row, column), radius=radius)
        found = composed(own, other, how).rgb()
        for at in np.ndindex(10, 14):
            inside = (at[0] - row) ** 2 + (at[1] - column) ** 2 <= radius**2
            assert (found[at] == (other if inside else own).rgb()[at]).all()

    @pytest.mark.parametrize("way", [Way.WIPE, Way.LENS, Way.FLICKER, Way.BLEND])
    def test_what_was_finished_is_never_written_to(self, way: Way) -> None:
        own, other = picture(1, (20, 20)), picture(2, (20, 20))
        before = own.pixels.copy(), other.pixels.copy()
        found = composed(own, other, Comparison(PLAIN, way, edge=7, center=(9, 9), radius=5, opacity=0.5))
        assert not found.pixels.flags.writeable
        assert found.pixels.flags.c_contiguous
        assert np.array_equal(own.pixels, before[0])
        assert np.array_equal(other.pixels, before[1])

    def test_pictures_of_different_sizes_are_refused(self) -> None:
        with pytest.raises(BadValue, match="different sizes"):
            composed(picture(1, (4, 4)), picture(2, (4, 5)), WIPE)
        with pytest.raises(BadValue, match="different sizes"):
            difference(side([[1, 2]]), side([[1, 2, 3]]))


class TestDifference:
    @given(
        own=st.lists(st.integers(-2000, 3000), min_size=6, max_size=6),
        other=st.lists(st.integers(-2000, 3000), min_size=6, max_size=6),
    )
    def test_it_is_own_minus_other_and_turns_its_sign_when_both_change_places(
        self, own: list[int], other: list[int]
    ) -> None:
        a, b = side(np.reshape(own, (2, 3))), side(np.reshape(other, (2, 3)))
        found = difference(a, b)
        assert np.array_equal(found.enhanced.values, np.reshape(own, (2, 3)) - np.reshape(other, (2, 3)))
        assert np.array_equal(difference(b, a).enhanced.values, -found.enhanced.values)
        assert found.unit == "HU"

    @given(values=st.lists(st.floats(-1e4, 1e4), min_size=4, max_size=4), factor=st.floats(0.01, 100))
    def test_the_usual_range_is_1_2_or_5_and_holds_the_largest_difference(
        self, values: list[float], factor: float
    ) -> None:
        own = side(np.reshape(np.rint(np.asarray(values) * min(factor, 3)), (2, 2)))
        found = difference(own, side(np.zeros((2, 2))))
        largest = float(np.abs(found.enhanced.values).max())
        digit = f"{found.usual:e}"[0]
        assert digit in "125"
        assert found.usual >= 0.95 * largest

    def test_units_decide_what_is_subtracted(self) -> None:
        one = side([[10, 60]])
        assert difference(one, side([[0, 0]], unit="HU", series="t")).unit == "HU"
        assert difference(one, side([[0, 0]], unit="SUVbw", series="t")).unit == SHARE
        assert difference(side([[10, 60]], ""), side([[0, 0]], "", series="t")).unit == SHARE
        assert difference(side([[10, 60]], ""), side([[0, 0]], "")).unit == VALUES
        assert difference(one, side([[10, 60]], steps=(Step.of("gamma"),))).unit == SHARE

    def test_greys_are_subtracted_as_they_are_seen(self) -> None:
        """0 to 100 is black to white; the other is inverted by its file."""
        found = difference(side([[0, 25, 100]]), side([[0, 25, 100]], unit="", inverted=True))
        assert found.enhanced.values == pytest.approx(np.array([[-1.0, -0.5, 1.0]]))

    def test_colours_are_subtracted_by_their_luminance_and_it_is_said(self) -> None:
        pixels = read_only(np.array([[[255, 255, 255], [0, 0, 0]]], np.uint8))
        frame = Frame(pixels, Plane((1, 2)))
        found = difference(Side(frame, replace(PLAIN, voi=VOI.unknown())), side([[0, 100]]))
        assert found.unit == LUMINANCE
        assert found.enhanced.values == pytest.approx(np.array([[1.0, -1.0]]), abs=1e-6)

    @pytest.mark.rule("P-31")
    def test_padding_of_either_is_no_picture(self) -> None:
        found = difference(side([[1, 2, -999]], padding=(-999, -999)), side([[-7, 2, 3]], padding=(-7, -7)))
        assert found.enhanced.valid is not None
        assert found.enhanced.valid.tolist() == [[False, True, False]]
        request = replace(PLAIN, size=(1, 3))
        shown = difference_picture(side([[1, 2, 3]]).frame, request, found).pixels
        neutral = color_map(DIVERGING).colors[128].tolist()
        assert shown.tolist() == [[[0, 0, 0], neutral, [0, 0, 0]]]

    def test_measured_values_do_not_depend_on_the_window(self) -> None:
        one, other = side([[1, 2]]), side([[3, 4]])
        dragged = replace(one, request=replace(one.request, voi=VOI.from_range(-5, 5)))
        assert difference_key(one, other) == difference_key(dragged, other)
        greys = side([[3, 4]], unit="SUVbw")
        assert difference_key(one, greys) != difference_key(dragged, greys)


def test_the_colours_of_a_difference_are_grey_in_the_middle_and_alike_on_both_sides() -> None:
    colors = color_map(DIVERGING).colors.astype(int)
    assert (colors[127] == colors[128]).all()
    assert np.ptp(colors[128]) == 0
    assert colors[128][0] > 20  # not the black of no picture
    below, above = colors[127::-1], colors[128:]
    assert (np.diff(below.sum(axis=1)) >= 0).all()
    assert (np.diff(above.sum(axis=1)) >= 0).all()
    assert (below[1:, 2] > below[1:, 0]).all()
    assert (above[1:, 0] > above[1:, 2]).all()
    weights = np.array([0.2126, 0.7152, 0.0722])
    assert abs(below @ weights - above @ weights).max() < 20
